package org.levinv.device;

import org.levinv.InvalidInputException;
import org.levinv.small.Counted;

/** A matrix in an array of rows; the rows are read in place and must not change during a solve. */
final class ArraySource implements RowSource {
  private final String name;
  private final double[][] A;
  private final int columns;

  private ArraySource(String name, double[][] A, int columns) {
    this.name = name;
    this.A = A;
    this.columns = columns;
  }

  static ArraySource of(String name, double[][] A) {
    InvalidInputException.requireGiven(name, A);
    int columns = 0;
    for (int i = 0; i < A.length; i++) {
      InvalidInputException.requireGiven(name + ", row " + i, A[i]);
      columns = i == 0 ? A[i].length : columns;
      if (A[i].length != columns) {
        throw new InvalidInputException(
            name
                + ", row "
                + i
                + ": expected "
                + Counted.of(columns, "entry", "entries")
                + " as in row 0, got "
                + A[i].length);
      }
      requireFinite(name, i, A[i]);
    }
    return new ArraySource(name, A, columns);
  }

  private static void requireFinite(String name, int i, double[] row) {
    double zero = 0;
    for (double value : row) {
      zero += value - value; // NaN for NaN and the infinities
    }
    if (zero == 0) {
      return;
    }
    for (int j = 0; j < row.length; j++) {
      if (!Double.isFinite(row[j])) {
        throw new InvalidInputException(
            name + ", row " + i + ", column " + j + ": expected a finite number, got " + row[j]);
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long rows() {
    return A.length;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void read(long first, int count, double[] into) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(A[(int) first + i], 0, into, i * columns, columns);
    }
  }
}
