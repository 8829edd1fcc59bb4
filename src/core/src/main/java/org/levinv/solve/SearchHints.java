package org.levinv.solve;

import java.util.Locale;

/** What may help where a search failed: a pure function of what was looked for, and how. */
final class SearchHints {

  /**
   * A row that is so many times nearer to its hyperplane than most tells signs by its score.
   * Larger: fewer failures are explained.
   */
  private static final double NARROW = 5;

  private SearchHints() {}

  /**
   * Words to go on with, after the message of a search that found no x; mostly none.
   *
   * @param signsSought whether signs were retrieved
   * @param samplesCut whether larger samples did not fit into the memory
   * @param largest target
   * @param n rows with a positive target
   */
  static String of(boolean signsSought, boolean samplesCut, double largest, long n, int d) {
    StringBuilder words = new StringBuilder();
    if (signsSought && noSlackIsSmall(largest, n, d)) {
      words.append(
          String.format(
              Locale.ROOT,
              "; no slack is small beside the others (the largest score is %.2g, the mean %.2g), so"
                  + " that the scores tell little of the signs of A x - b: --signs, or a --start"
                  + " near the answer, would help",
              largest,
              (double) d / n));
    }
    if (samplesCut) {
      words.append("; larger samples of the rows were not tried for want of memory");
    }
    return words.toString();
  }

  /**
   * A slack k times smaller moves the logit of its score by 2 log k, about, from that of the mean
   * d/n.
   */
  static boolean noSlackIsSmall(double largest, long n, int d) {
    return logit(largest) - logit((double) d / n) < 2 * Math.log(NARROW);
  }

  private static double logit(double s) {
    return Math.log(s) - Math.log1p(-s);
  }
}
