package org.levinv.method.leastsquares;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;

/**
 * Makes a model convex, and its steps shorter where it predicts badly: B + lambda M with the metric
 * M = A^T W^2 diag(sigma o (1 - sigma)) A, which measures a step by the change of the log scores
 * and stays bounded where a slack goes to 0 (Levenberg, Marquardt). lambda is in units of
 * trace(M^-1 B) / d, the mean of the model's curvatures in the metric, once that is known.
 */
final class Damping {

  /** The first lambda where B is not convex, in its unit. */
  private static final double FIRST = 1e-3;

  /** The first lambda after a step that was no good. */
  private static final double AFTER_REJECTION = 1e-2;

  private static final double RAISE = 10;
  private static final double LOWER = 0.1;

  /** Below this lambda goes to 0 after a good step. */
  private static final double LAST = 1e-2;

  /** Up to this a step counts as one of Newton's: it ends a run where it promises nothing. */
  private static final double LIGHT = 1.1e-3;

  /** Steps are of no length at all beyond this. */
  static final double MOST = 1e8;

  /** No multiple of M makes B convex in doubles beyond this. */
  static final double HOPELESS = 1e16;

  /** Added to M in parts of its mean diagonal entry, tenfold until it is positive definite. */
  private static final double METRIC_RIDGE = 1e-13;

  /** A decrease of more than this part of the predicted one lowers lambda, ... */
  private static final double GOOD = 0.5;

  /** ... and one of less than this raises it. */
  private static final double POOR = 0.1;

  private static final double RAISE_AFTER_POOR = 4;

  private final Device device;
  private final Matrix F;
  private final Matrix damped;
  private final Matrix work;
  private double lambda;
  private double unit;
  private boolean measured;
  private boolean unscaled;

  Damping(int columns, Workspace space) {
    device = space.device();
    F = space.matrix(columns, columns);
    damped = space.matrix(columns, columns);
    work = space.matrix(columns, columns);
  }

  /** None, for a new model. */
  void reset() {
    lambda = 0;
    measured = false;
    unscaled = false;
  }

  /** lambda, in its unit. */
  double relative() {
    return lambda == 0 ? 0 : lambda / unit;
  }

  /** Whether there is any. */
  boolean isOn() {
    return lambda > 0;
  }

  /** Whether there is hardly any. */
  boolean isLight() {
    return lambda == 0 || lambda <= LIGHT * unit;
  }

  /** F, upper triangular, F^T F = B + lambda M. */
  Matrix F() {
    return F;
  }

  /**
   * Factors B + lambda M with the least lambda from the present one on that makes it positive
   * definite; false where none does.
   */
  boolean factor(Matrix B, LossPoint at) {
    while (true) {
      if (lambda > 0 && !measured) {
        measure(B, at.metric());
      }
      unscaled = false;
      device.copy(B, damped);
      if (lambda > 0) {
        device.axpy(lambda, at.metric(), damped); // B + lambda M
      }
      if (device.cholesky(damped, F) == 0) {
        return true;
      }
      raise(FIRST);
      if (measured && !(lambda > 0 && lambda <= HOPELESS * unit)) {
        return false;
      }
    }
  }

  /** The unit of lambda, kept until the model or lambda is given up. */
  private void measure(Matrix B, Matrix M) {
    measured = true;
    unit = Math.abs(traceOfQuotient(B, M)) / B.columns();
    lambda = unscaled ? Math.max(lambda, FIRST) * unit : lambda;
  }

  /** trace(M^-1 B). */
  private double traceOfQuotient(Matrix B, Matrix M) {
    double ridge = METRIC_RIDGE * trace(M) / M.columns();
    while (device.cholesky(M, F) != 0) {
      if (!(ridge > 0 && ridge < Double.MAX_VALUE)) {
        return Double.NaN;
      }
      device.addDiagonal(ridge, null, M);
      ridge *= RAISE;
    }
    device.invertTriangular(F, damped);
    device.multiply(B, false, damped, false, work); // B F^-1
    device.multiply(damped, true, work, false, F); // F^-T B F^-1
    return trace(F);
  }

  private double trace(Matrix S) {
    double sum = 0;
    for (double entry : device.diagonal(S)) {
      sum += entry;
    }
    return sum;
  }

  /** Ten times lambda, from {@code least} units on. */
  private void raise(double least) {
    unscaled = !measured;
    lambda = measured ? Math.max(RAISE * lambda, least * unit) : least;
  }

  /**
   * After a step that was no good, by a model as good as it gets; false where more leads nowhere.
   */
  boolean raise() {
    raise(AFTER_REJECTION);
    return unscaled || lambda <= MOST * unit;
  }

  /**
   * After a good step.
   *
   * @param ratio the decrease of the loss beside the predicted one
   */
  void follow(double ratio) {
    if (ratio > GOOD) {
      lambda = lambda < LAST * unit ? 0 : LOWER * lambda;
    } else if (ratio <= POOR) {
      lambda *= RAISE_AFTER_POOR;
    }
    measured &= lambda > 0;
  }
}
