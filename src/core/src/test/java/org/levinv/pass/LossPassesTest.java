package org.levinv.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Workspace;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/**
 * The passes of least squares against dense formulas. Tolerances are some 1e3 roundings of sums of
 * 80 terms.
 */
class LossPassesTest {
  private static final double TOLERANCE = 1e-11;
  private final PlainProblem problem = PlainProblem.waves(80, 4);
  private final double[] target = new double[80];
  private final DenseLoss dense;

  LossPassesTest() {
    Arrays.setAll(target, i -> 0.05 * (1 + 0.3 * Math.sin(7 * i)));
    dense = new DenseLoss(problem, target, problem.x());
  }

  private static void assertClose(double[] expected, double[] found) {
    Dense.assertClose(expected, found, TOLERANCE);
  }

  @Test
  void lossAndItsMatrix() {
    try (Device device = TestedDevices.open(1);
        RowStore store = DenseLoss.store(problem, target, device)) {
      double[] inverseR = dense.inverseR(device);
      LossSums found = store.run(new LossPass(problem.x(), inverseR, null));
      assertEquals(0.5 * DenseLoss.dot(dense.r, dense.r), found.loss(), TOLERANCE);
      assertEquals(DenseLoss.dot(target, target), found.targetSquare(), TOLERANCE);
      assertEquals(DenseLoss.dot(dense.sigma, dense.sigma), found.scoreSquare(), TOLERANCE);
      assertEquals(Arrays.stream(dense.sigma).max().orElseThrow(), found.largest(), TOLERANCE);
      assertClose(DenseLoss.flat(dense.weighted(dense.r)), DenseLoss.download(found.Q(), device));
      assertEquals(0, found.drawn().size());
      double length = Math.sqrt(DenseLoss.dot(problem.x(), problem.x()));
      double rounding =
          dense.sum(
              i -> {
                double own = Math.sqrt(DenseLoss.dot(problem.A()[i], problem.A()[i]));
                double slack = (own * length + Math.abs(problem.b()[i])) * Math.abs(dense.w[i]);
                double e = 2 * dense.degrees()[i] * slack * dense.r[i];
                return e * e;
              });
      assertEquals(rounding, found.roundingSquare(), TOLERANCE * rounding);
    }
  }

  @Test
  void sharpRoundingIsThatOfTheTermsOfEachSlack() {
    try (Device device = TestedDevices.open(1);
        RowStore store = DenseLoss.store(problem, target, device)) {
      LossPass pass = new LossPass(problem.x(), dense.inverseR(device), null);
      LossSums plain = store.run(pass);
      double loss = plain.loss();
      double[] Q = DenseLoss.download(plain.Q(), device);
      LossSums sharp = store.run(pass.sharp());
      double rounding =
          dense.sum(
              i -> {
                double[] terms = problem.x().clone();
                Arrays.setAll(terms, j -> problem.A()[i][j] * problem.x()[j]);
                double own = Math.sqrt(DenseLoss.dot(terms, terms));
                double slack = (own + Math.abs(problem.b()[i])) * Math.abs(dense.w[i]);
                double e = 2 * dense.degrees()[i] * slack * dense.r[i];
                return e * e;
              });
      assertEquals(rounding, sharp.roundingSquare(), TOLERANCE * rounding);
      assertEquals(loss, sharp.loss());
      assertClose(Q, DenseLoss.download(sharp.Q(), device));
    }
  }

  @Test
  void weightsOfSlacksGiveTheFactorOfTheGramMatrix() {
    try (Device device = TestedDevices.open(1);
        RowStore store = DenseLoss.store(problem, target, device);
        Workspace space = new Workspace(device)) {
      Matrix R = store.run(new FactorPass(new SlackWeights(problem.x()), false));
      Matrix G = space.matrix(problem.d(), problem.d());
      device.multiply(R, true, R, false, G); // R is unique up to signs
      assertClose(DenseLoss.flat(dense.G), DenseLoss.download(G, device));
    }
  }

  @Test
  void lossDrawsRowsByTheirScores() {
    try (Device device = TestedDevices.open(1);
        RowStore store = DenseLoss.store(problem, target, device)) {
      Draws draws = new Draws(3, 1, 5);
      LossSums found = store.run(new LossPass(problem.x(), dense.inverseR(device), draws));
      long[] numbers = found.drawn().numbers();
      double[] rates = found.drawn().keys();
      long[] expected =
          IntStream.range(0, 80)
              .filter(i -> draws.coin(i) < 5 * dense.sigma[i])
              .asLongStream()
              .toArray();
      assertArrayEquals(expected, numbers);
      for (int k = 0; k < numbers.length; k++) {
        assertEquals(
            dense.sigma[(int) numbers[k]], draws.importance(numbers[k], rates[k]), TOLERANCE);
      }
    }
  }

  @Test
  void gradientWithDegreesAndMetric() {
    try (Device device = TestedDevices.open(1);
        RowStore store = DenseLoss.store(problem, target, device)) {
      double[] inverseR = dense.inverseR(device);
      double[][] inverse = DenseLoss.inverse(dense.G);
      double[][] Q = dense.weighted(dense.r);
      double[][] N = Dense.product(Dense.product(inverse, Q), inverse);
      GradientPass pass =
          new GradientPass(problem.x(), inverseR, DenseLoss.flat(N), true, true).withDegrees();
      GradientSums found = store.run(pass);
      double[] g = new double[4];
      device.download(found.gradient(), g);
      assertClose(dense.gradient(), g);
      double[] D2 = Arrays.stream(dense.degrees()).map(e -> e * e).toArray();
      double[] diagonal = DenseLoss.flat(dense.diagonal());
      double[] degrees = DenseLoss.flat(dense.weighted(D2));
      Arrays.setAll(diagonal, k -> diagonal[k] + 4 * degrees[k]);
      assertClose(diagonal, DenseLoss.download(found.diagonal(), device));
      device.download(found.degreeRows(), g);
      double[] rows = new double[4];
      Arrays.setAll(rows, j -> dense.sum(i -> D2[i] * dense.U[i][j]));
      assertClose(rows, g);
      assertEquals(Arrays.stream(D2).sum(), found.degrees(), TOLERANCE);
      double[] metric = DenseLoss.flat(dense.weighted(dense.degrees()));
      assertClose(metric, DenseLoss.download(found.metric(), device));
      assertClose(
          metric, DenseLoss.download(store.run(new MetricPass(problem.x(), inverseR)), device));
    }
  }

  @Test
  void boundsThatAStepPasses() {
    double[] y = {0.8, -0.4, 0.3, 0.6};
    double[] u = PlainProblem.times(dense.U, y);
    double[] beyond = Arrays.stream(u).map(change -> -0.5 - change).toArray();
    long[] expected = IntStream.range(0, 80).filter(i -> beyond[i] > 1e-6).asLongStream().toArray();
    assertTrue(expected.length > 4, "rows beyond: " + expected.length);
    try (Device device = TestedDevices.open(1);
        RowStore store = DenseLoss.store(problem, target, device)) {
      Bounds all = store.run(new BoundsPass(problem.x(), null, y, 0.5, 1e-8, 1e-6, 80));
      assertArrayEquals(expected, all.beyond().numbers());
      double[] by = all.beyond().keys();
      for (int k = 0; k < by.length; k++) {
        assertEquals(beyond[(int) expected[k]], by[k], TOLERANCE * Math.max(1, by[k]));
      }
      double most = Arrays.stream(u).map(change -> -change).max().orElseThrow();
      assertEquals(most, all.shrinkage(), TOLERANCE * most);
      assertEquals(most, -u[(int) all.row()], 0);
      Bounds worst = store.run(new BoundsPass(problem.x(), null, y, 0.5, 1e-8, 1e-6, 3));
      double third = Arrays.stream(by).sorted().toArray()[by.length - 3];
      assertArrayEquals(
          Arrays.stream(expected).filter(i -> beyond[(int) i] >= third - 1e-12).toArray(),
          worst.beyond().numbers());
    }
  }

  /** The first row alone sees the first column: its score is 1, and its slack may not shrink. */
  @Test
  void rowsAtTheBoundaryMayNotShrink() {
    double[][] A = {{1, 0}, {0, 1}, {0, 2}, {0, -1}};
    PlainProblem lone = PlainProblem.of(A, new double[] {1, 1}, new double[] {1, 1, 1, 1});
    double[] none = new double[4];
    DenseLoss at = new DenseLoss(lone, none, lone.x());
    double[] y = {-0.1, 0.2};
    try (Device device = TestedDevices.open(1);
        RowStore store = DenseLoss.store(lone, none, device)) {
      Bounds held = store.run(new BoundsPass(lone.x(), at.inverseR(device), y, 0.9, 1e-8, 1e-6, 8));
      assertArrayEquals(new long[] {0}, held.beyond().numbers());
      assertEquals(0.1, held.beyond().keys()[0], TOLERANCE);
      Bounds free = store.run(new BoundsPass(lone.x(), null, y, 0.9, 1e-8, 1e-6, 8));
      assertEquals(0, free.beyond().size());
      assertEquals(0.2, free.shrinkage(), TOLERANCE);
    }
  }

  @Test
  void movesTellShrinkageAndGrowth() {
    double[] before = problem.x().clone();
    double[] after = before.clone();
    after[1] += 0.05;
    double[] s = PlainProblem.times(problem.A(), after);
    double[] ratio = new double[80];
    Arrays.setAll(ratio, i -> (s[i] - problem.b()[i]) * dense.w[i]);
    try (Device device = TestedDevices.open(1);
        RowStore store = DenseLoss.store(problem, target, device)) {
      SlackGram found = store.run(SlackGramPass.moved(after, before));
      assertEquals(1 - Arrays.stream(ratio).min().orElseThrow(), found.shrinkage(), TOLERANCE);
      assertEquals(Arrays.stream(ratio).max().orElseThrow() - 1, found.growth(), TOLERANCE);
    }
  }
}
