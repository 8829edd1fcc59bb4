package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.Audit;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.PlantedModel;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.VectorSource;
import org.levinv.Weights;

class AuditTest {
  private static final int SEEDS = 20;

  /** What is predicted is what a solve then gets, over some problems: half as much more or less. */
  @ParameterizedTest
  @CsvSource({
    "logistic, 200, 4, 2",
    "logistic, 200, 4, 4",
    "probit, 200, 4, 3",
    "cloglog, 300, 5, 4",
    "cauchy, 200, 4, 6",
    "barrier, 200, 4, 2"
  })
  void predictedErrorsAreThoseOfASolve(String name, int n, int d, int digits) {
    Weights weights = Weights.of(name);
    double predicted = 0;
    double actual = 0;
    double power = Math.pow(10, digits);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      for (int seed = 0; seed < SEEDS; seed++) {
        PlantedModel planted = PlantedModel.of(weights, n, d, 4, true, seed);
        Model model = planted.model(weights);
        Audit audit = inverter.audit(model, planted.solution(), Options.defaults());
        Audit.Decimals told = audit.decimals().get(digits - 2);
        assertEquals(digits, told.digits());
        predicted = Math.hypot(predicted, told.relativeEtaError());
        double[] h = inverter.scores(model, planted.solution());
        double[] printed = Arrays.stream(h).map(v -> Math.rint(v * power) / power).toArray();
        Problem problem = new Problem(model, VectorSource.of("scores", printed));
        Result result = inverter.invert(problem, Options.defaults().withDigits(digits));
        actual = Math.hypot(actual, planted.error(result.x(), false));
      }
    }
    assertTrue(actual < 1.5 * predicted && predicted < 1.5 * actual, predicted + ", " + actual);
  }
}
