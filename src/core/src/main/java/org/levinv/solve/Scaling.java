package org.levinv.solve;

import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * Scales for problems in awkward units, all powers of two, so that nothing is rounded: [A, b] with
 * scaled rows has the same scores at the same x, and A with scaled columns, or with b in another
 * unit, has them at x in other units. Watches a source while it is uploaded; data that are well
 * scaled are left as they are.
 */
final class Scaling implements RowSource {

  /** Rows whose length is farther from 1 than this are scaled: squares would leave the range. */
  private static final double ROW_RANGE = 0x1p200;

  /** Of a length; squares between this and its inverse are far inside the range of doubles. */
  private static final double LEAST_SQUARE = 1 / (ROW_RANGE * ROW_RANGE * ROW_RANGE);

  /** All of A, or b, is in another unit where its size is farther from 1 than this. */
  private static final double UNIT_RANGE = 0x1p30;

  /** Columns are scaled where their sizes differ by more than this. */
  private static final double COLUMN_RANGE = 64;

  /** Some so many rows, evenly spread, tell the sizes of columns. */
  private static final int TELLING_ROWS = 2048;

  private final RowSource source;
  private final double[] rowLengths;
  private final ColumnSizes columnSizes;
  private final int stride;
  private double[] columns;
  private double[] rows;
  private double unit = 1;

  Scaling(RowSource source) {
    this.source = source;
    rowLengths = new double[(int) source.rows()];
    columnSizes = new ColumnSizes(source.columns());
    stride = Math.max(1, rowLengths.length / TELLING_ROWS);
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public long rows() {
    return source.rows();
  }

  @Override
  public int columns() {
    return source.columns();
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void read(long first, int count, double[] into) {
    source.readShared(first, count, into);
    int d = columns();
    ColumnSizes sizes = new ColumnSizes(d);
    for (int i = 0; i < count; i++) {
      rowLengths[(int) first + i] = length(into, i * d, d);
      if ((first + i) % stride == 0) {
        sizes.add(into, i * d);
      }
    }
    synchronized (columnSizes) { // sums of integers are the same in any order
      columnSizes.add(sizes);
    }
  }

  private static double length(double[] a, int start, int d) {
    double square = squaredLength(a, start, d);
    if (square >= LEAST_SQUARE && square <= 1 / LEAST_SQUARE) {
      return Math.sqrt(square);
    }
    double top = 0; // squares may leave the range of doubles
    for (int j = start; j < start + d; j++) {
      top = Math.max(top, Math.abs(a[j]));
    }
    if (top == 0) {
      return 0;
    }
    double[] row = new double[d];
    for (int j = 0; j < d; j++) {
      row[j] = a[start + j] / top;
    }
    return Math.min(top * Math.sqrt(squaredLength(row, 0, d)), Double.MAX_VALUE);
  }

  private static double squaredLength(double[] a, int start, int d) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int end = start + d;
    int j = start;
    for (; j + 3 < end; j += 4) {
      s0 += a[j] * a[j];
      s1 += a[j + 1] * a[j + 1];
      s2 += a[j + 2] * a[j + 2];
      s3 += a[j + 3] * a[j + 3];
    }
    for (; j < end; j++) {
      s0 += a[j] * a[j];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /** Scales the uploaded rows where that is called for. */
  void apply(TallMatrix A, Workspace space) {
    int d = columns();
    boolean awkward = false;
    for (double length : rowLengths) {
      awkward |= length > ROW_RANGE || (length > 0 && length < 1 / ROW_RANGE);
    }
    if (awkward) {
      rows = new double[rowLengths.length];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = power(rowLengths[i]);
        rowLengths[i] *= rows[i];
      }
      A.scaledTimes(space.upload(rows), null, A); // A = diag(r) A
    }
    double top = 0;
    for (double length : rowLengths) {
      top = Math.max(top, length);
    }
    boolean far = top > UNIT_RANGE || (top > 0 && top < 1 / UNIT_RANGE);
    if (far || columnSizes.range() > COLUMN_RANGE) {
      columns = new double[d];
      double[] diagonal = new double[d * d];
      for (int j = 0; j < d; j++) {
        columns[j] = power(columnSizes.of(j)) * (far ? power(top) : 1);
        diagonal[j * d + j] = columns[j];
      }
      Matrix D = space.matrix(d, d);
      space.device().upload(diagonal, D);
      A.rebase(D); // A = A diag(c)
    }
  }

  /** ||a_i|| of the scaled rows. */
  Vector rowLengths(TallMatrix A, Workspace space) {
    Vector lengths = space.upload(rowLengths);
    if (columns != null) {
      A.squaredRowNorms(lengths);
      space.device().map(Formula.ROOT, 0, lengths, null, null, lengths);
    }
    return lengths;
  }

  /** The power of two that brings a number near 1. */
  private static double power(double value) {
    return value == 0
        ? 1
        : Math.scalb(1.0, -Math.max(-1000, Math.min(1000, Math.getExponent(value))));
  }

  /** diag(r) b, in a unit of its own where b is huge or tiny; to be asked for before any x. */
  double[] offset(double[] b) {
    double largest = 0;
    for (int i = 0; i < b.length; i++) {
      largest = Math.max(largest, Math.abs(b[i] * (rows == null ? 1 : rows[i])));
    }
    unit = largest > UNIT_RANGE || largest < 1 / UNIT_RANGE ? power(largest) : 1;
    if (rows == null && unit == 1) {
      return b;
    }
    double[] scaled = new double[b.length];
    for (int i = 0; i < b.length; i++) {
      scaled[i] = b[i] * (rows == null ? 1 : rows[i]) * unit;
    }
    return scaled;
  }

  /** x in the units of the user. */
  double[] toUser(double[] x) {
    return scaled(x, false);
  }

  /** x in the units of the scaled matrix. */
  double[] fromUser(double[] x) {
    return scaled(x, true);
  }

  private double[] scaled(double[] x, boolean inverse) {
    if (x == null || (columns == null && unit == 1)) {
      return x;
    }
    double[] y = new double[x.length];
    for (int j = 0; j < x.length; j++) {
      double c = columns == null ? 1 : columns[j];
      y[j] = inverse ? x[j] / c * unit : x[j] / unit * c;
    }
    return y;
  }
}
