package org.levinv.solve;

import java.util.Locale;
import java.util.Set;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.pass.ResidualProfile;
import org.levinv.pass.VerifiedScores;

/**
 * One row that leaves more of the sum of squared residuals than all others do together: where a
 * search ends without an answer, its target may be wrong.
 *
 * @param row its number
 * @param share of the sum, above one half
 * @param residual score - target
 */
record Outlier(long row, double share, double residual) {

  /** More than all others together. */
  private static final double MOST = 0.5;

  /** How searches end that went on for as long as they may, and found no answer. */
  private static final Set<Status> FAILED =
      Set.of(Status.STALLED, Status.ITERATION_LIMIT, Status.WORK_LIMIT, Status.TIME_LIMIT);

  /** Null where there is none. */
  static Outlier of(ResidualProfile residuals) {
    double sum = residuals.squareSum();
    for (int bin = 0; bin < residuals.largest().length; bin++) {
      double r = residuals.largest()[bin];
      if (r * r > MOST * sum) {
        return new Outlier(residuals.rows()[bin], r * r / sum, r);
      }
    }
    return null;
  }

  /**
   * The verdict on a search, with the row that explains why it failed, if one does.
   *
   * @param there what was verified of the best x; null where there is none
   * @param sigma the target
   */
  static Verdict named(Verdict verdict, VerifiedScores there, VectorSource sigma) {
    boolean isAsked =
        FAILED.contains(verdict.status())
            && there != null
            && !Verdict.isNothing(there.error().relativeResidual())
            && there.profile().largestRatio() > TargetNoise.AGREES;
    Outlier found = isAsked ? of(there.profile()) : null;
    return found == null
        ? verdict
        : new Verdict(verdict.status(), verdict.message() + found.words(sigma));
  }

  private String words(VectorSource sigma) {
    double[] target = new double[1];
    sigma.readEntries(new long[] {row}, target);
    return String.format(
        Locale.ROOT,
        "; %.0f%% of the squared residual is left by row %d alone, expected a score of %.4g, got"
            + " %.4g: is that score right?",
        Math.floor(100 * share),
        row,
        target[0],
        target[0] + residual);
  }
}
