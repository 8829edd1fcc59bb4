package org.levinv;

import java.util.Objects;
import java.util.function.LongToDoubleFunction;

/** A vector whose entries follow from their numbers, and are not held. */
record ComputedVector(String name, long length, LongToDoubleFunction entry)
    implements VectorSource {

  @Override
  public void read(long first, int count, double[] into, int at) {
    Objects.checkFromIndexSize(first, count, length);
    for (int k = 0; k < count; k++) {
      into[at + k] = entry.applyAsDouble(first + k);
    }
  }
}
