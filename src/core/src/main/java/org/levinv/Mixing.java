package org.levinv;

import org.levinv.PlantedProblem.Purpose;
import org.levinv.PlantedProblem.Recipe;

/**
 * T = U diag(s) V^T with random orthogonal U and V, and s geometric from 1 to 1/condition: Gaussian
 * rows times T are ill-conditioned in no direction that the coordinates would show.
 */
final class Mixing {
  private final double[][] U;
  private final double[] s;
  private final double[][] V;
  private final double[][] T;

  private Mixing(double[][] U, double[] s, double[][] V) {
    this.U = U;
    this.s = s;
    this.V = V;
    this.T = product(U, s, V);
  }

  static Mixing of(Recipe recipe) {
    int d = recipe.columns();
    double[] s = new double[d];
    for (int k = 0; k < d; k++) {
      s[k] = d == 1 ? 1 : StrictMath.pow(recipe.condition(), -(double) k / (d - 1));
    }
    return new Mixing(orthogonal(recipe, Purpose.LEFT), s, orthogonal(recipe, Purpose.RIGHT));
  }

  /** a <- a T. */
  void apply(double[] a) {
    int d = a.length;
    double[] row = new double[d];
    for (int k = 0; k < d; k++) {
      double[] tk = T[k];
      double ak = a[k];
      for (int j = 0; j < d; j++) {
        row[j] += ak * tk[j];
      }
    }
    System.arraycopy(row, 0, a, 0, d);
  }

  /** T^-1 y = V diag(1/s) U^T y. */
  double[] solve(double[] y) {
    int d = y.length;
    double[] x = new double[d];
    for (int k = 0; k < d; k++) {
      double coefficient = dot(U[k], y) / s[k];
      for (int j = 0; j < d; j++) {
        x[j] += coefficient * V[k][j];
      }
    }
    return x;
  }

  /** U diag(s) V^T, where U[k] and V[k] are columns. */
  private static double[][] product(double[][] U, double[] s, double[][] V) {
    int d = s.length;
    double[][] T = new double[d][d];
    for (int i = 0; i < d; i++) {
      for (int k = 0; k < d; k++) {
        double factor = U[k][i] * s[k];
        for (int j = 0; j < d; j++) {
          T[i][j] += factor * V[k][j];
        }
      }
    }
    return T;
  }

  /** Orthonormal vectors from Gaussian ones; twice through Gram-Schmidt is enough. */
  private static double[][] orthogonal(Recipe recipe, Purpose purpose) {
    int d = recipe.columns();
    double[][] Q = new double[d][d];
    for (int k = 0; k < d; k++) {
      recipe.draw(purpose, k).normals(Q[k]);
      for (int round = 0; round < 2; round++) {
        orthogonalize(Q, k);
      }
    }
    return Q;
  }

  private static void orthogonalize(double[][] Q, int k) {
    double[] q = Q[k];
    for (int l = 0; l < k; l++) {
      double overlap = dot(Q[l], q);
      for (int j = 0; j < q.length; j++) {
        q[j] -= overlap * Q[l][j];
      }
    }
    double norm = Math.sqrt(dot(q, q));
    for (int j = 0; j < q.length; j++) {
      q[j] /= norm;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }
}
