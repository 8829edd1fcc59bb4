package org.levinv.method.scatter;

import java.util.Arrays;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/**
 * Means and quantiles of the columns of a matrix that is read row by row: one reading for means,
 * six for quantiles, whatever n is. Quantiles are exact: each reading counts in 2,048 bins what
 * agrees with the leading bits that are known of an order statistic (a radix selection).
 */
public final class ColumnStatistics {
  private static final int PIECE = 1 << 16;
  private static final int BITS = 11;
  private static final int BINS = 1 << BITS;

  /** Of all rows, for quantiles. */
  public static final int READINGS = (Long.SIZE + BITS - 1) / BITS;

  private ColumnStatistics() {}

  @FunctionalInterface
  private interface RowWork {
    void of(double[] rows, int at);
  }

  private static void forRows(RowSource A, RowWork work) {
    int d = A.columns();
    int most = (int) Math.max(1, Math.min(A.rows(), PIECE / d));
    double[] rows = new double[Math.multiplyExact(most, d)];
    for (long first = 0; first < A.rows(); first += most) {
      int count = (int) Math.min(most, A.rows() - first);
      A.readShared(first, count, rows);
      for (int k = 0; k < count * d; k++) {
        if (!Double.isFinite(rows[k])) {
          throw new InvalidInputException(
              A.name()
                  + ", row "
                  + (first + k / d)
                  + ", column "
                  + k % d
                  + ": expected a finite number, got "
                  + rows[k]);
        }
      }
      for (int i = 0; i < count; i++) {
        work.of(rows, i * d);
      }
    }
  }

  /** The mean of each column, in sums that keep what rounding takes (Arnold Neumaier, 1974). */
  public static double[] means(RowSource A) {
    int d = A.columns();
    double[] sum = new double[d];
    double[] rest = new double[d];
    forRows(
        A,
        (rows, at) -> {
          for (int j = 0; j < d; j++) {
            double a = rows[at + j];
            double next = sum[j] + a;
            rest[j] += Math.abs(sum[j]) >= Math.abs(a) ? (sum[j] - next) + a : (a - next) + sum[j];
            sum[j] = next;
          }
        });
    double[] means = new double[d];
    Arrays.setAll(means, j -> (sum[j] + rest[j]) / A.rows());
    return means;
  }

  /**
   * Order statistics of each column.
   *
   * @param ranks from 0 to n - 1
   * @return one array of d values for each rank
   */
  public static double[][] ordered(RowSource A, long... ranks) {
    int d = A.columns();
    int m = ranks.length;
    long[][] known = new long[m][d];
    long[][] left = new long[m][d];
    for (int k = 0; k < m; k++) {
      Arrays.fill(left[k], ranks[k]);
    }
    for (int shift = Long.SIZE; shift > 0; shift -= BITS) { // one reading
      int above = shift;
      int low = Math.max(0, shift - BITS);
      long[][][] bins = new long[m][d][BINS];
      forRows(
          A,
          (rows, at) -> {
            for (int j = 0; j < d; j++) {
              long key = key(rows[at + j]);
              long leading = above == Long.SIZE ? 0 : key >>> above;
              int bin = (int) (key >>> low) & (1 << (above - low)) - 1;
              for (int k = 0; k < m; k++) {
                if (leading == known[k][j]) {
                  bins[k][j][bin]++;
                }
              }
            }
          });
      for (int k = 0; k < m; k++) {
        for (int j = 0; j < d; j++) {
          int bin = 0;
          while (left[k][j] >= bins[k][j][bin]) {
            left[k][j] -= bins[k][j][bin++];
          }
          known[k][j] = known[k][j] << (above - low) | bin;
        }
      }
    }
    double[][] values = new double[m][d];
    for (int k = 0; k < m; k++) {
      int of = k;
      Arrays.setAll(values[k], j -> value(known[of][j]));
    }
    return values;
  }

  /** The median of each column: of an even number of rows the mean of the two in the middle. */
  public static double[] medians(RowSource A) {
    double[][] middle = ordered(A, (A.rows() - 1) / 2, A.rows() / 2);
    double[] medians = new double[A.columns()];
    Arrays.setAll(medians, j -> 0.5 * middle[0][j] + 0.5 * middle[1][j]);
    return medians;
  }

  /** Unsigned numbers in the order of the doubles. */
  private static long key(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return bits < 0 ? ~bits : bits ^ Long.MIN_VALUE;
  }

  private static double value(long key) {
    return Double.longBitsToDouble(key < 0 ? key ^ Long.MIN_VALUE : ~key);
  }
}
