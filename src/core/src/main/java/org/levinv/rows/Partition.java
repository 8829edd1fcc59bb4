package org.levinv.rows;

import java.io.Serializable;

/**
 * How n rows are cut into leaves: a power of two of rows each, the last one shorter. It depends on
 * the shape alone, never on threads, memory or machines.
 *
 * @param rows n
 * @param leafRows rows of a leaf
 */
public record Partition(long rows, int leafRows) implements Serializable {

  /** Numbers of a leaf at most (4 MiB of doubles), unless a device says otherwise. */
  private static final int MOST_NUMBERS = 1 << 19;

  /**
   * The largest leaf has so many times the numbers of the least (128 KiB of doubles on a CPU): less
   * is not worth a thread's while.
   */
  private static final int LEAST_PART = 32;

  /** Leaves that a small matrix is cut into, so that several threads find work. */
  private static final int LEAVES = 8;

  public Partition {
    if (rows < 1 || leafRows < 1) {
      throw new IllegalArgumentException(
          "expected rows and rows of a leaf of 1 or more, got " + rows + " and " + leafRows);
    }
  }

  /** The leaves of an n x d matrix. */
  public static Partition of(long rows, int columns) {
    return of(rows, columns, MOST_NUMBERS);
  }

  /** Likewise, with leaves of at most {@code most} numbers. */
  public static Partition of(long rows, int columns, int most) {
    long least = most / LEAST_PART / columns;
    long wanted = Math.min(most / columns, Math.max(least, rows / LEAVES));
    return new Partition(rows, (int) Long.highestOneBit(Math.max(1, wanted)));
  }

  /** The number of leaves. */
  public long leaves() {
    return (rows + leafRows - 1) / leafRows;
  }

  /** The first row of a leaf. */
  public long first(long leaf) {
    return leaf * leafRows;
  }

  /** The rows of a leaf. */
  public int count(long leaf) {
    return (int) Math.min(leafRows, rows - first(leaf));
  }
}
