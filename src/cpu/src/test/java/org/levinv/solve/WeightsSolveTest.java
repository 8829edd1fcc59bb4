package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedModel;
import org.levinv.Problem;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.Weights;
import org.levinv.device.RowSource;

class WeightsSolveTest {

  /** eta is right to this, relatively: rounding of scores, times the condition of the fit. */
  private static final double EXACT = 1e-9;

  private static Problem problem(Inverter inverter, PlantedModel model, Weights weights) {
    double[] h = inverter.scores(RowSource.of(model.A()), model.b(), weights, model.x());
    return Problem.of(model.A(), model.b(), h).with(weights);
  }

  @ParameterizedTest
  @CsvSource({
    "logistic, 60, 20, false, cpu",
    "logistic, 80, 20, true, cpu",
    "logistic, 4000, 10, false, cpu",
    "probit, 40, 10, true, reference",
    "cloglog, 80, 10, false, cpu",
    "cauchy:2, 60, 20, false, reference",
    "student:4, 60, 20, true, cpu",
    "inverse-gaussian, 60, 10, true, cpu",
    "gamma, 60, 10, true, reference"
  })
  void plantedCoefficientsAreRecovered(
      String name, int n, int d, boolean withOffset, String device) {
    Weights weights = Weights.of(name);
    PlantedModel model = PlantedModel.of(weights, n, d, 4, withOffset, 1);
    try (Inverter inverter = Inverter.open(device, 2)) {
      Result result = inverter.invert(problem(inverter, model, weights), Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      boolean mirror = weights.hasMirror() && !withOffset;
      assertEquals(mirror, result.mirror());
      assertTrue(model.error(result.x(), mirror) < EXACT, "error of eta");
    }
  }

  /** Poisson an intercept, gamma and inverse Gaussian without an offset a scale. */
  @ParameterizedTest
  @CsvSource({"poisson, true", "gamma, false", "inverse-gaussian, false"})
  void freeDirectionsAreNamed(String name, boolean withOffset) {
    Weights weights = Weights.of(name);
    PlantedModel model = PlantedModel.of(weights, 100, 5, 3, withOffset, 2);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Result result = inverter.invert(problem(inverter, model, weights), Options.defaults());
      assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
      double[] free = result.freeDirection();
      double[] expected = new double[5];
      expected[0] = 1; // of length 1
      if (!withOffset) {
        double length = Math.sqrt(Arrays.stream(model.x()).map(v -> v * v).sum());
        expected = Arrays.stream(model.x()).map(v -> v / length).toArray();
      }
      double sign = Math.signum(free[0] * expected[0]);
      double[] turned = Arrays.stream(free).map(v -> sign * v).toArray();
      assertArrayEquals(expected, turned, 1e-6);
    }
  }

  /** Rounded hat values: every one agrees with what is printed, and eta is near. */
  @Test
  void printedHatValuesGiveTheCoefficientsAway() {
    Weights weights = Weights.of("logistic");
    PlantedModel model = PlantedModel.of(weights, 500, 5, 5, false, 1);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      double[] h = inverter.scores(RowSource.of(model.A()), model.b(), weights, model.x());
      double[] printed = Arrays.stream(h).map(v -> Math.round(v * 1e4) / 1e4).toArray();
      Result result =
          inverter.invert(
              Problem.of(model.A(), model.b(), printed).with(weights), Options.defaults());
      assertTrue(result.status().usable(), result.message());
      // the standard error that least squares has at 4 decimals is 4.5e-4, and ten are not chance
      assertTrue(model.error(result.x(), true) < 5e-3);
    }
  }

  @Test
  void signsOfThePredictorPickTheMirrorImage() {
    Weights weights = Weights.of("logistic");
    PlantedModel model = PlantedModel.of(weights, 60, 10, 4, false, 3);
    double[] eta = PlantedModel.predictor(model.A(), model.b(), model.x());
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, model, weights);
      Options options = Options.defaults().withSigns(Signs.given(eta));
      Result result = inverter.invert(problem, options);
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(model.error(result.x(), false) < EXACT);
    }
  }

  /** Scores that no logistic model has are never called its hat values. */
  @Test
  void otherScoresAreNoModel() {
    PlantedModel model = PlantedModel.of(Weights.of("logistic"), 60, 5, 4, false, 4);
    double[] h = new double[60];
    for (int i = 0; i < h.length; i++) {
      h[i] = 5 * (1 + i) / 1830.0; // sums to 5
    }
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = Problem.of(model.A(), model.b(), h).with(Weights.of("logistic"));
      assertFalse(inverter.invert(problem, Options.defaults()).status().usable());
    }
  }

  /** Before there is an x the result has none, and says so; afterwards it has a verified one. */
  @Test
  void stoppedAtEachStep_thereIsAnXOrNone() {
    Weights weights = Weights.of("logistic");
    PlantedModel model = PlantedModel.of(weights, 100, 5, 4, false, 6);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      double[] h = inverter.scores(RowSource.of(model.A()), model.b(), weights, model.x());
      double[] printed = Arrays.stream(h).map(v -> Math.round(v * 1e4) / 1e4).toArray();
      Problem problem = Problem.of(model.A(), model.b(), printed).with(weights);
      Set<Boolean> found = new HashSet<>();
      Result result;
      int steps = 0;
      do {
        result = inverter.invert(problem, Options.defaults().withProgress(stopAfter(steps++)));
        if (result.status() == Status.INTERRUPTED) {
          found.add(result.x() != null);
          assertEquals(
              result.x() == null, result.message().endsWith("; no x was found by then"), "words");
          assertEquals(result.x() == null, Double.isNaN(result.relativeResidual()), "verified");
        }
      } while (result.status() == Status.INTERRUPTED);
      assertEquals(Set.of(false, true), found);
    }
  }

  private static Progress stopAfter(int steps) {
    return new Progress() {
      private int heard;

      @Override
      public void step(Step step) {
        heard++;
      }

      @Override
      public boolean stop() {
        return heard >= steps;
      }
    };
  }

  @Test
  void localMethodsAreForTheBarrier() {
    PlantedModel model = PlantedModel.of(Weights.of("logistic"), 60, 5, 4, false, 4);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, model, Weights.of("logistic"));
      Options options = Options.defaults().withStart(model.x());
      assertThrows(InvalidInputException.class, () -> inverter.invert(problem, options));
      assertThrows(
          InvalidInputException.class, () -> inverter.derivatives(problem, model.x(), null));
    }
  }
}
