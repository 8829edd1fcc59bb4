package org.levinv.method.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.Random;
import java.util.SplittableRandom;
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
import org.levinv.device.reference.ReferenceDevice;
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
  @MethodSource("org.levinv.device.TestedDevices#all")
  void allRowsGiveTheHessian(Supplier<Device> device) {
    for (boolean gradientProblem : new boolean[] {false, true}) {
      try (Case c = new Case(device.get(), gradientProblem)) {
        RowDraw all = RowDraw.all(N);
        c.estimate.evaluate(c.objective, all, all, all, c.H);
        assertEquals(0, c.error(), 1e-11);
      }
    }
  }

  /** Draws of so many rows in the mean. */
  private static RowDraw[] draws(double rows) {
    return new RowDraw[] {RowDraw.of(rows, N), RowDraw.of(rows, N), RowDraw.of(rows, N)};
  }

  private static void estimate(Case c, RowDraw[] draws, double rows, SplittableRandom random) {
    for (RowDraw draw : draws) {
      draw.draw(c.sigma, rows, D, random);
    }
    c.estimate.evaluate(c.objective, draws[0], draws[1], draws[2], c.H);
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
    try (Case c = new Case(TestedDevices.open(1), gradientProblem)) {
      SplittableRandom random = new SplittableRandom(seed);
      RowDraw[] draws = draws(60);
      Matrix mean = c.space.matrix(D, D);
      double square = 0;
      for (int k = 0; k < rounds; k++) {
        estimate(c, draws, 60, random);
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
    try (Case c = new Case(TestedDevices.open(1), gradientProblem)) {
      SplittableRandom random = new SplittableRandom(3);
      RowDraw[] draws = draws(120);
      double[] errors = new double[2];
      for (int k = 0; k < 40; k++) {
        for (int size = 0; size < 2; size++) {
          estimate(c, draws, size == 0 ? 30 : 120, random);
          errors[size] += c.error() / 40;
        }
      }
      assertTrue(errors[1] < 0.6 * errors[0], errors[0] + " " + errors[1]);
    }
  }

  /** The room is made in the first step, and none in the next ones. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stepsAllocateNothing(boolean gradientProblem) {
    CountingDevice device = new CountingDevice();
    try (Case c = new Case(device.proxy(), gradientProblem)) {
      SplittableRandom random = new SplittableRandom(5);
      RowDraw[] draws = draws(60);
      estimate(c, draws, 60, random);
      int before = device.allocations();
      assertTrue(before > 0);
      estimate(c, draws, 60, random);
      assertEquals(before, device.allocations());
    }
  }

  /** A reference device that counts what is allocated on it. */
  private static final class CountingDevice {
    private final ReferenceDevice device = new ReferenceDevice();
    private int allocations;

    Device proxy() {
      return (Device)
          Proxy.newProxyInstance(
              Device.class.getClassLoader(),
              new Class<?>[] {Device.class},
              (proxy, method, arguments) -> {
                allocations += method.getName().startsWith("allocate") ? 1 : 0;
                return method.invoke(device, arguments);
              });
    }

    int allocations() {
      return allocations;
    }
  }
}
