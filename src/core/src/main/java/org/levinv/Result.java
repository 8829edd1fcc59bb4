package org.levinv;

import java.util.ArrayList;
import java.util.List;

/**
 * The answer and how it was reached. Numbers that were not computed are NaN.
 *
 * @param x d values
 * @param scores sigma(x), n values, recomputed from the original A and b
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
 * @param passes times all of A was read
 * @param seconds of the whole solve
 * @param jacobianRatio smallest singular value of the Jacobian of sigma(x) relative to the largest,
 *     in the coordinates in which diag(Ax - b)^-1 A has orthonormal columns: how well x is
 *     determined
 * @param freeDirection d values, a direction in which x can move without a change of the scores, or
 *     null
 * @param warnings what a careful user should know of the input, a sentence each
 * @param local how a local method got on, or null for the global one
 * @param certificate that was asked for, or null
 */
public record Result(
    double[] x,
    double[] scores,
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
    List<String> warnings,
    LocalReport local,
    Certificate certificate) {

  /** This result with a certificate. */
  public Result with(Certificate value) {
    return with(status, message, deviceNote, value);
  }

  /** This result of a device that was not the first choice. */
  Result withDeviceNote(String note) {
    return with(status, message, note, certificate);
  }

  /** This result as far as it goes. */
  public Result stalled(String why) {
    return with(Status.STALLED, why, deviceNote, certificate);
  }

  /** This result with one more warning. */
  public Result warned(String warning) {
    List<String> more = new ArrayList<>(warnings);
    more.add(warning);
    return with(status, message, deviceNote, certificate, List.copyOf(more));
  }

  private Result with(Status status, String message, String note, Certificate value) {
    return with(status, message, note, value, warnings);
  }

  private Result with(
      Status status, String message, String note, Certificate value, List<String> warnings) {
    return new Result(
        x,
        scores,
        status,
        message,
        method,
        device,
        note,
        rows,
        columns,
        signs,
        iterations,
        relativeResidual,
        loss,
        work,
        passes,
        seconds,
        jacobianRatio,
        freeDirection,
        warnings,
        local,
        value);
  }
}
