package org.levinv;

import java.util.Arrays;

/** A vector of one number, however long it is. */
record ConstantVector(String name, long length, double value) implements VectorSource {

  @Override
  public void read(long first, int count, double[] into, int at) {
    Arrays.fill(into, at, at + count, value);
  }
}
