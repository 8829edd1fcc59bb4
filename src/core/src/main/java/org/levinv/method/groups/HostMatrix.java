package org.levinv.method.groups;

import java.util.Arrays;

/**
 * A dense matrix on the host, row by row.
 *
 * @param entries rows x columns numbers
 */
public record HostMatrix(double[] entries, int rows, int columns) {

  public HostMatrix {
    if (entries.length != (long) rows * columns) {
      throw new IllegalArgumentException(
          "matrix: expected " + rows + " x " + columns + " entries, got " + entries.length);
    }
  }

  static HostMatrix zeros(int rows, int columns) {
    return new HostMatrix(new double[Math.multiplyExact(rows, columns)], rows, columns);
  }

  double get(int i, int j) {
    return entries[i * columns + j];
  }

  void set(int i, int j, double value) {
    entries[i * columns + j] = value;
  }

  /** a_i . x. */
  double dot(int i, double[] x) {
    double sum = 0;
    int start = i * columns;
    for (int j = 0; j < columns; j++) {
      sum += entries[start + j] * x[j];
    }
    return sum;
  }

  /** ||a_i||. */
  double length(int i) {
    double sum = 0;
    for (int j = i * columns; j < (i + 1) * columns; j++) {
      sum += entries[j] * entries[j];
    }
    return Math.sqrt(sum);
  }

  /** A x. */
  public double[] times(double[] x) {
    double[] y = new double[rows];
    timesTo(x, y);
    return y;
  }

  /** y = A x. */
  void timesTo(double[] x, double[] y) {
    for (int i = 0; i < rows; i++) {
      y[i] = dot(i, x);
    }
  }

  /** A^T y. */
  double[] transposeTimes(double[] y) {
    double[] z = new double[columns];
    transposeTimesTo(y, z);
    return z;
  }

  /** z = A^T y. */
  void transposeTimesTo(double[] y, double[] z) {
    Arrays.fill(z, 0);
    for (int i = 0; i < rows; i++) {
      addRow(i, y[i], z);
    }
  }

  /** z = z + a a_i. */
  void addRow(int i, double a, double[] z) {
    int start = i * columns;
    for (int j = 0; j < columns; j++) {
      z[j] += a * entries[start + j];
    }
  }

  /** Some rows of some columns. */
  HostMatrix part(int[] someRows, int[] someColumns) {
    HostMatrix few = zeros(someRows.length, someColumns.length);
    for (int i = 0; i < someRows.length; i++) {
      for (int j = 0; j < someColumns.length; j++) {
        few.set(i, j, get(someRows[i], someColumns[j]));
      }
    }
    return few;
  }

  /** diag(factor) A. */
  HostMatrix scaledRows(double[] factor) {
    HostMatrix scaled = zeros(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        scaled.set(i, j, factor[i] * get(i, j));
      }
    }
    return scaled;
  }

  /** A diag(factor). */
  HostMatrix scaledColumns(double[] factor) {
    HostMatrix scaled = zeros(rows, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        scaled.set(i, j, factor[j] * get(i, j));
      }
    }
    return scaled;
  }

  /** [A, c]. */
  HostMatrix withColumn(double[] c) {
    HostMatrix wider = zeros(rows, columns + 1);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(entries, i * columns, wider.entries, i * (columns + 1), columns);
      wider.set(i, columns, c[i]);
    }
    return wider;
  }

  /** The lengths of the columns, 1 for one of zeros. */
  double[] columnLengths() {
    double[] largest = new double[columns];
    for (int k = 0; k < entries.length; k++) {
      largest[k % columns] = Math.max(largest[k % columns], Math.abs(entries[k]));
    }
    double[] sum = new double[columns];
    for (int k = 0; k < entries.length; k++) {
      double ratio = largest[k % columns] == 0 ? 0 : entries[k] / largest[k % columns];
      sum[k % columns] += ratio * ratio;
    }
    for (int j = 0; j < columns; j++) {
      sum[j] = sum[j] == 0 ? 1 : largest[j] * Math.sqrt(sum[j]);
    }
    return sum;
  }
}
