package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.levinv.ScoreNoise;
import org.levinv.pass.Profile;

/**
 * How far the target scores may be from exact ones, and what that explains. The one place that says
 * so: tolerances and verdicts ask here.
 *
 * @param exact whether they look exact, for all that is known of them
 * @param noise the uncertainty of a score
 * @param warnings why they do not look exact, a sentence each
 */
record TargetNoise(boolean exact, ScoreNoise noise, List<String> warnings) {

  /**
   * The sum of exact scores is d up to rounding; further off than this, relatively, they carry
   * noise. Larger: noise of such size is taken for a failed search.
   */
  private static final double EXACT_SUM = 1e-10;

  /**
   * A relative residual that noise explains where all that is known of the target looks exact.
   * Larger: failed searches are called optima.
   */
  private static final double UNSEEN = 0.05;

  /**
   * Likewise at a local optimum near a start point, for a target that is known to carry noise; a
   * global search has looked at all there is.
   */
  private static final double LOUD = 0.25;

  /** What the first reading shows: exact scores lie between 0 and 1 and sum to d. */
  static TargetNoise of(Profile profile, int d) {
    List<String> warnings = new ArrayList<>();
    if (profile.outside() > 0) {
      warnings.add(profile.outside() + " of the scores are outside [0, 1]: taken as noise");
    }
    if (Math.abs(profile.targetSum() - d) > EXACT_SUM * d) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the scores sum to %.12g, not to d = %d: taken as noise, no x has them exactly",
              profile.targetSum(),
              d));
    }
    double rounding = 0.5 * Math.ulp(profile.largestTarget());
    return new TargetNoise(
        warnings.isEmpty(),
        new ScoreNoise(rounding, ScoreNoise.Source.ROUNDING),
        List.copyOf(warnings));
  }

  /** Whether noise may be why an optimum leaves this relative residual. */
  boolean explains(double relativeResidual, boolean soughtEverywhere) {
    return exact ? relativeResidual <= UNSEEN : soughtEverywhere || relativeResidual <= LOUD;
  }
}
