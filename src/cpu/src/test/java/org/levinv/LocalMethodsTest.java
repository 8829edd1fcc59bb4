package org.levinv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hipparchus.complex.Complex;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionNonSymmetric;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.device.RowSource;
import org.levinv.small.Dot2;

/** The methods of the paper on planted problems, from start points within 5% of every slack. */
class LocalMethodsTest {

  /** A planted problem with its scores, and how it is solved. */
  private static final class Planted implements AutoCloseable {
    final Inverter inverter;
    final PlantedProblem planted;
    final double[] x;
    final double[] sigma;
    final Problem problem;
    final List<Double> residuals = new ArrayList<>();

    Planted(String device, Recipe recipe) {
      inverter = Inverter.open(device, 2);
      planted = PlantedProblem.of(recipe);
      x = planted.solution();
      sigma = inverter.scores(planted.matrix(), planted.offset().toArray(), x);
      problem = new Problem(planted.matrix(), planted.offset().toArray(), sigma);
    }

    Options options(double part) {
      return Options.defaults()
          .withStart(near(planted, part))
          .withMaxIterations(50_000)
          .withProgress(step -> residuals.add(step.residual()));
    }

    Result run(Method method, double part) {
      residuals.clear();
      return inverter.invert(problem, options(part).withMethod(method));
    }

    double error(Result result) {
      double off = 0;
      double size = 0;
      for (int j = 0; j < x.length; j++) {
        off = Math.hypot(off, result.x()[j] - x[j]);
        size = Math.hypot(size, x[j]);
      }
      return off / size;
    }

    @Override
    public void close() {
      inverter.close();
    }
  }

  /** A point where the slack that changed most changed by {@code part} of itself. */
  static double[] near(PlantedProblem planted, double part) {
    double[] x = planted.solution();
    double[] b = planted.offset().toArray();
    Random random = new Random(1);
    double[] step = new double[x.length];
    Arrays.setAll(step, j -> random.nextGaussian());
    RowSource A = planted.matrix();
    double[] a = new double[x.length];
    double largest = 0;
    for (int i = 0; i < b.length; i++) {
      A.read(i, 1, a);
      largest = Math.max(largest, Math.abs(Dot2.minus(a, step, 0) / Dot2.minus(a, x, b[i])));
    }
    for (int j = 0; j < x.length; j++) {
      x[j] += part / largest * step[j];
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"AUTO"},
      mode = EnumSource.Mode.EXCLUDE)
  void everyMethodReachesThePlantedPoint(Method method) {
    for (String device : new String[] {"cpu", "reference"}) {
      for (Recipe recipe :
          List.of(
              Recipe.of(120, 5),
              Recipe.of(120, 5).withKind(Kind.MIXED),
              Recipe.of(40, 8).withRowScale(10),
              Recipe.of(150, 4).withCondition(1e6).withSeed(3))) {
        try (Planted p = new Planted(device, recipe)) {
          Result result = p.run(method, 0.05);
          assertEquals(Status.CONVERGED, result.status(), method + " " + recipe + result.message());
          assertTrue(p.error(result) <= 1e-8, method + " " + recipe + " " + p.error(result));
          double floor = 1e-14 * recipe.condition(); // rounding of x
          assertTrue(result.relativeResidual() <= 1e-10 + floor);
          assertEquals(method.word(), result.method());
          assertTrue(result.work() > 0);
        }
      }
    }
  }

  /**
   * Readings of all rows: the first 1, the start 1, its value 2 and gradient 1, verification 2,
   * whether x is unique 2. A small part on top are rows that are drawn.
   */
  @Test
  void newtonAtTheAnswerReadsFewTimes() {
    try (Planted p = new Planted("cpu", Recipe.of(100_000, 4))) {
      Options options = Options.defaults().withMethod(Method.NEWTON).withStart(p.x);
      Result result = p.inverter.invert(p.problem, options);
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals(0, result.iterations());
      assertTrue(result.passes() >= 9 && result.passes() <= 10, "readings " + result.passes());
      assertTrue(result.jacobianRatio() > 1e-3, "ratio " + result.jacobianRatio());
    }
  }

  /** The error is squared, up to a factor, until rounding. */
  @ParameterizedTest
  @CsvSource({"NEWTON, 300, 6", "GAUSS_NEWTON, 300, 6", "NEWTON, 70, 9", "NEWTON, 1500, 40"})
  void newtonIsQuadratic(Method method, int n, int d) {
    try (Planted p = new Planted("cpu", Recipe.of(n, d).withSlackSpread(0.5))) {
      Result result = p.run(method, 0.05);
      assertTrue(p.error(result) < 1e-10, "error " + p.error(result));
      assertTrue(p.residuals.size() >= 3, "residuals " + p.residuals);
      int checked = 0;
      for (int k = 1; k < p.residuals.size(); k++) {
        double before = p.residuals.get(k - 1);
        if (before < 0.01 && before > 1e-7) {
          assertTrue(p.residuals.get(k) < 50 * before * before + 1e-13, "residuals " + p.residuals);
          checked++;
        }
      }
      assertTrue(checked >= 1, "residuals " + p.residuals);
      double order = result.local().order();
      assertTrue(order > 1.5 && order < 3, "order " + order);
    }
  }

  /**
   * The logarithm of the residual is a straight line, whose slope is the rate reported, and that of
   * theory: 1 - m / M for the smallest eigenvalue m of the Hessian in the coordinates of the
   * descent and an M within a factor 2 of the largest, which doubling and letting down keep to; the
   * start is so near that the coordinates are, within a factor 1.5, those of the answer.
   */
  @ParameterizedTest
  @ValueSource(longs = {0, 5, 9})
  void gradientDescentIsLinear(long seed) {
    try (Planted p = new Planted("cpu", Recipe.of(400, 8).withSlackSpread(3).withSeed(seed))) {
      Result result = p.run(Method.GRADIENT, 0.05);
      assertTrue(p.error(result) < 1e-8, "error " + p.error(result));
      int n = p.residuals.size();
      assertTrue(n > 40, "steps " + n);
      int half = n / 2;
      double[] logs = new double[n - half];
      Arrays.setAll(logs, k -> Math.log(p.residuals.get(half + k)));
      double[] fit = line(logs);
      assertTrue(logs[0] - logs[logs.length - 1] > 8, "fall " + (logs[0] - logs[logs.length - 1]));
      for (int k = 0; k < logs.length; k++) {
        assertEquals(fit[0] + fit[1] * k, logs[k], 1, "step " + (half + k));
      }
      double rate = result.local().linearRate();
      assertEquals(Math.exp(fit[1]), rate, 0.03);
      double[] ends =
          ends(uncoupled(p, p.x), p.inverter.derivatives(p.problem, p.x, null).hessian()); // T^-1 H
      double ratio = ends[0] / ends[1];
      assertTrue(rate <= 1 - ratio / 3, "rate " + rate + ", m / M " + ratio);
      assertTrue(rate >= 1 - 3 * ratio, "rate " + rate + ", m / M " + ratio);
    }
  }

  /** 4 A^T W D^2 W A at x, D = diag(sigma o (1 - sigma)). */
  private static double[][] uncoupled(Planted p, double[] x) {
    double[] sigma = p.inverter.scores(p.planted.matrix(), p.planted.offset().toArray(), x);
    return gram(p, x, Arrays.stream(sigma).map(s -> 2 * s * (1 - s)).toArray());
  }

  /** A^T diag(f / s)^2 A at x, s = A x - b. */
  private static double[][] gram(Planted p, double[] x, double[] f) {
    int d = x.length;
    double[][] G = new double[d][d];
    double[] a = new double[d];
    double[] b = p.planted.offset().toArray();
    for (int i = 0; i < b.length; i++) {
      p.planted.matrix().read(i, 1, a);
      double w = f[i] / Dot2.minus(a, x, b[i]);
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          G[j][k] += w * a[j] * w * a[k];
        }
      }
    }
    return G;
  }

  private static double[] line(double[] y) {
    double k = (y.length - 1) / 2.0;
    double mean = Arrays.stream(y).average().orElseThrow();
    double up = 0;
    double down = 0;
    for (int i = 0; i < y.length; i++) {
      up += (i - k) * (y[i] - mean);
      down += (i - k) * (i - k);
    }
    return new double[] {mean - up / down * k, up / down};
  }

  /** The Hessian from a few rows of many gives a linear rate, better with more accuracy. */
  @Test
  void sampledNewtonIsLinearAndSeeded() {
    try (Planted p = new Planted("cpu", Recipe.of(3000, 5).withSlackSpread(0.5))) {
      Options options = p.options(0.05).withMethod(Method.SAMPLED_NEWTON).withSeed(4);
      Result coarse = p.inverter.invert(p.problem, options);
      Result again = p.inverter.invert(p.problem, options);
      Result fine = p.inverter.invert(p.problem, options.withAccuracy(0.2));
      assertEquals(Status.CONVERGED, coarse.status(), coarse.message());
      assertTrue(p.error(coarse) < 1e-9);
      assertTrue(coarse.local().choice().startsWith("samples of"), coarse.local().choice());
      assertArrayEquals(coarse.x(), again.x(), 0);
      assertTrue(
          fine.local().linearRate() < coarse.local().linearRate(),
          fine.local().linearRate() + " " + coarse.local().linearRate());
    }
  }

  /** Close to a wall the Hessian is nearly singular beside what a sample adds. */
  @Test
  void sampledNewtonSaysWhenTheRegularizerIsTooWeak() {
    try (Planted p = new Planted("cpu", Recipe.of(2000, 4).withKind(Kind.MIXED).withSeed(3))) {
      Options options = p.options(0.95).withMethod(Method.SAMPLED_NEWTON).withMaxIterations(1);
      List<String> weak = p.inverter.invert(p.problem, options).warnings();
      assertEquals(1, weak.size());
      assertTrue(weak.get(0).startsWith("the regulariser is too weak for sampling"), weak.get(0));
      Matcher named = Pattern.compile("omega = ([0-9.]+) ").matcher(weak.get(0));
      assertTrue(named.find(), weak.get(0));
      double omega = Double.parseDouble(named.group(1));
      assertWarnings(0, p, options.withRegularization(1.1 * omega));
      assertWarnings(1, p, options.withRegularization(0.5 * omega));
      assertWarnings(0, p, p.options(0.05).withMethod(Method.SAMPLED_NEWTON));
    }
  }

  private static void assertWarnings(int count, Planted p, Options options) {
    List<String> warnings = p.inverter.invert(p.problem, options).warnings();
    assertEquals(count, warnings.size(), warnings.toString());
  }

  /** Both objectives, exact products of one and the other's explicit matrix. */
  @Test
  void theRegularizedMinimumIsTheSameForEveryMethod() {
    try (Planted p = new Planted("cpu", Recipe.of(150, 4))) {
      Options options = p.options(0.05).withRegularization(0.02);
      Result newton = p.inverter.invert(p.problem, options.withMethod(Method.NEWTON));
      assertEquals(Status.INCONSISTENT_TARGET, newton.status(), newton.message());
      assertTrue(newton.relativeResidual() > 1e-4);
      Derivatives there = p.inverter.derivatives(p.problem, newton.x(), new double[] {0.02});
      assertEquals(newton.loss(), there.value(), 1e-12);
      assertTrue(length(there.gradient()) < 1e-7, "gradient " + length(there.gradient()));
      for (Method method :
          List.of(Method.GRADIENT, Method.SAMPLED_NEWTON, Method.GAUSS_NEWTON, Method.AUTO)) {
        Result other = p.inverter.invert(p.problem, options.withMethod(method));
        assertEquals(Status.INCONSISTENT_TARGET, other.status(), method + other.message());
        assertEquals(newton.loss(), other.loss(), 1e-9 * newton.loss());
        assertArrayEquals(newton.x(), other.x(), 1e-4);
      }
    }
  }

  private static double length(double[] v) {
    return Math.sqrt(Arrays.stream(v).map(value -> value * value).sum());
  }

  /** Against central differences of the scores in the original coordinates. */
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void derivativesAreInTheOriginalCoordinates(String device) {
    double[] omega = new double[50];
    Arrays.setAll(omega, i -> 0.1 * (i % 3));
    try (Planted p = new Planted(device, Recipe.of(50, 3).withCondition(100))) {
      double[] x = near(p.planted, 0.2);
      Derivatives at = p.inverter.derivatives(p.problem, x, omega);
      double[][] H = at.hessian();
      for (int j = 0; j < 3; j++) {
        double h = 1e-6 * Math.abs(x[j]);
        double[] ahead = x.clone();
        double[] behind = x.clone();
        ahead[j] += h;
        behind[j] -= h;
        Derivatives right = p.inverter.derivatives(p.problem, ahead, omega);
        Derivatives left = p.inverter.derivatives(p.problem, behind, omega);
        double slope = (right.value() - left.value()) / (2 * h);
        assertEquals(slope, at.gradient()[j], 1e-6 * length(at.gradient()));
        for (int k = 0; k < 3; k++) {
          double change = (right.gradient()[k] - left.gradient()[k]) / (2 * h);
          assertEquals(change, H[k][j], 1e-5 * Math.sqrt(H[k][k] * H[j][j]) + 1e-9);
        }
      }
    }
  }

  @Test
  void theCertificateKnowsWhereLocalMethodsAreSafe() {
    try (Planted p = new Planted("cpu", Recipe.of(400, 6).withSlackSpread(0.5))) {
      Result near =
          p.inverter.invert(
              p.problem, p.options(0.001).withMethod(Method.NEWTON).withCertificate(true));
      Certificate c = near.certificate();
      assertTrue(c.smallestEigenvalue() > 0 && c.smallestEigenvalue() <= c.largestEigenvalue());
      assertTrue(c.radius() > 0 && c.radius() <= 1);
      assertTrue(c.startInside());
      assertTrue(c.newtonStep() < 1e-8, "step " + c.newtonStep());
      Result far =
          p.inverter.invert(
              p.problem, p.options(0.9).withMethod(Method.NEWTON).withCertificate(true));
      assertFalse(far.certificate().startInside());
      Result global = p.inverter.invert(p.problem, Options.defaults().withCertificate(true));
      assertEquals(
          c.smallestEigenvalue(),
          global.certificate().smallestEigenvalue(),
          1e-6 * c.smallestEigenvalue());
      assertTrue(Double.isNaN(global.certificate().startDistance()));
      double[] ones = new double[400];
      Arrays.fill(ones, 1);
      double[] eigen =
          ends(
              gram(p, near.x(), ones), p.inverter.derivatives(p.problem, near.x(), null).hessian());
      assertEquals(eigen[0], c.smallestEigenvalue(), 1e-8 * eigen[1]);
    }
  }

  /**
   * Every number of the certificate from explicit matrices: eigenvalues of G^-1 H with G = A(x)^T
   * A(x), and as the Lipschitz estimate the largest of |eigenvalue of G^-1 (H(y) - H(x))| / ||A(x)
   * (y - x)|| over the start, which is one of the last points of a short run, and 200 probes, whose
   * largest comes within a factor 1.5 of the largest there is.
   */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2})
  void theCertificateIsThatOfExplicitMatrices(long seed) {
    Recipe recipe = Recipe.of(150, 5).withSlackSpread(0.7).withKind(Kind.MIXED).withSeed(seed);
    try (Planted p = new Planted("cpu", recipe)) {
      Options options = p.options(0.2).withMethod(Method.NEWTON).withCertificate(true);
      Result result = p.inverter.invert(p.problem, options);
      Certificate c = result.certificate();
      double[] x = result.x();
      double[] ones = new double[150];
      Arrays.fill(ones, 1);
      double[][] G = gram(p, x, ones);
      double[][] H = p.inverter.derivatives(p.problem, x, null).hessian();
      double[] ends = ends(G, H);
      assertEquals(ends[0], c.smallestEigenvalue(), 1e-9 * ends[1]);
      assertEquals(ends[1], c.largestEigenvalue(), 1e-9 * ends[1]);
      double[] start = options.start();
      double distance = localLength(G, start, x);
      assertEquals(distance, c.startDistance(), 1e-9 * distance);
      double atStart = lipschitz(p, G, H, start, x);
      double largest = atStart;
      Random random = new Random(seed);
      for (int probe = 0; probe < 200; probe++) {
        double[] y = new double[5];
        Arrays.setAll(y, j -> random.nextGaussian());
        double length = localLength(G, y, new double[5]);
        Arrays.setAll(y, j -> x[j] + 0.01 / length * y[j]);
        largest = Math.max(largest, lipschitz(p, G, H, y, x));
      }
      assertTrue(c.lipschitz() >= (1 - 1e-6) * atStart, c.lipschitz() + " " + atStart);
      assertTrue(c.lipschitz() >= 0.95 * largest, c.lipschitz() + " " + largest);
      assertTrue(c.lipschitz() <= 1.5 * largest, c.lipschitz() + " " + largest);
      assertEquals(
          Math.min(1, 2 * c.smallestEigenvalue() / (3 * c.lipschitz())), c.radius(), 1e-15);
      assertEquals(distance < c.radius(), c.startInside());
      assertTrue(c.newtonStep() < 1e-7, "step " + c.newtonStep());
    }
  }

  /** ||A(x) (y - x)||. */
  private static double localLength(double[][] G, double[] y, double[] x) {
    double square = 0;
    for (int j = 0; j < x.length; j++) {
      for (int k = 0; k < x.length; k++) {
        square += (y[j] - x[j]) * G[j][k] * (y[k] - x[k]);
      }
    }
    return Math.sqrt(square);
  }

  private static double lipschitz(Planted p, double[][] G, double[][] H, double[] y, double[] x) {
    double[][] change = p.inverter.derivatives(p.problem, y, null).hessian();
    for (int j = 0; j < x.length; j++) {
      for (int k = 0; k < x.length; k++) {
        change[j][k] -= H[j][k];
      }
    }
    double[] ends = ends(G, change);
    return Math.max(Math.abs(ends[0]), Math.abs(ends[1])) / localLength(G, y, x);
  }

  /** The smallest and the largest eigenvalue of G^-1 H. */
  private static double[] ends(double[][] G, double[][] H) {
    RealMatrix product =
        MatrixUtils.inverse(new Array2DRowRealMatrix(G)).multiply(new Array2DRowRealMatrix(H));
    double[] values =
        Arrays.stream(new EigenDecompositionNonSymmetric(product).getEigenvalues())
            .mapToDouble(Complex::getReal)
            .sorted()
            .toArray();
    return new double[] {values[0], values[values.length - 1]};
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"NEWTON", "SAMPLED_NEWTON"})
  void theGradientProblemIsSolvedFromAnywhereInTheCell(Method method) {
    for (String device : new String[] {"cpu", "reference"}) {
      for (Recipe recipe :
          List.of(Recipe.of(120, 5), Recipe.of(150, 4).withCondition(1e4).withSeed(3))) {
        try (Planted p = new Planted(device, recipe)) {
          double[] b = p.planted.offset().toArray();
          double[] g = new double[p.x.length];
          double[] a = new double[p.x.length];
          for (int i = 0; i < b.length; i++) {
            p.planted.matrix().read(i, 1, a);
            double slack = Dot2.minus(a, p.x, b[i]);
            for (int j = 0; j < g.length; j++) {
              g[j] += a[j] * p.sigma[i] / slack;
            }
          }
          GradientProblem problem = new GradientProblem(p.planted.matrix(), b, g);
          for (double part : new double[] {0.05, 0.9}) {
            Result result = p.inverter.invertGradient(problem, p.options(part).withMethod(method));
            assertEquals(Status.CONVERGED, result.status(), result.message());
            assertTrue(p.error(result) < 1e-8, "error " + p.error(result));
          }
          Result regularized =
              p.inverter.invertGradient(
                  problem, p.options(0.05).withMethod(method).withRegularization(0.5));
          assertEquals(Status.INCONSISTENT_TARGET, regularized.status(), regularized.message());
        }
      }
    }
  }

  @Test
  void theVolumetricCentreHasGradientZero() {
    try (Planted p = new Planted("cpu", Recipe.of(200, 4))) {
      GradientProblem problem =
          new GradientProblem(p.planted.matrix(), p.planted.offset().toArray(), new double[4]);
      Result result = p.inverter.invertGradient(problem, p.options(0.05));
      assertEquals(Status.CONVERGED, result.status(), result.message());
    }
  }

  @Test
  void noiseEndsAtTheLeastSquaresOptimum() {
    try (Planted p = new Planted("cpu", Recipe.of(300, 5).withNoise(0.02))) {
      Problem noisy =
          new Problem(p.planted.matrix(), p.planted.offset().toArray(), p.planted.noisy(p.sigma));
      Result global = p.inverter.invert(noisy, Options.defaults());
      for (Method method :
          List.of(Method.GRADIENT, Method.NEWTON, Method.SAMPLED_NEWTON, Method.GAUSS_NEWTON)) {
        Result local = p.inverter.invert(noisy, p.options(0.05).withMethod(method));
        assertEquals(Status.INCONSISTENT_TARGET, local.status(), method + local.message());
        assertEquals(global.loss(), local.loss(), 1e-8 * global.loss());
      }
    }
  }

  @Test
  void whatCannotBeUsedIsRefused() {
    try (Planted p = new Planted("cpu", Recipe.of(60, 3))) {
      Options none = Options.defaults().withMethod(Method.NEWTON);
      assertTrue(message(p, none).startsWith("start: expected a start point"));
      assertTrue(message(p, none.withStart(new double[2])).startsWith("start: expected 3 entries"));
      assertTrue(
          message(p, none.withStart(p.x).withSigns(Signs.negative()))
              .startsWith("start, row 0 of planted matrix: expected a negative"));
      assertTrue(
          message(p, none.withStart(p.x).withRegularization(1, 2))
              .startsWith("regularization: expected one number, or 60"));
      Result few =
          p.inverter.invert(
              p.problem, p.options(0.5).withMethod(Method.GRADIENT).withMaxIterations(2));
      assertEquals(Status.ITERATION_LIMIT, few.status());
      double[] onWall = {p.planted.offset().toArray()[0], 0, 0};
      double[][] A = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}};
      Problem wall =
          Problem.of(A, new double[] {onWall[0], 1, 1, 1}, new double[] {0.75, 0.75, 0.75, 0.75});
      assertTrue(
          assertThrows(
                  InvalidInputException.class,
                  () -> p.inverter.invert(wall, none.withStart(onWall)))
              .getMessage()
              .startsWith("start, row 0"));
    }
  }

  private static String message(Planted p, Options options) {
    return assertThrows(InvalidInputException.class, () -> p.inverter.invert(p.problem, options))
        .getMessage();
  }
}
