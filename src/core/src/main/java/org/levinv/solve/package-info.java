/**
 * One solve from problem to result: flow, verification from the original data, evidence and
 * verdict. Not part of the public interface: {@link org.levinv.Inverter} is the only one to name
 * it.
 */
package org.levinv.solve;
