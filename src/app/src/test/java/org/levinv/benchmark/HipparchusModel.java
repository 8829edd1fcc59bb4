package org.levinv.benchmark;

import org.hipparchus.linear.BlockRealMatrix;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/** Scores and Jacobian by Hipparchus' own matrices: what its users have without levinv. */
final class HipparchusModel implements LocalModel {

  /** Rows of P at a time. */
  private static final int ROWS = 500;

  private final double[][] A;
  private final double[] b;
  private final int n;
  private final int d;

  HipparchusModel(double[][] A, double[] b) {
    this.A = A;
    this.b = b;
    n = A.length;
    d = A[0].length;
  }

  @Override
  public Value at(double[] x) {
    RealMatrix weighted = weighted(x);
    RealMatrix G = weighted.transposeMultiply(weighted); // G = A^T W^2 A = L L^T
    RealMatrix L = new CholeskyDecomposition(G, 1e-12, 0).getL();
    RealMatrix V = weighted.multiplyTransposed(MatrixUtils.inverse(L)); // P = V V^T
    double[] sigma = new double[n];
    double[][] jacobian = new double[n][];
    for (int first = 0; first < n; first += ROWS) {
      int last = Math.min(n, first + ROWS) - 1;
      double[][] P = V.getSubMatrix(first, last, 0, d - 1).multiplyTransposed(V).getData();
      for (int i = first; i <= last; i++) {
        double[] row = P[i - first];
        sigma[i] = row[i];
        for (int k = 0; k < n; k++) {
          row[k] = 2 * row[k] * row[k];
        }
        row[i] -= 2 * sigma[i]; // -2 L
      }
      double[][] J = new BlockRealMatrix(P).multiply(weighted).getData(); // -2 L W A
      System.arraycopy(J, 0, jacobian, first, J.length);
    }
    return new Value(sigma, jacobian);
  }

  /** W A. */
  private RealMatrix weighted(double[] x) {
    double[][] rows = new double[n][d];
    for (int i = 0; i < n; i++) {
      double s = -b[i];
      for (int j = 0; j < d; j++) {
        s += A[i][j] * x[j];
      }
      for (int j = 0; j < d; j++) {
        rows[i][j] = A[i][j] / s;
      }
    }
    return new BlockRealMatrix(rows);
  }
}
