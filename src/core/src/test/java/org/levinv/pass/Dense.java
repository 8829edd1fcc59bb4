package org.levinv.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/** Sums over rows by plain loops, which passes are compared with. */
public final class Dense {
  private Dense() {}

  public static double sum(int n, IntToDoubleFunction term) {
    return IntStream.range(0, n).mapToDouble(term).sum();
  }

  /** A^T diag(u) A. */
  public static double[][] gram(double[][] A, IntToDoubleFunction u) {
    int d = A[0].length;
    double[][] C = new double[d][d];
    DenseLoss.each(
        d, d, (j, l) -> C[j][l] = sum(A.length, i -> u.applyAsDouble(i) * A[i][j] * A[i][l]));
    return C;
  }

  /** A^T u. */
  public static double[] sums(double[][] A, IntToDoubleFunction u) {
    return IntStream.range(0, A[0].length)
        .mapToDouble(j -> sum(A.length, i -> u.applyAsDouble(i) * A[i][j]))
        .toArray();
  }

  public static double[][] product(double[][] M, double[][] N) {
    double[][] C = new double[M.length][N[0].length];
    DenseLoss.each(
        M.length, N[0].length, (i, j) -> C[i][j] = sum(N.length, k -> M[i][k] * N[k][j]));
    return C;
  }

  /** R^-1 row by row, R^T R = G. */
  public static double[] inverseR(double[][] G, Device device) {
    int d = G.length;
    try (Workspace space = new Workspace(device)) {
      Matrix gram = space.matrix(d, d);
      Matrix R = space.matrix(d, d);
      device.upload(DenseLoss.flat(G), gram);
      device.cholesky(gram, R);
      device.invertTriangular(R, gram);
      return DenseLoss.download(gram, device);
    }
  }

  public static double logit(double p) {
    return Math.log(p / (1 - p));
  }

  /** (logit(target) - logit(sigma)) / 2, at most 2 either way. */
  public static double logitStep(double target, double sigma) {
    return Math.max(-2, Math.min(2, 0.5 * (logit(target) - logit(sigma))));
  }

  public static double[] download(Vector v, Device device) {
    double[] values = new double[(int) v.length()];
    device.download(v, values);
    return values;
  }

  /** Each to a part of the largest. */
  public static void assertClose(double[] expected, double[] found, double tolerance) {
    double size = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertArrayEquals(expected, found, tolerance * size);
  }
}
