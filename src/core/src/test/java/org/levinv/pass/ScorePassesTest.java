package org.levinv.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Precision;
import org.levinv.device.TestedDevices;
import org.levinv.model.ScoreUncertainty;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Pass;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/**
 * The passes that find slacks, scores and sums over them, in the search and in the verification,
 * against dense formulas. Tolerances are some 1e3 roundings of sums of 80 terms.
 */
class ScorePassesTest {
  private static final int N = 80;
  private static final int D = 4;
  private static final double TOLERANCE = 1e-11;
  private final PlainProblem problem = PlainProblem.waves(N, D);
  private final double[] target = new double[N];
  private final double[] sign = new double[N];
  private final double[] x = problem.x();
  private final DenseLoss dense;
  private final double[] slack = PlainProblem.times(problem.A(), x);
  private final Device device = TestedDevices.open(1);
  private final RowStore store;
  private final double[] inverseR;

  ScorePassesTest() {
    Arrays.setAll(target, i -> i % 9 == 0 ? 0 : 0.05 * (1 + 0.3 * Math.sin(7 * i)));
    Arrays.setAll(sign, i -> i % 5 == 0 ? -1 : 1); // all slacks are positive
    Arrays.setAll(slack, i -> slack[i] - problem.b()[i]);
    dense = new DenseLoss(problem, target, x);
    store =
        LeafStore.resident(
            problem.rows(target, null).with(Field.SIGN, VectorSource.of("signs", sign)), device);
    inverseR = dense.inverseR(device);
  }

  @AfterEach
  void close() {
    store.close();
    device.close();
  }

  private static void assertClose(double[] expected, double[] found) {
    Dense.assertClose(expected, found, TOLERANCE);
  }

  private void assertMatrix(double[][] expected, org.levinv.device.Matrix found) {
    assertClose(DenseLoss.flat(expected), DenseLoss.download(found, device));
  }

  /** That of a target of 0 is infinite, but for its bound. */
  private double step(int i) {
    return Dense.logitStep(target[i], dense.sigma[i]);
  }

  /** Rows i of those that hold. */
  private static long[] rows(java.util.function.IntPredicate holds) {
    return IntStream.range(0, N).filter(holds).asLongStream().toArray();
  }

  @Test
  void scoresAndTheirErrors() {
    ScoreSums found = store.run(new ScorePass(x, inverseR, 1, true, new Draws(3, 1, 5)));
    assertEquals(DenseLoss.dot(dense.r, dense.r), found.error().residualSquare(), TOLERANCE);
    assertEquals(DenseLoss.dot(target, target), found.error().targetSquare(), TOLERANCE);
    assertEquals(Arrays.stream(dense.degrees()).sum(), found.error().degrees(), TOLERANCE);
    double[] squares = dense.degrees();
    Arrays.setAll(squares, i -> squares[i] * step(i) * step(i));
    assertEquals(Arrays.stream(squares).sum(), found.error().logitSquare(), TOLERANCE);
    assertEquals(DenseLoss.dot(dense.sigma, dense.sigma), found.scoreSquare(), TOLERANCE);
    double most = Arrays.stream(dense.sigma).max().orElseThrow();
    assertEquals(most, found.largest(), TOLERANCE);
    assertEquals(most, dense.sigma[(int) found.largestRow()], 0);
    assertMatrix(dense.weighted(dense.r), found.Q());
    Draws draws = new Draws(3, 1, 5);
    assertArrayEquals(
        rows(i -> draws.coin(i) < 5 * dense.sigma[i]), found.drawn().numbers(), "drawn");
    assertNull(store.run(ScorePass.withDraws(x, inverseR, false, List.of())).Q());
  }

  @Test
  void rowsDrawnByTheirTargets() {
    Draws draws = new Draws(4, 2, 8);
    assertArrayEquals(
        rows(i -> target[i] > 0 && draws.coin(i) < 8 * target[i]),
        store.run(new DrawPass(draws)).numbers());
  }

  @Test
  void gramOfSlacks() {
    assertMatrix(dense.G, store.run(SlackGramPass.at(x)).G());
    double[] all = new double[N];
    Arrays.setAll(all, i -> i == 3 || i == 70 ? 0 : 1);
    long[] asked = {0, 41, 79};
    SlackGram found =
        store.run(
            new SlackGramPass(
                x, null, new long[] {3, 70}, asked, SignRule.FIELD, Precision.DOUBLE));
    assertMatrix(dense.weighted(all), found.G());
    for (int k = 0; k < asked.length; k++) {
      assertEquals(slack[(int) asked[k]], found.slacks()[k], TOLERANCE);
    }
    assertArrayEquals(rows(i -> sign[i] < 0 && target[i] > 0), found.wrongSide().numbers());
  }

  /** Slacks are compared with those before, but for rows that may cross. */
  @Test
  void rowsThatMayCross() {
    double[] before = x.clone();
    before[1] += 0.5;
    double[] there = PlainProblem.times(problem.A(), before);
    double[] shrinkage = new double[N];
    Arrays.setAll(shrinkage, i -> 1 - slack[i] / (there[i] - problem.b()[i]));
    double[] sorted = Arrays.stream(shrinkage).sorted().toArray();
    long[] crossing = rows(i -> shrinkage[i] >= sorted[N - 2]);
    SlackGramPass all = SlackGramPass.moved(x, before);
    assertEquals(sorted[N - 1], store.run(all).shrinkage(), TOLERANCE * sorted[N - 1]);
    SlackGram found = store.run(all.withCrossing(crossing));
    assertEquals(sorted[N - 3], found.shrinkage(), TOLERANCE * Math.abs(sorted[N - 3]));
    assertMatrix(dense.G, found.G());
  }

  @Test
  void signsOfAllRowsAndOfAPoint() {
    assertArrayEquals(rows(i -> target[i] > 0), wrongSides(SignRule.equal(-1)));
    assertEquals(0, wrongSides(SignRule.equal(1)).length);
    double[] y = {3, -2, 1, 4};
    double[] there = PlainProblem.times(problem.A(), y);
    assertArrayEquals(
        rows(i -> target[i] > 0 && there[i] < problem.b()[i]), wrongSides(SignRule.at(y)));
  }

  private long[] wrongSides(SignRule rule) {
    return store
        .run(new SlackGramPass(x, null, new long[0], new long[0], rule, Precision.DOUBLE))
        .wrongSide()
        .numbers();
  }

  @Test
  void signsOfAStart() {
    StartSums found = store.run(new StartPass(x, SignRule.FIELD));
    assertMatrix(dense.G, found.G());
    assertEquals(N, found.positive());
    assertEquals(0, found.negative());
    assertEquals(-1, found.noSlack());
    assertEquals(0, found.wrongSide(), "the first row with sign -1");
    assertEquals(-1, store.run(new StartPass(x, SignRule.equal(1))).wrongSide());
  }

  /** A slack of exactly 0 is named, unless the row is zero. */
  @Test
  void aStartWithoutSlack() {
    double[][] A = {{1, 0}, {0, 0}, {0, 1}, {1, 1}};
    PlainProblem at = PlainProblem.of(A, new double[] {1, 1}, new double[] {1, 0, 0, -1});
    try (RowStore own = LeafStore.resident(at.rows(null, null), device)) {
      StartSums found = own.run(new StartPass(at.x(), SignRule.NONE));
      assertEquals(2, found.noSlack());
      assertEquals(1, found.positive());
      assertEquals(1, found.negative());
      assertMatrix(new double[][] {{2, 1}, {1, 1}}, found.G());
      assertEquals(2, own.run(VerifyFactorPass.gram(at.x(), 1)).noSlack());
    }
  }

  @Test
  void gradientOfTheBarrier() {
    double[] g = Dense.download(store.run(new BarrierPass(x, inverseR, List.of())).g(), device);
    double[] expected = new double[D];
    Arrays.setAll(expected, j -> dense.sum(i -> dense.U[i][j] * dense.sigma[i]));
    assertClose(expected, g);
  }

  @Test
  void gaussNewtonWithoutCoupling() {
    double[] squares = new double[N];
    Arrays.setAll(squares, i -> 4 * Math.pow(dense.degrees()[i] + 0.1 * dense.sigma[i], 2));
    assertMatrix(dense.weighted(squares), store.run(new UncoupledPass(x, inverseR, 0.1)));
  }

  @Test
  void factorsOfTheVerification() {
    VerifyFactor gram = store.run(VerifyFactorPass.gram(x, 1));
    assertMatrix(dense.G, gram.G());
    double[] lengths = new double[N];
    Arrays.setAll(
        lengths,
        i -> Math.sqrt(DenseLoss.dot(problem.A()[i], problem.A()[i])) * Math.abs(dense.w[i]));
    assertEquals(Arrays.stream(lengths).max().orElseThrow(), gram.largest(), TOLERANCE * 100);
    assertEquals(-1, gram.noSlack());
    assertMatrix(dense.G, square(VerifyFactorPass.triangle(x, 1, null)));
    double[][] identity = new double[D][D];
    Arrays.setAll(identity, j -> unit(j));
    assertMatrix(identity, square(VerifyFactorPass.triangle(x, 1, inverseR)));
    double[] heavy = new double[N];
    Arrays.setAll(heavy, i -> i == 7 ? 9 : 1);
    double[] weight = {3 * dense.w[7]};
    assertMatrix(
        dense.weighted(heavy), square(VerifyFactorPass.reweighted(x, 1, new long[] {7}, weight)));
  }

  /** R^T R: R is unique up to the signs of its rows. */
  private org.levinv.device.Matrix square(Pass<VerifyFactor> pass) {
    org.levinv.device.Matrix G = device.allocateMatrix(D, D);
    org.levinv.device.Matrix R = store.run(pass).R();
    device.multiply(R, true, R, false, G);
    return G;
  }

  private static double[] unit(int j) {
    double[] e = new double[D];
    e[j] = 1;
    return e;
  }

  @Test
  void scoresOfTheVerification() {
    double[] scores = new double[N];
    VerifiedScores found =
        store.run(
            new VerifyScoresPass(
                x,
                1,
                inverseR,
                null,
                0,
                true,
                (first, count, values) -> System.arraycopy(values, 0, scores, (int) first, count),
                ScoreUncertainty.ROUNDING,
                SharedRounding.NONE));
    assertClose(dense.sigma, scores);
    assertEquals(DenseLoss.dot(dense.r, dense.r), found.error().residualSquare(), TOLERANCE);
    assertEquals(D, found.sum(), TOLERANCE);
    assertEquals(N, found.positive());
    assertEquals(0, found.negative());
    assertEquals(0, found.lone());
    assertArrayEquals(rows(i -> sign[i] < 0 && target[i] > 0), found.wrongRows().numbers());
    assertEquals(found.wrongRows().size(), found.wrongSide());
    double[] expected = new double[D];
    Arrays.setAll(expected, j -> dense.sum(i -> dense.U[i][j] * dense.sigma[i]));
    assertClose(expected, found.gradient());
  }
}
