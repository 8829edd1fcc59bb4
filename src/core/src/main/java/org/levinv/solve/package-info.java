/**
 * One solve from problem to result: its flow, what is recomputed from the original data, the
 * verdict, and what the result says. Not for users, who have {@link org.levinv.Inverter}.
 */
package org.levinv.solve;
