package org.levinv.method.groups;

/**
 * Scores of diag(s)^-1 A by modified Gram and Schmidt, twice, in plain loops: tests judge by it. It
 * shares nothing with what they test.
 */
final class PlainScores {
  private PlainScores() {}

  static double[] of(HostMatrix A, double[] s) {
    int m = A.rows();
    int d = A.columns();
    double[][] q = new double[d][m];
    for (int j = 0; j < d; j++) {
      for (int i = 0; i < m; i++) {
        q[j][i] = A.get(i, j) / s[i];
      }
    }
    for (int j = 0; j < d; j++) {
      for (int round = 0; round < 3; round++) {
        for (int k = 0; k < j; k++) {
          double c = dot(q[k], q[j]);
          for (int i = 0; i < m; i++) {
            q[j][i] -= c * q[k][i];
          }
        }
        double length = Math.sqrt(dot(q[j], q[j]));
        for (int i = 0; i < m; i++) {
          q[j][i] /= length;
        }
      }
    }
    double[] sigma = new double[m];
    for (double[] column : q) {
      for (int i = 0; i < m; i++) {
        sigma[i] += column[i] * column[i];
      }
    }
    return sigma;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
