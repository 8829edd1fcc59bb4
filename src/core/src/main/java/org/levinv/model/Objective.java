package org.levinv.model;

import java.util.Set;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.tall.Meter;

/**
 * A regularised least-squares objective f(x) = 0.5 ||F(x)||^2 + 0.5 ||diag(omega) A x||^2 of the
 * slacks s = A x - b, with its derivatives at a point. Vectors x, v and gradients have d entries,
 * matrices are d x d: nothing here has an entry for each row, so that rows may be anywhere. R^T R =
 * G(x) = A^T diag(s)^-2 A.
 */
public interface Objective {

  /** d. */
  int columns();

  /** Counts work and readings of all rows. */
  Meter counter();

  /**
   * Goes to x: the slacks there, and the Gram matrix; one reading. Returns the largest 1 - s_i /
   * s_i(before): below 1 no slack has changed its sign. Only {@link #evaluate} makes the rest
   * valid.
   *
   * @param before another point, or null
   */
  double look(Vector x, Vector before);

  /**
   * Evaluates f where {@link #look} has gone; one reading. Returns whether f has a value there: the
   * Gram matrix is positive definite, all numbers are finite. If not, nothing else is valid.
   */
  boolean evaluate();

  /** Goes to x and evaluates f there; two readings. */
  default boolean moveTo(Vector x) {
    look(x, null);
    return evaluate();
  }

  /** f at the point. */
  double value();

  /** ||F|| at the point. */
  double residualNorm();

  /** About the rounding error of {@link #value}. */
  double rounding();

  /** About the rounding error of the gradient in the norm ||R^-T g||. */
  double gradientRounding();

  /** to = the gradient of f, d; one or two readings at the first call for a point. */
  void gradient(Vector to);

  /**
   * Products of parts of the Hessian of f with k vectors of d entries; three or four readings for
   * as many vectors at once as memory has room for d x d sums, and none for the regulariser.
   */
  double[][] hessianTimes(Set<HessianPart> parts, double[][] vectors);

  /** R at the point, upper triangular; not to be written to. */
  Matrix R();

  /** R^-1 at the point; not to be written to. */
  Matrix inverseR();
}
