package org.levinv.solve;

import java.util.Arrays;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;

/**
 * Vectors of n numbers on the heap, for stages that still ask for arrays: what calls this holds n
 * to the length of an array.
 */
final class HostVectors {
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private HostVectors() {}

  static double[] read(VectorSource from) {
    if (from.length() > LONGEST) {
      throw new InvalidInputException(
          from.name() + ": expected at most " + LONGEST + " rows, got " + from.length());
    }
    double[] values = new double[(int) from.length()];
    from.read(0, values.length, values, 0);
    return values;
  }

  static double[] constant(double value, long length) {
    double[] values = new double[Math.toIntExact(length)];
    Arrays.fill(values, value);
    return values;
  }
}
