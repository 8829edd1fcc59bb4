package org.levinv.method.scatter;

import java.util.Arrays;
import org.levinv.device.RowSource;
import org.levinv.rows.RowTally;
import org.levinv.small.ExactSum;

/**
 * Means and quantiles of the columns of a matrix, wherever its rows are: one reading for means, six
 * or more for quantiles, whatever n is. Both are exact: means are rounded once, and for quantiles
 * each reading counts in bins what agrees with the leading bits that are known of an order
 * statistic (a radix selection).
 */
public final class ColumnStatistics {

  /** Bits that a reading finds at most: 2,048 bins for each column and rank. */
  private static final int MOST_BITS = 11;

  private static final int FEWEST_BITS = 4;

  /** Bins in all (16 MiB): with more columns a reading finds fewer bits. */
  private static final long MOST_BINS = 1L << 21;

  private final RowSource A;
  private final RowTally.Teller rows;
  private final int d;
  private int readings;

  /**
   * @param A n x d
   * @param rows asks its rows
   */
  public ColumnStatistics(RowSource A, RowTally.Teller rows) {
    this.A = A;
    this.rows = rows;
    d = A.columns();
  }

  /** How often all rows were read. */
  public int readings() {
    return readings;
  }

  private <T extends RowTally<T>> T ask(T question) {
    readings++;
    return rows.tally(A, question);
  }

  // ---- means

  /** The mean of each column. */
  public double[] means() {
    ExactSum[] sums = ask(new ColumnSums(d)).sums;
    return Arrays.stream(sums).mapToDouble(sum -> sum.over(A.rows())).toArray();
  }

  private static final class ColumnSums implements RowTally<ColumnSums> {
    final ExactSum[] sums;

    ColumnSums(int d) {
      sums = new ExactSum[d];
      Arrays.setAll(sums, j -> new ExactSum());
    }

    @Override
    public ColumnSums empty() {
      return new ColumnSums(sums.length);
    }

    @Override
    public long bytes() {
      return ExactSum.BYTES * sums.length;
    }

    @Override
    public void add(double[] rows, int at) {
      for (int j = 0; j < sums.length; j++) {
        sums[j].add(rows[at + j]);
      }
    }

    @Override
    public void addAll(ColumnSums other) {
      for (int j = 0; j < sums.length; j++) {
        sums[j].add(other.sums[j]);
      }
    }
  }

  // ---- quantiles

  /**
   * Order statistics of each column.
   *
   * @param ranks from 0 to n - 1
   * @return one array of d values for each rank
   */
  public double[][] ordered(long... ranks) {
    int m = ranks.length;
    long[][] known = new long[m][d];
    long[][] left = new long[m][d];
    for (int k = 0; k < m; k++) {
      Arrays.fill(left[k], ranks[k]);
    }
    int bits = bits(m);
    for (int shift = Long.SIZE; shift > 0; shift -= bits) { // one reading
      int low = Math.max(0, shift - bits);
      int width = shift - low;
      long[][] bins = ask(new Bins(known, shift, low)).counts;
      for (int k = 0; k < m; k++) {
        for (int j = 0; j < d; j++) {
          int bin = 0;
          while (left[k][j] >= bins[k][(j << width) + bin]) {
            left[k][j] -= bins[k][(j << width) + bin++];
          }
          known[k][j] = known[k][j] << width | bin;
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

  private int bits(int ranks) {
    long each = Math.max(1, MOST_BINS / ((long) ranks * d));
    int most = Long.SIZE - 1 - Long.numberOfLeadingZeros(each);
    return Math.max(FEWEST_BITS, Math.min(MOST_BITS, most));
  }

  /** How many entries have the leading bits that are known, by the bits that follow. */
  private static final class Bins implements RowTally<Bins> {
    private final long[][] known;
    private final int above;
    private final int low;
    final long[][] counts;

    /**
     * @param known of each rank and column
     * @param above bits from here on are known
     * @param low bits from here on are counted
     */
    Bins(long[][] known, int above, int low) {
      this.known = known;
      this.above = above;
      this.low = low;
      counts = new long[known.length][known[0].length << (above - low)];
    }

    @Override
    public Bins empty() {
      return new Bins(known, above, low);
    }

    @Override
    public long bytes() {
      return (long) Long.BYTES * counts.length * counts[0].length;
    }

    @Override
    public void add(double[] rows, int at) {
      int width = above - low;
      for (int j = 0; j < known[0].length; j++) {
        long key = key(rows[at + j]);
        long leading = above == Long.SIZE ? 0 : key >>> above;
        int bin = (int) (key >>> low) & (1 << width) - 1;
        for (int k = 0; k < known.length; k++) {
          if (leading == known[k][j]) {
            counts[k][(j << width) + bin]++;
          }
        }
      }
    }

    @Override
    public void addAll(Bins other) {
      for (int k = 0; k < counts.length; k++) {
        for (int i = 0; i < counts[k].length; i++) {
          counts[k][i] += other.counts[k][i];
        }
      }
    }
  }

  /** The median of each column: of an even number of rows the mean of the two in the middle. */
  public double[] medians() {
    double[][] middle = ordered((A.rows() - 1) / 2, A.rows() / 2);
    double[] medians = new double[d];
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
