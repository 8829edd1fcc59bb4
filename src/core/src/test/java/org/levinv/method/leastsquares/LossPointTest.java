package org.levinv.method.leastsquares;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.pass.DenseLoss;
import org.levinv.pass.Draws;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/** The loss and its model at a point. */
class LossPointTest {
  private static final int N = 100;
  private static final int D = 4;
  private final PlainProblem problem = PlainProblem.waves(N, D);
  private final double[] target = new double[N];

  LossPointTest() {
    Arrays.setAll(target, i -> 0.03 * (1 + 0.3 * Math.sin(7 * i)));
  }

  private interface Work {
    void on(RowStore rows, Device device, Workspace space);
  }

  private void onRows(Work work) {
    try (Device device = TestedDevices.open(1);
        RowStore rows = DenseLoss.store(problem, target, device);
        Workspace space = new Workspace(device)) {
      work.on(rows, device, space);
    }
  }

  private LossPoint point(RowStore rows, double[] x, boolean withDegrees, Workspace space) {
    LossPoint point = new LossPoint(rows, withDegrees, space);
    point.moveTo(x, null);
    point.evaluate(null);
    point.differentiate(true, false);
    return point;
  }

  private double[] moved(int j, double by) {
    double[] x = problem.x().clone();
    x[j] += by;
    return x;
  }

  /** Central differences over h = 1e-5: their error is h^2 times third derivatives of some 1e2. */
  @Test
  void gradientIsThatOfTheLoss() {
    double h = 1e-5;
    onRows(
        (rows, device, space) -> {
          double[] g = download(point(rows, problem.x(), false, space).gradient(), space);
          for (int j = 0; j < D; j++) {
            double above = point(rows, moved(j, h), false, space).loss();
            double below = point(rows, moved(j, -h), false, space).loss();
            assertEquals((above - below) / (2 * h), g[j], 1e-6 * Math.max(1, Math.abs(g[j])));
          }
        });
  }

  @Test
  void modelOfAllRowsIsTheHessian() {
    DenseLoss dense = new DenseLoss(problem, target, problem.x());
    double[] exact = DenseLoss.flat(dense.hessian());
    onRows(
        (rows, device, space) -> {
          SecantModel model = new SecantModel(rows, space);
          assertTrue(model.isWhole());
          model.refresh(point(rows, problem.x(), false, space));
          assertTrue(model.isKnown() && model.isFresh());
          double size = Math.sqrt(DenseLoss.dot(exact, exact));
          assertArrayEquals(exact, DenseLoss.download(model.B(), device), 1e-11 * size);
        });
  }

  /** After an update B dx = dg, and the model is no longer fresh. */
  @Test
  void updatesMeetTheSecantEquation() {
    onRows(
        (rows, device, space) -> {
          SecantModel model = new SecantModel(rows, space);
          model.refresh(point(rows, problem.x(), false, space));
          Vector step = space.upload(new double[] {0.3, -0.1, 0.2, 0.05});
          Vector before = space.upload(new double[] {1, 2, -1, 0.5});
          Vector after = space.upload(new double[] {2, 1, 0.7, -0.4});
          model.update(step, 0.5, before, after);
          Vector dg = space.vector(D);
          device.multiply(model.B(), false, step, dg);
          double[] found = Arrays.stream(download(dg, space)).map(v -> 0.5 * v).toArray();
          assertArrayEquals(new double[] {1, -1, 1.7, -0.9}, found, 1e-12);
          assertFalse(model.isFresh());
        });
  }

  @Test
  void whatWasNotAskedForIsReadLater() {
    DenseLoss dense = new DenseLoss(problem, target, problem.x());
    onRows(
        (rows, device, space) -> {
          LossPoint point = new LossPoint(rows, true, space);
          point.moveTo(problem.x(), null);
          point.evaluate(null);
          point.differentiate(false, false);
          double before = rows.counter().passes();
          double[] metric = DenseLoss.flat(dense.weighted(dense.degrees()));
          double size = Math.sqrt(DenseLoss.dot(metric, metric));
          assertFalse(point.hasMetric());
          assertArrayEquals(metric, DenseLoss.download(point.metric(), device), 1e-12 * size);
          point.metric();
          assertEquals(before + 1, rows.counter().passes(), 1e-9);
          double[] D2 = Arrays.stream(dense.degrees()).map(e -> e * e).toArray();
          assertEquals(Arrays.stream(D2).sum(), point.known().degrees(), 1e-12);
          point.known();
          assertEquals(before + 2, rows.counter().passes(), 1e-9);
        });
  }

  /** Rounding of the loss, as the largest change over tiny moves of x shows, to within a factor. */
  @Test
  void floorIsAboutTheRoundingOfTheLoss() {
    onRows(
        (rows, device, space) -> {
          LossPoint here = point(rows, problem.x(), false, space);
          double g = Math.sqrt(DenseLoss.dot(gradient(here, space), gradient(here, space)));
          double most = 0;
          for (int k = 1; k <= 20; k++) {
            double by = k * Math.ulp(problem.x()[0]);
            double change = point(rows, moved(0, by), false, space).loss() - here.loss();
            most = Math.max(most, Math.abs(change) - g * by);
          }
          assertTrue(most <= 4 * here.floor(), most + " > 4 * " + here.floor());
        });
  }

  private static double[] gradient(LossPoint point, Workspace space) {
    return download(point.gradient(), space);
  }

  /** B = -M / 2 takes a lambda above 1/2, which is its unit; from 1e-3 on it is raised tenfold. */
  @Test
  void dampingMakesAModelConvex() {
    onRows(
        (rows, device, space) -> {
          LossPoint at = point(rows, problem.x(), false, space);
          Matrix B = space.matrix(D, D);
          device.copy(at.metric(), B);
          Damping damping = new Damping(D, space);
          assertTrue(damping.factor(B, at));
          assertTrue(!damping.isOn() && damping.isLight());
          device.axpy(-1.5, at.metric(), B); // B = -M / 2: any lambda above 1/2, its unit
          assertTrue(damping.factor(B, at));
          assertTrue(damping.isOn() && !damping.isLight());
          double lambda = damping.relative();
          assertTrue(lambda > 1 && lambda <= 10, "lambda " + lambda);
          damping.follow(1);
          assertEquals(0.1 * lambda, damping.relative(), 1e-12);
          damping.follow(0.05);
          assertEquals(0.4 * lambda, damping.relative(), 1e-12);
          assertTrue(damping.raise());
          assertEquals(4 * lambda, damping.relative(), 1e-12);
          for (int k = 0; k < 7; k++) {
            damping.raise();
          }
          assertFalse(damping.raise());
          damping.reset();
          assertFalse(damping.isOn());
        });
  }

  /**
   * A sample counts to d, has about the size asked for, and contains each row with a high score.
   */
  @Test
  void samplesCountToTheSumOfScores() {
    double[] sigma = new double[2000];
    Arrays.setAll(sigma, i -> i < 3 ? 0.9 : Math.exp(-3 * Math.sin(i)));
    double small = Arrays.stream(sigma).skip(3).sum();
    Arrays.setAll(sigma, i -> i < 3 ? 0.9 : sigma[i] * 2.3 / small); // sum to 5
    double mean = 0;
    for (int seed = 0; seed < 20; seed++) {
      Draws draws = new Draws(seed, 1, 4 * 200 / 5.0);
      ScoreSample sample = sample(sigma, draws, 200);
      double counted = 0;
      for (int k = 0; k < sample.numbers().length; k++) {
        counted += sample.counts()[k] * sigma[(int) sample.numbers()[k]];
      }
      assertEquals(5, counted, 1e-12);
      assertArrayEquals(new long[] {0, 1, 2}, Arrays.copyOf(sample.numbers(), 3));
      assertArrayEquals(new double[] {1, 1, 1}, Arrays.copyOf(sample.counts(), 3));
      mean += sample.numbers().length / 20.0;
    }
    assertEquals(200, mean, 4 * Math.sqrt(200 / 20.0)); // four standard errors
  }

  private static ScoreSample sample(double[] sigma, Draws draws, double size) {
    long[] numbers = new long[sigma.length];
    double[] rates = new double[sigma.length];
    int drawn = 0;
    for (int i = 0; i < sigma.length; i++) {
      double least = coin(draws, i) / sigma[i];
      if (least < draws.rate()) {
        numbers[drawn] = i;
        rates[drawn++] = least;
      }
    }
    return ScoreSample.of(
        Arrays.copyOf(numbers, drawn), Arrays.copyOf(rates, drawn), draws, 5, size);
  }

  /** The coin of a row: its importance where the least rate is 1. */
  private static double coin(Draws draws, long row) {
    return draws.importance(row, 1);
  }
}
