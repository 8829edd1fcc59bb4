package org.levinv;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * Scales for problems in awkward units, all powers of two, so that nothing is rounded: [A, b] with
 * scaled rows has the same scores at the same x, and A with scaled columns, or with b in another
 * unit, has them at x in other units. Watches a source while it is uploaded; data that are well
 * scaled are left as they are.
 */
final class Scaling implements RowSource {

  /**
   * Rows whose largest entry is farther from 1 than this are scaled: their squares would leave the
   * range of doubles.
   */
  private static final double ROW_RANGE = 0x1p200;

  /** All of A, or b, is in another unit where its largest entry is farther from 1 than this. */
  private static final double UNIT_RANGE = 0x1p30;

  /**
   * Columns are scaled where their largest entries, relative to their rows, differ by more than
   * this.
   */
  private static final double COLUMN_RANGE = 64;

  private final RowSource source;
  private final Device device;
  private final double[] rowMax;
  private final double[] columnMax;
  private double[] columns;
  private double[] rows;
  private double unit = 1;

  /**
   * @param device that shares host work among its threads
   */
  Scaling(RowSource source, Device device) {
    this.source = source;
    this.device = device;
    rowMax = new double[(int) source.rows()];
    columnMax = new double[source.columns()];
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
  public void read(long first, int count, double[] into) {
    source.read(first, count, into);
    int d = columns();
    device.onHost(
        count,
        2.0 * d,
        (from, to) -> {
          double[] largest = new double[d];
          for (int i = from; i < to; i++) {
            double top = largest(into, i * d, d);
            rowMax[(int) first + i] = top;
            double inverse = top == 0 ? 0 : 1 / top;
            for (int j = 0; j < d; j++) {
              double relative = Math.abs(into[i * d + j]) * inverse;
              if (relative > largest[j]) {
                largest[j] = relative;
              }
            }
          }
          synchronized (columnMax) { // the largest is the same in any order
            for (int j = 0; j < d; j++) {
              columnMax[j] = Math.max(columnMax[j], largest[j]);
            }
          }
        });
  }

  /**
   * The largest |a_j|. Positive numbers are ordered like their bits, and four chains of integer
   * comparisons run side by side.
   */
  private static double largest(double[] a, int start, int d) {
    long m0 = 0;
    long m1 = 0;
    long m2 = 0;
    long m3 = 0;
    int end = start + d;
    int j = start;
    for (; j + 3 < end; j += 4) {
      m0 = Math.max(m0, magnitude(a[j]));
      m1 = Math.max(m1, magnitude(a[j + 1]));
      m2 = Math.max(m2, magnitude(a[j + 2]));
      m3 = Math.max(m3, magnitude(a[j + 3]));
    }
    for (; j < end; j++) {
      m0 = Math.max(m0, magnitude(a[j]));
    }
    return Double.longBitsToDouble(Math.max(Math.max(m0, m1), Math.max(m2, m3)));
  }

  private static long magnitude(double a) {
    return Double.doubleToRawLongBits(a) & Long.MAX_VALUE;
  }

  /** Scales the uploaded rows where that is called for. */
  void apply(TallMatrix A, Workspace space) {
    int d = columns();
    boolean awkward = false;
    for (double value : rowMax) {
      awkward |= value > ROW_RANGE || (value > 0 && value < 1 / ROW_RANGE);
    }
    if (awkward) {
      rows = new double[rowMax.length];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = power(rowMax[i]);
      }
      A.scaledTimes(space.upload(rows), null, A); // A = diag(r) A
    }
    double least = Double.POSITIVE_INFINITY;
    double largest = 0;
    for (double value : columnMax) {
      least = value > 0 ? Math.min(least, value) : least;
      largest = Math.max(largest, value);
    }
    double top = 0;
    for (int i = 0; i < rowMax.length; i++) {
      top = Math.max(top, rows == null ? rowMax[i] : rowMax[i] * rows[i]);
    }
    boolean far = top > UNIT_RANGE || (top > 0 && top < 1 / UNIT_RANGE);
    if (far || largest > COLUMN_RANGE * least) {
      columns = new double[d];
      double[] diagonal = new double[d * d];
      for (int j = 0; j < d; j++) {
        columns[j] = power(columnMax[j]) * (far ? power(top) : 1);
        diagonal[j * d + j] = columns[j];
      }
      Matrix D = space.matrix(d, d);
      space.device().upload(diagonal, D);
      A.rebase(D); // A = A diag(c)
    }
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
