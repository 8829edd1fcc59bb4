package org.levinv.method.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.ArrayRows;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Workspace;
import org.levinv.method.common.Termination;
import org.levinv.model.GramFactor;
import org.levinv.pass.RootWeights;
import org.levinv.pass.SurveyPass;
import org.levinv.pass.TargetErrorPass;
import org.levinv.pass.WeightedScores;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/** The search on a small state, on rows that are read again by every pass. */
class WeightsSearchTest {

  /** What a search leaves. */
  private record Found(
      Termination end,
      double residual,
      double[] weights,
      int evaluations,
      double passes,
      WeightsSearch search) {}

  private static Found search(double[][] A, double[] target, long memory, int limit) {
    ProblemRows rows =
        ProblemRows.of(ArrayRows.of(A))
            .with(Field.TARGET, target == null ? null : VectorSource.of("scores", target));
    try (Device device = TestedDevices.open(1);
        RowStore store = new LeafStore(rows, device, new Partition(A.length, 64), memory);
        Workspace space = new Workspace(device)) {
      WeightsProblem problem =
          new WeightsProblem(store, store.run(new SurveyPass(store.rows(), store.columns(), null)));
      WeightsSearch search = new WeightsSearch(problem, space);
      Termination end = search.run(1e-12, limit, (stage, k, residual) -> {});
      double passes = store.counter().passes();
      int d = store.columns();
      Matrix R = space.matrix(d, d);
      problem.factor(search.weights(), store, R);
      GramFactor factor = new GramFactor(d, space);
      double residual = Double.NaN;
      if (factor.ofTriangle(R)) {
        double[] inverse = new double[d * d];
        device.download(factor.inverseR(), inverse);
        residual =
            store
                .run(
                    new TargetErrorPass(
                        new WeightedScores(search.weights(), inverse), problem.targets()))
                .given();
      }
      double[] w = new double[A.length];
      store.map(
          new RootWeights(search.weights(), 1, true),
          (first, count, values) -> System.arraycopy(values, 0, w, (int) first, count));
      return new Found(end, residual, w, search.evaluations(), passes, search);
    }
  }

  private static double[][] gaussian(int n, int d, long seed) {
    Random random = new Random(seed);
    double[][] A = new double[n][d];
    for (double[] a : A) {
      Arrays.setAll(a, j -> random.nextGaussian());
    }
    return A;
  }

  @Test
  void rowsThatPassGiveTheBitsOfRowsInMemory() {
    double[][] A = gaussian(700, 6, 1);
    double[] target = new double[700];
    Arrays.setAll(target, i -> i < 8 ? 0.3 : (6 - 2.4) / 692);
    Found passing = search(A, target, 0, 50);
    Found resident = search(A, target, Long.MAX_VALUE, 50);
    assertEquals(Termination.Type.CONVERGED, passing.end().type(), passing.end().message());
    assertArrayEquals(resident.weights(), passing.weights());
    assertTrue(passing.residual() <= 1e-11, "residual " + passing.residual());
    assertEquals(8, passing.search().weights().heavyWeights().length);
  }

  /** Two readings, one a round, and those of the sample that tells whether rows decouple. */
  @Test
  void aRoundReadsAllRowsOnce() {
    Found found = search(gaussian(20_000, 4, 2), null, 0, 50);
    assertEquals(Termination.Type.CONVERGED, found.end().type());
    double sample = 580.0 / 20_000; // read, whitened, normed, and multiplied by one row or two
    assertEquals(2 + found.evaluations() + 5 * sample, found.passes(), 2 * sample);
    assertTrue(found.evaluations() <= 8, "evaluations " + found.evaluations());
  }

  /** Scores up to 1 - 1e-12, where one weight is 1e6 times the others. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 1e-6, 1e-9, 1e-12, 1e-14, 0})
  void scoresNearOneConverge(double belowOne) {
    double[] target = new double[200];
    Arrays.fill(target, (3 + belowOne) / 199);
    target[17] = 1 - belowOne;
    Found found = search(gaussian(200, 4, 3), target, 0, 100);
    assertEquals(Termination.Type.CONVERGED, found.end().type(), found.end().message());
    assertTrue(found.residual() <= 3e-12, "residual " + found.residual()); // capped at 1 - 1e-13
    assertTrue(found.evaluations() <= 40, "evaluations " + found.evaluations());
  }

  /** Rows that reach out of a subspace alone have the score 1 with any weight. */
  @Test
  void aRowOfItsOwnLeavesAScaleFree() {
    double[][] A = gaussian(150, 3, 4);
    for (int i = 0; i < 150; i++) {
      A[i][2] = i == 70 ? 2 : 0;
    }
    double[] target = new double[150];
    Arrays.fill(target, 2.0 / 149);
    target[70] = 1;
    Found found = search(A, target, 0, 50);
    assertEquals(Termination.Type.CONVERGED, found.end().type(), found.end().message());
    assertTrue(found.search().isDecoupled());
    assertFalse(found.search().isLimit());
    assertTrue(found.residual() <= 1e-11, "residual " + found.residual());
  }

  /** Most rows of a plane hold more than 2, whatever reads them. */
  @ParameterizedTest
  @CsvSource({"1, 400", "2, 750"})
  void rowsThatHoldTooMuchAreFound(int rank, int many) {
    double[][] A = gaussian(1000, 3, 5);
    for (int i = 0; i < many; i++) {
      for (int j = rank; j < 3; j++) {
        A[i][j] = A[i][0];
      }
    }
    Found found = search(A, null, 0, 200);
    assertEquals(Termination.Type.STALLED, found.end().type());
    assertEquals(rank, found.search().heldRank());
    assertEquals(many, found.search().heldCount());
    assertArrayEquals(LongStream.range(0, many).toArray(), found.search().heldRows());
    assertEquals(3.0 * many / 1000, found.search().held(), 1e-9);
  }

  /**
   * Groups that hardly touch: as many factors that a round hardly moves. Newton's method finds them
   * where all rows fit into memory twice, and else it is said that they do not.
   */
  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, 0})
  void groupsThatHardlyTouchNeedAllRowsInMemory(long memory) {
    int groups = 30;
    double[][] A = new double[groups * 12][groups + 2];
    Random random = new Random(6);
    for (int i = 0; i < A.length; i++) {
      A[i][i % groups] = 1;
      A[i][groups] = random.nextGaussian();
      A[i][groups + 1] = random.nextGaussian();
    }
    double[] w = random.doubles(A.length).map(u -> Math.exp(random.nextGaussian())).toArray();
    double[] target = scores(A, w);
    Found found = search(A, target, memory, 300);
    assertEquals(memory == 0, found.search().isTooLargeForNewton());
    if (memory == 0) {
      assertEquals(Termination.Type.STALLED, found.end().type(), found.end().message());
      assertTrue(found.residual() <= 1e-2, "residual " + found.residual()); // the best one met
      return;
    }
    assertEquals(Termination.Type.CONVERGED, found.end().type(), found.end().message());
    double factor = w[0] / found.weights()[0];
    for (int i = 0; i < w.length; i++) { // some 1e3 times the error of the scores
      assertEquals(w[i], factor * found.weights()[i], 1e-7 * w[i]);
    }
  }

  /** Of diag(w) A, by the reference. */
  private static double[] scores(double[][] A, double[] w) {
    double[][] B = new double[A.length][];
    Arrays.setAll(B, i -> Arrays.stream(A[i]).map(a -> w[i] * a).toArray());
    try (Device device = TestedDevices.open(1);
        Workspace space = new Workspace(device)) {
      var rows = PlainProblem.upload(B, space);
      double[] ones = new double[A.length];
      Arrays.fill(ones, 1);
      GramFactor factor = new GramFactor(A[0].length, space);
      assertTrue(factor.ofRows(rows, space.upload(ones)));
      var sigma = space.vector(A.length);
      factor.scores(rows, space.upload(ones), sigma);
      return PlainProblem.download(sigma, space);
    }
  }
}
