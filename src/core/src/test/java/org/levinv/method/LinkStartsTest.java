package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

/** Starts, and the fit from there, where log weights are known but for a constant. */
class LinkStartsTest {
  private static final int M = 80;
  private static final int D = 4;
  private static final double[] X = {0.7, -0.4, 0.2, 0.5};

  /** A sample of rows whose eta are positive, or have any sign. */
  private static final class Case implements AutoCloseable {
    final Device device = TestedDevices.open(1);
    final Workspace space = new Workspace(device);
    final double[] eta = new double[M];
    final LinkFit fit;
    final LinkStarts starts;

    Case(Weights weights, boolean isPositive) {
      Random random = new Random(3);
      double[][] A = new double[M][];
      double[] b = new double[M];
      double[] t = new double[M];
      double[] scores = new double[M];
      for (int i = 0; i < M; i++) {
        A[i] = PlainProblem.normals(D, random);
        double s = 0.3 + 2 * random.nextDouble();
        eta[i] = isPositive || random.nextBoolean() ? s : -s;
        b[i] = -eta[i];
        for (int j = 0; j < D; j++) {
          b[i] += A[i][j] * X[j];
        }
        t[i] = weights.log(eta[i]) + 5; // the constant is not known
        scores[i] = (double) D / M;
      }
      TallMatrix rows = PlainProblem.upload(A, space);
      Vector offset = space.upload(b);
      fit = new LinkFit(rows, offset, t, space.upload(scores), weights, space);
      starts = new LinkStarts(fit, rows, offset, t, weights, false, space);
    }

    @Override
    public void close() {
      space.close();
      device.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"logistic", "probit", "cauchy:2", "gamma"})
  void fit_isExactFromNearby(String name) {
    try (Case c = new Case(Weights.of(name), true)) {
      Vector x = c.space.upload(Arrays.stream(X).map(v -> 1.02 * v).toArray());
      assertTrue(c.fit.misfit(c.fit.at(x)) > 1e-3);
      assertEquals(0, c.fit.misfit(c.fit.marquardt(x)), 1e-9);
      assertArrayEquals(X, download(x, c.space), 1e-8);
      assertArrayEquals(c.eta, c.fit.eta(), 1e-7);
    }
  }

  /** The eta of a power are known up to a factor, which is one more unknown. */
  @ParameterizedTest
  @ValueSource(strings = {"gamma", "inverse-gaussian"})
  void powers_areLinear(String name) {
    try (Case c = new Case(Weights.of(name), true)) {
      Vector x = c.space.vector(D);
      assertTrue(c.starts.linear(null, x));
      assertArrayEquals(X, download(x, c.space), 1e-10);
    }
  }

  /** The branch of each row is known, the constant guessed: a fit goes on from there. */
  @Test
  void knownBranches_leadThere() {
    try (Case c = new Case(Weights.of("logistic"), false)) {
      Vector x = c.space.vector(D);
      assertTrue(c.starts.place(c.eta, 1, x));
      assertEquals(0, c.fit.misfit(c.fit.marquardt(x)), 1e-9);
      assertArrayEquals(X, download(x, c.space), 1e-8);
    }
  }

  @Test
  void retrieval_leadsThereWithoutBranches() {
    try (Case c = new Case(Weights.of("logistic"), false)) {
      Vector x = c.space.vector(D);
      assertTrue(c.starts.retrieve(1, 0, true, new SplittableRandom(1), x));
      assertEquals(0, c.fit.misfit(c.fit.marquardt(x)), 1e-9);
      assertArrayEquals(X, download(x, c.space), 1e-8);
    }
  }
}
