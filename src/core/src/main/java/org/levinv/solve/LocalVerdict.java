package org.levinv.solve;

import java.util.Locale;
import org.levinv.Status;
import org.levinv.method.common.Termination;

/**
 * How a local solve ended, in a word and a sentence: a function of what was found.
 *
 * @param message with the deciding value and its bound
 */
record LocalVerdict(Status status, String message) {

  /** A local optimum with a larger relative residual than this is no answer to exact scores. */
  private static final double NO_NOISE = 0.05;

  /** Nor to scores that carry noise. */
  private static final double LOUD_NOISE = 0.25;

  /**
   * What the verdict is made of.
   *
   * @param method what messages call it
   * @param end of the method
   * @param iterations that it took
   * @param relativeResidual from the original data
   * @param bound up to which that is agreement
   * @param forScores not for a gradient
   * @param regularized whether the objective has a regulariser
   * @param exactTarget whether the target looks like exact scores
   */
  record Evidence(
      String method,
      Termination end,
      int iterations,
      double relativeResidual,
      double bound,
      boolean forScores,
      boolean regularized,
      boolean exactTarget) {

    boolean agrees() {
      return relativeResidual <= bound;
    }
  }

  /**
   * @param uniqueness at the answer, for scores that agree
   */
  static LocalVerdict of(Evidence found, LocalUniqueness uniqueness) {
    if (found.agrees()) {
      return agreed(found, uniqueness);
    }
    String residual =
        String.format(
            Locale.ROOT, "relative residual %.2e > %.2e", found.relativeResidual, found.bound);
    if (found.end.type() == Termination.Type.ITERATION_LIMIT) {
      return new LocalVerdict(
          Status.ITERATION_LIMIT,
          found.method + " took " + found.iterations + " iterations: " + residual);
    }
    if (found.end.type() == Termination.Type.STALLED) {
      return new LocalVerdict(
          Status.STALLED,
          "no step inside the cell of signs of the start lowers the loss any more: " + residual);
    }
    if (found.regularized) {
      return new LocalVerdict(
          Status.INCONSISTENT_TARGET, "minimum of the regularised loss reached: " + residual);
    }
    if (!found.forScores || found.relativeResidual > (found.exactTarget ? NO_NOISE : LOUD_NOISE)) {
      return new LocalVerdict(
          Status.STALLED,
          "a local minimum that is not the answer: "
              + residual
              + "; another start, or method auto, may find it");
    }
    return new LocalVerdict(
        Status.INCONSISTENT_TARGET,
        "no x nearby has the target scores: local least-squares optimum reached, " + residual);
  }

  private static LocalVerdict agreed(Evidence found, LocalUniqueness uniqueness) {
    if (uniqueness.isFree()) {
      return new LocalVerdict(
          Status.NOT_IDENTIFIABLE,
          String.format(
              Locale.ROOT,
              "other x have the same scores: the Jacobian's smallest singular value is %.1e of the largest",
              uniqueness.jacobianRatio()));
    }
    return new LocalVerdict(
        Status.CONVERGED,
        String.format(
            Locale.ROOT,
            "the %s with the target: relative residual %.2e <= %.2e",
            found.forScores ? "scores agree" : "gradient agrees",
            found.relativeResidual,
            found.bound));
  }
}
