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
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

class RowsGradientLossTest {

  /** An objective on a device, with vectors in and out as arrays. */
  private static final class Case implements AutoCloseable {
    final Device device;
    final Workspace space;
    final RowStore store;
    final RowsGradientLoss loss;

    Case(
        Supplier<Device> supplier,
        PlainProblem problem,
        double[] target,
        double[] S,
        double[] omega) {
      device = supplier.get();
      space = new Workspace(device);
      int d = problem.d();
      Matrix metric = S == null ? null : space.matrix(d, d);
      if (S != null) {
        device.upload(S, metric);
      }
      store = LeafStore.resident(problem.rows(null, omega), device);
      loss =
          new RowsGradientLoss(
              store,
              space.upload(target),
              metric,
              Regularizers.of(store, space),
              DrawPlan.NONE,
              false,
              space);
    }

    double at(double[] x) {
      assertTrue(loss.moveTo(space.upload(x)));
      return loss.value();
    }

    double[] gradient() {
      Vector g = space.vector(store.columns());
      loss.gradient(g);
      return download(g, space);
    }

    double[] times(Set<HessianPart> parts, double[] v) {
      return loss.hessianTimes(parts, new double[][] {v})[0];
    }

    double[] part(HessianPart part, double[] v) {
      return times(Set.of(part), v);
    }

    @Override
    public void close() {
      space.close();
      store.close();
      device.close();
    }
  }

  private static final PlainProblem PROBLEM = PlainProblem.gaussian(90, 5, 0.5, 61);
  private static final double[] V = PlainProblem.normals(5, new Random(62));
  private static final double[] TARGET = PlainProblem.normals(5, new Random(63));
  private static final double[] OMEGA =
      IntStream.range(0, 90).mapToDouble(i -> 0.1 * (i % 4)).toArray();
  private static final double[] S = {
    2, 0.5, 0, 0, 0, 0.5, 1, 0.2, 0, 0, 0, 0.2, 3, 0.1, 0, 0, 0, 0.1, 1, 0, 0, 0, 0, 0, 0.5
  };

  private static double[] moved(double[] x, double h, double[] v) {
    return IntStream.range(0, x.length).mapToDouble(j -> x[j] + h * v[j]).toArray();
  }

  private static double dot(double[] x, double[] y) {
    return IntStream.range(0, x.length).mapToDouble(i -> x[i] * y[i]).sum();
  }

  private static void assertClose(double[] expected, double[] got, double tolerance) {
    assertArrayEquals(expected, got, tolerance * Math.sqrt(dot(expected, expected)));
  }

  /** Central differences with h = 1e-5 are good to about 1e-9 of the third derivatives. */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void derivativesAreThoseOfFiniteDifferences(Supplier<Device> device) {
    double h = 1e-5;
    for (double[] omega : new double[][] {null, OMEGA}) {
      for (double[] metric : new double[][] {null, S}) {
        try (Case c = new Case(device, PROBLEM, TARGET, metric, omega)) {
          double valueAhead = c.at(moved(PROBLEM.x(), h, V));
          double[] gradientAhead = c.gradient();
          double valueBehind = c.at(moved(PROBLEM.x(), -h, V));
          double[] gradientBehind = c.gradient();
          c.at(PROBLEM.x());
          double along = dot(c.gradient(), V);
          assertEquals(
              (valueAhead - valueBehind) / (2 * h), along, 1e-7 * Math.max(1, Math.abs(along)));
          double[] difference = moved(gradientAhead, -1, gradientBehind);
          double[] product = c.times(HessianPart.ALL, V);
          assertClose(difference, moved(new double[5], 2 * h, product), 1e-6);
          double[] sum = new double[5];
          for (HessianPart part : HessianPart.values()) {
            sum = moved(sum, 1, c.part(part, V));
          }
          assertClose(product, sum, 1e-12);
          assertClose(
              moved(product, -1, c.part(HessianPart.CURVATURE, V)),
              c.times(HessianPart.SEMIDEFINITE, V),
              1e-10);
        }
      }
    }
  }

  /**
   * NumPy with complex steps at {@link PlainProblem#waves}(12, 3), target (0.5, -1, 2), omega 0.1
   * (i mod 4), v = (1, -2, 0.5); second derivatives by extrapolated differences of those, to 1e-9.
   */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void agreesWithNumPy(Supplier<Device> device) {
    PlainProblem waves = PlainProblem.waves(12, 3);
    double[] v = {1, -2, 0.5};
    double[] metric = {2, 0.5, 0, 0.5, 1, 0.25, 0, 0.25, 3};
    double[] omega = IntStream.range(0, 12).mapToDouble(i -> 0.1 * (i % 4)).toArray();
    try (Case c = new Case(device, waves, new double[] {0.5, -1, 2}, metric, omega)) {
      assertEquals(5.788369584189099, c.at(waves.x()), 1e-12);
      assertClose(
          new double[] {6.957879280352925, -28.191107702566182, -66.02429279143094},
          c.gradient(),
          1e-12);
      assertClose(
          new double[] {-256.93400814122856, -368.39764622350356, -98.62280025656491},
          c.part(HessianPart.GAUSS_NEWTON, v),
          1e-12);
      assertClose(
          new double[] {0.08661657001649496, -0.5716919465975745, 0.16789218374250225},
          c.part(HessianPart.REGULARIZER, v),
          1e-12);
      assertClose(
          new double[] {-241.89698732748448, -249.3712695213506, -35.51556884505086},
          c.part(HessianPart.CURVATURE, v),
          1e-8);
    }
  }

  /** Value 2, gradient 2, products 4 however many there are; none for the regulariser. */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void readingsAreFew(Supplier<Device> device) {
    double[] u = PlainProblem.normals(5, new Random(64));
    try (Case c = new Case(device, PROBLEM, TARGET, S, OMEGA)) {
      double start = c.store.counter().passes();
      c.at(PROBLEM.x());
      assertEquals(2, c.store.counter().passes() - start, 1e-12);
      c.gradient();
      assertEquals(4, c.store.counter().passes() - start, 1e-12);
      double[][] both = c.loss.hessianTimes(HessianPart.ALL, new double[][] {V, u});
      assertEquals(8, c.store.counter().passes() - start, 1e-12);
      assertArrayEquals(c.times(HessianPart.ALL, u), both[1]);
      c.part(HessianPart.REGULARIZER, u);
      assertEquals(12, c.store.counter().passes() - start, 1e-12);
    }
  }
}
