package org.levinv.rows;

import org.levinv.InvalidInputException;
import org.levinv.VectorSource;

/** Half the logarithms of the entries of a vector of prior weights. */
record HalfLogs(VectorSource weights) implements VectorSource {

  @Override
  public String name() {
    return weights.name();
  }

  @Override
  public long length() {
    return weights.length();
  }

  @Override
  public void read(long first, int count, double[] into, int at) {
    weights.read(first, count, into, at);
    for (int i = 0; i < count; i++) {
      double v = into[at + i];
      if (!(v > 0)) {
        throw new InvalidInputException(
            name() + ", row " + (first + i) + ": expected a weight above 0, got " + v);
      }
      into[at + i] = 0.5 * Math.log(v);
    }
  }
}
