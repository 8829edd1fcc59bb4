package org.levinv.method;

/**
 * Estimates of the extreme singular values of the Jacobian of sigma(x), in the coordinates in which
 * W A has orthonormal columns: a move that changes slacks by ||W A dx|| changes scores by at least
 * {@code smallest} times as much.
 */
public record SingularValues(double smallest, double largest) {

  /**
   * A ratio that an estimate from few rows may report as it is. Larger: more solves pay for a
   * closer look. Smaller: more that are well determined are told too small by orders.
   */
  private static final double CLEAR = 1e-6;

  /** Nothing is known. */
  public static final SingularValues UNKNOWN = new SingularValues(Double.NaN, Double.NaN);

  /** The smallest relative to the largest. */
  public double ratio() {
    return smallest / largest;
  }

  /** Whether an estimate from few rows may stand; false where nothing is known. */
  public boolean isClear() {
    return ratio() >= CLEAR;
  }

  boolean isKnown() {
    return !Double.isNaN(smallest);
  }
}
