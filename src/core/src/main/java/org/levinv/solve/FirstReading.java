package org.levinv.solve;

import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.method.GlobalMethod;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.Profile;
import org.levinv.pass.SurveyPass;
import org.levinv.rows.RowStore;

/**
 * What the first reading of all rows tells a solve without a start point.
 *
 * @param noise of the target, for a search that looks for an x whose scores all round to it
 */
record FirstReading(Profile profile, TargetNoise noise) {

  /**
   * Of a problem.
   *
   * @throws InvalidInputException if the targets are no scores, or say nothing
   */
  static FirstReading of(RowStore rows, Problem problem, Options options) {
    Profile profile = profile(rows, options);
    Checks.scores(problem.sigma(), problem.A(), profile);
    TargetNoise noise =
        TargetNoise.of(profile, rows.rows(), rows.columns(), options, isRounded(rows));
    Checks.informative(problem.sigma(), noise);
    return new FirstReading(profile, noise);
  }

  /** Of some rows of a problem, whose scores show together how far each may be off. */
  static FirstReading of(RowStore rows, Options options, ScoreUncertainty known) {
    Profile profile = profile(rows, options);
    return new FirstReading(
        profile, TargetNoise.of(profile, rows.rows(), rows.columns(), known, isRounded(rows)));
  }

  private static boolean isRounded(RowStore rows) {
    return RoundedFit.isPossible(rows.rows(), rows.columns());
  }

  private static Profile profile(RowStore rows, Options options) {
    long n = rows.rows();
    int d = rows.columns();
    return rows.run(new SurveyPass(n, d, GlobalMethod.draws(options.seed(), n, d)));
  }
}
