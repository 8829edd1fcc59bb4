package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.GramFactor;
import org.levinv.model.Scores;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

/** Stage 1 and its safeguard on planted magnitudes. */
class MagnitudesTest {

  /** Planted t with standard deviation 1; t is determined up to a constant. */
  private static final class Planted implements AutoCloseable {
    final Device device = new ReferenceDevice();
    final Workspace space = new Workspace(device);
    final TallMatrix A;
    final double[] t;
    final Vector target;

    Planted(double[][] rows, long seed) {
      A = PlainProblem.upload(rows, space);
      Random random = new Random(seed);
      t = random.doubles(rows.length).map(u -> random.nextGaussian()).toArray();
      double[] w = new double[t.length];
      java.util.Arrays.setAll(w, i -> Math.exp(t[i]));
      Scores scores = new Scores(A, space);
      assertEquals(0, scores.atWeights(space.upload(w)));
      double[] sigma = new double[w.length];
      device.download(scores.sigma(), sigma);
      target = space.upload(sigma);
    }

    /** The largest difference from the planted t, but for a constant. */
    double error(Vector found) {
      double[] values = new double[t.length];
      device.download(found, values);
      double shift = values[0] - t[0];
      double worst = 0;
      for (int i = 0; i < t.length; i++) {
        worst = Math.max(worst, Math.abs(values[i] - t[i] - shift));
      }
      return worst;
    }

    @Override
    public void close() {
      space.close();
      device.close();
    }
  }

  private static double[][] gaussian(int n, int d, long seed) {
    Random random = new Random(seed);
    double[][] rows = new double[n][d];
    for (double[] row : rows) {
      java.util.Arrays.setAll(row, j -> random.nextGaussian());
    }
    return rows;
  }

  /** Every row twice, the second time three times as long: a plain Jacobi iteration oscillates. */
  private static double[][] parallelPairs(int n, int d, long seed) {
    double[][] rows = gaussian(n, d, seed);
    for (int i = 1; i < n; i += 2) {
      for (int j = 0; j < d; j++) {
        rows[i][j] = 3 * rows[i - 1][j];
      }
    }
    return rows;
  }

  @Test
  void run_findsPlantedMagnitudes() {
    try (Planted planted = new Planted(gaussian(60, 4, 1), 2)) {
      Vector t = planted.space.vector(60);
      Magnitudes magnitudes =
          new Magnitudes(
              planted.A,
              planted.target,
              true,
              false,
              new GramFactor(4, planted.space),
              planted.space);
      assertTrue(magnitudes.run(t, false, 1e-11, 60, (stage, k, residual) -> {}));
      assertTrue(planted.error(t) <= 1e-9, "error " + planted.error(t));
      assertTrue(magnitudes.evaluations() <= 30, "evaluations " + magnitudes.evaluations());
    }
  }

  @Test
  void run_copesWithPairsOfParallelRows() {
    try (Planted planted = new Planted(parallelPairs(24, 3, 3), 4)) {
      Vector t = planted.space.vector(24);
      Magnitudes magnitudes =
          new Magnitudes(
              planted.A,
              planted.target,
              true,
              false,
              new GramFactor(3, planted.space),
              planted.space);
      assertTrue(magnitudes.run(t, false, 1e-10, 60, (stage, k, residual) -> {}));
      assertTrue(planted.error(t) <= 1e-7, "error " + planted.error(t));
    }
  }

  @Test
  void safeguard_findsThemAlone() {
    for (double[][] rows : new double[][][] {gaussian(60, 4, 1), parallelPairs(24, 3, 3)}) {
      try (Planted planted = new Planted(rows, 5)) {
        Vector t = planted.space.vector(rows.length);
        MagnitudesNewton newton = new MagnitudesNewton(planted.A, planted.target, planted.space);
        assertTrue(newton.run(t, 1e-8, (stage, k, residual) -> {}));
        assertTrue(newton.reached() <= 1e-8, "reached " + newton.reached());
        assertTrue(planted.error(t) <= 1e-6, "error " + planted.error(t));
      }
    }
  }

  /** Rows with a dummy each for one of some effects, and a number. */
  private static double[][] effects(int n, int effects, long seed) {
    double[][] rows = gaussian(n, effects + 1, seed);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < effects; j++) {
        rows[i][j] = i % effects == j ? 1 : 0;
      }
    }
    return rows;
  }

  /** What a search of some evaluations costs, which crawls where rows are weakly coupled. */
  private static double work(double[][] rows, boolean hasOthers, boolean crawls) {
    int d = rows[0].length;
    try (Planted planted = new Planted(rows, 8)) {
      planted.A.meter().restart();
      Magnitudes magnitudes =
          new Magnitudes(
              planted.A,
              planted.target,
              true,
              hasOthers,
              new GramFactor(d, planted.space),
              planted.space);
      Vector t = planted.space.vector(rows.length);
      assertTrue(magnitudes.run(t, false, 1e-3, 10, (stage, k, residual) -> {}));
      assertEquals(crawls, magnitudes.crawls());
      return planted.A.meter().work();
    }
  }

  @Test
  void run_leavesWeaklyCoupledRowsToOthers() {
    double[][] rows = effects(300, 20, 9);
    double alone = work(rows, false, false); // Newton's method arrives
    double withOthers = work(rows, true, true);
    assertTrue(withOthers < 0.5 * alone, withOthers + " units of work, alone " + alone);
    work(gaussian(300, 20, 9), true, false);
  }

  @Test
  void run_doesNotCrawlWhereTheSafeguardArrives() {
    work(effects(24, 2, 10), true, false);
  }

  @Test
  void groups_areFoundAndPlacedApart() {
    double[][] rows = new double[12][4];
    double[][] values = gaussian(12, 2, 6);
    for (int i = 0; i < 12; i++) {
      System.arraycopy(values[i], 0, rows[i], i % 2 == 0 ? 0 : 2, 2);
    }
    try (Planted planted = new Planted(rows, 7)) {
      GramFactor gram = new GramFactor(4, planted.space);
      double[] w = new double[12];
      java.util.Arrays.setAll(w, i -> Math.exp(planted.t[i]));
      double[] scores = new double[12];
      planted.device.download(planted.target, scores);
      assertTrue(
          Magnitudes.factor(
              gram, planted.A, planted.space.upload(w), planted.space.vector(12), planted.device));
      Groups groups = Groups.of(planted.A, w, scores, gram, planted.device);
      assertEquals(2, groups.count());
      for (int i = 0; i < 12; i++) {
        assertEquals(i % 2, groups.member()[i]);
      }
    }
  }

  @Test
  void sample_keepsTheTotalAndTheCertainRows() {
    double[] importance = new double[2000];
    Random random = new Random(8);
    java.util.Arrays.setAll(
        importance, i -> i % 100 == 0 ? 0.9 : i % 7 == 0 ? 0 : 0.005 * random.nextDouble());
    Sample sample = Sample.draw(importance, 200, new java.util.SplittableRandom(1));
    double total = 0;
    for (int k = 0; k < sample.size(); k++) {
      assertTrue(importance[sample.rows()[k]] > 0);
      total += sample.counts()[k] * importance[sample.rows()[k]];
      if (importance[sample.rows()[k]] == 0.9) {
        assertEquals(1, sample.counts()[k]);
      }
    }
    double heavy = java.util.Arrays.stream(sample.rows()).filter(i -> i % 100 == 0).count();
    assertEquals(20, heavy);
    assertEquals(java.util.Arrays.stream(importance).sum(), total, 1e-9);
    assertTrue(
        Math.abs(sample.size() - 200) < 60, "size " + sample.size()); // 4 standard deviations
  }
}
