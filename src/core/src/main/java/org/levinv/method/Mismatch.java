package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * How far scores are from their targets: the larger of the relative residual ||sigma - target|| /
 * ||target|| and of the mean logit error 2 sqrt(sum D f^2 / sum D), f half the difference of the
 * logits, D = sigma (1 - sigma). The first does not see wrong small scores beside scores near 1;
 * the second does.
 */
final class Mismatch {
  private static final double EPS = Math.ulp(1.0);

  private final Device device;
  private final Vector target;
  private final Vector counts;
  private final Vector step;
  private final Vector degrees;
  private final Vector work;
  private double targetSquare = Double.NaN;
  private double residual;

  /** Row i has target_i and counts counts_i times. */
  Mismatch(Vector target, Vector counts, Workspace space) {
    device = space.device();
    this.target = target;
    this.counts = counts;
    step = space.vector(target.length());
    degrees = space.vector(target.length());
    work = space.vector(target.length());
    countsChanged();
  }

  /** Must be called after a change of the counts. */
  void countsChanged() {
    targetSquare = device.dot(counts, target, target);
  }

  /** The mismatch at sigma; leaves {@link #step} and {@link #degrees} behind. */
  double of(Vector sigma) {
    device.map(
        Formula.LOGIT_STEP, 1, sigma, target, null, step); // f = (logit(target) - logit(sigma)) / 2
    device.map(Formula.COUNTED_DEGREE, 0, sigma, counts, null, degrees); // D = q sigma (1 - sigma)
    device.map(Formula.COUNTED_SQUARED_DIFFERENCE, 0, sigma, target, counts, work);
    residual = Math.sqrt(device.sum(work) / targetSquare);
    double logitError =
        2 * Math.sqrt(device.dot(degrees, step, step) / Math.max(device.sum(degrees), 1e-300));
    return Math.max(residual, logitError);
  }

  /** The plain relative residual of the last call of {@link #of}. */
  double residual() {
    return residual;
  }

  /** f = (logit(target) - logit(sigma)) / 2, between -2 and 2. */
  Vector step() {
    return step;
  }

  /** D = counts sigma (1 - sigma). */
  Vector degrees() {
    return degrees;
  }

  /**
   * What rounding of the slacks alone can do to both measures: |ds_i| = eps (||a_i|| ||x|| +
   * |b_i|), in the original coordinates.
   */
  double rounding(Vector sigma, Vector w, Vector rowLength, Vector b, double lengthOfX) {
    device.map(
        Formula.SLACK_ROUNDING,
        lengthOfX,
        rowLength,
        b,
        w,
        work); // relative error of each slack / eps
    return rounding(sigma, work);
  }

  /** The same from the relative errors of the slacks, in units of eps. They stay as they are. */
  double rounding(Vector sigma, Vector slackErrors) {
    if (slackErrors != work) {
      device.copy(slackErrors, work);
    }
    device.map(
        Formula.ADD_SCORE_ERROR,
        0,
        sigma,
        work,
        null,
        work); // what rounding of the score itself does to its logit
    double logitError =
        2 * Math.sqrt(device.dot(degrees, work, work) / Math.max(device.sum(degrees), 1e-300));
    device.map(Formula.SCORE_ROUNDING, 0, sigma, work, counts, work);
    return EPS * Math.max(logitError, Math.sqrt(device.sum(work) / targetSquare));
  }
}
