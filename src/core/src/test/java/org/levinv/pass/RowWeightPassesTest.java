package org.levinv.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/**
 * The passes of a search for row weights and of scatter, against dense formulas. Row 5 is zero,
 * rows 9 and 30 are heavy, and rows divisible by 6 lie in the plane of the first two columns.
 * Tolerances are some 1e3 roundings of sums of 70 terms.
 */
class RowWeightPassesTest {
  private static final int N = 70;
  private static final int D = 4;
  private static final double HEAVY = 0.3;
  private static final double TOLERANCE = 1e-11;
  private final double[][] A = PlainProblem.waves(N, D).A();
  private final double[] target = new double[N];
  private final double[][] S = {{3, 1, 0, 0}, {1, 2, 0.5, 0}, {0, 0.5, 4, 1}, {0, 0, 1, 2}};
  private final double[][] inverseS = DenseLoss.inverse(S);
  private final Device device = TestedDevices.open(1);
  private final double[] inverseR;
  private final RowStore store;

  RowWeightPassesTest() {
    for (int i = 0; i < N; i += 6) {
      A[i][2] = 0;
      A[i][3] = 0;
    }
    A[5] = new double[D];
    Arrays.setAll(
        target, i -> i == 5 ? 0 : i == 9 || i == 30 ? 0.8 : 0.04 * (1 + 0.5 * Math.sin(3 * i)));
    inverseR = Dense.inverseR(S, device);
    double[] none = new double[D];
    store = LeafStore.resident(PlainProblem.of(A, none, new double[N]).rows(target, null), device);
  }

  @AfterEach
  void close() {
    store.close();
    device.close();
  }

  private static double sum(IntToDoubleFunction term) {
    return Dense.sum(N, term);
  }

  private double[] weighted(IntToDoubleFunction u) {
    return DenseLoss.flat(Dense.gram(A, u));
  }

  private static void assertClose(double[] expected, double[] found) {
    Dense.assertClose(expected, found, TOLERANCE);
  }

  private static long[] rows(IntPredicate holds) {
    return IntStream.range(0, N).filter(holds).asLongStream().toArray();
  }

  private boolean isHeavy(int i) {
    return target[i] > HEAVY;
  }

  /** ||a_i||^2. */
  private double square(int i) {
    return DenseLoss.dot(A[i], A[i]);
  }

  /** a_i^T S^-1 a_i. */
  private double q(int i) {
    return DenseLoss.dot(A[i], PlainProblem.times(inverseS, A[i]));
  }

  private TargetWeights weights(RowTargets targets) {
    return new TargetWeights(inverseR, targets, new long[] {9, 30}, new double[] {2, 5});
  }

  /** t_i / q_i, and what is given for the heavy rows. */
  private double u(int i) {
    return i == 9 ? 2 : i == 30 ? 5 : i == 5 ? 0 : target[i] / q(i);
  }

  @Test
  void targets() {
    TargetSums found = store.run(new TargetPass(HEAVY, 10));
    assertEquals(1, found.zeros());
    assertEquals(N - 1, found.positive());
    assertEquals(sum(i -> target[i]), found.sum(), TOLERANCE);
    assertEquals(sum(i -> target[i] * (1 - target[i])), found.degrees(), TOLERANCE);
    assertEquals(sum(i -> target[i] * target[i]), found.squares(), TOLERANCE);
    assertEquals(0.8, found.largest());
    assertEquals(9, found.largestRow(), "the first of two");
    assertEquals(0, found.smallest());
    assertEquals(5, found.smallestRow());
    assertArrayEquals(rows(this::isHeavy), found.heavy().numbers());
    assertEquals(0, found.impossible().size());
    assertClose(
        weighted(i -> i == 5 || isHeavy(i) ? 0 : target[i] / square(i)),
        DenseLoss.download(found.gram(), device));
  }

  /** A row of zeros has no score, so none but 0 can be asked of it. */
  @Test
  void impossibleTargets() {
    double[] asked = target.clone();
    asked[5] = 0.1;
    double[] none = new double[D];
    try (RowStore own =
        LeafStore.resident(PlainProblem.of(A, none, new double[N]).rows(asked, null), device)) {
      assertArrayEquals(new long[] {5}, own.run(new TargetPass(HEAVY, 10)).impossible().numbers());
    }
  }

  @Test
  void weightsOfAMetric() {
    WeightSums found = store.run(new WeightsPass(weights(RowTargets.GIVEN)));
    assertClose(weighted(i -> isHeavy(i) ? 0 : u(i)), DenseLoss.download(found.gram(), device));
    double[] growth =
        IntStream.range(0, N)
            .filter(i -> i != 5 && !isHeavy(i))
            .mapToDouble(i -> square(i) / q(i))
            .sorted()
            .toArray();
    assertEquals(growth[growth.length - 1], found.growth(), TOLERANCE * 10);
    assertEquals(1 / growth[0], found.shrinkage(), TOLERANCE * 10);
  }

  /** All logits moved by a shift, to first order. */
  @Test
  void errorsOfScores() {
    RowTargets moved = new RowTargets(Double.NaN, false, 1e-3);
    double[] sigma = new double[N];
    Arrays.setAll(sigma, i -> Math.min(1, u(i) * q(i)));
    TargetErrorPass.Errors found =
        store.run(
            new TargetErrorPass(new WeightedScores(weights(RowTargets.GIVEN), inverseR), moved));
    assertEquals(relative(sigma, i -> target[i]), found.given(), TOLERANCE);
    assertEquals(
        relative(sigma, i -> target[i] + 1e-3 * target[i] * (1 - target[i])),
        found.shifted(),
        TOLERANCE);
  }

  private static double relative(double[] sigma, IntToDoubleFunction t) {
    return Math.sqrt(
        sum(i -> (sigma[i] - t.applyAsDouble(i)) * (sigma[i] - t.applyAsDouble(i)))
            / sum(i -> t.applyAsDouble(i) * t.applyAsDouble(i)));
  }

  @Test
  void rowsInSubspaces() {
    double[][] basis = {{1, 0, 0, 0}, {0, 1, 0, 0}};
    SubspaceSums found = store.run(new SubspacePass(basis, weights(RowTargets.GIVEN), 5, 4));
    long[] inPlane = rows(i -> i % 6 == 0);
    assertEquals(0, found.count()[0], "no row along the first column alone");
    assertEquals(inPlane.length, found.count()[1]);
    assertEquals(0, found.held()[0]);
    assertEquals(sum(i -> i % 6 == 0 ? target[i] : 0), found.held()[1], TOLERANCE);
    assertArrayEquals(Arrays.copyOf(inPlane, 4), found.inside().numbers());
    double[] growth = new double[N];
    Arrays.setAll(growth, i -> i == 5 || i % 6 == 0 ? 0 : u(i) * square(i) / target[i]);
    double fifth = Arrays.stream(growth).sorted().toArray()[N - 5];
    assertArrayEquals(rows(i -> growth[i] >= fifth), found.outside().numbers());
  }

  /** r = ||R^-T c||; a row with r = 0 does not count. */
  @Test
  void stepOfTheMedian() {
    LocationSums found = store.run(new LocationPass(inverseR));
    assertEquals(N - 1, found.count());
    assertClose(weighted(i -> i == 5 ? 0 : 1 / q(i)), DenseLoss.download(found.gram(), device));
    assertClose(
        Dense.sums(A, i -> i == 5 ? 0 : 1 / Math.sqrt(q(i))), Dense.download(found.sum(), device));
  }

  @Test
  void weightsAndDistancesOfRows() {
    assertClose(
        IntStream.range(0, N).mapToDouble(i -> 3 * Math.sqrt(q(i))).toArray(),
        mapped(new Distances(inverseR, 3)));
    assertClose(
        IntStream.range(0, N).mapToDouble(i -> 2 * Math.sqrt(u(i))).toArray(),
        mapped(new RootWeights(weights(RowTargets.GIVEN), 2, true)));
    assertClose(
        IntStream.range(0, N).mapToDouble(i -> i == 5 ? 0 : 1 / Math.sqrt(square(i))).toArray(),
        mapped(new UnitRows(null)));
    assertClose(
        IntStream.range(0, N)
            .mapToDouble(i -> i == 5 || i % 6 == 0 ? 0 : 1 / Math.sqrt(square(i)))
            .toArray(),
        mapped(SubspacePass.unitRowsOutside(new double[][] {{1, 0, 0, 0}, {0, 1, 0, 0}})));
  }

  private double[] mapped(org.levinv.rows.RowMap map) {
    double[] found = new double[N];
    store.map(
        map, (first, count, values) -> System.arraycopy(values, 0, found, (int) first, count));
    return found;
  }
}
