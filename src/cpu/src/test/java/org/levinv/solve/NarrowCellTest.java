package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;

/**
 * Noisy scores of an x between pairs of near walls. The first placement is far from x there, and a
 * descent of least squares from it does not arrive.
 */
class NarrowCellTest {
  private static final double WIDTH = 1e-4;

  @ParameterizedTest
  @CsvSource({
    "70, 12, 3, 1e-6, true",
    "150, 6, 2, 1e-3, true",
    "60, 8, 3, 1e-5, true",
    "250, 12, 4, 1e-6, false",
    "600, 6, 2, 1e-4, false"
  })
  void leastSquaresDoesNotSearch(int n, int d, int pairs, double noise, boolean isKnown) {
    Random random = new Random(n);
    double[][] A = new double[n][d];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        A[i][j] = i < 2 * pairs && i % 2 == 1 ? -A[i - 1][j] : random.nextGaussian();
      }
    }
    double[] x = random.doubles(d, -1, 1).toArray();
    double[] b = new double[n];
    double[] signs = new double[n];
    for (int i = 0; i < n; i++) {
      double s = i < 2 * pairs ? WIDTH * (1 + random.nextDouble()) : random.nextGaussian();
      b[i] = dot(A[i], x) - s;
      signs[i] = Math.signum(s);
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] sigma = inverter.scores(A, b, x);
      Arrays.setAll(sigma, i -> sigma[i] * (1 + noise * random.nextGaussian()));
      Options options =
          Options.defaults().withSigns(isKnown ? Signs.given(signs) : Signs.unknown());
      Result result = inverter.invert(Problem.of(A, b, sigma), options);
      assertEquals(Status.INCONSISTENT_TARGET, result.status(), result.message());
      assertTrue(result.relativeResidual() < 1.2 * noise, "" + result.relativeResidual());
      for (int i = 0; i < n; i++) { // walls far off and near: what the noise leaves of each slack
        double s = dot(A[i], x) - b[i];
        assertEquals(1, (dot(A[i], result.x()) - b[i]) / s, 200 * noise, "slack " + i);
      }
    }
  }

  private static double dot(double[] a, double[] x) {
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      sum += a[j] * x[j];
    }
    return sum;
  }
}
