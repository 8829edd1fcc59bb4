package org.levinv.solve;

/**
 * The sizes of columns relative to their rows: geometric means of the entries that are not zero,
 * each in units of the largest of its row, by exponents of two. Means of logarithms are not misled
 * by a row that happens to have entries in columns of small units alone, as largest entries are.
 */
final class ColumnSizes {
  private final long[] exponents;
  private final long[] counts;

  ColumnSizes(int columns) {
    exponents = new long[columns];
    counts = new long[columns];
  }

  /** Takes the row into account that starts at entry {@code start}. */
  void add(double[] rows, int start) {
    int d = exponents.length;
    int top = Integer.MIN_VALUE;
    for (int j = 0; j < d; j++) {
      top = Math.max(top, Math.getExponent(rows[start + j]));
    }
    for (int j = 0; j < d; j++) {
      if (rows[start + j] != 0) {
        exponents[j] += Math.getExponent(rows[start + j]) - top;
        counts[j]++;
      }
    }
  }

  void add(ColumnSizes other) {
    for (int j = 0; j < exponents.length; j++) {
      exponents[j] += other.exponents[j];
      counts[j] += other.counts[j];
    }
  }

  /** The size of column j; 1 where all of its entries were zero. */
  double of(int j) {
    return counts[j] == 0
        ? 1
        : Math.scalb(1.0, (int) Math.round((double) exponents[j] / counts[j]));
  }

  /** The largest of all sizes relative to the smallest. */
  double range() {
    double least = Double.POSITIVE_INFINITY;
    double largest = 0;
    for (int j = 0; j < exponents.length; j++) {
      least = Math.min(least, of(j));
      largest = Math.max(largest, of(j));
    }
    return largest / least;
  }
}
