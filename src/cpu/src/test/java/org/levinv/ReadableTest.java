package org.levinv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.levinv.device.RowSource;

/** All that a program asks for takes arrays, and says in words what it is. */
class ReadableTest {
  private static final double[][] A = {{1, 0}, {0, 1}, {1, 1}, {1, 2}, {2, 1}, {3, -1}};
  private static final double[] B = {-1, -1, -2, -1, -3, -2};
  private static final double[] X = {1, 2};

  @Test
  void everyEntry_takesArraysAndIsReadable() {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] sigma = inverter.scores(A, B, X);
      Problem problem = Problem.of(A, B, sigma);
      GradientProblem gradient = GradientProblem.of(A, B, new double[] {1, 1});
      Options options = Options.builder().signs(Signs.positive()).start(X).build();
      List<Object> all =
          List.of(
              problem,
              gradient,
              options,
              inverter.invert(problem, options),
              inverter.invertAll(A, B, List.of(sigma, sigma), options),
              inverter.invertGradient(gradient, options),
              inverter.scale(A, sigma, options),
              inverter.tyler(A, options),
              inverter.tyler(A, Tyler.aboutOrigin(), options),
              inverter.derivatives(problem, X, null),
              inverter.estimate(RowSource.of(A), options),
              new Standing(Standing.Stage.LEAST_SQUARES, 1, 2, X, 3, 4));
      for (Object one : all) {
        assertTrue(!one.toString().matches("(?s).*\\[[DJ]@.*"), one.toString());
      }
      assertEquals("matrix, 6 x 2, weights barrier", problem.toString());
      assertEquals(
          "least squares after 1 search and 2 attempts, work 3.0, 4.00 s",
          all.get(all.size() - 1).toString());
      assertArrayEquals(inverter.hatValues(RowSource.of(A)), inverter.hatValues(A));
    }
  }
}
