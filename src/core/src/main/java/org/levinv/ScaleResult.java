package org.levinv;

import java.util.List;
import java.util.Locale;
import org.levinv.small.Counted;

/**
 * Row weights that give a matrix its scores, and how they were found.
 *
 * @param weights w, n values: diag(w) A has the target scores; positive but for rows without a
 *     target (rows of zeros, targets of 0), which have 0. Scaled such that A^T diag(w^2) A has
 *     trace d. Null where a sink took them
 * @param scatter A^T diag(w^2) A, d x d, with trace d: for Tyler, his M-estimator of scatter
 * @param scores of diag(w) A, n values, recomputed from the original data; null where a sink took
 *     the weights
 * @param rows n
 * @param status how it ended
 * @param message one sentence with the deciding value and its bound
 * @param infeasibleRows of an infeasible target: those that hold too much of it, the first 4096 of
 *     them; else none
 * @param evaluations of the scores
 * @param accuracy of the scores of diag(w) A; null where they were not computed
 * @param relativeResidual ||scores - target|| / ||target||
 * @param work multiples of n d^2 flops, verification included
 * @param passes times that all of A was read
 * @param seconds of the whole call
 * @param device the device and its libraries
 * @param warnings a sentence each
 */
public record ScaleResult(
    double[] weights,
    double[][] scatter,
    double[] scores,
    long rows,
    Status status,
    String message,
    long[] infeasibleRows,
    int evaluations,
    Accuracy accuracy,
    double relativeResidual,
    double work,
    double passes,
    double seconds,
    String device,
    List<String> warnings) {

  /** How the search for weights ended. */
  public enum Status {
    /** The scores are the target within the tolerance. */
    CONVERGED,
    /** No weights have the target scores: {@link ScaleResult#infeasibleRows()} says why. */
    INFEASIBLE_TARGET,
    /** The limit of iterations was reached. */
    ITERATION_LIMIT,
    /** No further progress, and the tolerance is not met. */
    STALLED,
    /** The limit on the work was reached; the weights are the best so far. */
    WORK_LIMIT,
    /** The limit on the time was reached; likewise. */
    TIME_LIMIT,
    /** The thread was interrupted, or the progress said stop; likewise. */
    INTERRUPTED,
    /** The device failed; likewise. */
    DEVICE_FAILED;

    /** True where the search was ended from outside, before it was done. */
    public boolean stopped() {
      return ordinal() >= WORK_LIMIT.ordinal();
    }

    /** The word in result.json: the name in lower case. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Status, message and the main figures, one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s (n = %d, d = %d, relative residual %.1e, %s, work %.1f, %.2f s on %s)",
        status.word(),
        message,
        rows,
        scatter == null ? 0 : scatter.length,
        relativeResidual,
        Counted.of(evaluations, "evaluation"),
        work,
        seconds,
        device);
  }
}
