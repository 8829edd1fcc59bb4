package org.levinv.method.local;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.HessianPart;
import org.levinv.model.Scores;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

class RowsLossTest {

  /** A loss on a device, with vectors in and out as arrays, and the scores of resident rows. */
  private static final class Case implements AutoCloseable {
    final Device device;
    final Workspace space;
    final RowStore store;
    final int n;
    final int d;
    final RowsLoss loss;
    final TallMatrix A;
    final Vector b;
    final Scores scores;

    Case(Supplier<Device> supplier, PlainProblem problem, double[] target, double[] omega) {
      device = supplier.get();
      space = new Workspace(device);
      n = problem.n();
      d = problem.d();
      store = LeafStore.resident(problem.rows(target, omega), device);
      loss = new RowsLoss(store, Regularizers.of(store, space), DrawPlan.NONE, false, space);
      A = problem.upload(space);
      b = space.upload(problem.b());
      scores = new Scores(A, space);
    }

    double at(double[] x) {
      assertTrue(loss.moveTo(space.upload(x)));
      assertEquals(0, scores.atPoint(space.upload(x), b));
      return loss.value();
    }

    double[] sigma() {
      return download(scores.sigma(), space);
    }

    double[] gradient() {
      Vector g = space.vector(d);
      loss.gradient(g);
      return download(g, space);
    }

    /** -2 L W A v. */
    double[] jacobianTimes(double[] v) {
      Vector t = space.vector(n);
      Vector to = space.vector(n);
      A.times(space.upload(v), t);
      device.multiply(scores.weights(), t, t);
      scores.laplacian(t, to);
      device.scale(-2, to);
      return download(to, space);
    }

    /** -2 A^T W L u. */
    double[] jacobianTransposeTimes(double[] u) {
      Vector t = space.vector(n);
      Vector to = space.vector(d);
      scores.laplacian(space.upload(u), t);
      device.multiply(scores.weights(), t, t);
      A.transposeTimes(t, to);
      device.scale(-2, to);
      return download(to, space);
    }

    double[] gaussNewtonTimes(double[] v) {
      return loss.hessianTimes(HessianPart.SEMIDEFINITE, new double[][] {v})[0];
    }

    double[] hessianTimes(double[] v) {
      return loss.hessianTimes(HessianPart.ALL, new double[][] {v})[0];
    }

    double[] part(HessianPart part, double[] v) {
      return loss.hessianTimes(Set.of(part), new double[][] {v})[0];
    }

    @Override
    public void close() {
      space.close();
      store.close();
      device.close();
    }
  }

  private static final PlainProblem PROBLEM = PlainProblem.gaussian(120, 7, 0.5, 21);
  private static final double[] V = PlainProblem.normals(7, new Random(22));
  private static final double[] TARGET = uneven(120, 7);
  private static final double[] OMEGA =
      IntStream.range(0, 120).mapToDouble(i -> 0.02 * (i % 4)).toArray();

  private static double[] uneven(int n, int d) {
    return IntStream.range(0, n)
        .mapToDouble(i -> (double) d / n * (1 + 0.3 * Math.cos(i)))
        .toArray();
  }

  private static double[] moved(double[] x, double h, double[] v) {
    return IntStream.range(0, x.length).mapToDouble(j -> x[j] + h * v[j]).toArray();
  }

  private static double[] slope(double[] ahead, double[] behind, double h) {
    return IntStream.range(0, ahead.length)
        .mapToDouble(i -> (ahead[i] - behind[i]) / (2 * h))
        .toArray();
  }

  private static double dot(double[] x, double[] y) {
    return IntStream.range(0, x.length).mapToDouble(i -> x[i] * y[i]).sum();
  }

  private static void assertClose(double[] expected, double[] got, double tolerance) {
    assertArrayEquals(expected, got, tolerance * Math.sqrt(dot(expected, expected)));
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void derivativesAreThoseOfFiniteDifferences(Supplier<Device> device) {
    double h = 1e-5;
    for (double[] omega : new double[][] {null, OMEGA}) {
      try (Case c = new Case(device, PROBLEM, TARGET, omega)) {
        double[] ahead = moved(PROBLEM.x(), h, V);
        double[] behind = moved(PROBLEM.x(), -h, V);
        double valueAhead = c.at(ahead);
        double[] sigmaAhead = c.sigma();
        double[] gradientAhead = c.gradient();
        double valueBehind = c.at(behind);
        double[] sigmaBehind = c.sigma();
        double[] gradientBehind = c.gradient();
        c.at(PROBLEM.x());
        double directional = dot(c.gradient(), V);
        assertEquals((valueAhead - valueBehind) / (2 * h), directional, 1e-8);
        assertClose(slope(sigmaAhead, sigmaBehind, h), c.jacobianTimes(V), 1e-7);
        assertClose(slope(gradientAhead, gradientBehind, h), c.hessianTimes(V), 1e-7);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void jacobianAndItsTransposeBelongTogether(Supplier<Device> device) {
    double[] u = PlainProblem.normals(120, new Random(23));
    try (Case c = new Case(device, PROBLEM, TARGET, null)) {
      c.at(PROBLEM.x());
      double[] Jv = c.jacobianTimes(V);
      assertEquals(dot(u, Jv), dot(c.jacobianTransposeTimes(u), V), 1e-12);
      assertClose(c.jacobianTransposeTimes(Jv), c.gaussNewtonTimes(V), 1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void hessianIsGaussNewtonWhereTheResidualIsZero(Supplier<Device> device) {
    double[] sigma;
    try (Case c = new Case(device, PROBLEM, TARGET, null)) {
      c.at(PROBLEM.x());
      sigma = c.sigma();
    }
    try (Case c = new Case(device, PROBLEM, sigma, OMEGA)) {
      c.at(PROBLEM.x());
      assertClose(c.gaussNewtonTimes(V), c.hessianTimes(V), 1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void hessianIsSymmetric(Supplier<Device> device) {
    double[] u = PlainProblem.normals(7, new Random(24));
    try (Case c = new Case(device, PROBLEM, TARGET, OMEGA)) {
      c.at(PROBLEM.x());
      assertEquals(dot(u, c.hessianTimes(V)), dot(V, c.hessianTimes(u)), 1e-10);
    }
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void devicesAgree(Supplier<Device> device) {
    try (Case tested = new Case(device, PROBLEM, TARGET, OMEGA);
        Case reference = new Case(ReferenceDevice::new, PROBLEM, TARGET, OMEGA)) {
      assertEquals(reference.at(PROBLEM.x()), tested.at(PROBLEM.x()), 1e-13);
      assertClose(reference.gradient(), tested.gradient(), 1e-12);
      assertClose(reference.hessianTimes(V), tested.hessianTimes(V), 1e-12);
      assertClose(reference.gaussNewtonTimes(V), tested.gaussNewtonTimes(V), 1e-12);
    }
  }

  /**
   * Values of a NumPy implementation (loss, gradient, Gauss-Newton and Hessian product) at {@link
   * PlainProblem#waves}(12, 3), target d/n (1 + 0.3 cos i), v = (1, -2, 0.5).
   */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void agreesWithTheNumPyOracle(Supplier<Device> device) {
    PlainProblem waves = PlainProblem.waves(12, 3);
    double[] v = {1, -2, 0.5};
    try (Case c = new Case(device, waves, uneven(12, 3), null)) {
      assertEquals(0.2658479698579955, c.at(waves.x()), 1e-13);
      assertEquals(0.7250144969031225, c.sigma()[1], 1e-13);
      assertEquals(0.002663836906138727, c.sigma()[9], 1e-14);
      assertClose(
          new double[] {-0.0025677704093378106, -0.05457444366282643, -0.37921958476839124},
          c.gradient(),
          1e-12);
      assertClose(
          new double[] {-0.6243448516008903, -2.163150869904997, -0.24308594252922844},
          c.gaussNewtonTimes(v),
          1e-12);
      assertClose(
          new double[] {-0.8641021524476007, -1.6501157630415073, -0.11301859604912212},
          c.hessianTimes(v),
          1e-12);
    }
  }

  /** Each part against central differences: of sigma for J^T J, of the gradient for the rest. */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void partsOfTheHessianAddUpAndAreWhatTheySay(Supplier<Device> device) {
    double h = 1e-5;
    try (Case c = new Case(device, PROBLEM, TARGET, OMEGA);
        Case plain = new Case(device, PROBLEM, TARGET, null)) {
      plain.at(moved(PROBLEM.x(), h, V));
      double[] sigmaAhead = plain.sigma();
      double[] gradientAhead = plain.gradient();
      plain.at(moved(PROBLEM.x(), -h, V));
      double[] change = slope(sigmaAhead, plain.sigma(), h); // J v
      double[] both = slope(gradientAhead, plain.gradient(), h); // J^T J v + curvature
      plain.at(PROBLEM.x());
      c.at(PROBLEM.x());
      double[] first = plain.jacobianTransposeTimes(change);
      double[] Av = PlainProblem.times(PROBLEM.A(), V);
      double[] regularizer = new double[7];
      for (int i = 0; i < Av.length; i++) {
        for (int j = 0; j < 7; j++) {
          regularizer[j] += OMEGA[i] * OMEGA[i] * Av[i] * PROBLEM.A()[i][j];
        }
      }
      assertClose(first, c.part(HessianPart.GAUSS_NEWTON, V), 1e-7);
      assertClose(moved(both, -1, first), c.part(HessianPart.CURVATURE, V), 1e-6);
      assertClose(regularizer, c.part(HessianPart.REGULARIZER, V), 1e-12);
      double[] sum = moved(c.part(HessianPart.GAUSS_NEWTON, V), 1, regularizer);
      assertClose(c.gaussNewtonTimes(V), sum, 1e-12);
      assertClose(c.hessianTimes(V), moved(sum, 1, c.part(HessianPart.CURVATURE, V)), 1e-12);
    }
  }

  /** Curvature at the point of {@link #agreesWithTheNumPyOracle}: hessian_times less J^T J v. */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void curvatureAgreesWithTheNumPyOracle(Supplier<Device> device) {
    PlainProblem waves = PlainProblem.waves(12, 3);
    try (Case c = new Case(device, waves, uneven(12, 3), null)) {
      c.at(waves.x());
      assertClose(
          new double[] {-0.2397573008467104, 0.5130351068634896, 0.1300673464801163},
          c.part(HessianPart.CURVATURE, new double[] {1, -2, 0.5}),
          1e-12);
    }
  }

  /** Many products at once are those of one after the other, in as many readings as one. */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void manyProductsTakeThreeReadings(Supplier<Device> device) {
    double[] u = PlainProblem.normals(7, new Random(25));
    try (Case c = new Case(device, PROBLEM, TARGET, OMEGA)) {
      double start = c.store.counter().passes();
      c.at(PROBLEM.x());
      assertEquals(2, c.store.counter().passes() - start, 1e-12);
      c.gradient();
      assertEquals(3, c.store.counter().passes() - start, 1e-12);
      double[][] both = c.loss.hessianTimes(HessianPart.ALL, new double[][] {V, u});
      assertEquals(6, c.store.counter().passes() - start, 1e-12);
      assertArrayEquals(c.hessianTimes(V), both[0]);
      assertArrayEquals(c.hessianTimes(u), both[1]);
    }
  }
}
