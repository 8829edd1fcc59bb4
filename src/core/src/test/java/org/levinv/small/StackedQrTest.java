package org.levinv.small;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StackedQrTest {

  /** R^T R is the sum of both, to some d roundings of terms of order 1. */
  @Test
  void theGramMatrixIsTheSumOfBoth() {
    SplittableRandom random = new SplittableRandom(5);
    for (int d : new int[] {1, 2, 3, 7, 20}) {
      double[] R = triangle(d, random);
      double[] S = triangle(d, random);
      double[] expected = gram(R, d);
      double[] more = gram(S, d);
      for (int k = 0; k < d * d; k++) {
        expected[k] += more[k];
      }
      StackedQr.merge(R, S, d);
      assertArrayEquals(expected, gram(R, d), 1e-13 * d);
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < i; j++) {
          assertEquals(0, R[i * d + j], "below the diagonal");
        }
      }
    }
  }

  /** Leaves may have fewer rows than columns, and rows of zeros. */
  @Test
  void zerosAreMerged() {
    double[] R = {0, 0, 0, 0};
    StackedQr.merge(R, new double[] {3, 4, 0, 5}, 2);
    assertArrayEquals(new double[] {9, 12, 12, 41}, gram(R, 2), 1e-13);
    StackedQr.merge(R, new double[4], 2);
    assertArrayEquals(new double[] {9, 12, 12, 41}, gram(R, 2), 1e-13);
  }

  /** Columns whose squares would leave the range of doubles. */
  @Test
  void sizesFarFromOneAreMerged() {
    for (double size : new double[] {1e-200, 1e200}) {
      double[] R = {3 * size};
      StackedQr.merge(R, new double[] {4 * size}, 1);
      assertEquals(5, Math.abs(R[0]) / size, 1e-15 * 5);
    }
  }

  private static double[] triangle(int d, SplittableRandom random) {
    double[] R = new double[d * d];
    for (int i = 0; i < d; i++) {
      for (int j = i; j < d; j++) {
        R[i * d + j] = random.nextDouble(-1, 1);
      }
    }
    return R;
  }

  private static double[] gram(double[] R, int d) {
    double[] G = new double[d * d];
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          G[i * d + j] += R[k * d + i] * R[k * d + j];
        }
      }
    }
    return G;
  }
}
