package org.levinv.small;

import java.util.Arrays;

/** Upper triangular matrices, d x d row by row. */
public final class Triangle {

  /** Products for a norm: a few per cent below the largest singular value at the worst. */
  private static final int PRODUCTS = 30;

  private Triangle() {}

  /**
   * About cond_2(R C), C diagonal such that the columns of R C have norm 1: the condition number of
   * the columns in any units. Abraham van der Sluis, "Condition numbers and equilibration of
   * matrices", 1969: at most sqrt(d) times the least over all C.
   *
   * @param inverse R^-1
   * @return infinite where R is singular
   */
  public static double condition(double[] R, double[] inverse, int d) {
    double[] scaled = new double[d * d];
    double[] inverseScaled = new double[d * d];
    for (int j = 0; j < d; j++) {
      double norm = 0;
      for (int i = 0; i <= j; i++) {
        norm = Math.hypot(norm, R[i * d + j]);
      }
      for (int i = 0; i <= j; i++) {
        scaled[i * d + j] = R[i * d + j] / norm;
      }
      for (int k = j; k < d; k++) {
        inverseScaled[j * d + k] = inverse[j * d + k] * norm;
      }
    }
    double condition = norm(scaled, d) * norm(inverseScaled, d);
    return Double.isNaN(condition) ? Double.POSITIVE_INFINITY : Math.max(1, condition);
  }

  /** ||M||_2 by power iteration on M^T M, from below. */
  static double norm(double[] M, int d) {
    double[] v = new double[d];
    Arrays.setAll(v, j -> 1 + 0.5 * Math.sin(j)); // no singular vector that a design has
    double norm = 0;
    for (int k = 0; k < PRODUCTS; k++) {
      double length = length(v);
      double[] u = new double[d];
      double[] next = new double[d];
      for (int i = 0; i < d; i++) {
        for (int j = i; j < d; j++) {
          u[i] += M[i * d + j] * (v[j] / length);
        }
        for (int j = i; j < d; j++) {
          next[j] += M[i * d + j] * u[i];
        }
      }
      norm = length(u);
      if (norm == 0) {
        return 0;
      }
      v = next;
    }
    return norm;
  }

  private static double length(double[] v) {
    double length = 0;
    for (double value : v) {
      length = Math.hypot(length, value);
    }
    return length;
  }
}
