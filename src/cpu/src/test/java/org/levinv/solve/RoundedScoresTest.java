package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.PlantedModel;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.Weights;

/** Scores of which the decimals are known leave less open than least squares says. */
class RoundedScoresTest {
  private static final int N = 500;
  private static final int D = 5;
  private static final int DIGITS = 4;
  private static final int SEEDS = 6;

  /** Told the decimals, x is nearer to the truth, and its errors are right. */
  @ParameterizedTest
  @ValueSource(strings = {"logistic", "barrier"})
  void knownDecimalsAreWorthMoreThanLeastSquares(String name) {
    double[] unknown = new double[SEEDS];
    double[] known = new double[SEEDS];
    int within = 0;
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      for (int seed = 0; seed < SEEDS; seed++) {
        Planted planted = planted(Weights.of(name), seed);
        Problem problem = planted.printed(inverter);
        Result squares = inverter.invert(problem, Options.defaults());
        Result result = inverter.invert(problem, Options.defaults().withDigits(DIGITS));
        assertEquals(Status.CONVERGED, result.status(), result.message());
        assertTrue(result.method().endsWith(", rounding"), result.method());
        assertEquals(1, result.method().split(", rounding", -1).length - 1, result.method());
        unknown[seed] = planted.error(squares.x());
        known[seed] = planted.error(result.x());
        for (int j = 0; j < D; j++) {
          within += Math.abs(result.x()[j] - planted.x[j]) <= 2 * result.xError()[j] ? 1 : 0;
        }
      }
    }
    Arrays.sort(unknown);
    Arrays.sort(known);
    // 3 times for these models and 2.6 for the barrier in the median of more
    assertTrue(known[SEEDS / 2] < 0.7 * unknown[SEEDS / 2], Arrays.toString(known));
    assertTrue(within >= 0.85 * SEEDS * D, within + " within two errors"); // 95% and chance
  }

  /**
   * Decimals tell more of what scores determine where they leave something free, too: the slopes of
   * a Poisson model, whose intercept no hat value shows.
   */
  @Test
  void knownDecimalsServeWhatIsDetermined() {
    Weights weights = Weights.of("poisson");
    double[] ratio = new double[SEEDS];
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      for (int seed = 0; seed < SEEDS; seed++) {
        PlantedModel model = PlantedModel.of(weights, N, D, 2, false, seed);
        Planted planted = new Planted(model.model(weights), model.solution());
        Problem problem = planted.printed(inverter);
        Result squares = inverter.invert(problem, Options.defaults());
        Result result = inverter.invert(problem, Options.defaults().withDigits(DIGITS));
        assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
        assertTrue(result.method().endsWith(", rounding"), result.method());
        assertEquals(1, result.method().split(", rounding", -1).length - 1, result.method());
        assertNull(result.xError());
        assertArrayEquals(new double[] {1, 0, 0, 0, 0}, absolute(result.freeDirection()), 1e-6);
        ratio[seed] = slopes(result.x(), planted.x) / slopes(squares.x(), planted.x);
      }
    }
    Arrays.sort(ratio);
    assertTrue(ratio[SEEDS / 2] < 0.7, Arrays.toString(ratio));
  }

  /** The distance of all but the intercept. */
  private static double slopes(double[] x, double[] y) {
    double sum = 0;
    for (int j = 1; j < x.length; j++) {
      sum = Math.hypot(sum, x[j] - y[j]);
    }
    return sum;
  }

  private static double[] absolute(double[] v) {
    return Arrays.stream(v).map(Math::abs).toArray();
  }

  /** Where scores do not round to what is printed, nothing is made of their decimals. */
  @Test
  void otherErrorsThanRoundingAreLeftToLeastSquares() {
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Planted planted = planted(Weights.of("logistic"), 1);
      double[] h = planted.scores(inverter);
      h[3] += 2e-4; // twice what is said of all
      Problem problem = new Problem(planted.model, VectorSource.of("scores", rounded(h)));
      Result result = inverter.invert(problem, Options.defaults().withDigits(DIGITS));
      assertTrue(!result.method().contains("rounding"), result.method());
    }
  }

  private record Planted(Model model, double[] x) {
    double[] scores(Inverter inverter) {
      return inverter.scores(model, x);
    }

    Problem printed(Inverter inverter) {
      return new Problem(model, VectorSource.of("scores", rounded(scores(inverter))));
    }

    double error(double[] y) {
      double sum = 0;
      double[] a = new double[D];
      for (int i = 0; i < N; i++) {
        model.A().read(i, 1, a);
        double move = 0;
        for (int j = 0; j < D; j++) {
          move += a[j] * (y[j] - x[j]);
        }
        sum = Math.hypot(sum, move);
      }
      return sum;
    }
  }

  private static double[] rounded(double[] h) {
    return Arrays.stream(h).map(v -> Math.rint(v * 1e4) / 1e4).toArray();
  }

  private static Planted planted(Weights weights, long seed) {
    if (weights.isBarrier()) {
      PlantedProblem problem =
          PlantedProblem.of(Recipe.of(N, D).withKind(Kind.MIXED).withSeed(seed));
      return new Planted(
          new Model(problem.matrix(), problem.offset(), weights), problem.solution());
    }
    PlantedModel model = PlantedModel.of(weights, N, D, 5, true, seed);
    return new Planted(model.model(weights), model.solution());
  }
}
