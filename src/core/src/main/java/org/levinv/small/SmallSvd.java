package org.levinv.small;

/**
 * The singular value decomposition M V = U diag(values) of a small square matrix on the host, by
 * one-sided Jacobi rotations: pairs of columns are turned until all are orthogonal. Small singular
 * values come out with high relative accuracy. James Demmel and Kresimir Veselic, "Jacobi's Method
 * is More Accurate than QR", 1992.
 */
public final class SmallSvd {
  private static final int MOST_SWEEPS = 60;
  private static final double ORTHOGONAL = 1e-15;

  private final double[][] columns;
  private final double[][] right;

  /** Decomposes M, k x k, which is left as it is. */
  public SmallSvd(double[][] M) {
    int k = M.length;
    columns = new double[k][k];
    right = new double[k][k];
    for (int j = 0; j < k; j++) {
      right[j][j] = 1;
      for (int i = 0; i < k; i++) {
        columns[j][i] = M[i][j];
      }
    }
    boolean turned = true;
    for (int sweep = 0; turned && sweep < MOST_SWEEPS; sweep++) {
      turned = false;
      for (int p = 0; p < k; p++) {
        for (int q = p + 1; q < k; q++) {
          turned |= orthogonalize(p, q);
        }
      }
    }
  }

  private boolean orthogonalize(int p, int q) {
    double alpha = dot(columns[p], columns[p]);
    double beta = dot(columns[q], columns[q]);
    double gamma = dot(columns[p], columns[q]);
    if (gamma == 0 || Math.abs(gamma) <= ORTHOGONAL * Math.sqrt(alpha * beta)) {
      return false;
    }
    double zeta = (beta - alpha) / (2 * gamma);
    double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
    double c = 1 / Math.hypot(1, t);
    rotate(columns[p], columns[q], c, c * t);
    rotate(right[p], right[q], c, c * t);
    return true;
  }

  private static void rotate(double[] x, double[] y, double c, double s) {
    for (int i = 0; i < x.length; i++) {
      double old = x[i];
      x[i] = c * old - s * y[i];
      y[i] = s * old + c * y[i];
    }
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  /** The singular values, in no order; each belongs to the right vector of its number. */
  public double[] values() {
    double[] values = new double[columns.length];
    for (int j = 0; j < values.length; j++) {
      values[j] = Math.sqrt(dot(columns[j], columns[j]));
    }
    return values;
  }

  /**
   * The shortest z that minimises ||M z - y||, where singular values up to {@code cutoff} times the
   * largest count as zero.
   */
  public double[] leastSquares(double[] y, double cutoff) {
    double[] values = values();
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, value);
    }
    double[] z = new double[values.length];
    for (int j = 0; j < z.length; j++) {
      if (values[j] > cutoff * largest) {
        double coefficient =
            dot(columns[j], y) / (values[j] * values[j]); // z = V diag(1/values) U^T y
        for (int i = 0; i < z.length; i++) {
          z[i] += coefficient * right[j][i];
        }
      }
    }
    return z;
  }
}
