package org.levinv.solve;

import java.util.Arrays;

/**
 * Vectors of n numbers on the heap, for stages that still ask for arrays: what calls this holds n
 * to the length of an array.
 */
final class HostVectors {
  private HostVectors() {}

  static double[] constant(double value, long length) {
    double[] values = new double[Math.toIntExact(length)];
    Arrays.fill(values, value);
    return values;
  }
}
