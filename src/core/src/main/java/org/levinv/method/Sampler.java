package org.levinv.method;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.pass.DrawPass;
import org.levinv.pass.Draws;
import org.levinv.pass.Profile;
import org.levinv.rows.Field;
import org.levinv.rows.RowList;
import org.levinv.rows.RowStore;

/**
 * Draws rows by their targets, at most once each: row i with probability min(1, c target_i). A
 * larger sample contains the smaller ones of the same seed.
 */
final class Sampler {

  /**
   * The first reading draws at this many times the rate that equal targets call for, 16 bytes a
   * row: unequal ones, and samples that grow, call for higher rates, and then for no other reading.
   */
  private static final double AHEAD = 32;

  private final RowStore rows;
  private final Profile profile;
  private final Draws first;
  private long[] numbers;
  private double[] rates;
  private double rate;

  /**
   * @param profile of a survey that drew rows
   */
  Sampler(RowStore rows, Profile profile) {
    this.rows = rows;
    this.profile = profile;
    first = profile.draws();
    numbers = profile.drawn();
    rates = profile.rates();
    rate = first.rate();
  }

  /**
   * What a survey of n x d rows should draw for samples of {@code size} rows: targets sum to d, so
   * size / d is the rate for equal ones.
   */
  static Draws ahead(long seed, long n, int d, double size) {
    double rate = n <= AHEAD * size ? Double.POSITIVE_INFINITY : AHEAD * size / d;
    return new Draws(seed, 0, rate);
  }

  /** About {@code size} rows; where all with a positive target are hardly more, all of them. */
  Drawn draw(double size) {
    double c = profile.rate(size);
    if (c > rate) {
      RowList more = rows.run(new DrawPass(new Draws(first.seed(), first.purpose(), c)));
      numbers = more.numbers();
      rates = more.keys();
      rate = c;
    }
    int[] taken = IntStream.range(0, rates.length).filter(k -> rates[k] < c).toArray();
    long[] chosen = Arrays.stream(taken).mapToLong(k -> numbers[k]).toArray();
    double[] target = rows.gather(Field.TARGET, chosen);
    double[] counts = new double[chosen.length];
    Arrays.setAll(counts, k -> Math.max(1, 1 / (c * target[k])));
    return new Drawn(chosen, counts, target, c == Double.POSITIVE_INFINITY);
  }

  /**
   * Rows of a sample.
   *
   * @param numbers ascending
   * @param counts 1 / probability
   * @param target of each
   * @param whole all rows with a positive target
   */
  record Drawn(long[] numbers, double[] counts, double[] target, boolean whole) {

    /** These rows and more, which count once; {@code numbers} ascending, none of them here yet. */
    Drawn with(long[] more, double[] moreTargets) {
      int m = numbers.length;
      Integer[] order = new Integer[m + more.length];
      Arrays.setAll(order, k -> k);
      Arrays.sort(order, (k, l) -> Long.compare(number(k, more), number(l, more)));
      long[] allNumbers = new long[order.length];
      double[] allCounts = new double[order.length];
      double[] allTargets = new double[order.length];
      for (int k = 0; k < order.length; k++) {
        int from = order[k];
        allNumbers[k] = number(from, more);
        allCounts[k] = from < m ? counts[from] : 1;
        allTargets[k] = from < m ? target[from] : moreTargets[from - m];
      }
      return new Drawn(allNumbers, allCounts, allTargets, whole);
    }

    private long number(int k, long[] more) {
      return k < numbers.length ? numbers[k] : more[k - numbers.length];
    }

    /** Position of a row, or a negative number where it is not here. */
    int position(long number) {
      return Arrays.binarySearch(numbers, number);
    }
  }
}
