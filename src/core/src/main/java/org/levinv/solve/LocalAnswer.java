package org.levinv.solve;

import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.Profile;
import org.levinv.pass.ResidualProfile;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

/**
 * What the x of a local solve is, from the original data: scores, or the gradient, and the loss.
 */
final class LocalAnswer {
  private static final double EPS = Math.ulp(1.0);

  private final LocalTask task;
  private final Verification verification;
  private final double size;
  private VerifiedScores verified;
  private double relativeResidual = Double.NaN;
  private double rounding;

  /**
   * No reading; two where the target gradient is 0.
   *
   * @param original the rows as they were read
   * @param profile of these rows
   * @param noise of the target scores, or null for a gradient
   */
  LocalAnswer(
      LocalTask task, ProblemRows rows, RowStore original, Profile profile, TargetNoise noise) {
    this.task = task;
    verification =
        new Verification(rows, original)
            .with(task.weights())
            .withTargetSquare(profile.targetSquares())
            .withUncertainty(noise == null ? ScoreUncertainty.ROUNDING : noise.apparent());
    double length =
        task.isForScores() ? Math.sqrt(profile.targetSquares()) : length(task.gradient());
    size =
        length > 0
            ? length
            : length(verification.at(task.options().start(), true, null).gradientTerms());
  }

  /**
   * What residuals are relative to: ||target||; for g = 0 the terms that cancel in it at the start.
   */
  double size() {
    return size;
  }

  /** Looks at x, d values; two or three readings. */
  void verify(double[] x) {
    verified = verification.at(x, !task.isForScores(), null);
    if (task.isForScores()) {
      relativeResidual = verified.error().relativeResidual();
      rounding = EPS * Math.sqrt(verified.error().scoreRounding()) / size;
      return;
    }
    double off = 0;
    for (int j = 0; j < x.length; j++) {
      off = Math.hypot(off, verified.gradient()[j] - task.gradient()[j]);
    }
    relativeResidual = off / size;
    rounding = EPS * length(verified.gradientTerms()) / size;
  }

  boolean isVerified() {
    return verified != null;
  }

  /** NaN where nothing was verified. */
  double relativeResidual() {
    return relativeResidual;
  }

  /** What rounding of the data does to the residual. */
  double rounding() {
    return rounding;
  }

  /** Of all scores, by their size; null for a gradient. */
  ResidualProfile residuals() {
    return task.isForScores() ? verified.profile() : null;
  }

  /** How far the scores may be off that agree with the target; 0 for a gradient. */
  Uniqueness.Error error() {
    return task.isForScores() ? Uniqueness.Error.of(verified.error()) : Uniqueness.Error.NONE;
  }

  /** Rows with the score 1. */
  long lone() {
    return verified.lone();
  }

  /** 0.5 ||F||^2 + 0.5 ||diag(omega) A x||^2; NaN where nothing was verified. */
  double loss() {
    double off = relativeResidual * size;
    return verified == null ? Double.NaN : 0.5 * off * off + verified.regularizer();
  }

  private static double length(double[] v) {
    double length = 0;
    for (double value : v) {
      length = Math.hypot(length, value);
    }
    return length;
  }
}
