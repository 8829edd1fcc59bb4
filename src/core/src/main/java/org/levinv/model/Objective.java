package org.levinv.model;

import org.levinv.device.Vector;

/**
 * A regularised least-squares objective f(x) = 0.5 ||F(x)||^2 + 0.5 ||diag(omega) A x||^2 of the
 * slacks A x - b, with its derivatives at a point. Vectors x, v and gradients have d entries.
 */
public interface Objective {

  /**
   * Goes to x and evaluates f there. Returns 0, or the order of the leading minor of the Gram
   * matrix that is not positive definite; then nothing else is valid.
   */
  int moveTo(Vector x);

  /** f at the point. */
  double value();

  /** ||F|| at the point. */
  double residualNorm();

  /** About the rounding error of {@link #value}. */
  double rounding();

  /**
   * About the rounding error of the gradient in the norm ||R^-T g|| with R^T R = A^T W^2 A at the
   * point.
   */
  double gradientRounding();

  /** to = the gradient of f, d. */
  void gradient(Vector to);

  /** to = the exact Hessian of f times v, d: the sum of its three parts. */
  void hessianTimes(Vector v, Vector to);

  /** to = the Hessian without its curvature part times v, d: positive semidefinite. */
  void gaussNewtonTimes(Vector v, Vector to);

  /** to = one part of the Hessian times v, d. */
  void hessianTimes(HessianPart part, Vector v, Vector to);

  /** The scores at the point, with its slacks and weights. */
  Scores scores();
}
