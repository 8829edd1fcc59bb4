package org.levinv.method.leastsquares;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.pass.Draws;

/**
 * Rows drawn by their scores: row i with probability min(1, c sigma_i), counting as often as that
 * is below 1.
 *
 * @param numbers ascending
 * @param counts 1 / probability, those of rows that were not certain scaled so that the counted
 *     scores have their exact sum
 */
record ScoreSample(long[] numbers, double[] counts) {

  /**
   * Of rows that were drawn at a larger rate those that {@code size} in expectation need, or all
   * where it was not larger.
   *
   * @param drawn ascending
   * @param rates of each the least rate that draws it
   * @param total the sum of all scores
   */
  static ScoreSample of(long[] drawn, double[] rates, Draws draws, double total, double size) {
    double[] sigma = new double[drawn.length];
    Arrays.setAll(sigma, k -> draws.importance(drawn[k], rates[k]));
    double c = Math.min(draws.rate(), rate(sigma, total, size));
    int[] taken = IntStream.range(0, drawn.length).filter(k -> rates[k] < c).toArray();
    long[] numbers = Arrays.stream(taken).mapToLong(k -> drawn[k]).toArray();
    double sure = 0;
    double free = 0;
    double[] counts = new double[taken.length];
    for (int k = 0; k < taken.length; k++) {
      double score = sigma[taken[k]];
      counts[k] = Math.max(1, 1 / (c * score));
      if (counts[k] > 1) {
        free += counts[k] * score;
      } else {
        sure += score;
      }
    }
    if (free > 0) {
      double factor = Math.max(0.5, (total - sure) / free);
      Arrays.setAll(counts, k -> counts[k] > 1 ? counts[k] * factor : counts[k]);
    }
    return new ScoreSample(numbers, counts);
  }

  /**
   * c such that the sum of min(1, c sigma) over all rows is {@code size}. All rows that are certain
   * at this rate are certain at a larger one, hence among the drawn; rows that become certain leave
   * less for the others, and c grows until none joins.
   */
  private static double rate(double[] sigma, double total, double size) {
    double c = size / total;
    while (true) {
      double rest = total;
      int sure = 0;
      for (double score : sigma) {
        if (c * score >= 1) {
          sure++;
          rest -= score;
        }
      }
      double next = (size - sure) / rest;
      if (!(next > c)) {
        return c;
      }
      c = next;
    }
  }
}
