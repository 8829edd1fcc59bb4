package org.levinv.method;

/**
 * Estimates of the extreme singular values of the Jacobian of sigma(x), in the coordinates in which
 * W A has orthonormal columns: a move that changes slacks by ||W A dx|| changes scores by at least
 * {@code smallest} times as much.
 */
public record SingularValues(double smallest, double largest) {

  /** Nothing is known. */
  public static final SingularValues UNKNOWN = new SingularValues(Double.NaN, Double.NaN);

  /** The smallest relative to the largest. */
  public double ratio() {
    return smallest / largest;
  }

  boolean isKnown() {
    return !Double.isNaN(smallest);
  }
}
