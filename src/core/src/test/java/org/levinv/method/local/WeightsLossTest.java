package org.levinv.method.local;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.Model;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

/** The loss for weights that are any function of A x - b, by finite differences. */
class WeightsLossTest {
  private static final String[] NAMES = {
    "logistic",
    "probit",
    "cloglog",
    "poisson",
    "gamma",
    "inverse-gaussian",
    "cauchy",
    "student:4:2",
    "barrier"
  };
  private static final int N = 30;
  private static final int D = 4;
  private static final double STEP = 1e-5;

  /** Rows with eta from 0.4 to 3, where all weights have a meaning, and prior weights. */
  private static final class Case implements AutoCloseable {
    final Device device;
    final Workspace space;
    final RowStore store;
    final Weights weights;
    final RowsLoss loss;
    final double[][] A = new double[N][];
    final double[] b = new double[N];
    final double[] x;

    Case(Device device, String name) {
      this.device = device;
      space = new Workspace(device);
      Random random = new Random(5);
      Arrays.setAll(A, i -> random.doubles(D, -1, 1).toArray());
      x = random.doubles(D, -1, 1).toArray();
      double[] v = new double[N];
      double[] target = new double[N];
      for (int i = 0; i < N; i++) {
        b[i] = -0.4 - 2.6 * random.nextDouble();
        for (int j = 0; j < D; j++) {
          b[i] += A[i][j] * x[j];
        }
        v[i] = 0.5 + random.nextDouble();
        target[i] = (D + 0.5 * random.nextGaussian()) / N;
      }
      Model model = Model.of(A, b, Weights.of(name)).withPriorWeights(VectorSource.of("v", v));
      ProblemRows rows = ProblemRows.of(model).with(Field.TARGET, VectorSource.of("t", target));
      weights = model.weights();
      store = LeafStore.resident(rows, device);
      loss =
          new RowsLoss(
              store, model.weights(), Regularizers.of(store, space), DrawPlan.NONE, false, space);
      assertTrue(loss.moveTo(space.upload(x)));
    }

    double value(double[] at) {
      assertTrue(loss.moveTo(space.upload(at)));
      return loss.value();
    }

    double[] gradient(double[] at) {
      value(at);
      Vector g = space.vector(D);
      loss.gradient(g);
      return download(g, space);
    }

    double slack(int i, double[] at) {
      double s = -b[i];
      for (int j = 0; j < D; j++) {
        s += A[i][j] * at[j];
      }
      return s;
    }

    double[] moved(int j, double by) {
      double[] at = x.clone();
      at[j] += by;
      return at;
    }

    @Override
    public void close() {
      space.close();
      store.close();
      device.close();
    }
  }

  private static double[] unit(int j) {
    double[] e = new double[D];
    e[j] = 1;
    return e;
  }

  private static double[] difference(double[] ahead, double[] behind) {
    double[] slope = new double[ahead.length];
    Arrays.setAll(slope, i -> (ahead[i] - behind[i]) / (2 * STEP));
    return slope;
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void derivativesAreThoseOfFiniteDifferences(Supplier<Device> device) {
    for (String name : NAMES) {
      try (Case c = new Case(device.get(), name)) {
        double[] g = c.gradient(c.x);
        double[][] H = c.loss.hessianTimes(HessianPart.ALL, units());
        for (int j = 0; j < D; j++) {
          double[] ahead = c.moved(j, STEP);
          double[] behind = c.moved(j, -STEP);
          assertEquals((c.value(ahead) - c.value(behind)) / (2 * STEP), g[j], 1e-8, name);
          assertArrayEquals(
              difference(c.gradient(ahead), c.gradient(behind)), H[j], 1e-8, name + " column " + j);
        }
      }
    }
  }

  /** J^T J: two Gauss-Newton products agree with differences of the scores' squares. */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void partsAddUp(Supplier<Device> device) {
    for (String name : NAMES) {
      try (Case c = new Case(device.get(), name)) {
        c.value(c.x);
        double[][] all = c.loss.hessianTimes(HessianPart.ALL, units());
        double[][] sum = new double[D][D];
        for (HessianPart part : HessianPart.values()) {
          double[][] one = c.loss.hessianTimes(Set.of(part), units());
          for (int j = 0; j < D; j++) {
            double[] column = one[j];
            int to = j;
            Arrays.setAll(sum[j], i -> sum[to][i] + column[i]);
          }
        }
        for (int j = 0; j < D; j++) {
          assertArrayEquals(all[j], sum[j], 1e-12, name);
        }
      }
    }
  }

  private static double[][] units() {
    double[][] units = new double[D][];
    Arrays.setAll(units, WeightsLossTest::unit);
    return units;
  }

  /** Gamma weights have walls, where steps end; logistic ones have none. */
  @ParameterizedTest
  @ValueSource(strings = {"gamma", "logistic"})
  void aStep_isLookedAtInOneReading(String name) {
    try (Case c = new Case(TestedDevices.open(1), name)) {
      double[] next = c.moved(1, 0.3);
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < N && c.weights.hasWalls(); i++) {
        most = Math.max(most, 1 - c.slack(i, next) / c.slack(i, c.x));
      }
      double before = c.store.counter().passes();
      assertEquals(most, c.loss.look(c.space.upload(next), c.space.upload(c.x)), 1e-12);
      assertEquals(1, c.store.counter().passes() - before, 1e-12);
      assertTrue(c.loss.evaluate());
      double value = c.loss.value();
      assertEquals(c.value(next), value, 1e-15 * value);
    }
  }
}
