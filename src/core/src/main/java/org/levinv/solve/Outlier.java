package org.levinv.solve;

import java.util.Locale;
import java.util.Set;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.pass.ResidualProfile;
import org.levinv.pass.VerifiedScores;

/**
 * One score that alone may be wrong where a search ends without an answer. Scores sum to d: if all
 * others are right, their sum is off by its error e, and least squares leaves (1 - h) e of it,
 * where h, the leverage of its row in the Jacobian, is what the others take of the sum of squares.
 * Rows where a search went astray leave large residuals, too, but none that the sum bears out.
 *
 * @param row its number
 * @param share of the sum of squares, above one half
 * @param residual score - target
 * @param unexplained the part of the sum's error that it leaves
 */
record Outlier(long row, double share, double residual, double unexplained) {

  /** More than all others together. */
  private static final double MOST = 0.5;

  /** Digits of a score, and of one that differs little from its target. */
  private static final int LEAST_DIGITS = 4;

  private static final int MOST_DIGITS = 17;

  /** How searches end that went on for as long as they may, and found no answer. */
  private static final Set<Status> FAILED =
      Set.of(Status.STALLED, Status.ITERATION_LIMIT, Status.WORK_LIMIT, Status.TIME_LIMIT);

  /** Of the error of the sum, that may be due to others. */
  private static final double OTHERS = 0.5;

  /**
   * Of the sum of squares and of the error of the sum, what others may leave where one score is the
   * only wrong one beyond doubt. Larger: searches that went astray end early.
   */
  private static final double REST = 0.1;

  /**
   * Null where there is none.
   *
   * @param sumError of the target: its sum - d
   */
  static Outlier of(ResidualProfile residuals, double sumError) {
    double sum = residuals.squareSum();
    for (int bin = 0; bin < residuals.largest().length; bin++) {
      double r = residuals.largest()[bin];
      double unexplained = Math.abs(sumError + r) / Math.abs(sumError);
      if (r * r > MOST * sum && unexplained <= OTHERS) { // false for NaN
        return new Outlier(residuals.rows()[bin], r * r / sum, r, unexplained);
      }
    }
    return null;
  }

  /** Whether next to nothing is left but its error: another search would find no more. */
  boolean isClear() {
    return share >= 1 - REST && unexplained <= REST;
  }

  /**
   * The verdict on a search, with the row that explains why it failed, if one does.
   *
   * @param there what was verified of the best x; null where there is none
   * @param noise of the target; null where it was not looked at
   * @param sigma the target
   */
  static Verdict named(
      Verdict verdict, VerifiedScores there, TargetNoise noise, VectorSource sigma) {
    boolean isAsked =
        FAILED.contains(verdict.status())
            && there != null
            && noise != null
            && !Verdict.isNothing(there.error().relativeResidual())
            && there.profile().largestRatio() > TargetNoise.AGREES;
    Outlier found = isAsked ? of(there.profile(), noise.sumError()) : null;
    return found == null
        ? verdict
        : new Verdict(verdict.status(), verdict.message() + found.words(sigma));
  }

  /** The verdict on an x that has all other scores: no x has this one, too. */
  Verdict verdict(VectorSource sigma) {
    return new Verdict(Status.STALLED, "every score but one agrees with its target" + words(sigma));
  }

  private String words(VectorSource sigma) {
    double[] target = new double[1];
    sigma.readEntries(new long[] {row}, target);
    double score = target[0] + residual;
    double size = Math.max(Math.abs(target[0]), Math.abs(score));
    double told = Math.floor(Math.log10(size)) - Math.floor(Math.log10(Math.abs(residual)));
    String number = "%." + (int) Math.max(LEAST_DIGITS, Math.min(MOST_DIGITS, told + 2)) + "g";
    return String.format(
        Locale.ROOT,
        "; %.0f%% of the squared residual is left by row %d alone, expected a score of "
            + number
            + ", got "
            + number
            + ": is that score right?",
        Math.floor(100 * share),
        row,
        target[0],
        score);
  }
}
