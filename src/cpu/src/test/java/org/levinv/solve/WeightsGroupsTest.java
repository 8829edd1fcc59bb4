package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.Orientation;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.Weights;

/** Designs whose rows decouple whatever their weights. */
class WeightsGroupsTest {
  private static final int ROWS = 15;
  private static final int COLUMNS = 3;
  private static final int BLOCKS = 4;
  private static final double EXACT = 1e-8;

  private final Random random = new Random(3);

  /** Blocks of rows, in turn, each with an intercept and slopes of its own, and lone rows. */
  private double[][] blocks(int lone) {
    int n = BLOCKS * ROWS + lone;
    double[][] A = new double[n][BLOCKS * COLUMNS + lone];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < A[i].length; j++) {
        boolean own = i < BLOCKS * ROWS ? j / COLUMNS == i % BLOCKS : j < BLOCKS * COLUMNS;
        A[i][j] = own ? random.nextGaussian() : 0;
      }
      if (i >= BLOCKS * ROWS) {
        A[i][BLOCKS * COLUMNS + i - BLOCKS * ROWS] = 1;
      } else {
        A[i][i % BLOCKS * COLUMNS] = 1;
      }
    }
    return A;
  }

  /** A M for a random M: nothing of the groups is to be seen in the columns. */
  private double[][] mixed(double[][] A) {
    int d = A[0].length;
    double[][] M = new double[d][];
    Arrays.setAll(M, k -> random.doubles(d, -1, 1).toArray());
    double[][] B = new double[A.length][d];
    for (int i = 0; i < A.length; i++) {
      for (int k = 0; k < d; k++) {
        for (int j = 0; j < d; j++) {
          B[i][j] += A[i][k] * M[k][j];
        }
      }
    }
    return B;
  }

  private static double[] predictor(double[][] A, double[] x, double[] b) {
    double[] eta = new double[A.length];
    for (int i = 0; i < eta.length; i++) {
      eta[i] = -b[i];
      for (int j = 0; j < x.length; j++) {
        eta[i] += A[i][j] * x[j];
      }
    }
    return eta;
  }

  /** x with |A x| up to 3. */
  private double[] coefficients(double[][] A) {
    double[] x = random.doubles(A[0].length, -1, 1).toArray();
    double most = 0;
    for (double value : predictor(A, x, new double[A.length])) {
      most = Math.max(most, Math.abs(value));
    }
    double scale = 3 / most;
    return Arrays.stream(x).map(value -> scale * value).toArray();
  }

  private static Problem problem(Inverter inverter, Model model, double[] x, int digits) {
    double power = Math.pow(10, digits);
    double[] h = inverter.scores(model, x);
    double[] given = Arrays.stream(h).map(v -> Math.rint(v * power) / power).toArray();
    return new Problem(model, VectorSource.of("scores", digits > 0 ? given : h));
  }

  /** The largest error of eta over the rows of one block, up to its sign where that is free. */
  private static double error(double[] eta, double[] found, int block, boolean mirror) {
    double plus = 0;
    double minus = 0;
    for (int i = block; i < BLOCKS * ROWS; i += BLOCKS) {
      plus = Math.max(plus, Math.abs(found[i] - eta[i]));
      minus = Math.max(minus, Math.abs(found[i] + eta[i]));
    }
    return mirror ? Math.min(plus, minus) : plus;
  }

  @ParameterizedTest
  @CsvSource({
    "logistic, false, cpu",
    "probit, true, reference",
    "cloglog, true, cpu",
    "poisson, true, cpu",
    "student:4, false, cpu"
  })
  void eachGroupIsAProblemOfItsOwn(String name, boolean withOffset, String device) {
    Weights weights = Weights.of(name);
    double[][] A = mixed(blocks(0));
    double[] x = coefficients(A);
    double[] b = withOffset ? random.doubles(A.length, -1, 1).toArray() : new double[A.length];
    double[] eta = predictor(A, x, b);
    try (Inverter inverter = Inverter.open(device, 2)) {
      Problem problem = problem(inverter, Model.of(A, b, weights), x, 0);
      Result result = inverter.invert(problem, Options.defaults());
      assertEquals(BLOCKS, result.groups().count());
      assertEquals("global: groups", result.method());
      boolean isMirrored = weights.hasMirror() && !withOffset;
      assertEquals(isMirrored, result.mirror());
      assertEquals(isMirrored ? 1 : 0, result.warnings().size());
      if (name.equals("poisson")) { // the intercept of each group is free
        assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
        assertEquals(BLOCKS, result.groups().failed().size());
        return;
      }
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals(List.of(), result.groups().failed());
      for (int block = 0; block < BLOCKS; block++) {
        double[] found = predictor(A, result.x(), b);
        assertTrue(error(eta, found, block, isMirrored) < EXACT, "block " + block);
      }
    }
  }

  /** Rows with the hat value 1 are named, and all others are answered. */
  @Test
  void rowsWithHatValueOneAreNamed() {
    double[][] A = mixed(blocks(2));
    double[] x = coefficients(A);
    double[] b = random.doubles(A.length, -1, 1).toArray();
    double[] eta = predictor(A, x, b);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, Model.of(A, b, Weights.of("logistic")), x, 0);
      Result result = inverter.invert(problem, Options.defaults());
      assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
      assertEquals(
          List.of(
              "row 60: a score of 1, whose linear predictor is free",
              "row 61: a score of 1, whose linear predictor is free"),
          result.groups().failed());
      double[] found = predictor(A, result.x(), b);
      double[] along = predictor(A, result.freeDirection(), new double[A.length]);
      for (int i = 0; i < 60; i++) {
        assertEquals(eta[i], found[i], EXACT, "row " + i);
        assertEquals(0, along[i], 1e-12, "row " + i);
      }
      assertTrue(Math.abs(along[60]) > 1e-3);
    }
  }

  /** Printed scores: the errors of x are those of all groups. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 4})
  void printedScoresOfGroups(int digits) {
    double[][] A = mixed(blocks(0));
    double[] x = coefficients(A);
    double[] b = random.doubles(A.length, -1, 1).toArray();
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, Model.of(A, b, Weights.of("logistic")), x, 4);
      Result result = inverter.invert(problem, Options.defaults().withDigits(digits));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals(BLOCKS, result.groups().count());
      double square = 0;
      for (int j = 0; j < x.length; j++) {
        double deviations = (result.x()[j] - x[j]) / result.xError()[j];
        square += deviations * deviations / x.length;
      }
      assertTrue(square < 4, "mean square of errors in units of x_error: " + square);
    }
  }

  /** A factor alone, with no offset: every group's scores are those of any x. */
  @ParameterizedTest
  @ValueSource(strings = {"logistic", "cloglog", "poisson", "gamma"})
  void aFactorAloneSaysNothing(String name) {
    double[][] A = new double[40][5];
    for (int i = 0; i < 40; i++) {
      A[i][i % 5] = 1;
    }
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Model model = Model.of(A, new double[40], Weights.of(name));
      Problem problem = problem(inverter, model, new double[] {0.5, 1, 2, 3, 0.1}, 0);
      Result result = inverter.invert(problem, Options.defaults());
      assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
      assertEquals(5, result.groups().failed().size());
    }
  }

  /** Responses tell the sign of each group. */
  @Test
  void responsesOrientEachGroup() {
    double[][] A = mixed(blocks(0));
    double[] x = coefficients(A);
    double[] b = new double[A.length];
    double[] eta = predictor(A, x, b);
    double[] y = Arrays.stream(eta).map(value -> value > 0 ? 1 : 0).toArray();
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem problem = problem(inverter, Model.of(A, b, Weights.of("logistic")), x, 0);
      Options options = Options.defaults().withOrientation(Orientation.of(VectorSource.of("y", y)));
      double[] found = predictor(A, inverter.invert(problem, options).x(), b);
      for (int block = 0; block < BLOCKS; block++) {
        assertTrue(error(eta, found, block, false) < EXACT, "block " + block);
      }
    }
  }
}
