package org.levinv.rows;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import org.levinv.InvalidInputException;

/**
 * The rows of one leaf with their fields in plain arrays, which any serialiser can write and any
 * process can hold. Not to be changed.
 */
public final class LeafArrays implements Serializable {
  private final long index;
  private final double[] A;
  private final double[][] fields;
  private final String refusal;
  private final long digest;

  private LeafArrays(long index, double[] A, double[][] fields, String refusal) {
    this.index = index;
    this.A = A;
    this.fields = fields;
    this.refusal = refusal;
    digest = refusal == null ? digest() : 0;
  }

  /**
   * @param index of the leaf
   * @param A count x d, row by row
   * @param fields the numbers of each {@link Field}, in their order; null for one that there is not
   */
  public static LeafArrays of(long index, double[] A, double[][] fields) {
    return new LeafArrays(index, A, fields, null);
  }

  /** A leaf that cannot be used, and why: a failure that no repetition mends. */
  public static LeafArrays refused(long index, String refusal) {
    return new LeafArrays(index, new double[0], new double[Field.values().length][], refusal);
  }

  /** The number of the leaf. */
  public long index() {
    return index;
  }

  /** Tells other rows from these. */
  public long digest() {
    if (digest != 0) {
      return digest; // as it was made, or as it came from another process
    }
    long found = mix(index, A);
    for (double[] field : fields) {
      found = mix(31 * found, field == null ? new double[0] : field);
    }
    return found == 0 ? 1 : found;
  }

  /** Four sums at once, so that the processor need not wait for each product. */
  private static long mix(long start, double[] values) {
    long[] sums = {start, ~start, start + values.length, start ^ values.length};
    for (int k = 0; k < values.length; k++) {
      int lane = k & 3;
      sums[lane] = sums[lane] * 0x9E3779B97F4A7C15L + Double.doubleToRawLongBits(values[k]);
    }
    long all = 0;
    for (long sum : sums) {
      all = (all ^ sum ^ sum >>> 29) * 0xBF58476D1CE4E5B9L;
    }
    return all;
  }

  /** Rows. */
  public int count(int columns) {
    return A.length / columns;
  }

  /**
   * Some of its rows with their fields, as if they were all that there are.
   *
   * @param numbers in the leaf
   */
  public LeafArrays only(int[] numbers, int d) {
    if (refusal != null) {
      return this;
    }
    double[][] some = new double[fields.length][];
    for (int k = 0; k < fields.length; k++) {
      some[k] = fields[k] == null ? null : only(numbers, 1, fields[k]);
    }
    return of(index, only(numbers, d, A), some);
  }

  private static double[] only(int[] numbers, int d, double[] from) {
    double[] some = new double[Math.multiplyExact(numbers.length, d)];
    for (int k = 0; k < numbers.length; k++) {
      System.arraycopy(from, numbers[k] * d, some, k * d, d);
    }
    return some;
  }

  /** Copies {@code count} rows from row {@code from} of the leaf on, d entries each. */
  public void copyRows(int from, int count, int d, double[] into, int at) {
    System.arraycopy(A, from * d, into, at, count * d);
  }

  /** Copies entries of a field; zeros of one that there is not. */
  public void copy(Field field, int from, int count, double[] into, int at) {
    double[] values = fields[field.ordinal()];
    if (values == null) {
      Arrays.fill(into, at, at + count, 0);
    } else {
      System.arraycopy(values, from, into, at, count);
    }
  }

  /** Throws what is wrong with the leaf, if anything is. */
  public void requireUsable() {
    if (refusal != null) {
      throw new InvalidInputException(refusal);
    }
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "leaf %d: %d numbers", index, A.length);
  }
}
