package org.levinv.small;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * The Lanczos iteration for a symmetric operator that is known by its products (Cornelius Lanczos,
 * 1950), with full reorthogonalisation: exact after d steps.
 *
 * @param basis k orthonormal vectors q_j of d entries
 * @param T k x k, tridiagonal, row by row: Q^T B Q
 */
public record Lanczos(double[][] basis, double[] T) {

  /** What is left of a vector, relative to the operator, where the space is exhausted. */
  private static final double NOTHING = 1e-14;

  /** At most {@code most} products, from a start of d entries. */
  public static Lanczos of(UnaryOperator<double[]> operator, double[] start, int most) {
    int d = start.length;
    int steps = Math.min(d, most);
    double[][] Q = new double[steps][];
    double[][] T = new double[steps][steps];
    double[] q = start.clone();
    scale(q, 1 / norm(q));
    int k = 0;
    while (k < steps) {
      Q[k] = q;
      double[] next = operator.apply(q);
      for (int round = 0; round < 2; round++) {
        for (int j = 0; j <= k; j++) {
          double overlap = dot(Q[j], next);
          if (round == 0 && j == k) {
            T[k][k] = overlap;
          }
          for (int i = 0; i < d; i++) {
            next[i] -= overlap * Q[j][i];
          }
        }
      }
      double beta = norm(next);
      k++;
      if (k == steps || !(beta > NOTHING * Math.abs(T[0][0]))) {
        break;
      }
      T[k - 1][k] = beta;
      T[k][k - 1] = beta;
      scale(next, 1 / beta);
      q = next;
    }
    double[] flat = new double[k * k];
    for (int i = 0; i < k; i++) {
      System.arraycopy(T[i], 0, flat, i * k, k);
    }
    return new Lanczos(Arrays.copyOf(Q, k), flat);
  }

  /** The vector of d entries with these coordinates in the basis. */
  public double[] combine(double[] coordinates) {
    double[] v = new double[basis[0].length];
    for (int j = 0; j < basis.length; j++) {
      for (int i = 0; i < v.length; i++) {
        v[i] += coordinates[j] * basis[j][i];
      }
    }
    return v;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] v) {
    return Math.sqrt(dot(v, v));
  }

  private static void scale(double[] v, double factor) {
    for (int i = 0; i < v.length; i++) {
      v[i] *= factor;
    }
  }
}
