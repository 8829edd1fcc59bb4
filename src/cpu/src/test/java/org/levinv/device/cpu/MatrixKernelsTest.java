package org.levinv.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;

/** Matrices that are cut into tiles, the last one smaller. */
class MatrixKernelsTest {
  private static final int D = 300;

  private static double[] gaussian() {
    Random random = new Random(3);
    double[] M = new double[D * D];
    for (int k = 0; k < M.length; k++) {
      M[k] = random.nextGaussian();
    }
    return M;
  }

  private static Matrix matrix(Workspace space, double[] values) {
    Matrix M = space.matrix(D, D);
    space.device().upload(values, M);
    return M;
  }

  private static double[] values(Workspace space, Matrix M) {
    double[] values = new double[D * D];
    space.device().download(M, values);
    return values;
  }

  /** M^T M + I. */
  private static Matrix definite(Workspace space) {
    Matrix M = matrix(space, gaussian());
    Matrix G = space.matrix(D, D);
    space.device().multiply(M, true, M, false, G);
    space.device().addDiagonal(1, null, G);
    return G;
  }

  /** The product, the factor and its inverse. */
  private static double[][] results(int threads) {
    try (CpuDevice device = new CpuDevice(threads);
        Workspace space = new Workspace(device)) {
      Matrix G = definite(space);
      Matrix R = space.matrix(D, D);
      Matrix inverse = space.matrix(D, D);
      assertEquals(0, device.cholesky(G, R));
      device.invertTriangular(R, inverse);
      return new double[][] {values(space, G), values(space, R), values(space, inverse)};
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void bitsDoNotDependOnThreads(int threads) {
    double[][] alone = results(1);
    double[][] together = results(threads);
    for (int k = 0; k < alone.length; k++) {
      assertArrayEquals(alone[k], together[k], 0);
    }
  }

  @Test
  void factorTimesItsTranspose_isTheMatrix() {
    double[][] found = results(2);
    double[] R = found[1];
    for (int i = 0; i < D; i += 7) {
      for (int j = 0; j < D; j += 7) {
        double sum = 0;
        for (int k = 0; k < D; k++) {
          sum += R[k * D + i] * R[k * D + j];
        }
        assertEquals(found[0][i * D + j], sum, 1e-10);
        assertEquals(0, j < i ? R[i * D + j] : 0);
      }
    }
  }

  @Test
  void triangleTimesItsInverse_isTheIdentity() {
    double[][] found = results(2);
    for (int i = 0; i < D; i += 7) {
      for (int j = 0; j < D; j += 7) {
        double sum = 0;
        for (int k = 0; k < D; k++) {
          sum += found[1][i * D + k] * found[2][k * D + j];
        }
        assertEquals(i == j ? 1 : 0, sum, 1e-11);
        assertEquals(0, j < i ? found[2][i * D + j] : 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 130, 299})
  void leadingMinorThatIsNotPositive_isNamed(int at) {
    try (CpuDevice device = new CpuDevice(2);
        Workspace space = new Workspace(device)) {
      double[] G = values(space, definite(space));
      G[at * D + at] = -1;
      assertEquals(at + 1, device.cholesky(matrix(space, G), space.matrix(D, D)));
    }
  }

  @Test
  void zeroOnTheDiagonal_isNamed() {
    try (CpuDevice device = new CpuDevice(2);
        Workspace space = new Workspace(device)) {
      double[] R = new double[D * D];
      for (int j = 0; j < D; j++) {
        R[j * D + j] = j == 200 ? 0 : 1;
      }
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> device.invertTriangular(matrix(space, R), space.matrix(D, D)));
      assertEquals("R has a zero at diagonal entry 201", e.getMessage());
    }
  }
}
