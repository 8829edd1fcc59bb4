package org.levinv.files;

import java.io.IOException;
import java.util.Objects;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;

/** A vector that stays where it is stored, read by several threads at once. */
final class StoredVector implements VectorSource {
  private final String name;
  private final Items items;
  private final long length;

  StoredVector(StoredArray array, long length) {
    this.name = array.name();
    this.items = array.items();
    this.length = length;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long first, int count, double[] into, int at) {
    Objects.checkFromIndexSize(first, count, length);
    Objects.checkFromIndexSize(at, count, into.length);
    try {
      items.read(first, count, into, at);
      items.checkUnchanged();
    } catch (IOException e) {
      throw unreadable(name, first, count, e);
    }
    int bad = notFinite(into, at, count);
    if (bad >= 0) {
      throw new InvalidInputException(
          name + ", row " + (first + bad - at) + ": expected a finite number, got " + into[bad]);
    }
  }

  @Override
  public void close() {
    try {
      items.close();
    } catch (IOException e) {
      throw new InvalidInputException(name + ": " + Reason.of(e), e);
    }
  }

  /** Rows that a file does not give. */
  static InvalidInputException unreadable(String name, long first, int count, IOException e) {
    String rows = count == 1 ? "row " + first : "rows " + first + " to " + (first + count - 1);
    return new InvalidInputException(name + ", " + rows + ": " + Reason.of(e), e);
  }

  /** The first index whose value is NaN or infinite, or -1. */
  static int notFinite(double[] values, int from, int count) {
    for (int k = from; k < from + count; k++) {
      if (!Double.isFinite(values[k])) {
        return k;
      }
    }
    return -1;
  }
}
