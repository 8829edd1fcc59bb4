package org.levinv.small;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LanczosTest {
  private static final double[][] B = {{4, 1, 0}, {1, 3, -1}, {0, -1, 2}};

  private static double[] times(double[] v) {
    double[] y = new double[3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        y[i] += B[i][j] * v[j];
      }
    }
    return y;
  }

  /** T = Q^T B Q with orthonormal Q, to some roundings. */
  @Test
  void reducesToTridiagonal() {
    Lanczos lanczos = Lanczos.of(LanczosTest::times, new double[] {1, 2, 3}, 5);
    double[][] Q = lanczos.basis();
    assertEquals(3, Q.length);
    for (int i = 0; i < 3; i++) {
      double[] image = times(Q[i]);
      for (int j = 0; j < 3; j++) {
        double product = 0;
        double overlap = 0;
        for (int k = 0; k < 3; k++) {
          product += Q[j][k] * image[k];
          overlap += Q[i][k] * Q[j][k];
        }
        assertEquals(product, lanczos.T()[j * 3 + i], 1e-14);
        assertEquals(i == j ? 1 : 0, overlap, 1e-14);
      }
    }
    assertEquals(9, lanczos.T()[0] + lanczos.T()[4] + lanczos.T()[8], 1e-13); // the trace
  }

  /** A start in an invariant subspace ends there. */
  @Test
  void endsWhereTheSpaceIsExhausted() {
    Lanczos lanczos = Lanczos.of(v -> new double[] {2 * v[0], 5 * v[1]}, new double[] {0, 3}, 2);
    assertEquals(1, lanczos.basis().length);
    assertArrayEquals(new double[] {5}, lanczos.T(), 1e-15);
    assertArrayEquals(new double[] {0, 2}, lanczos.combine(new double[] {2}), 1e-15);
  }
}
