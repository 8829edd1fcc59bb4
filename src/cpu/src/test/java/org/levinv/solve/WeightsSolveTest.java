package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.Orientation;
import org.levinv.PlantedModel;
import org.levinv.Problem;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.ScoreNoise;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.RowSource;

class WeightsSolveTest {

  /** eta is right to this, relatively: rounding of scores, times the condition of the fit. */
  private static final double EXACT = 1e-9;

  private static Problem problem(PlantedModel model, Weights weights, double[] h) {
    return new Problem(model.model(weights), VectorSource.of("scores", h));
  }

  private static Problem problem(Inverter inverter, PlantedModel model, Weights weights) {
    double[] h = inverter.scores(model.model(weights), model.solution());
    return problem(model, weights, h);
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
        double length = Math.sqrt(Arrays.stream(model.solution()).map(v -> v * v).sum());
        expected = Arrays.stream(model.solution()).map(v -> v / length).toArray();
      }
      double sign = Math.signum(free[0] * expected[0]);
      double[] turned = Arrays.stream(free).map(v -> sign * v).toArray();
      assertArrayEquals(expected, turned, 1e-6);
    }
  }

  /** Hat values of rows as they were before they were rounded to floats. */
  @Test
  void rowsInSinglePrecisionAreSeen() {
    Weights weights = Weights.of("logistic");
    PlantedModel planted = PlantedModel.of(weights, 200, 4, 3, false, 1);
    Model model = planted.model(weights);
    double[] entries = new double[200 * 4];
    model.A().readShared(0, 200, entries);
    float[] floats = new float[entries.length];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = (float) entries[k];
    }
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      double[] h = inverter.scores(model, planted.solution());
      Model rounded = new Model(RowSource.of(floats, 4), model.b(), weights);
      Result result = inverter.invert(problem(rounded, h), Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(result.warnings().toString().contains("single precision"), "" + result.warnings());
      assertEquals(ScoreNoise.Source.ROUNDING, result.scoreNoise().source());
      assertTrue(result.work() < 300, result.toString());
      double sign = Math.signum(result.x()[0] * planted.solution()[0]);
      for (int j = 0; j < 4; j++) {
        assertEquals(planted.solution()[j], sign * result.x()[j], 5 * result.xError()[j]);
        assertTrue(result.xError()[j] < 1e-6, "error " + result.xError()[j]);
      }
      h[7] *= 1.001;
      Result other = inverter.invert(problem(rounded, h), Options.defaults());
      assertFalse(
          other.warnings().toString().contains("single precision"),
          "rounding explains no error of a hat value");
    }
  }

  /**
   * Scores down to 1e-60, one of them wrong: no noise is so small that it leaves all of them above
   * 0 but in proportion to each, and what is said of it are numbers.
   */
  @Test
  void whatIsSaidOfTinyScoresAreNumbers() {
    Weights weights = Weights.of("cloglog");
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      for (int seed = 0; seed < 4; seed++) {
        Random random = new Random(seed);
        double[] entries = new double[200 * 3];
        Arrays.setAll(entries, k -> k % 3 == 0 ? 1 : random.nextGaussian());
        VectorSource zero = VectorSource.constant("b", 200, 0);
        Model model = new Model(RowSource.of(entries, 3), zero, weights);
        double[] h = inverter.scores(model, new double[] {1, 1.6, 0.8});
        assertTrue(Arrays.stream(h).min().orElseThrow() < 1e-40, "tiny scores");
        h[17] *= 1.5;
        Result result = inverter.invert(problem(model, h), Options.defaults());
        assertFalse(result.message().matches(".*(Infinity|NaN).*"), result.message());
      }
    }
  }

  /** Hat values of rows as they were before they were rounded to half precision. */
  @Test
  void rowsInHalfPrecisionAreSeen() {
    Weights weights = Weights.of("logistic");
    PlantedModel planted = PlantedModel.of(weights, 200, 4, 3, false, 1);
    Model model = planted.model(weights);
    double[] entries = new double[200 * 4];
    model.A().readShared(0, 200, entries);
    for (int k = 0; k < entries.length; k++) {
      double unit = Math.scalb(1.0, Math.getExponent(entries[k]) - 10);
      entries[k] = unit * Math.rint(entries[k] / unit);
    }
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      double[] h = inverter.scores(model, planted.solution());
      Model rounded = new Model(RowSource.of(entries, 4), model.b(), weights);
      Result result = inverter.invert(problem(rounded, h), Options.defaults());
      assertTrue(result.status().usable(), result.message());
      assertTrue(result.warnings().toString().contains("half precision"), "" + result.warnings());
      double sign = Math.signum(result.x()[0] * planted.solution()[0]);
      for (int j = 0; j < 4; j++) {
        assertEquals(planted.solution()[j], sign * result.x()[j], 5 * result.xError()[j]);
        assertTrue(result.xError()[j] < 1e-2, "error " + result.xError()[j]);
      }
    }
  }

  private static Problem problem(Model model, double[] h) {
    return new Problem(model, VectorSource.of("scores", h));
  }

  /** Rounded hat values: every one agrees with what is printed, and eta is near. */
  @Test
  void printedHatValuesGiveTheCoefficientsAway() {
    Weights weights = Weights.of("logistic");
    PlantedModel model = PlantedModel.of(weights, 500, 5, 5, false, 1);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      double[] h = inverter.scores(model.model(weights), model.solution());
      double[] printed = Arrays.stream(h).map(v -> Math.round(v * 1e4) / 1e4).toArray();
      Result result = inverter.invert(problem(model, weights, printed), Options.defaults());
      assertTrue(result.status().usable(), result.message());
      // the standard error that least squares has at 4 decimals is 4.5e-4, and ten are not chance
      assertTrue(model.error(result.x(), true) < 5e-3);
    }
  }

  /** So few scores may be round by accident; residuals of their optimum bear them out. */
  @Test
  void fewPrintedHatValuesAreExplainedByTheirDigits() {
    Weights weights = Weights.of("logistic");
    PlantedModel model = PlantedModel.of(weights, 18, 3, 3, false, 1);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] h = inverter.scores(model.model(weights), model.solution());
      double[] printed = Arrays.stream(h).map(v -> Math.round(v * 1e4) / 1e4).toArray();
      Result result = inverter.invert(problem(model, weights, printed), Options.defaults());
      assertEquals(Status.INCONSISTENT_TARGET, result.status(), result.message());
      assertEquals(ScoreNoise.Source.ESTIMATED, result.scoreNoise().source());
      assertEquals(0.5e-4, result.scoreNoise().value(), 1e-15);
    }
  }

  /**
   * A survey's answers in columns of a few values each, and a rare outcome: the hat values have an
   * optimum near -x that looks like noise of a tenth of each, which four decimals rule out.
   */
  @ParameterizedTest
  @ValueSource(longs = {6, 8})
  void detectedDigitsTellTheFitOfASurvey(long seed) {
    Random random = new Random(seed);
    int n = 600;
    double[] x = {2.4, -0.55, -0.045, 0.085, -0.01, -0.28, -0.03, 0.12, 0.01};
    double[][] A = new double[n][];
    for (int i = 0; i < n; i++) {
      double age = 17.5 + 5 * random.nextInt(6);
      double married = Math.max(0.5, age - 20 + 3 * random.nextInt(3));
      A[i] =
          new double[] {
            1,
            Math.max(1, 5 - (int) Math.abs(1.2 * random.nextGaussian())),
            age,
            married,
            Math.round(married / 6),
            1 + random.nextInt(4),
            9 + random.nextInt(12),
            1 + random.nextInt(6),
            1 + random.nextInt(6)
          };
    }
    Model model = Model.of(A, new double[n], Weights.of("cloglog"));
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] h = inverter.scores(model, x);
      double[] printed = Arrays.stream(h).map(v -> Math.round(v * 1e4) / 1e4).toArray();
      Result result =
          inverter.invert(
              new Problem(model, VectorSource.of("scores", printed)), Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      for (int j = 0; j < x.length; j++) {
        assertEquals(x[j], result.x()[j], 4 * result.xError()[j]);
      }
    }
  }

  @Test
  void signsOfThePredictorPickTheMirrorImage() {
    Weights weights = Weights.of("logistic");
    PlantedModel model = PlantedModel.of(weights, 60, 10, 4, false, 3);
    double[] eta = model.predictor(model.solution());
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, model, weights);
      Options options = Options.defaults().withSigns(Signs.given(eta));
      Result result = inverter.invert(problem, options);
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(model.error(result.x(), false) < EXACT);
    }
  }

  /** The hat values of a fit with prior weights v are those of rows that count v times. */
  @ParameterizedTest
  @CsvSource({"logistic, false", "cloglog, true", "poisson, true", "gamma, true"})
  void priorWeightsBelongToTheModel(String name, boolean withOffset) {
    Weights weights = Weights.of(name);
    PlantedModel planted = PlantedModel.of(weights, 120, 6, 3, withOffset, 5);
    double[] v = new double[120];
    Arrays.setAll(v, i -> Math.exp(Math.sin(i))); // from 0.37 to 2.7
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Model model = planted.model(weights).withPriorWeights(VectorSource.of("v", v));
      double[] h = inverter.scores(model, planted.solution());
      double[] rooted = new double[120];
      double[] eta = planted.predictor(planted.solution());
      Arrays.setAll(rooted, i -> Math.sqrt(v[i]) * Math.exp(weights.log(eta[i])));
      assertArrayEquals(hatValues(inverter, planted, rooted), h, 1e-13);
      Problem problem = new Problem(model, VectorSource.of("scores", h));
      Result result = inverter.invert(problem, Options.defaults());
      if (weights.shape() == Weights.Shape.EXPONENTIAL) {
        assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
        double[] x = result.x();
        x[0] = planted.solution()[0]; // the intercept, which is free
        assertTrue(planted.error(x, false) < EXACT);
        return;
      }
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(planted.error(result.x(), result.mirror()) < EXACT);
    }
  }

  private static double[] hatValues(Inverter inverter, PlantedModel planted, double[] w) {
    double[] h = new double[w.length];
    assertDoesNotThrow(
        () ->
            inverter.hatValues(
                planted.matrix(),
                VectorSource.of("w", w),
                Options.defaults(),
                (first, count, values) -> System.arraycopy(values, 0, h, (int) first, count)));
    return h;
  }

  /** diag(sqrt(v) / (A x - b)) A: no scaling of rows takes v away. */
  @ParameterizedTest
  @CsvSource({
    "80, 10, auto, cpu",
    "80, 10, positive, reference",
    "80, 10, mixed, cpu",
    "60, 20, given, cpu",
    "3000, 5, mixed, cpu"
  })
  void priorWeightsOfTheBarrier(int n, int d, String signs, String device) {
    Random random = new Random(n);
    boolean inside = signs.equals("auto") || signs.equals("positive");
    double[][] A = new double[n][];
    Arrays.setAll(A, i -> random.doubles(d, -1, 1).toArray());
    double[] x = random.doubles(d, -1, 1).toArray();
    double[] b = new double[n];
    double[] s = new double[n];
    double[] v = new double[n];
    double[] w = new double[n];
    for (int i = 0; i < n; i++) {
      s[i] = random.nextGaussian() + 0.1;
      s[i] = inside ? Math.abs(s[i]) : s[i];
      b[i] = -s[i];
      for (int j = 0; j < d; j++) {
        b[i] += A[i][j] * x[j];
      }
      v[i] = Math.exp(random.nextGaussian());
      w[i] = Math.sqrt(v[i]) / s[i];
    }
    Model model = Model.of(A, b, Weights.BARRIER).withPriorWeights(VectorSource.of("v", v));
    try (Inverter inverter = Inverter.open(device, 2)) {
      double[] h = inverter.scores(model, x);
      double[] expected = new double[n];
      assertDoesNotThrow(
          () ->
              inverter.hatValues(
                  RowSource.of(A),
                  VectorSource.of("w", w),
                  Options.defaults(),
                  (first, count, part) -> System.arraycopy(part, 0, expected, (int) first, count)));
      assertArrayEquals(expected, h, 1e-12);
      Options options =
          switch (signs) {
            case "positive" -> Options.defaults().withSigns(Signs.positive());
            case "given" -> Options.defaults().withSigns(Signs.given(s));
            default -> Options.defaults();
          };
      Problem problem = new Problem(model, VectorSource.of("scores", h));
      Result result = inverter.invert(problem, options);
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals("barrier", result.weights().name());
      assertArrayEquals(x, result.x(), 1e-8);
    }
  }

  @Test
  void priorWeightsThatCannotBeAreRefused() {
    PlantedModel planted = PlantedModel.of(Weights.of("logistic"), 60, 4, 3, false, 5);
    double[] v = new double[60];
    Arrays.fill(v, 1);
    v[7] = 0;
    VectorSource prior = VectorSource.of("v", v);
    Model model = planted.model(Weights.of("logistic")).withPriorWeights(prior);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      InvalidInputException refused =
          assertThrows(
              InvalidInputException.class, () -> inverter.scores(model, planted.solution()));
      assertEquals("v, row 7: expected a weight above 0, got 0.0", refused.getMessage());
    }
  }

  /** Rows that are far from length 1 keep their own units: f is no function of another eta. */
  @Test
  void rowsInLargeUnitsKeepTheirPredictors() {
    Weights weights = Weights.of("logistic");
    PlantedModel planted = PlantedModel.of(weights, 200, 4, 4, true, 8);
    double unit = 1e9;
    double[][] A = new double[200][4];
    for (int i = 0; i < 200; i++) {
      planted.matrix().read(i, 1, A[i]);
      A[i][3] *= unit;
    }
    double[] x = planted.solution();
    x[3] /= unit;
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Model large = Model.of(A, planted.offset().toArray(), weights);
      double[] h = inverter.scores(planted.model(weights), planted.solution());
      assertArrayEquals(h, inverter.scores(large, x), 1e-12);
      Result result =
          inverter.invert(new Problem(large, VectorSource.of("scores", h)), Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      double[] found = result.x().clone();
      found[3] *= unit;
      assertTrue(planted.error(found, false) < EXACT);
    }
  }

  /** Responses of the fit, and the sign of a coefficient, pick one of x and -x. */
  @Test
  void theMirrorImageIsPickedByWhatIsKnown() {
    Weights weights = Weights.of("probit");
    PlantedModel planted = PlantedModel.of(weights, 100, 4, 3, false, 9);
    double[] eta = planted.predictor(planted.solution());
    double[] y = Arrays.stream(eta).map(value -> value > 0 ? 1 : 0).toArray();
    y[0] = 1 - y[0]; // some are unlikely
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, planted, weights);
      double[] other = Arrays.stream(y).map(value -> 1 - value).toArray();
      double[] right = oriented(inverter, problem, Orientation.of(VectorSource.of("y", y)));
      double[] left = oriented(inverter, problem, Orientation.of(VectorSource.of("y", other)));
      assertTrue(planted.error(right, false) < EXACT);
      assertArrayEquals(Arrays.stream(right).map(value -> -value).toArray(), left);
      boolean positive = planted.solution()[2] > 0;
      assertArrayEquals(right, oriented(inverter, problem, Orientation.ofCoefficient(2, positive)));
      assertArrayEquals(left, oriented(inverter, problem, Orientation.ofCoefficient(2, !positive)));
      y[3] = 2;
      assertThrows(
          InvalidInputException.class,
          () -> oriented(inverter, problem, Orientation.of(VectorSource.of("y", y))));
      assertThrows(
          InvalidInputException.class,
          () -> oriented(inverter, problem, Orientation.ofCoefficient(4, true)));
    }
  }

  private static double[] oriented(Inverter inverter, Problem problem, Orientation by) {
    Result result = inverter.invert(problem, Options.defaults().withOrientation(by));
    assertEquals(Status.CONVERGED, result.status(), result.message());
    assertTrue(result.mirror());
    return result.x();
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
      Problem problem = problem(model, Weights.of("logistic"), h);
      assertFalse(inverter.invert(problem, Options.defaults()).status().usable());
    }
  }

  /** Before there is an x the result has none, and says so; afterwards it has a verified one. */
  @Test
  void stoppedAtEachStep_thereIsAnXOrNone() {
    Weights weights = Weights.of("logistic");
    PlantedModel model = PlantedModel.of(weights, 100, 5, 4, false, 6);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      double[] h = inverter.scores(model.model(weights), model.solution());
      double[] printed = Arrays.stream(h).map(v -> Math.round(v * 1e4) / 1e4).toArray();
      Problem problem = problem(model, weights, printed);
      Set<Boolean> found = new HashSet<>();
      Result result;
      int steps = 0;
      do {
        result = inverter.invert(problem, Options.defaults().withProgress(stopAfter(steps++)));
        if (result.status() == Status.INTERRUPTED) {
          found.add(result.x() != null);
          assertEquals(
              result.x() == null, result.message().endsWith("; no x was found by then"), "words");
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

  /** From a start nearby, with the derivatives of the loss for these weights. */
  @ParameterizedTest
  @CsvSource({
    "logistic, newton, false, cpu",
    "logistic, gauss-newton, true, reference",
    "probit, newton, true, cpu",
    "cloglog, gauss-newton, false, cpu",
    "gamma, newton, true, reference",
    "cauchy:2, newton, true, cpu",
    "logistic, gradient, true, cpu"
  })
  void localMethodsTakeTheWeights(String name, String method, boolean withOffset, String device) {
    Weights weights = Weights.of(name);
    PlantedModel planted = PlantedModel.of(weights, 60, 4, 3, withOffset, 4);
    double[] start = planted.solution();
    start[1] *= 1.02;
    try (Inverter inverter = Inverter.open(device, 2)) {
      Problem problem = problem(inverter, planted, weights);
      Options options =
          Options.defaults()
              .withStart(start)
              .withMethod(Method.valueOf(method.toUpperCase(Locale.ROOT).replace('-', '_')))
              .withMaxIterations(5000)
              .withCertificate(method.equals("newton"));
      Result result = inverter.invert(problem, options);
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(planted.error(result.x(), false) < 1e-7, "error of eta");
      assertEquals(weights, result.weights());
      assertEquals(weights.hasMirror() && !withOffset, result.mirror());
      if (method.equals("newton")) {
        assertTrue(result.certificate().smallestEigenvalue() > 0);
      }
    }
  }

  /** The loss with its regulariser, from the answer of the global method on. */
  @Test
  void aRegulariserFollowsTheGlobalMethod() {
    Weights weights = Weights.of("logistic");
    PlantedModel planted = PlantedModel.of(weights, 60, 4, 3, true, 4);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, planted, weights);
      Options options = Options.defaults().withRegularization(1e-4);
      Result result = inverter.invert(problem, options);
      assertEquals(Status.INCONSISTENT_TARGET, result.status(), result.message());
      double[] gradient = inverter.derivatives(problem, result.x(), new double[] {1e-4}).gradient();
      double[] before =
          inverter.derivatives(problem, planted.solution(), new double[] {1e-4}).gradient();
      assertTrue(norm(gradient) < 1e-4 * norm(before));
    }
  }

  private static double norm(double[] v) {
    return Math.sqrt(Arrays.stream(v).map(value -> value * value).sum());
  }

  @Test
  void whatIsForTheBarrierAloneIsRefused() {
    PlantedModel planted = PlantedModel.of(Weights.of("logistic"), 60, 5, 4, false, 4);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, planted, Weights.of("logistic"));
      Options start = Options.defaults().withStart(planted.solution());
      assertThrows(InvalidInputException.class, () -> inverter.invert(problem, start));
      Options sampled = start.withMethod(Method.SAMPLED_NEWTON);
      assertThrows(InvalidInputException.class, () -> inverter.invert(problem, sampled));
    }
  }
}
