package org.levinv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.ScaleResult.Status;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.solve.ScaleSolve;

/** Row weights for given scores, and Tyler's estimator beside the textbook's fixed point. */
class ScaleTest {

  /** Five kinds of rows, two of them heavy-tailed. */
  private static double[][] rows(String kind, int n, int d, long seed) {
    Random random = new Random(seed);
    double[][] A = new double[n][d];
    for (double[] a : A) {
      Arrays.setAll(a, j -> random.nextGaussian());
      switch (kind) {
        case "cauchy" -> times(a, 1 / Math.abs(random.nextGaussian()));
        case "contaminated" -> times(a, random.nextInt(5) == 0 ? 1e4 : 1);
        case "correlated" -> {
          for (int j = 1; j < d; j++) {
            a[j] = 0.99 * a[j - 1] + 0.1 * a[j];
          }
        }
        case "scaled" -> {
          for (int j = 0; j < d; j++) {
            a[j] *= Math.pow(10, 6.0 * j / d);
          }
        }
        default -> {}
      }
    }
    return A;
  }

  private static void times(double[] a, double factor) {
    for (int j = 0; j < a.length; j++) {
      a[j] *= factor;
    }
  }

  /** S = (d/n) sum of a a^T / (a^T S^-1 a), scaled to trace d in every step. */
  private static double[][] fixedPoint(double[][] A) {
    int n = A.length;
    int d = A[0].length;
    double[][] S = new double[d][d];
    for (int j = 0; j < d; j++) {
      S[j][j] = 1;
    }
    double change = 1;
    for (int round = 0; round < 5000 && change > 1e-14; round++) {
      double[][] inverse = MatrixUtils.inverse(new Array2DRowRealMatrix(S, false), 0).getData();
      double[][] next = new double[d][d];
      for (double[] a : A) {
        double form = 0;
        for (int j = 0; j < d; j++) {
          for (int k = 0; k < d; k++) {
            form += a[j] * inverse[j][k] * a[k];
          }
        }
        for (int j = 0; j < d; j++) {
          for (int k = 0; k < d; k++) {
            next[j][k] += a[j] * a[k] / form;
          }
        }
      }
      double trace = IntStream.range(0, d).mapToDouble(j -> next[j][j]).sum();
      change = 0;
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          next[j][k] *= d / trace;
          change =
              Math.max(change, Math.abs(next[j][k] - S[j][k]) / Math.sqrt(next[j][j] * next[k][k]));
        }
      }
      S = next;
    }
    return S;
  }

  @ParameterizedTest
  @CsvSource({
    "gaussian, 200, 4",
    "cauchy, 300, 5",
    "contaminated, 150, 6",
    "correlated, 200, 5",
    "scaled, 250, 4"
  })
  void tylerIsTheFixedPoint(String kind, int n, int d) {
    double[][] A = rows(kind, n, d, 5);
    double[][] expected = fixedPoint(A);
    for (String device : new String[] {"cpu", "reference"}) {
      try (Inverter inverter = Inverter.open(device, 1)) {
        ScaleResult result = inverter.tyler(RowSource.of("rows", A), Options.defaults());
        assertEquals(Status.CONVERGED, result.status(), result.message());
        for (int j = 0; j < d; j++) {
          for (int k = 0; k < d; k++) {
            double size = Math.sqrt(expected[j][j] * expected[k][k]);
            assertEquals(expected[j][k], result.scatter()[j][k], 1e-10 * size);
          }
        }
        assertEquals(d, IntStream.range(0, d).mapToDouble(j -> result.scatter()[j][j]).sum(), 1e-9);
        assertTrue(result.evaluations() <= 40, "evaluations " + result.evaluations());
      }
    }
  }

  /** Scores of random weights are a feasible target, and determine them up to a factor. */
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void weightsAreThoseThatMadeTheScores(String device) {
    double[][] A = rows("gaussian", 80, 5, 6);
    Random random = new Random(7);
    double[] w = random.doubles(80, -2, 2).map(Math::exp).toArray();
    double[] b = Arrays.stream(w).map(value -> -1 / value).toArray();
    try (Inverter inverter = Inverter.open(device, 1)) {
      double[] sigma = inverter.scores(RowSource.of("rows", A), b, new double[5]);
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      double factor = w[0] / result.weights()[0];
      for (int i = 0; i < 80; i++) {
        assertEquals(w[i], factor * result.weights()[i], 1e-8 * w[i]);
      }
      assertArrayEquals(sigma, result.scores(), 1e-11);
    }
  }

  /**
   * 60 of 100 rows on a plane of three dimensions hold 1.8 of a line, or more than 2 of a plane.
   */
  @ParameterizedTest
  @CsvSource({"1, 40", "2, 75"})
  void rowsThatHoldTooMuchAreNamed(int rank, int many) {
    double[][] A = rows("gaussian", 100, 3, 8);
    int[] inside = new int[many];
    for (int k = 0; k < many; k++) {
      inside[k] = k * 100 / many;
      for (int j = rank; j < 3; j++) {
        A[inside[k]][j] = A[inside[k]][0];
      }
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      ScaleResult result = inverter.tyler(RowSource.of("rows", A), Options.defaults());
      assertEquals(Status.INFEASIBLE_TARGET, result.status(), result.message());
      assertArrayEquals(Arrays.stream(inside).asLongStream().toArray(), result.infeasibleRows());
      assertTrue(result.message().contains("subspace of dimension " + rank), result.message());
      assertTrue(result.evaluations() <= 100, "evaluations " + result.evaluations());
      assertTrue(Arrays.stream(result.weights()).allMatch(Double::isFinite));
    }
  }

  /** Half of the rows on a line of the plane, the others not on another: no finite weights. */
  @Test
  void aTargetThatIsMetInTheLimitOnlyIsCalledSo() {
    double[][] A = rows("gaussian", 40, 2, 9);
    for (int i = 0; i < 20; i++) {
      A[i][1] = 0;
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      ScaleResult result = inverter.tyler(RowSource.of("rows", A), Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals(1, result.warnings().size());
      assertTrue(
          result
              .warnings()
              .get(0)
              .startsWith(
                  "the target is met in the limit of infinite weights only: 20 rows (0, 1,"),
          result.warnings().get(0));
      assertTrue(Arrays.stream(result.weights()).allMatch(Double::isFinite));
    }
  }

  /** Two groups of rows in complementary subspaces: each is scaled on its own, and it is said. */
  @Test
  void groupsThatShareNothingAreFeasible() {
    double[][] A = rows("gaussian", 40, 4, 12);
    for (int i = 0; i < 40; i++) {
      Arrays.fill(A[i], i % 2 == 0 ? 0 : 2, i % 2 == 0 ? 2 : 4, 0);
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      ScaleResult result = inverter.tyler(RowSource.of("rows", A), Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals(1, result.warnings().size(), result.warnings().toString());
      assertTrue(
          result.warnings().get(0).contains("complementary subspaces of dimensions 2 and 2"),
          result.warnings().get(0));
    }
  }

  private static double[] target(int n, int d, double... first) {
    double[] target = new double[n];
    Arrays.fill(target, (d - Arrays.stream(first).sum()) / (n - first.length));
    System.arraycopy(first, 0, target, 0, first.length);
    return target;
  }

  /**
   * On the boundary: three rows of a plane that hold 2, a row of its own that holds 1. The score of
   * a row comes within the tolerance of 1; that of three rows is approached too slowly.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void rowsThatHoldAllTheyCanAreNamed(int count) {
    double[][] A = rows("gaussian", 40, 4, 13);
    Arrays.setAll(A[2], j -> A[0][j] + A[1][j]);
    double[] sigma = count == 1 ? target(40, 4, 1) : target(40, 4, 2.0 / 3, 2.0 / 3, 2.0 / 3);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      String said = count == 1 ? result.warnings().get(0) : result.message();
      assertEquals(count == 1 ? Status.CONVERGED : Status.INFEASIBLE_TARGET, result.status(), said);
      assertArrayEquals(
          LongStream.range(0, count == 1 ? 0 : count).toArray(), result.infeasibleRows());
      assertTrue(
          said.startsWith(
              "the target is met in the limit of infinite weights only: "
                  + (count == 1 ? "row 0 holds" : "rows 0, 1, 2 hold")),
          said);
      assertTrue(Arrays.stream(result.weights()).allMatch(Double::isFinite));
      assertTrue(result.evaluations() <= 200, "evaluations " + result.evaluations());
    }
  }

  /** The same targets where the other rows lie in the complement: each part on its own. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void rowsThatHoldAllOfAPartOfTheirOwnAreFeasible(int count) {
    double[][] A = rows("gaussian", 40, 4, 14);
    int rank = count == 1 ? 1 : 2;
    for (int i = 0; i < 40; i++) {
      Arrays.fill(A[i], i < count ? rank : 0, i < count ? 4 : rank, 0);
    }
    double[] sigma = count == 1 ? target(40, 4, 1) : target(40, 4, 2.0 / 3, 2.0 / 3, 2.0 / 3);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals(1, result.warnings().size(), result.warnings().toString());
      assertTrue(
          result.warnings().get(0).contains("complementary subspaces"), result.warnings().get(0));
      ScaleResult cut =
          inverter.scale(RowSource.of("rows", A), sigma, Options.defaults().withMaxIterations(1));
      assertEquals(0, cut.infeasibleRows().length, cut.message());
    }
  }

  /** Copies of one row, a plane within 1e-9, more rows in a subspace than it can bear. */
  @ParameterizedTest
  @CsvSource({"copies, 1, 30", "plane, 2, 3", "groups, 2, 26"})
  void kindsOfRowsThatHoldTooMuchAreNamed(String kind, int rank, int many) {
    double[][] A = rows("cauchy", 40, 4, 15);
    double[] sigma = target(40, 4);
    for (int i = 0; i < 40; i++) {
      switch (kind) {
        case "copies" -> A[i] = i < many ? A[0].clone() : A[i];
        case "groups" -> Arrays.fill(A[i], i < many ? 2 : 0, i < many ? 4 : 2, 0);
        default -> {}
      }
    }
    if (kind.equals("plane")) {
      Arrays.setAll(A[2], j -> A[0][j] + A[1][j] + 1e-9 * j);
      sigma = target(40, 4, 0.9, 0.9, 0.9);
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.INFEASIBLE_TARGET, result.status(), result.message());
      assertArrayEquals(LongStream.range(0, many).toArray(), result.infeasibleRows());
      assertTrue(result.message().contains("subspace of dimension " + rank), result.message());
      assertTrue(result.evaluations() <= 100, "evaluations " + result.evaluations());
      assertTrue(Arrays.stream(result.weights()).allMatch(Double::isFinite));
    }
  }

  /** As many rows as columns are refused, one more is enough; copies of all rows change nothing. */
  @Test
  void fewRowsAndCopies() {
    double[][] A = rows("gaussian", 7, 6, 16);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      assertThrows(
          InvalidInputException.class,
          () -> inverter.tyler(RowSource.of("rows", Arrays.copyOf(A, 6)), Options.defaults()));
      ScaleResult one = inverter.tyler(RowSource.of("rows", A), Options.defaults());
      assertEquals(Status.CONVERGED, one.status(), one.message());
      double[][] twice = Arrays.copyOf(A, 14);
      System.arraycopy(A, 0, twice, 7, 7);
      ScaleResult two = inverter.tyler(RowSource.of("rows", twice), Options.defaults());
      assertEquals(Status.CONVERGED, two.status(), two.message());
      for (int j = 0; j < 6; j++) {
        assertArrayEquals(one.scatter()[j], two.scatter()[j], 1e-8);
      }
    }
  }

  /** What {@code solve} refuses before any work is no target of {@code scale} either. */
  @Test
  void targetsThatAreNoScores_areRefused() {
    double[][] A = rows("gaussian", 30, 3, 10);
    Arrays.fill(A[7], 0);
    double[] sigma = new double[30];
    Arrays.fill(sigma, 3 / 29.0);
    sigma[7] = 0;
    refused(A, with(sigma, 4, 1.2), "row 4: expected a leverage score between 0 and 1, got 1.2");
    refused(A, with(sigma, 4, -0.2), "row 4: expected a leverage score between 0 and 1, got -0.2");
    refused(A, with(sigma, 7, 0.2), "row 7: expected 0, the score of a row of zeros of rows, got");
    refused(A, new double[30], ": expected a sum of d = 3 (the columns of A), got 0.0");
    double[] twice = Arrays.stream(sigma).map(t -> 2 * t).toArray();
    refused(A, twice, "expected scores of rows, which sum to 3, got a sum of 6.000000, as of");
  }

  private static double[] with(double[] sigma, int row, double value) {
    double[] changed = sigma.clone();
    changed[row] = value;
    return changed;
  }

  private static void refused(double[][] A, double[] sigma, String words) {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      RowSource rows = RowSource.of("rows", A);
      for (Executable call :
          new Executable[] {
            () -> inverter.scale(rows, sigma, Options.defaults()),
            () -> inverter.invert(new Problem(rows, new double[30], sigma), Options.defaults())
          }) {
        String said = assertThrows(InvalidInputException.class, call).getMessage();
        assertTrue(said.contains(words), said);
      }
    }
  }

  @Test
  void targetsThatCannotBeAreInfeasible() {
    double[][] A = rows("gaussian", 30, 3, 10);
    double[] sigma = new double[30];
    Arrays.fill(sigma, 1.95 / 29);
    sigma[4] = 1.05; // as near to 1 as noise
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      ScaleResult more = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.INFEASIBLE_TARGET, more.status());
      assertArrayEquals(new long[] {4}, more.infeasibleRows());
      sigma[4] = 0.5;
      ScaleResult less = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.INFEASIBLE_TARGET, less.status());
      assertTrue(less.message().startsWith("the target sums to 2.4"), less.message());
      Arrays.fill(A[7], 0);
      Arrays.fill(sigma, 0.1); // no more than noise
      ScaleResult zero = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.INFEASIBLE_TARGET, zero.status());
      assertTrue(zero.message().endsWith("row 7"), zero.message());
      ScaleResult tyler = inverter.tyler(RowSource.of("rows", A), Options.defaults());
      assertEquals(Status.CONVERGED, tyler.status());
      assertEquals(0, tyler.weights()[7]);
      sigma[3] = -0.1;
      assertThrows(
          InvalidInputException.class,
          () -> inverter.scale(RowSource.of("rows", A), sigma, Options.defaults()));
      for (double[] a : A) {
        a[2] = a[0] + a[1];
      }
      assertTrue(
          assertThrows(
                  InvalidInputException.class,
                  () -> inverter.tyler(RowSource.of("rows", A), Options.defaults()))
              .getMessage()
              .contains("rank 2"));
    }
  }

  @Test
  void theLimitIsKept() {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      ScaleResult result =
          inverter.tyler(
              RowSource.of("rows", rows("cauchy", 60, 4, 11)),
              Options.defaults().withMaxIterations(2));
      assertEquals(Status.ITERATION_LIMIT, result.status());
      assertEquals(2, result.evaluations());
    }
  }

  /** Weights in a sink are those of an array, and the result has no vectors. */
  @Test
  void aSinkTakesTheWeights() {
    double[][] A = rows("scaled", 300, 4, 17);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      ScaleResult expected = inverter.tyler(RowSource.of("rows", A), Options.defaults());
      double[] w = new double[300];
      ScaleResult result =
          inverter.tyler(
              RowSource.of("rows", A),
              Options.defaults(),
              (first, count, values) -> System.arraycopy(values, 0, w, (int) first, count));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertNull(result.weights());
      assertNull(result.scores());
      assertEquals(300, result.rows());
      assertArrayEquals(expected.weights(), w);
    }
  }

  /** A progress that says stop ends the search with the best weights so far. */
  @Test
  void aSearchThatIsStoppedKeepsItsWeights() {
    double[][] A = rows("cauchy", 120, 4, 18);
    double[] w = new double[120];
    boolean[] enough = {false};
    Options options =
        Options.defaults()
            .withProgress(
                new Progress() {
                  @Override
                  public void step(Step step) {
                    enough[0] |= step.iteration() == 4;
                  }

                  @Override
                  public boolean stop() {
                    return enough[0];
                  }
                });
    try (Device device = new CpuDevice(1)) {
      ScaleSolve solve =
          new ScaleSolve(
              List.of(device),
              RowSource.of("rows", A),
              null,
              options,
              (first, count, values) -> System.arraycopy(values, 0, w, (int) first, count));
      ScaleResult result = solve.run();
      assertEquals(ScaleResult.Status.INTERRUPTED, result.status(), result.message());
      assertEquals(4, result.evaluations());
      double[] b = Arrays.stream(w).map(value -> -1 / value).toArray();
      try (Inverter inverter = Inverter.open("cpu", 1)) {
        double[] sigma = inverter.scores(RowSource.of("rows", A), b, new double[4]);
        for (double score : sigma) { // some tenfold closer each round
          assertEquals(4.0 / 120, score, 0.02 * 4 / 120);
        }
      }
    }
  }

  /** Rings of nodes with chords, joined by edges whose score is 1 with every weight. */
  private static double[][] graphWithBridges(Random random) {
    int rings = 3;
    int ring = 8 + random.nextInt(20);
    List<int[]> edges = new ArrayList<>();
    for (int r = 0; r < rings; r++) {
      int first = r * ring;
      for (int k = 0; k < ring; k++) {
        edges.add(new int[] {first + k, first + (k + 1) % ring});
        int chord = 2 + random.nextInt(ring - 3);
        edges.add(new int[] {first + k, first + (k + chord) % ring});
      }
      edges.add(new int[] {first, (r + 1) * ring});
    }
    double[][] A = new double[edges.size()][rings * ring + 1];
    for (int i = 0; i < A.length; i++) {
      A[i][edges.get(i)[0]] = 1;
      A[i][edges.get(i)[1]] = -1;
    }
    return Arrays.stream(A).map(a -> Arrays.copyOfRange(a, 1, a.length)).toArray(double[][]::new);
  }

  private static double[] weights(int n, double spread, Random random) {
    double[] w = new double[n];
    Arrays.setAll(w, i -> Math.exp(spread * random.nextGaussian()));
    return w;
  }

  private static double[] scores(Inverter inverter, double[][] A, double[] w) throws IOException {
    double[] sigma = new double[w.length];
    inverter.hatValues(
        RowSource.of("rows", A),
        VectorSource.of("weights", w),
        Options.defaults(),
        (first, count, values) -> System.arraycopy(values, 0, sigma, (int) first, count));
    return sigma;
  }

  /** The parts between bridges are problems of their own, however their weights spread. */
  @ParameterizedTest
  @CsvSource({"1, 31", "1, 32", "3, 33", "3, 34", "4, 35", "4, 36"})
  void graphsWithBridgesConverge(double spread, long seed) throws IOException {
    Random random = new Random(seed);
    double[][] A = graphWithBridges(random);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] sigma = scores(inverter, A, weights(A.length, spread, random));
      assertEquals(3, Arrays.stream(sigma).filter(s -> s > 1 - 1e-12).count());
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertArrayEquals(sigma, scores(inverter, A, result.weights()), 1e-9);
    }
  }

  /** A row of zeros has score 0, and what another program computes for it. */
  @Test
  void roundingOfTheScoreOfARowOfZerosIsNone() throws IOException {
    double[][] A = rows("gaussian", 60, 3, 45);
    Arrays.fill(A[7], 0);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] sigma = scores(inverter, A, weights(60, 1, new Random(46)));
      sigma[7] = 1e-17;
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals(0, result.weights()[7]);
    }
  }

  /** Columns in units from 1e-20 to 1e20. */
  @ParameterizedTest
  @ValueSource(longs = {41, 42})
  void unitsOfTheColumnsDoNotCount(long seed) throws IOException {
    Random random = new Random(seed);
    double[][] A = rows("gaussian", 60, 5, seed);
    for (int j = 0; j < 5; j++) {
      double unit = Math.pow(10, -20 + 10 * j);
      for (double[] a : A) {
        a[j] *= unit;
      }
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] sigma = scores(inverter, A, weights(60, 1, random));
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertArrayEquals(sigma, scores(inverter, A, result.weights()), 1e-9);
      ScaleResult tyler = inverter.tyler(RowSource.of("rows", A), Options.defaults());
      assertEquals(Status.CONVERGED, tyler.status(), tyler.message());
    }
  }

  /** Nearly dependent columns define scores to eps cond, and more cannot be asked. */
  @Test
  void whatRoundingLeavesIsConverged() throws IOException {
    Random random = new Random(43);
    double[][] A = rows("gaussian", 200, 6, 43);
    for (double[] a : A) {
      a[1] = a[0] + 1e-9 * a[1];
      times(a, Math.exp(3 * random.nextGaussian()));
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] sigma = scores(inverter, A, weights(200, 3, random));
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(result.relativeResidual() > 1e-10, result.message()); // or it would show nothing
      double cond = result.accuracy().condition(); // columns 1e-9 apart, and weights that spread
      assertTrue(cond > 1e9 && cond < 1e12, "condition " + cond);
      assertEquals(Math.ulp(1.0) * cond, result.accuracy().error(), 1e-20);
    }
  }

  /** Sums of targets that float32 numbers leave are met, and it is said; others are not. */
  @Test
  void aSumThatIsRoundedIsMet() {
    double[][] A = rows("gaussian", 50, 3, 19);
    Random random = new Random(20);
    double[] b = random.doubles(50, 1, 9).map(value -> -value).toArray();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] exact = inverter.scores(RowSource.of("rows", A), b, new double[3]);
      double[] sigma = Arrays.stream(exact).map(value -> (float) value).toArray();
      assertTrue(Math.abs(Arrays.stream(sigma).sum() - 3) > 1e-12);
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(
          result.warnings().get(0).startsWith("the target sums to "), result.warnings().toString());
      for (int i = 0; i < 50; i++) { // rounding of float32, and what the sum takes
        assertEquals(sigma[i], result.scores()[i], 1e-7 * sigma[i] + 1e-10);
      }
    }
  }

  /** Likewise of decimals that are seen; the scores agree up to them and the move of the sum. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 6})
  void aSumThatDecimalsLeaveIsMet(int decimals) {
    double unit = Math.pow(10, decimals);
    double[][] A = rows("gaussian", 200, 3, 21);
    double[] b = new Random(22).doubles(200, 1, 9).map(value -> -value).toArray();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] exact = inverter.scores(RowSource.of("rows", A), b, new double[3]);
      double[] sigma = Arrays.stream(exact).map(t -> Math.rint(t * unit) / unit).toArray();
      double off = Math.abs(Arrays.stream(sigma).sum() - 3);
      assertTrue(off > 3e-7, "off by " + off); // more than float32 leaves
      ScaleResult result = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.CONVERGED, result.status(), result.message());
      for (int i = 0; i < 200; i++) {
        assertEquals(exact[i], result.scores()[i], 0.5 / unit + off * exact[i]);
      }
      sigma[0] += 20 * off;
      ScaleResult other = inverter.scale(RowSource.of("rows", A), sigma, Options.defaults());
      assertEquals(Status.INFEASIBLE_TARGET, other.status(), other.message());
    }
  }
}
