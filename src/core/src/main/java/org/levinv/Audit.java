package org.levinv;

import java.util.List;
import java.util.Locale;

/**
 * What publishing the scores of a model gives away of it, for several numbers of decimals: the
 * errors of the best estimate from the scores and A, which takes all x as equally likely whose
 * scores round to the printed ones.
 *
 * @param rows n
 * @param columns d
 * @param weights f
 * @param mirror whether x and -x have the same scores, so that all is up to that
 * @param free whether even exact scores leave a direction of x free: an intercept or a scale
 * @param enoughRows whether signs that are not known are found, for all that is known: from n = 3 d
 *     on, or where f has one branch
 * @param decimals in ascending order; none where a direction is free
 */
public record Audit(
    long rows,
    int columns,
    Weights weights,
    boolean mirror,
    boolean free,
    boolean enoughRows,
    List<Decimals> decimals) {

  /** A relative error of eta up to which a model counts as given away. */
  private static final double GIVEN_AWAY = 0.1;

  /**
   * What one number of decimals leaves open.
   *
   * @param digits decimals
   * @param xError standard errors of x, d
   * @param etaError root mean square of the standard errors of Ax - b
   * @param relativeEtaError the same relative to that of Ax; above 1 nothing is known
   * @param signs share of the rows whose Ax - b is more than two standard errors away from 0
   * @param zeros rows whose scores are printed as 0
   */
  public record Decimals(
      int digits,
      double[] xError,
      double etaError,
      double relativeEtaError,
      double signs,
      long zeros) {}

  /** One sentence on it. */
  public String sentence() {
    String scores = weights.isReciprocal() ? "leverage scores" : "hat values";
    if (free) {
      return scores
          + " do not determine this model, however many decimals they have: "
          + (weights.isReciprocal()
              ? "a scale of A x - b stays free, as where b is in the range of A, or a row whose"
                  + " score is 1"
              : "an intercept or a scale stays free");
    }
    String predictor = weights.isReciprocal() ? "A x" : "the linear predictor";
    StringBuilder words = new StringBuilder();
    Decimals first = null;
    for (Decimals one : decimals) {
      if (first == null && one.relativeEtaError() <= GIVEN_AWAY) {
        first = one;
      }
    }
    Decimals last = decimals.get(decimals.size() - 1);
    if (first == null) {
      words.append(
          String.format(
              Locale.ROOT,
              "even %d decimals leave %s open up to %.1e of itself",
              last.digits(),
              predictor,
              last.relativeEtaError()));
    } else {
      words.append(
          String.format(
              Locale.ROOT,
              "%s with %d decimals give %s away up to %.1e of itself",
              scores,
              first.digits(),
              predictor,
              first.relativeEtaError()));
      if (last != first) {
        words.append(
            String.format(
                Locale.ROOT, ", with %d up to %.1e", last.digits(), last.relativeEtaError()));
      }
    }
    if (mirror) {
      words.append(", but for the sign of x");
    }
    if (!enoughRows) {
      words.append("; with less than three rows for each column the signs may not be found");
    }
    return words.toString();
  }
}
