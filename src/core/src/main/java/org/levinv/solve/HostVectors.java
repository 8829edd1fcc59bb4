package org.levinv.solve;

import java.util.Arrays;
import org.levinv.VectorSource;

/**
 * Vectors of n numbers on the heap, for stages that still ask for arrays: what calls this holds n
 * to the length of an array.
 */
final class HostVectors {
  private HostVectors() {}

  static double[] read(VectorSource from) {
    double[] values = new double[Math.toIntExact(from.length())];
    from.read(0, values.length, values, 0);
    return values;
  }

  static double[] constant(double value, long length) {
    double[] values = new double[Math.toIntExact(length)];
    Arrays.fill(values, value);
    return values;
  }
}
