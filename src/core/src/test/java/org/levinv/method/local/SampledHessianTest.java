package org.levinv.method.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.model.Regularizer;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/** Hessians from pairs of rows: exact from all rows, and without bias from samples. */
class SampledHessianTest {
  private static final int N = 200;
  private static final int D = 4;
  private static final PlainProblem PROBLEM = PlainProblem.gaussian(N, D, 0.7, 71);

  /** An objective at a point away from its minimum, and both ways to its Hessian. */
  private static final class Case implements AutoCloseable {
    final Device device;
    final Workspace space;
    final RowStore store;
    final RowsObjective objective;
    final HessianEstimate estimate;
    final Matrix exact;
    final Matrix H;

    /**
     * @param rows drawn in the mean, 0 for none
     */
    Case(Device device, boolean gradientProblem, double rows, long seed) {
      this.device = device;
      space = new Workspace(device);
      double[] omega = IntStream.range(0, N).mapToDouble(i -> 0.02 * (i % 3)).toArray();
      Random random = new Random(72);
      double[] target =
          gradientProblem
              ? PlainProblem.normals(D, random)
              : IntStream.range(0, N)
                  .mapToDouble(i -> (double) D / N * random.nextDouble())
                  .toArray();
      store = LeafStore.resident(PROBLEM.rows(gradientProblem ? null : target, omega), device);
      DrawPlan plan = rows == 0 ? DrawPlan.NONE : new DrawPlan(seed, 3, rows / D);
      Regularizer regularizer = Regularizers.of(store, space);
      objective =
          gradientProblem
              ? new RowsGradientLoss(
                  store, space.upload(target), null, regularizer, plan, true, space)
              : new RowsLoss(store, regularizer, plan, true, space);
      estimate =
          gradientProblem ? new SampledGradientHessian(D, space) : new SampledLossHessian(D, space);
      exact = space.matrix(D, D);
      H = space.matrix(D, D);
      assertTrue(objective.moveTo(space.upload(PROBLEM.x())));
      ExplicitHessian.of(objective, HessianPart.ALL, exact, device);
    }

    /** H from the next draws. */
    void sample() {
      List<long[]> draws = objective.draws();
      try (Workspace own = new Workspace(device)) {
        RowSample[] samples = new RowSample[3];
        for (int k = 0; k < 3; k++) {
          samples[k] = RowSample.of(store, draws.get(k), own);
          samples[k].load(objective, objective.rate());
        }
        estimate.evaluate(objective, samples[0], samples[1], samples[2], H);
      }
    }

    /** ||H - exact|| / ||exact||. */
    double error() {
      device.axpy(-1, exact, H);
      return device.norm(H) / device.norm(exact);
    }

    @Override
    public void close() {
      space.close();
      store.close();
      device.close();
    }
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void allRowsGiveTheHessian(Supplier<Device> device) {
    for (boolean gradientProblem : new boolean[] {false, true}) {
      try (Case c = new Case(device.get(), gradientProblem, 0, 0)) {
        RowSample all = RowSample.all(c.store, c.space);
        all.load(c.objective, Double.POSITIVE_INFINITY);
        c.estimate.evaluate(c.objective, all, all, all, c.H);
        assertEquals(0, c.error(), 1e-11);
      }
    }
  }

  /**
   * The mean of 3,000 estimates from some 60 of 200 rows is near the Hessian, nearer by far than
   * one of them is: its standard error is theirs / 55. For the gradient problem, too, where the
   * square of one estimate would be too large.
   */
  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "3, true", "4, true"})
  void samplesGiveItInTheMean(long seed, boolean gradientProblem) {
    int rounds = 3000;
    try (Case c = new Case(TestedDevices.open(1), gradientProblem, 60, seed)) {
      Matrix mean = c.space.matrix(D, D);
      double square = 0;
      for (int k = 0; k < rounds; k++) {
        c.sample();
        c.device.axpy(1.0 / rounds, c.H, mean);
        double error = c.error();
        square += error * error / rounds;
      }
      c.device.copy(mean, c.H);
      double single = Math.sqrt(square);
      double error = c.error();
      assertTrue(single > 0.01, "a sample is not all rows: " + single);
      assertTrue(
          error < 4 * single / Math.sqrt(rounds), "error of the mean " + error + " of " + single);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void moreRowsComeNearer(boolean gradientProblem) {
    double[] errors = new double[2];
    for (int size = 0; size < 2; size++) {
      try (Case c = new Case(TestedDevices.open(1), gradientProblem, size == 0 ? 30 : 120, 3)) {
        for (int k = 0; k < 40; k++) {
          c.sample();
          errors[size] += c.error() / 40;
        }
      }
    }
    assertTrue(errors[1] < 0.6 * errors[0], errors[0] + " " + errors[1]);
  }

  /** The first draws come with the value; others take one reading. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void drawsOfAPointTakeNoReading(boolean gradientProblem) {
    try (Case c = new Case(TestedDevices.open(1), gradientProblem, 60, 5)) {
      Vector g = c.space.vector(D);
      c.objective.gradient(g);
      double before = c.store.counter().passes();
      List<long[]> first = c.objective.draws();
      assertEquals(before, c.store.counter().passes(), 1e-12);
      List<long[]> second = c.objective.draws();
      assertEquals(before + 1, c.store.counter().passes(), 1e-12);
      assertFalse(Arrays.equals(first.get(0), second.get(0)));
      assertFalse(Arrays.equals(first.get(0), first.get(1)));
    }
  }
}
