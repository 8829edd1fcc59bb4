/** One solve from its problem to its result: what {@link org.levinv.Inverter} calls. */
package org.levinv.solve;
