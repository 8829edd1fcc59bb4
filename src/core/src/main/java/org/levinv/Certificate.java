package org.levinv;

/**
 * What the theory of arXiv:2404.13785 asks for, computed at a solution: a positive definite Hessian
 * H that is Lipschitz. Moves are measured as the relative changes of the slacks that they cause,
 * ||A(x) dx||, so that nothing depends on units and a distance below 1 stays in the cell of signs;
 * eigenvalues are those of R^-T H R^-1 with R^T R = A(x)^T A(x).
 *
 * @param smallestEigenvalue of the Hessian; positive at a strict minimum
 * @param largestEigenvalue of the Hessian
 * @param lipschitz M: the largest ||H(y) - H(x)|| / ||y - x|| over the last points of the method
 *     and around x, where power iterations on the derivative of H look for the steepest direction.
 *     An estimate from below, not a bound
 * @param radius within which Newton's method converges quadratically to x: 2 m / (3 M) for the
 *     smallest eigenvalue m (Yurii Nesterov, "Introductory Lectures on Convex Optimization", 2004,
 *     theorem 1.2.5), and at most 1; 0 where H is not positive definite
 * @param newtonStep the length of Newton's step at x: about the distance to the exact minimum
 * @param startDistance of the start point from x; NaN where there was none
 */
public record Certificate(
    double smallestEigenvalue,
    double largestEigenvalue,
    double lipschitz,
    double radius,
    double newtonStep,
    double startDistance) {

  /** Whether the start point was where local methods are safe; false where there was none. */
  public boolean startInside() {
    return startDistance < radius;
  }
}
