package org.levinv.device;

import java.nio.DoubleBuffer;
import org.levinv.InvalidInputException;

/** A matrix row by row in a buffer, which is read in place. */
record BufferSource(String name, long rows, int columns, DoubleBuffer values) implements RowSource {

  static BufferSource of(String name, DoubleBuffer values, int columns) {
    DoubleBuffer own = values.slice();
    BufferSource source =
        new BufferSource(name, rows(name, own.remaining(), columns), columns, own);
    for (int k = 0; k < own.remaining(); k++) {
      requireFinite(name, k, columns, own.get(k));
    }
    return source;
  }

  /** n. */
  static long rows(String name, int length, int columns) {
    if (columns < 1 || length % columns != 0) {
      throw new InvalidInputException(
          name
              + ": expected rows of "
              + columns
              + " numbers, one after the other, got "
              + length
              + " numbers");
    }
    return length / columns;
  }

  static void requireFinite(String name, int k, int columns, double value) {
    if (!Double.isFinite(value)) {
      throw new InvalidInputException(
          name
              + ", row "
              + k / columns
              + ", column "
              + k % columns
              + ": expected a finite number, got "
              + value);
    }
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void read(long first, int count, double[] into) {
    values.get((int) (first * columns), into, 0, count * columns);
  }
}
