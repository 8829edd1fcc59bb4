package org.levinv.pass;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.ArrayRows;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/**
 * 0.5 ||sigma(x) - target||^2 and all that belongs to it at a point, by the formulas as they stand
 * in the papers: n x n matrices in arrays, for tests.
 */
public final class DenseLoss {
  public final double[][] A;
  public final double[] x;
  public final int n;
  public final int d;

  /** w = 1 / (A x - b), U = W A, G = U^T U, P = U G^-1 U^T. */
  public final double[] w;

  public final double[][] U;
  public final double[][] G;
  public final double[][] P;
  public final double[] sigma;
  public final double[] r;

  /** L r, L = diag(sigma) - P o P. */
  public final double[] Lr;

  public DenseLoss(PlainProblem problem, double[] target, double[] x) {
    this.x = x.clone();
    A = problem.A();
    n = A.length;
    d = x.length;
    double[] s = PlainProblem.times(A, x);
    w = IntStream.range(0, n).mapToDouble(i -> 1 / (s[i] - problem.b()[i])).toArray();
    U = new double[n][d];
    each(n, d, (i, j) -> U[i][j] = w[i] * A[i][j]);
    G = weighted(ones());
    double[][] right = new double[n][];
    double[][] inverse = inverse(G);
    Arrays.setAll(right, i -> PlainProblem.times(inverse, U[i]));
    P = new double[n][n];
    each(n, n, (i, k) -> P[i][k] = dot(U[i], right[k]));
    sigma = IntStream.range(0, n).mapToDouble(i -> P[i][i]).toArray();
    r = IntStream.range(0, n).mapToDouble(i -> sigma[i] - target[i]).toArray();
    Lr = IntStream.range(0, n).mapToDouble(i -> sigma[i] * r[i] - squares(i)).toArray();
  }

  private double squares(int i) {
    return IntStream.range(0, n).mapToDouble(k -> P[i][k] * P[i][k] * r[k]).sum();
  }

  private double[] ones() {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  public static RowStore store(PlainProblem problem, double[] target, Device device) {
    return LeafStore.resident(
        ProblemRows.of(ArrayRows.of(problem.A()))
            .with(Field.OFFSET, VectorSource.of("b", problem.b()))
            .with(Field.TARGET, VectorSource.of("target", target)),
        device);
  }

  /** U^T diag(u) U. */
  public double[][] weighted(double[] u) {
    return Dense.gram(U, i -> u[i]);
  }

  /** -2 U^T L r. */
  public double[] gradient() {
    return IntStream.range(0, d).mapToDouble(j -> -2 * sum(i -> U[i][j] * Lr[i])).toArray();
  }

  /** U^T diag(6 L r - 8 sigma L r) U. */
  public double[][] diagonal() {
    return weighted(
        IntStream.range(0, n).mapToDouble(i -> 6 * Lr[i] - 8 * sigma[i] * Lr[i]).toArray());
  }

  /** sigma_i (1 - sigma_i). */
  public double[] degrees() {
    return Arrays.stream(sigma).map(s -> s * (1 - s)).toArray();
  }

  /**
   * U^T [4 L L + 6 diag(L r) - 4 (diag(r) K + K diag(r)) + 8 Q o P] U, K = P o P, Q = P diag(r) P.
   */
  public double[][] hessian() {
    double[][] H = new double[d][d];
    double[][] LU = new double[n][d];
    each(n, d, (i, j) -> LU[i][j] = sigma[i] * U[i][j] - sum(k -> P[i][k] * P[i][k] * U[k][j]));
    double[][] M = new double[n][n];
    each(
        n,
        n,
        (i, k) -> {
          double Q = sum(l -> P[i][l] * r[l] * P[l][k]);
          double K = P[i][k] * P[i][k];
          M[i][k] = (i == k ? 6 * Lr[i] : 0) - 4 * (r[i] + r[k]) * K + 8 * Q * P[i][k];
        });
    double[][] MU = new double[n][d];
    each(n, d, (i, j) -> MU[i][j] = sum(k -> M[i][k] * U[k][j]));
    each(d, d, (j, l) -> H[j][l] = sum(i -> 4 * LU[i][j] * LU[i][l] + U[i][j] * MU[i][l]));
    return H;
  }

  /** R^-1 row by row, R^T R = G. */
  public double[] inverseR(Device device) {
    return Dense.inverseR(G, device);
  }

  public static double[] download(Matrix M, Device device) {
    double[] values = new double[M.rows() * M.columns()];
    device.download(M, values);
    return values;
  }

  public static double[] flat(double[][] M) {
    return Arrays.stream(M).flatMapToDouble(Arrays::stream).toArray();
  }

  /** Gauss and Jordan, for well-conditioned matrices. */
  public static double[][] inverse(double[][] M) {
    int d = M.length;
    double[][] W = new double[d][2 * d];
    each(d, d, (i, j) -> W[i][j] = M[i][j]);
    for (int i = 0; i < d; i++) {
      W[i][d + i] = 1;
    }
    for (int p = 0; p < d; p++) {
      double pivot = W[p][p];
      for (int j = 0; j < 2 * d; j++) {
        W[p][j] /= pivot;
      }
      for (int i = 0; i < d; i++) {
        double factor = i == p ? 0 : W[i][p];
        for (int j = 0; j < 2 * d; j++) {
          W[i][j] -= factor * W[p][j];
        }
      }
    }
    double[][] inverse = new double[d][];
    Arrays.setAll(inverse, i -> Arrays.copyOfRange(W[i], d, 2 * d));
    return inverse;
  }

  public double sum(java.util.function.IntToDoubleFunction term) {
    return Dense.sum(n, term);
  }

  public static double dot(double[] x, double[] y) {
    return IntStream.range(0, x.length).mapToDouble(j -> x[j] * y[j]).sum();
  }

  /** What is done for each pair of indices. */
  public interface Pair {
    void at(int i, int j);
  }

  public static void each(int rows, int columns, Pair work) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        work.at(i, j);
      }
    }
  }
}
