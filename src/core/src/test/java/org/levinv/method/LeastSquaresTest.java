package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.LeastSquares.Outcome;
import org.levinv.method.LeastSquares.Status;
import org.levinv.method.local.DrawPlan;
import org.levinv.method.local.RowsLoss;
import org.levinv.model.HessianPart;
import org.levinv.model.Loss;
import org.levinv.model.Regularizer;
import org.levinv.model.Scores;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

class LeastSquaresTest {

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
        Workspace space = new Workspace(device)) {
      LeastSquares method =
          new LeastSquares(
              problem.upload(space),
              space.upload(problem.b()),
              space.upload(target),
              space,
              1,
              limit,
              keepSigns);
      Vector x = space.upload(start);
      List<Double> residuals = new ArrayList<>();
      Outcome outcome = method.run(x, (iteration, residual) -> residuals.add(residual));
      return new Run(outcome, download(x, space), residuals);
    }
  }

  static double[] scores(PlainProblem problem) {
    try (Device device = TestedDevices.open(1);
        Workspace space = new Workspace(device)) {
      Scores scores = new Scores(problem.upload(space), space);
      assertEquals(0, scores.atPoint(space.upload(problem.x()), space.upload(problem.b())));
      return download(scores.sigma(), space);
    }
  }

  /** sigma_i (1 + noise sin(11 i + 2)). */
  static double[] noisyTarget(PlainProblem problem, double noise) {
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
        assertEquals(Status.CONVERGED, run.outcome.status());
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
    assertEquals(Status.CONVERGED, run.outcome.status());
    assertEquals(0.0007405367336938932, run.outcome.loss(), 1e-13);
    assertEquals(0.5418249427313094, run.x[0], 1e-6);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1e-2, 0.1})
  void reachesTheSameOptimumFromTheTruthAndFromNearby(double noise) {
    PlainProblem problem = PlainProblem.gaussian(6000, 6, 0.7, 31);
    double[] target = gaussianTarget(problem, noise, 32);
    Run truth = run(TestedDevices.open(2), problem, target, problem.x(), true, 100);
    assertEquals(Status.CONVERGED, truth.outcome.status());
    assertMonotone(truth.residuals);
    double room = smallestSlack(problem, problem.x());
    for (double distance : new double[] {0.02 * room, 0.2 * room}) {
      Run other =
          run(TestedDevices.open(2), problem, target, near(problem.x(), distance), true, 100);
      assertEquals(Status.CONVERGED, other.outcome.status());
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
    assertEquals(Status.CONVERGED, run.outcome.status());
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
    assertEquals(Status.CONVERGED, run.outcome.status());
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
    assertEquals(Status.ITERATION_LIMIT, run.outcome.status());
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

  @Test
  void hessianOfAllRowsIsExactAndOfASampleIsNear() {
    PlainProblem problem = PlainProblem.gaussian(3000, 5, 0.7, 40);
    double[] target = gaussianTarget(problem, 0.1, 41);
    double[] v = PlainProblem.normals(5, new Random(42));
    try (Device device = TestedDevices.open(2);
        Workspace space = new Workspace(device)) {
      TallMatrix A = problem.upload(space);
      Loss loss = new Loss(A, space.upload(problem.b()), space.upload(target), space);
      assertEquals(0, loss.moveTo(space.upload(problem.x())));
      SampledHessian hessian = new SampledHessian(A, space.vector(3000), space.vector(3000), space);
      Matrix H = space.matrix(5, 5);
      Vector Hv = space.vector(5);
      Vector onDevice = space.upload(v);
      double[] exact = hessianTimes(problem, target, v, device, space);
      double scale = Math.sqrt(Arrays.stream(exact).map(e -> e * e).sum());

      double[] once = new double[3000];
      Arrays.fill(once, 1);
      hessian.evaluate(loss, new Sample(IntStream.range(0, 3000).toArray(), once), H);
      device.multiply(H, false, onDevice, Hv);
      assertArrayEquals(exact, download(Hv, space), 1e-11 * scale);

      double[] sigma = download(loss.scores().sigma(), space);
      hessian.evaluate(loss, Sample.draw(sigma, 1000, new java.util.SplittableRandom(43)), H);
      device.multiply(H, false, onDevice, Hv);
      assertArrayEquals(exact, download(Hv, space), 0.3 * scale);
    }
  }

  private static double[] hessianTimes(
      PlainProblem problem, double[] target, double[] v, Device device, Workspace space) {
    try (RowStore store = LeafStore.resident(problem.rows(target, null), device)) {
      RowsLoss loss = new RowsLoss(store, Regularizer.none(5, space), DrawPlan.NONE, false, space);
      loss.moveTo(space.upload(problem.x()));
      return loss.hessianTimes(HessianPart.ALL, new double[][] {v})[0];
    }
  }
}
