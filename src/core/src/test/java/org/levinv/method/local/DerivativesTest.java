package org.levinv.method.local;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
import org.levinv.model.Regularizer;
import org.levinv.pass.BarrierHessianPass;
import org.levinv.pass.TangentGramPass;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/**
 * Every derivative on every device against the numbers of {@code ci/derivatives.py}: NumPy with the
 * n x n projection and complex steps.
 */
class DerivativesTest {

  /** Of sums of some thousand products, relative to the largest entry. */
  private static final double TOLERANCE = 1e-11;

  private static final Map<String, double[]> EXPECTED = read();

  private static Map<String, double[]> read() {
    Map<String, double[]> all = new HashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                DerivativesTest.class.getResourceAsStream("/derivatives.txt"),
                StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        all.put(
            String.join(" ", Arrays.copyOf(words, 4)),
            Arrays.stream(words).skip(4).mapToDouble(Double::parseDouble).toArray());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** An objective at the point of the numbers. */
  private static final class Case implements AutoCloseable {
    final Device device;
    final Workspace space;
    final PlainProblem problem;
    final RowStore store;
    final RowsObjective objective;
    final HessianEstimate estimate;
    final String name;

    Case(Supplier<Device> supplier, String kind, int n, int d) {
      device = supplier.get();
      space = new Workspace(device);
      problem = PlainProblem.waves(n, d);
      name = kind + " " + n + " " + d + " ";
      double[] omega = IntStream.range(0, n).mapToDouble(i -> 0.1 * (i % 4)).toArray();
      boolean scores = kind.equals("loss");
      double[] target =
          IntStream.range(0, n)
              .mapToDouble(i -> (double) d / n * (1 + 0.3 * Math.cos(i)))
              .toArray();
      store = LeafStore.resident(problem.rows(scores ? target : null, omega), device);
      Regularizer regularizer = Regularizers.of(store, space);
      if (scores) {
        objective = new RowsLoss(store, regularizer, DrawPlan.NONE, true, space);
        estimate = new SampledLossHessian(d, space);
      } else {
        Vector slope =
            space.upload(IntStream.range(0, d).mapToDouble(j -> Math.sin(1 + 2 * j)).toArray());
        double[] metric = new double[d * d];
        Arrays.setAll(metric, k -> 0.1 + (k % (d + 1) == 0 ? 1.5 + Math.cos(k / d) : 0));
        Matrix S = space.matrix(d, d);
        device.upload(metric, S);
        objective = new RowsGradientLoss(store, slope, S, regularizer, DrawPlan.NONE, true, space);
        estimate = new SampledGradientHessian(d, space);
      }
      assertTrue(objective.moveTo(space.upload(problem.x())));
    }

    double[] expected(String what) {
      return EXPECTED.get(name + what);
    }

    void assertClose(String what, double[] got) {
      assertClose(what, expected(what), got);
    }

    void assertClose(String what, double[] expected, double[] got) {
      double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      assertArrayEquals(expected, got, TOLERANCE * scale, name + what + " on " + device.name());
    }

    double[] explicit(Set<HessianPart> parts) {
      int d = problem.d();
      Matrix H = space.matrix(d, d);
      ExplicitHessian.of(objective, parts, H, device);
      double[] all = new double[d * d];
      device.download(H, all);
      return all;
    }

    @Override
    public void close() {
      space.close();
      store.close();
      device.close();
    }
  }

  private static double[] sum(double[]... parts) {
    double[] sum = new double[parts[0].length];
    for (double[] part : parts) {
      Arrays.setAll(sum, k -> sum[k] + part[k]);
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void agreeWithNumPy(Supplier<Device> device) {
    for (String kind : new String[] {"loss", "gradient"}) {
      for (int[] shape : new int[][] {{12, 3}, {40, 6}}) {
        try (Case c = new Case(device, kind, shape[0], shape[1])) {
          c.assertClose("value", new double[] {c.objective.value()});
          Vector g = c.space.vector(shape[1]);
          c.objective.gradient(g);
          c.assertClose("slope", download(g, c.space));
          for (HessianPart part : HessianPart.values()) {
            c.assertClose(part.name().toLowerCase(Locale.ROOT), c.explicit(Set.of(part)));
          }
          double[] whole =
              sum(c.expected("gauss_newton"), c.expected("curvature"), c.expected("regularizer"));
          c.assertClose("hessian", whole, c.explicit(HessianPart.ALL));
          Matrix H = c.space.matrix(shape[1], shape[1]);
          RowSample all = RowSample.all(c.store, c.space);
          all.load(c.objective, Double.POSITIVE_INFINITY);
          c.estimate.evaluate(c.objective, all, all, all, H);
          double[] pairs = new double[whole.length];
          c.device.download(H, pairs);
          c.assertClose("hessian by pairs of rows", whole, pairs);
        }
      }
    }
  }

  /** J^T J of the scores; the Jacobian of the other problem is minus what the passes give. */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void jacobiansAgreeWithNumPy(Supplier<Device> device) {
    for (int[] shape : new int[][] {{12, 3}, {40, 6}}) {
      int n = shape[0];
      int d = shape[1];
      try (Case scores = new Case(device, "loss", n, d);
          Case gradient = new Case(device, "gradient", n, d)) {
        double[] J = scores.expected("jacobian");
        double[] JtJ = new double[d * d];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < d * d; j++) {
            JtJ[j] += J[i * d + j / d] * J[i * d + j % d];
          }
        }
        scores.assertClose(
            "jacobian squared", JtJ, scores.explicit(Set.of(HessianPart.GAUSS_NEWTON)));
        gradient.assertClose("jacobian", minusBarrier(gradient, d));
      }
    }
  }

  /** -B from two readings. */
  private static double[] minusBarrier(Case c, int d) {
    double[][] units = new double[d][d];
    double[][] sandwiches = new double[d][];
    for (int k = 0; k < d; k++) {
      units[k][k] = 1;
    }
    double[] x = c.problem.x();
    double[] inverse = c.objective.hostInverse();
    List<Matrix> grams = c.store.run(new TangentGramPass(x, units, null));
    Matrix M = c.space.matrix(d, d);
    for (int k = 0; k < d; k++) {
      c.objective.reduce(grams.get(k), M);
      c.objective.expand(M);
      sandwiches[k] = c.objective.download(M);
    }
    double[][] B =
        c.objective.download(
            c.store
                .run(new BarrierHessianPass(x, inverse, units, sandwiches, null, false))
                .barrier());
    return Arrays.stream(B).flatMapToDouble(Arrays::stream).map(value -> -value).toArray();
  }
}
