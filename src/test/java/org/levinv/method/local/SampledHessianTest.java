package org.levinv.method.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.method.Sample;
import org.levinv.model.GradientLoss;
import org.levinv.model.Loss;
import org.levinv.model.Objective;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

/** Hessians from pairs of rows: exact from all rows, and without bias from samples. */
class SampledHessianTest {
  private static final int N = 200;
  private static final int D = 4;
  private static final PlainProblem PROBLEM = PlainProblem.gaussian(N, D, 0.7, 71);

  /** An objective at a point away from its minimum, and both ways to its Hessian. */
  private static final class Case implements AutoCloseable {
    final Device device;
    final Workspace space;
    final Objective objective;
    final HessianEstimate estimate;
    final Matrix exact;
    final Matrix H;
    final double[] sigma = new double[N];

    Case(Device device, boolean gradientProblem) {
      this.device = device;
      space = new Workspace(device);
      TallMatrix A = PROBLEM.upload(space);
      Vector b = space.upload(PROBLEM.b());
      Vector omega = space.upload(IntStream.range(0, N).mapToDouble(i -> 0.02 * (i % 3)).toArray());
      Random random = new Random(72);
      double[] target =
          gradientProblem
              ? PlainProblem.normals(D, random)
              : IntStream.range(0, N)
                  .mapToDouble(i -> (double) D / N * random.nextDouble())
                  .toArray();
      objective =
          gradientProblem
              ? new GradientLoss(A, b, space.upload(target), null, omega, space)
              : new Loss(A, b, space.upload(target), omega, space);
      estimate =
          gradientProblem
              ? new SampledGradientHessian(A, null, true, space)
              : new SampledLossHessian(A, true, space);
      exact = space.matrix(D, D);
      H = space.matrix(D, D);
      assertEquals(0, objective.moveTo(space.upload(PROBLEM.x())));
      new ExplicitHessian(D, space).of(objective, exact);
      device.download(objective.scores().sigma(), sigma);
    }

    /** ||H - exact|| / ||exact||. */
    double error() {
      device.axpy(-1, exact, H);
      return device.norm(H) / device.norm(exact);
    }

    @Override
    public void close() {
      space.close();
      device.close();
    }
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.EveryDevice#all")
  void allRowsGiveTheHessian(Supplier<Device> device) {
    for (boolean gradientProblem : new boolean[] {false, true}) {
      try (Case c = new Case(device.get(), gradientProblem)) {
        Sample all = RowSample.all(N);
        c.estimate.evaluate(c.objective, all, all, all, c.H);
        assertEquals(0, c.error(), 1e-11);
      }
    }
  }

  /**
   * The mean of 3,000 estimates from some 60 of 200 rows is near the Hessian, nearer by far than
   * one of them is: its standard error is theirs / 55.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void samplesGiveItInTheMean(long seed) {
    int rounds = 3000;
    try (Case c = new Case(new CpuDevice(1), false)) {
      SplittableRandom random = new SplittableRandom(seed);
      Matrix mean = c.space.matrix(D, D);
      double square = 0;
      for (int k = 0; k < rounds; k++) {
        c.estimate.evaluate(
            c.objective,
            RowSample.draw(c.sigma, 60, D, random),
            RowSample.draw(c.sigma, 60, D, random),
            RowSample.draw(c.sigma, 60, D, random),
            c.H);
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
  @ValueSource(longs = {3})
  void moreRowsComeNearer(long seed) {
    try (Case c = new Case(new CpuDevice(1), true)) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] errors = new double[2];
      for (int k = 0; k < 40; k++) {
        for (int size = 0; size < 2; size++) {
          double rows = size == 0 ? 30 : 120;
          Sample first = RowSample.draw(c.sigma, rows, D, random);
          Sample second = RowSample.draw(c.sigma, rows, D, random);
          c.estimate.evaluate(c.objective, first, second, second, c.H);
          errors[size] += c.error() / 40;
        }
      }
      assertTrue(errors[1] < 0.6 * errors[0], errors[0] + " " + errors[1]);
    }
  }
}
