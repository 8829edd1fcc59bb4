package org.levinv.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.levinv.tall.PlainProblem.download;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.local.ExplicitHessian;
import org.levinv.method.local.HessianEstimate;
import org.levinv.method.local.RowDraw;
import org.levinv.method.local.SampledGradientHessian;
import org.levinv.method.local.SampledLossHessian;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

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
    final TallMatrix A;
    final Objective objective;
    final HessianEstimate estimate;
    final String name;

    Case(Supplier<Device> supplier, String kind, int n, int d) {
      device = supplier.get();
      space = new Workspace(device);
      problem = PlainProblem.waves(n, d);
      A = problem.upload(space);
      name = kind + " " + n + " " + d + " ";
      Vector b = space.upload(problem.b());
      Vector omega = space.upload(IntStream.range(0, n).mapToDouble(i -> 0.1 * (i % 4)).toArray());
      if (kind.equals("loss")) {
        Vector target =
            space.upload(
                IntStream.range(0, n)
                    .mapToDouble(i -> (double) d / n * (1 + 0.3 * Math.cos(i)))
                    .toArray());
        objective = new Loss(A, b, target, omega, space);
        estimate = new SampledLossHessian(A, true, space);
      } else {
        Vector target =
            space.upload(IntStream.range(0, d).mapToDouble(j -> Math.sin(1 + 2 * j)).toArray());
        double[] metric = new double[d * d];
        Arrays.setAll(metric, k -> 0.1 + (k % (d + 1) == 0 ? 1.5 + Math.cos(k / d) : 0));
        Matrix S = space.matrix(d, d);
        device.upload(metric, S);
        objective = new GradientLoss(A, b, target, S, omega, space);
        estimate = new SampledGradientHessian(A, S, true, space);
      }
      assertEquals(0, objective.moveTo(space.upload(problem.x())));
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

    double[] explicit(HessianPart part) {
      int d = problem.d();
      Matrix H = space.matrix(d, d);
      if (part == null) {
        new ExplicitHessian(d, space).of(objective, H);
      } else {
        new ExplicitHessian(d, space).of(objective, part, H);
      }
      double[] all = new double[d * d];
      device.download(H, all);
      return all;
    }

    @Override
    public void close() {
      space.close();
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
            c.assertClose(part.name().toLowerCase(Locale.ROOT), c.explicit(part));
          }
          double[] whole =
              sum(c.expected("gauss_newton"), c.expected("curvature"), c.expected("regularizer"));
          c.assertClose("hessian", whole, c.explicit(null));
          Matrix H = c.space.matrix(shape[1], shape[1]);
          RowDraw all = RowDraw.all(shape[0]);
          c.estimate.evaluate(c.objective, all, all, all, H);
          double[] pairs = new double[whole.length];
          c.device.download(H, pairs);
          c.assertClose("hessian by pairs of rows", whole, pairs);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void jacobiansAgreeWithNumPy(Supplier<Device> device) {
    for (int[] shape : new int[][] {{12, 3}, {40, 6}}) {
      int n = shape[0];
      int d = shape[1];
      try (Case scores = new Case(device, "loss", n, d);
          Case gradient = new Case(device, "gradient", n, d)) {
        double[] J = new double[n * d];
        double[] minusB = new double[d * d];
        for (int k = 0; k < d; k++) {
          double[] unit = new double[d];
          unit[k] = 1;
          Vector column = scores.space.vector(n);
          ((Loss) scores.objective).jacobianTimes(scores.space.upload(unit), column);
          put(download(column, scores.space), 1, J, k, d);
          Vector image = gradient.space.vector(d);
          ((GradientLoss) gradient.objective)
              .barrierHessianTimes(gradient.space.upload(unit), image);
          put(download(image, gradient.space), -1, minusB, k, d);
        }
        scores.assertClose("jacobian", J);
        gradient.assertClose("jacobian", minusB);
        double[] u = IntStream.range(0, n).mapToDouble(i -> Math.cos(2 * i)).toArray();
        Vector back = scores.space.vector(d);
        ((Loss) scores.objective).jacobianTransposeTimes(scores.space.upload(u), back);
        double[] Jtu = new double[d];
        for (int i = 0; i < n; i++) {
          for (int k = 0; k < d; k++) {
            Jtu[k] += scores.expected("jacobian")[i * d + k] * u[i];
          }
        }
        scores.assertClose("transposed jacobian", Jtu, download(back, scores.space));
      }
    }
  }

  private static void put(double[] column, double factor, double[] to, int k, int d) {
    for (int i = 0; i < column.length; i++) {
      to[i * d + k] = factor * column[i];
    }
  }
}
