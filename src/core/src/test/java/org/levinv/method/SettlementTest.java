package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.GramFactor;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

/** Signs from magnitudes that are known to a few digits. */
class SettlementTest {

  /** Gaussian rows and lognormal slacks of random signs, and magnitudes with an error. */
  private static final class Planted implements AutoCloseable {
    final Device device = new ReferenceDevice();
    final Workspace space = new Workspace(device);
    final double[] truth;
    final double[] weights;
    final double[] scores;
    final Vector t;
    final Vector counts;
    final Vector x;
    final Vector signVector;
    final Settlement settlement;

    Planted(int n, int d, double error, long seed) {
      Random random = new Random(seed);
      double[][] rows = new double[n][d];
      double[] point = random.doubles(d).map(u -> random.nextGaussian()).toArray();
      double[] b = new double[n];
      double[] logs = new double[n];
      truth = new double[n];
      for (int i = 0; i < n; i++) {
        Arrays.setAll(rows[i], j -> random.nextGaussian());
        truth[i] = random.nextBoolean() ? 1 : -1;
        double log = random.nextGaussian();
        logs[i] = -log + error * random.nextGaussian();
        b[i] = -truth[i] * Math.exp(log);
        for (int j = 0; j < d; j++) {
          b[i] += rows[i][j] * point[j];
        }
      }
      TallMatrix A = PlainProblem.upload(rows, space);
      t = space.upload(logs);
      counts = space.vector(n);
      device.fill(1, counts);
      x = space.vector(d);
      signVector = space.vector(n);
      double top = device.max(t);
      weights = Arrays.stream(logs).map(log -> Math.exp(log - top)).toArray();
      GramFactor gram = new GramFactor(d, space);
      assertTrue(gram.ofRows(A, space.upload(weights)));
      scores = new double[n];
      Vector sigma = space.vector(n);
      gram.scores(A, space.upload(weights), sigma);
      device.download(sigma, scores);
      Vector offset = space.upload(b);
      Position position = new Position(A, offset, gram, space);
      settlement = new Settlement(A, offset, gram, position, space);
    }

    double settle(double[] signs) {
      return settlement.settle(t, weights, scores, signs, counts, x, 8, signVector);
    }

    @Override
    public void close() {
      space.close();
      device.close();
    }
  }

  @Test
  void settle_decidesHeavyRowsTogether() {
    double error =
        1e-4; // far below sqrt(1 - h) of the heaviest rows here, so that all are decidable
    for (long seed = 0; seed < 5; seed++) {
      try (Planted planted = new Planted(150, 40, error, seed)) {
        double[] signs = planted.truth.clone();
        int wrong = 0;
        for (int i = 0; i < signs.length; i++) {
          if (planted.scores[i] > 0.6 && i % 2 == 0) {
            signs[i] = -signs[i];
            wrong++;
          }
        }
        assertTrue(wrong >= 5, "a single one could not hide another: " + wrong);
        double misfit = planted.settle(signs);
        assertEquals(error, misfit, 2 * error);
        for (int i = 0; i < signs.length; i++) {
          assertEquals(planted.truth[i], signs[i], "seed " + seed + ", row " + i);
        }
      }
    }
  }

  @Test
  void uncertain_whereTheMagnitudesCannotTell() {
    try (Planted coarse = new Planted(150, 40, 1e-1, 0);
        Planted fine = new Planted(150, 40, 1e-6, 0)) {
      coarse.settle(coarse.truth.clone());
      fine.settle(fine.truth.clone());
      int heaviest = 0;
      for (int i = 0; i < coarse.scores.length; i++) {
        heaviest = coarse.scores[i] > coarse.scores[heaviest] ? i : heaviest;
      }
      assertTrue(coarse.settlement.isUncertain(heaviest, coarse.truth[heaviest]));
      assertFalse(fine.settlement.isUncertain(heaviest, fine.truth[heaviest]));
    }
  }

  @Test
  void inDoubt_notWhereOnlyTheOffsetCouldFitARow() {
    try (Planted planted = new Planted(21, 20, 1e-3, 1)) { // any signs at all fit 21 unknowns
      double misfit =
          planted.settlement.predict(
              planted.t,
              planted.weights,
              planted.scores,
              planted.truth,
              planted.counts,
              planted.x,
              planted.signVector);
      assertEquals(0, misfit, 1e-10); // rounding, magnified by a condition number of some 1e4
      for (int i = 0; i < planted.truth.length; i++) {
        assertFalse(planted.settlement.inDoubt(i, planted.truth[i]), "row " + i);
      }
    }
  }
}
