package org.levinv.rows;

import java.util.Arrays;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/**
 * Reads the rows of a leaf and their fields. A row that is far longer or shorter than 1 is read in
 * another unit, a power of two for a_i and b_i alike, and its inverse for omega_i: no number is
 * rounded, and no score changes.
 */
final class LeafReader {

  /**
   * Rows whose length is farther from 1 than this come in another unit. Beyond the root of 1 / eps,
   * rows in the smallest unit are lost beside those in the largest; a smaller one puts factors of
   * more rows on the heap.
   */
  private static final double RANGE = 0x1p24;

  /** Squared lengths from here to its inverse are exact. */
  private static final double LEAST_SQUARE = 0x1p-600;

  private final ProblemRows source;
  private final boolean isSingle;
  private Units units = Units.NONE;

  LeafReader(ProblemRows source) {
    this.source = source;
    isSingle = source.A().isSingle();
  }

  void setUnits(Units units) {
    this.units = units;
  }

  /** Rows {@code first ...} of all, as they are to be read. */
  Reading leaf(long first, int count) {
    return new Reading(first, count);
  }

  /** A field of one row, as a leaf has it. */
  double at(Field field, long row) {
    double[] value = new double[1];
    source.field(field).read(row, 1, value, 0);
    requireFinite(source.field(field), row, value, 1);
    if (field == Field.OFFSET) {
      value[0] *= factorOf(row);
    } else if (field == Field.OMEGA) {
      value[0] /= factorOf(row);
    }
    return field == Field.OFFSET ? value[0] * units.offset() : value[0];
  }

  /** Row {@code row}, d entries, to entry {@code at} of {@code into}. */
  void row(long row, double[] into, int at) {
    int d = source.columns();
    double[] a = new double[d];
    source.A().readShared(row, 1, a);
    double factor = factor(a, 0, d, row);
    for (int j = 0; j < d; j++) {
      into[at + j] = factor * a[j];
    }
    units.apply(into, at, d);
  }

  private double factorOf(long row) {
    double[] a = new double[source.columns()];
    source.A().readShared(row, 1, a);
    return factor(a, 0, a.length, row);
  }

  /** 1, or the power of two that brings a row near length 1 where it is far from it. */
  private double factor(double[] a, int start, int d, long row) {
    double square = squaredLength(a, start, d);
    if (square >= LEAST_SQUARE && square <= 1 / LEAST_SQUARE) {
      boolean near = square >= 1 / (RANGE * RANGE) && square <= RANGE * RANGE;
      return near || !source.isScalable() ? 1 : power(a, start, d);
    }
    if (square == 0 && isZero(a, start, d)) {
      return 1;
    }
    for (int j = start; j < start + d; j++) {
      if (!Double.isFinite(a[j])) {
        throw new InvalidInputException(
            source.A().name()
                + ", row "
                + row
                + ", column "
                + (j - start)
                + ": expected a finite number, got "
                + a[j]);
      }
    }
    return source.isScalable() ? power(a, start, d) : 1;
  }

  private static boolean isZero(double[] a, int start, int d) {
    for (int j = start; j < start + d; j++) {
      if (a[j] != 0) {
        return false;
      }
    }
    return true;
  }

  /** The power of two that brings the largest entry to [1, 2). */
  private static double power(double[] a, int start, int d) {
    double top = 0;
    for (int j = start; j < start + d; j++) {
      top = Math.max(top, Math.abs(a[j]));
    }
    return Math.scalb(1.0, -Math.max(-1000, Math.min(1000, Math.getExponent(top))));
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

  /** A source should tell; one that does not must not spoil all sums. */
  private static void requireFinite(VectorSource from, long first, double[] values, int count) {
    for (int i = 0; i < count; i++) {
      if (!Double.isFinite(values[i])) {
        throw new InvalidInputException(
            from.name() + ", row " + (first + i) + ": expected a finite number, got " + values[i]);
      }
    }
  }

  /** b_i grows with its row; omega_i shrinks, so that omega_i a_i stays what it is. */
  private static double[] powers(Field field, double[] factors) {
    if (factors == null) {
      return null;
    }
    return switch (field) {
      case OFFSET -> factors;
      case OMEGA -> Arrays.stream(factors).map(f -> 1 / f).toArray();
      default -> null;
    };
  }

  /** The rows of one leaf; their fields are read after them, since they share their units. */
  final class Reading {
    private final long start;
    private final int count;
    private double[] factors;

    private Reading(long start, int count) {
      this.start = start;
      this.count = count;
    }

    /** The rows in their units; floats as they are, for {@link Units#columns} to come. */
    RowSource rows() {
      return new Scaled(this);
    }

    /** A field of these rows, a matrix of one column. */
    RowSource field(Field field) {
      return new Column(
          source.field(field),
          start,
          count,
          powers(field, factors),
          field == Field.OFFSET ? units.offset() : 1);
    }

    /** The power of two that each row was multiplied by, or null where all are 1. */
    synchronized double[] factors() {
      return factors;
    }

    private synchronized void keep(int row, double factor) {
      if (factors == null) {
        factors = new double[count];
        Arrays.fill(factors, 1);
      }
      factors[row] = factor;
    }
  }

  /** Some rows of the source, in their units. */
  private final class Scaled implements RowSource {
    private final Reading leaf;

    Scaled(Reading leaf) {
      this.leaf = leaf;
    }

    @Override
    public String name() {
      return source.A().name();
    }

    @Override
    public long rows() {
      return leaf.count;
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
      source.A().readShared(leaf.start + first, count, into);
      int d = columns();
      for (int i = 0; i < count; i++) {
        double factor = factor(into, i * d, d, leaf.start + first + i); // 1 for floats
        if (factor != 1) {
          for (int j = i * d; j < (i + 1) * d; j++) {
            into[j] *= factor;
          }
          leaf.keep((int) first + i, factor);
        }
        if (!isSingle) {
          units.apply(into, i * d, d);
        }
      }
    }
  }

  /** Some entries of a vector as a matrix of one column. */
  private record Column(VectorSource values, long start, long rows, double[] factors, double unit)
      implements RowSource {

    @Override
    public String name() {
      return values.name();
    }

    @Override
    public int columns() {
      return 1;
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void read(long first, int count, double[] into) {
      values.read(start + first, count, into, 0);
      requireFinite(values, start + first, into, count);
      for (int i = 0; unit != 1 && i < count; i++) {
        into[i] *= unit;
      }
      for (int i = 0; factors != null && i < count; i++) {
        into[i] *= factors[(int) first + i];
      }
    }
  }
}
