package org.levinv;

import java.util.List;
import java.util.Locale;
import org.levinv.small.Counted;

/**
 * The answer and how it was reached. Numbers that were not computed are NaN. The scores at x are
 * not kept: {@link Inverter#scores(org.levinv.device.RowSource, VectorSource, double[],
 * VectorSink)} computes them again. Made by levinv alone: read it by its accessors, since
 * components may be added.
 *
 * @param x d values, or null where a limit or a signal came before any x was found
 * @param status how the solve ended
 * @param message one sentence with the deciding value and its bound
 * @param method the stages that ran
 * @param device the device and its libraries
 * @param deviceNote what there is to say of the device: why it was taken that was not the first
 *     choice, or that the problem is small for it; or null
 * @param rows n
 * @param columns d
 * @param signs positive, negative, given or unknown (retrieved): with {@code auto}, what was found
 * @param iterations steps of all stages
 * @param relativeResidual ||sigma(x) - sigma|| / ||sigma||, recomputed from the original data
 * @param loss 0.5 ||sigma(x) - sigma||^2, likewise, and the regulariser where there is one
 * @param work multiples of n d^2 flops, counted where the operations run, verification included
 * @param passes times all of A was read, the first reading included
 * @param seconds of the whole solve
 * @param jacobianRatio smallest singular value of the Jacobian of sigma(x) relative to the largest,
 *     in the coordinates in which diag(Ax - b)^-1 A has orthonormal columns: how well x is
 *     determined
 * @param freeDirection d values, a direction in which x can move without a change of the scores, or
 *     null
 * @param scoreNoise how far the target scores were taken to be from exact ones; null where they
 *     were not looked at
 * @param xError d standard errors of x, or null where they are not known
 * @param groups of rows that are problems of their own
 * @param warnings what a careful user should know of the input, a sentence each
 * @param local how a local method got on, or null for the global one
 * @param certificate that was asked for, or null
 * @param weights of the rows as a function of Ax - b
 * @param mirror whether x and -x have the same scores: one of them is given
 */
public record Result(
    double[] x,
    Status status,
    String message,
    String method,
    String device,
    String deviceNote,
    long rows,
    int columns,
    String signs,
    int iterations,
    double relativeResidual,
    double loss,
    double work,
    double passes,
    double seconds,
    double jacobianRatio,
    double[] freeDirection,
    ScoreNoise scoreNoise,
    double[] xError,
    RowGroups groups,
    List<String> warnings,
    LocalReport local,
    Certificate certificate,
    Weights weights,
    boolean mirror) {

  /** Status, message and the main figures, one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s (n = %d, d = %d, %s%s, work %.1f, %.2f s on %s)",
        status.word(),
        message,
        rows,
        columns,
        Double.isNaN(relativeResidual)
            ? ""
            : String.format(Locale.ROOT, "relative residual %.1e, ", relativeResidual),
        Counted.of(iterations, "iteration"),
        work,
        seconds,
        device);
  }
}
