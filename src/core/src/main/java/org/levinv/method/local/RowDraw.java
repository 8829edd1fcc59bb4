package org.levinv.method.local;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Rows of a matrix, ascending, and how often each counts: drawn with probability p_i it counts 1 /
 * p_i times, so that counted sums over the rows drawn have the sums over all rows as their means.
 * Room for a fixed number of rows is made once; places that a draw leaves over hold row 0 and count
 * 0 times.
 */
public final class RowDraw {

  /** Standard deviations beyond its mean that the number of rows is given room for. */
  private static final double ROOM = 4;

  private final int[] rows;
  private final double[] counts;
  private int size;

  private RowDraw(int capacity) {
    rows = new int[capacity];
    counts = new double[capacity];
  }

  /** Room for draws of {@code expected} rows of n. */
  public static RowDraw of(double expected, long n) {
    return new RowDraw((int) Math.min(n, Math.ceil(expected + ROOM * Math.sqrt(expected) + 4)));
  }

  /** Every row of n, once. */
  public static RowDraw all(long n) {
    RowDraw all = new RowDraw(Math.toIntExact(n));
    Arrays.setAll(all.rows, i -> i);
    Arrays.fill(all.counts, 1);
    all.size = all.rows.length;
    return all;
  }

  /**
   * Draws each row on its own with probability min(1, expected sigma_i / d): the scores sum to d,
   * so {@code expected} rows at most in the mean. A draw for which there is no room, one in 30,000
   * at most, is made again.
   */
  public void draw(double[] sigma, double expected, int columns, SplittableRandom random) {
    boolean fits;
    do {
      size = 0;
      fits = true;
      for (int i = 0; i < sigma.length; i++) {
        double p = Math.min(1, expected * sigma[i] / columns);
        if (random.nextDouble() < p) {
          fits &= size < rows.length;
          if (fits) {
            rows[size] = i;
            counts[size++] = 1 / p;
          }
        }
      }
    } while (!fits);
    Arrays.fill(rows, size, rows.length, 0);
    Arrays.fill(counts, size, rows.length, 0);
  }

  /** Places; the first {@link #size} of them are taken. */
  int capacity() {
    return rows.length;
  }

  int size() {
    return size;
  }

  int[] rows() {
    return rows;
  }

  double[] counts() {
    return counts;
  }
}
