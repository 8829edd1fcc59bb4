package org.levinv;

import org.levinv.device.RowSource;

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
    int columns = A.length == 0 ? 0 : A[0].length;
    for (int i = 0; i < A.length; i++) {
      if (A[i].length != columns) {
        throw new InvalidInputException(name + ", row " + i + ": expected " + columns + " entries as in row 0, got " + A[i].length);
      }
    }
    return new ArraySource(name, A, columns);
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
  public void read(long first, int count, double[] into) {
    for (int i = 0; i < count; i++) {
      double[] row = A[(int) first + i];
      for (int j = 0; j < columns; j++) {
        if (!Double.isFinite(row[j])) {
          throw new InvalidInputException(
              name + ", row " + (first + i) + ", column " + j + ": expected a finite number, got " + row[j]);
        }
        into[i * columns + j] = row[j];
      }
    }
  }
}
