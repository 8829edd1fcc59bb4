package org.levinv.method.leastsquares;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.device.Workspace;
import org.levinv.method.Steps;
import org.levinv.method.common.Termination.Type;
import org.levinv.method.leastsquares.LeastSquares.Outcome;
import org.levinv.pass.DenseLoss;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

public class LeastSquaresTest {

  /** An outcome with the x it left and the residuals on the way. */
  private record Run(Outcome outcome, double[] x, List<Double> residuals) {}

  private static Run run(
      Device device,
      PlainProblem problem,
      double[] target,
      double[] start,
      boolean keepSigns,
      int limit) {
    try (device;
        RowStore rows = DenseLoss.store(problem, target, device)) {
      return run(rows, start, keepSigns, limit);
    }
  }

  private static Run run(RowStore rows, double[] start, boolean keepSigns, int limit) {
    try (Workspace space = new Workspace(rows.device())) {
      double[] x = start.clone();
      List<Double> residuals = new ArrayList<>();
      Outcome outcome =
          new LeastSquares(rows, space, 1, limit, keepSigns)
              .run(x, (stage, iteration, residual) -> residuals.add(residual));
      return new Run(outcome, x, residuals);
    }
  }

  @Test
  void aStartThatRoundsToAWorseOneIsLeft() {
    PlainProblem problem = PlainProblem.waves(60, 3);
    double[] target = scores(problem);
    double[] start = problem.x().clone();
    start[0] += 1e-3;
    Device device = TestedDevices.open(1);
    try (device;
        RowStore rows = DenseLoss.store(problem, target, device);
        Workspace space = new Workspace(device)) {
      double loss =
          new LeastSquares(rows, space, 1, 0, false)
              .run(start.clone(), (stage, k, residual) -> {})
              .loss();
      double[] x = start.clone();
      Outcome left =
          new LeastSquares(rows, space, 1, 100, false)
              .run(x, (stage, k, residual) -> {}, loss / 10);
      assertEquals(Type.STALLED, left.end().type());
      assertEquals(0, left.iterations());
      assertArrayEquals(start, x);
      Outcome taken =
          new LeastSquares(rows, space, 1, 100, false).run(x, (stage, k, residual) -> {}, loss / 2);
      assertEquals(Type.CONVERGED, taken.end().type());
    }
  }

  /** sigma(x), by modified Gram-Schmidt of W A. */
  static double[] scores(PlainProblem problem) {
    double[] s = PlainProblem.times(problem.A(), problem.x());
    int n = s.length;
    int d = problem.d();
    double[] sigma = new double[n];
    double[][] columns = new double[d][n];
    DenseLoss.each(d, n, (j, i) -> columns[j][i] = problem.A()[i][j] / (s[i] - problem.b()[i]));
    for (int j = 0; j < d; j++) {
      double[] q = columns[j];
      for (int round = 0; round < 2; round++) {
        for (int k = 0; k < j; k++) {
          double along = DenseLoss.dot(q, columns[k]);
          for (int i = 0; i < n; i++) {
            q[i] -= along * columns[k][i];
          }
        }
      }
      double norm = Math.sqrt(DenseLoss.dot(q, q));
      for (int i = 0; i < n; i++) {
        q[i] /= norm;
        sigma[i] += q[i] * q[i];
      }
    }
    return sigma;
  }

  /** sigma_i (1 + noise sin(11 i + 2)). */
  public static double[] noisyTarget(PlainProblem problem, double noise) {
    double[] target = scores(problem);
    Arrays.setAll(target, i -> target[i] * (1 + noise * Math.sin(11 * i + 2)));
    return target;
  }

  private static double[] gaussianTarget(PlainProblem problem, double noise, long seed) {
    double[] target = scores(problem);
    double[] normals = PlainProblem.normals(target.length, new Random(seed));
    Arrays.setAll(target, i -> target[i] * (1 + noise * normals[i]));
    return target;
  }

  private static double[] near(double[] x, double size) {
    return IntStream.range(0, x.length).mapToDouble(j -> x[j] + size * Math.sin(j)).toArray();
  }

  private static void assertMonotone(List<Double> residuals) {
    for (int k = 1; k < residuals.size(); k++) {
      assertTrue(residuals.get(k) <= residuals.get(k - 1), "residual " + k);
    }
  }

  private static double smallestSlack(PlainProblem problem, double[] x) {
    double[] s = PlainProblem.times(problem.A(), x);
    return IntStream.range(0, s.length).mapToDouble(i -> s[i] - problem.b()[i]).min().orElseThrow();
  }

  /**
   * leastsq.least_squares at waves(60, 4) with noise 0.02, from x and from x + 0.01 sin j: the
   * whole Hessian.
   */
  @Test
  void agreesWithThePrototype() {
    PlainProblem problem = PlainProblem.waves(60, 4);
    double[] target = noisyTarget(problem, 0.02);
    double[] expected = {
      0.5405029856267671, -0.4131464348130019, -0.9893285356490517, -0.6474530463771593
    };
    for (double distance : new double[] {0, 0.01}) {
      for (boolean keepSigns : new boolean[] {true, false}) {
        Device device = TestedDevices.open(1);
        Run run = run(device, problem, target, near(problem.x(), distance), keepSigns, 100);
        assertEquals(Type.CONVERGED, run.outcome.end().type());
        assertEquals(2.1138658420632364e-05, run.outcome.loss(), 1e-15);
        assertArrayEquals(expected, run.x, 1e-8);
        assertTrue(run.outcome.iterations() <= 8, "iterations " + run.outcome.iterations());
        assertMonotone(run.residuals);
      }
    }
  }

  /** leastsq.least_squares at waves(80, 6) with noise 0.1. */
  @Test
  void agreesWithThePrototypeForMoreNoise() {
    PlainProblem problem = PlainProblem.waves(80, 6);
    Run run =
        run(TestedDevices.open(1), problem, noisyTarget(problem, 0.1), problem.x(), true, 100);
    assertEquals(Type.CONVERGED, run.outcome.end().type());
    assertEquals(0.0007405367336938932, run.outcome.loss(), 1e-13);
    assertEquals(0.5418249427313094, run.x[0], 1e-6);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1e-2, 0.1})
  void reachesTheSameOptimumFromTheTruthAndFromNearby(double noise) {
    PlainProblem problem = PlainProblem.gaussian(6000, 6, 0.7, 31);
    double[] target = gaussianTarget(problem, noise, 32);
    Run truth = run(TestedDevices.open(2), problem, target, problem.x(), true, 100);
    assertEquals(Type.CONVERGED, truth.outcome.end().type());
    assertMonotone(truth.residuals);
    double room = smallestSlack(problem, problem.x());
    for (double distance : new double[] {0.02 * room, 0.2 * room}) {
      Run other =
          run(TestedDevices.open(2), problem, target, near(problem.x(), distance), true, 100);
      assertEquals(Type.CONVERGED, other.outcome.end().type());
      assertEquals(truth.outcome.loss(), other.outcome.loss(), 1e-3 * truth.outcome.loss());
      assertMonotone(other.residuals);
      assertTrue(smallestSlack(problem, other.x) > 0);
    }
  }

  @Test
  void endsAtRoundingForAConsistentTarget() {
    PlainProblem problem = PlainProblem.gaussian(500, 10, 1, 33);
    Run run =
        run(TestedDevices.open(1), problem, scores(problem), near(problem.x(), 1e-4), true, 100);
    assertEquals(Type.CONVERGED, run.outcome.end().type());
    assertTrue(run.outcome.loss() < 1e-24, "loss " + run.outcome.loss());
  }

  /** A target above 1 draws a slack to 0. */
  @Test
  void stopsAtAWall() {
    PlainProblem problem = PlainProblem.gaussian(60, 4, 0.5, 34);
    double[] target = gaussianTarget(problem, 0.05, 35);
    int pulled =
        IntStream.range(0, 60).reduce((i, k) -> target[i] > target[k] ? i : k).orElseThrow();
    target[pulled] = 1.3;
    Run run = run(TestedDevices.open(1), problem, target, problem.x(), true, 100);
    assertEquals(Type.CONVERGED, run.outcome.end().type());
    assertTrue(smallestSlack(problem, run.x) >= 0);
    assertMonotone(run.residuals);
  }

  @Test
  void endsFromFarAway() {
    PlainProblem problem = PlainProblem.gaussian(300, 5, 1, 36);
    double[] target = gaussianTarget(problem, 0.1, 37);
    for (long seed = 0; seed < 5; seed++) {
      double[] start = PlainProblem.normals(5, new Random(seed));
      Run run = run(TestedDevices.open(1), problem, target, start, false, 60);
      assertTrue(run.outcome.iterations() <= 60);
      assertTrue(Double.isFinite(run.outcome.loss()));
      assertMonotone(run.residuals);
    }
  }

  @Test
  void countsItsIterations() {
    PlainProblem problem = PlainProblem.waves(80, 6);
    Run run = run(TestedDevices.open(1), problem, noisyTarget(problem, 0.1), problem.x(), true, 2);
    assertEquals(Type.ITERATION_LIMIT, run.outcome.end().type());
    assertEquals(2, run.outcome.iterations());
  }

  @Test
  void sameSeedSameBits() {
    PlainProblem problem = PlainProblem.gaussian(6000, 6, 0.7, 38);
    double[] target = gaussianTarget(problem, 0.01, 39);
    Run one = run(TestedDevices.open(2), problem, target, problem.x(), true, 100);
    Run two = run(TestedDevices.open(2), problem, target, problem.x(), true, 100);
    assertArrayEquals(one.x, two.x, 0);
  }

  /** The same store, which notes the passes that are run over it. */
  private static RowStore noting(RowStore rows, List<String> passes) {
    return (RowStore)
        Proxy.newProxyInstance(
            RowStore.class.getClassLoader(),
            new Class<?>[] {RowStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("run")) {
                passes.add(arguments[0].getClass().getSimpleName());
              }
              return method.invoke(rows, arguments);
            });
  }

  /** Slacks from 1 to 3, noise of 1%: no step comes near a wall, and each takes three readings. */
  @Test
  void threeReadingsAStep() {
    PlainProblem gaussian = PlainProblem.gaussian(6000, 6, 0, 44);
    double[] slack = new double[6000];
    Arrays.setAll(slack, i -> 2 + Math.sin(i));
    PlainProblem problem = PlainProblem.of(gaussian.A(), gaussian.x(), slack);
    double[] target = gaussianTarget(problem, 0.01, 45);
    try (Device device = TestedDevices.open(2);
        RowStore all = DenseLoss.store(problem, target, device)) {
      List<String> passes = new ArrayList<>();
      Run run = run(noting(all, passes), near(problem.x(), 1e-3), true, 100);
      assertEquals(Type.CONVERGED, run.outcome.end().type());
      List<String> expected = new ArrayList<>();
      for (int k = 0; k < run.outcome.iterations(); k++) { // the last iteration reads nothing
        expected.addAll(List.of("SlackGramPass", "LossPass", "GradientPass"));
      }
      assertEquals(expected, passes);
      assertTrue(run.outcome.iterations() <= 8, "iterations " + run.outcome.iterations());
    }
  }

  /** Bounds cost readings when they are found, then none: a target above 1 draws a slack to 0. */
  @Test
  void boundsAreLookedForOnlyWhenAStepGoesTooFar() {
    PlainProblem problem = PlainProblem.gaussian(60, 4, 0.5, 34);
    double[] target = gaussianTarget(problem, 0.05, 35);
    int pulled =
        IntStream.range(0, 60).reduce((i, k) -> target[i] > target[k] ? i : k).orElseThrow();
    target[pulled] = 1.3;
    try (Device device = TestedDevices.open(1);
        RowStore all = DenseLoss.store(problem, target, device)) {
      List<String> passes = new ArrayList<>();
      Run run = run(noting(all, passes), problem.x(), true, 100);
      long looks = passes.stream().filter("BoundsPass"::equals).count();
      assertTrue(looks >= 1 && looks < run.outcome.iterations(), "looks " + looks);
    }
  }

  @Test
  void aCallbackEndsARunWithTheBestPoint() {
    PlainProblem problem = PlainProblem.waves(80, 6);
    double[] target = noisyTarget(problem, 0.1);
    double[] x = problem.x().clone();
    try (Device device = TestedDevices.open(1);
        RowStore rows = DenseLoss.store(problem, target, device);
        Workspace space = new Workspace(device)) {
      LeastSquares method = new LeastSquares(rows, space, 1, 100, true);
      IllegalStateException stop = new IllegalStateException("stop");
      Steps twoSteps =
          (stage, iteration, residual) -> {
            if (iteration == 2) {
              throw stop;
            }
          };
      assertSame(stop, assertThrows(IllegalStateException.class, () -> method.run(x, twoSteps)));
    }
    double start = loss(problem, target, problem.x());
    double reached = loss(problem, target, x);
    Run two = run(TestedDevices.open(1), problem, target, problem.x(), true, 2);
    assertEquals(two.outcome.loss(), reached, 1e-14);
    assertTrue(reached < start);
  }

  private static double loss(PlainProblem problem, double[] target, double[] x) {
    double[] r = new DenseLoss(problem, target, x).r;
    return 0.5 * DenseLoss.dot(r, r);
  }

  /** A slack of 1e-9: G(x) holds 18 digits more of its row than of others, and loses those. */
  @Test
  void aStartWhereRoundingHidesTheDecreaseIsToBeginInOtherCoordinates() {
    PlainProblem plain = PlainProblem.waves(60, 3);
    double[] slack = PlainProblem.times(plain.A(), plain.x());
    Arrays.setAll(slack, i -> i == 7 ? 1e-9 : slack[i] - plain.b()[i]);
    PlainProblem problem = PlainProblem.of(plain.A(), plain.x(), slack);
    double[] target = scores(problem);
    for (int i = 0; i < target.length; i++) {
      target[i] += 1e-6 * Math.sin(5 * i);
    }
    try (Device device = TestedDevices.open(1);
        RowStore rows = DenseLoss.store(problem, target, device);
        Workspace space = new Workspace(device)) {
      double[] x = problem.x().clone();
      Outcome rough = new LeastSquares(rows, space, 1, 100, true).run(x, (stage, k, r) -> {});
      assertTrue(rough.isRough());
      assertEquals(0, rough.iterations());
      assertArrayEquals(problem.x(), x);
      Outcome known =
          new LeastSquares(rows, space, 1, 100, true).sharpened().run(x, (stage, k, r) -> {});
      assertFalse(known.isRough(), "what is known to be lost is no reason to begin again");
    }
    Run usual = run(TestedDevices.open(1), plain, noisyTarget(plain, 0.1), plain.x(), true, 100);
    assertFalse(usual.outcome.isRough());
  }

  @Test
  void aStartWithoutScoresIsAnEnd() {
    PlainProblem problem = PlainProblem.waves(80, 6);
    double[] nowhere = new double[6];
    Arrays.fill(nowhere, Double.NaN);
    Run run = run(TestedDevices.open(1), problem, noisyTarget(problem, 0.1), nowhere, true, 100);
    assertEquals(Type.STALLED, run.outcome.end().type());
    assertEquals(0, run.outcome.iterations());
  }
}
