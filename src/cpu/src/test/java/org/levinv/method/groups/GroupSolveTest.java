package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.cpu.CpuDevice;

class GroupSolveTest {

  /** Where a problem's data are doubles, A x is determined to this. */
  private static final double ERROR = 1e-7;

  // ---- problems that users bring

  @ParameterizedTest
  @CsvSource({
    "sprays, 6",
    "ratings, 6",
    "breaks, 6",
    "chicks-by-diet, 4",
    "survival, 12",
    "one-hot, 3",
    "chicks, 1",
    "two-periods, 1",
    "rowscale, 1",
    "slacks-1-to-2, 1"
  })
  void exactScoresWithoutSigns(String name, int groups) {
    Planted problem = Cases.of(name, 0);
    Effort effort = Effort.unbounded();
    GroupsResult result = problem.solve(false, 1, effort);
    assertEquals(Status.SOLVED, result.verdict());
    assertEquals(groups, result.groups().size());
    assertTrue(result.misfit() < GroupProblem.EXPLAINED);
    assertTrue(problem.error(result.x()) < ERROR, "error " + problem.error(result.x()));
    double work = effort.flops() / problem.unit();
    assertTrue(work < 2000, "work " + work);
  }

  @ParameterizedTest
  @CsvSource({
    "sprays, 100", "ratings, 100", "breaks, 100", "chicks-by-diet, 100", "survival, 100",
    "one-hot, 100", "chicks, 1000", "slab, 2000", "thin-1, 2000", "thin-2, 2000",
    "collinear, 2000", "c921, 2000", "c349, 2000"
  })
  void exactScoresWithSigns(String name, double mostWork) {
    Planted problem = Cases.of(name, 0);
    Effort effort = Effort.unbounded();
    GroupsResult result = problem.solve(true, 1, effort);
    assertEquals(Status.SOLVED, result.verdict());
    assertTrue(problem.error(result.x()) < ERROR, "error " + problem.error(result.x()));
    double work = effort.flops() / problem.unit();
    assertTrue(work < mostWork, "work " + work);
  }

  @ParameterizedTest
  @ValueSource(strings = {"three-decimals", "three-decimals-2"})
  void roundedScoresWithoutSigns(String name) {
    Planted problem = Cases.of(name, 5e-4);
    GroupsResult result = problem.solve(false, 1, Effort.unbounded());
    assertEquals(Status.SOLVED, result.verdict());
    // a half digit of 5e-4 in scores of about 0.1
    assertTrue(problem.error(result.x()) < 1e-3, "error " + problem.error(result.x()));
  }

  @Test
  void rowsOfZerosAreInNoGroup() {
    Planted problem = Cases.of("zero-rows", 0);
    GroupsResult result = problem.solve(false, 1, Effort.unbounded());
    assertEquals(Status.SOLVED, result.verdict());
    assertEquals(7, result.groups().get(0).rows().length);
    assertTrue(problem.error(result.x()) < ERROR);
  }

  @Test
  void infinityIsNoAnswer() {
    GroupsResult one = Cases.of("infinity-d1", 0).solve(false, 1, Effort.unbounded());
    assertEquals(Status.AT_INFINITY, one.verdict());
    Planted finite = Cases.of("infinity-finite-exists", 0);
    GroupsResult two = finite.solve(false, 1, Effort.unbounded());
    assertEquals(Status.SOLVED, two.verdict());
    assertTrue(finite.residual(two.x()) < 1e-12);
    assertTrue(Math.abs(two.x()[0]) < 1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"groups", "nearly-in-range"})
  void offsetsThatAreNearlyInTheRangeAreNeverSolved(String name) {
    GroupsResult result = Cases.of(name, 0).solve(false, 1, Effort.unbounded());
    assertTrue(result.verdict().compareTo(Status.UNDETERMINED) >= 0, "got " + result.verdict());
  }

  @ParameterizedTest
  @CsvSource({"shuffled, false", "wrong-signs, true"})
  void scoresOfNoXAreNotFound(String name, boolean signsKnown) {
    Planted problem = Cases.of(name, 1e-6);
    double[] positive = new double[problem.target().length];
    Arrays.fill(positive, 1);
    Planted signed =
        new Planted(
            name, problem.A(), problem.b(), problem.target(), null, positive, problem.delta());
    Effort effort = new Effort(2000 * signed.unit(), (stage, step, misfit) -> true);
    GroupsResult result = signed.solve(signsKnown, 1, effort);
    assertEquals(Status.NOT_FOUND, result.verdict());
    // what ends the search may cost as much as a few steps more: 3 columns have small units
    assertTrue(effort.flops() < 3500 * signed.unit(), "work " + effort.flops() / signed.unit());
  }

  // ---- planted

  @ParameterizedTest
  @CsvSource({"10, 5, 2", "10, 20, 2", "50, 8, 2", "50, 5, 3"})
  void fixedEffectsWithoutSigns(int groups, int rows, int covariates) {
    Planted problem = Planted.effects(groups, rows, covariates, true, 11);
    GroupsResult result = problem.solve(false, 2, Effort.unbounded());
    assertEquals(Status.SOLVED, result.verdict());
    assertTrue(problem.slackError(result.x()) < 1e-5, "" + problem.slackError(result.x()));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 4, 3})
  void fixedEffectsWithRoundedScores(int decimals) {
    Planted problem = Planted.effects(10, 8, 2, false, 12).rounded(decimals);
    GroupsResult result = problem.solve(true, 2, Effort.unbounded());
    assertEquals(Status.SOLVED, result.verdict());
    assertTrue(problem.residual(result.x(), 0) < GroupProblem.EXPLAINED);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-2, 1e-5, 1e-8})
  void thinPolytopes(double width) {
    Planted problem = Planted.thin(60, 8, 2, width, 13);
    GroupsResult result = problem.solve(true, 2, Effort.unbounded());
    assertEquals(Status.SOLVED, result.verdict());
    assertTrue(problem.slackError(result.x()) < 1e-5, "" + problem.slackError(result.x()));
  }

  @ParameterizedTest
  @CsvSource({
    "150, 6, 2, 1e-3, 6",
    "150, 6, 2, 1e-5, 6",
    "90, 10, 4, 1e-4, 7",
    "600, 8, 3, 1e-2, 5"
  })
  void narrowPairsOfWallsWithRoundedScores(int m, int d, int pairs, double width, int decimals) {
    Planted problem = Planted.pairs(m, d, pairs, width, 15).rounded(decimals);
    Effort effort = Effort.unbounded();
    GroupsResult result = problem.solve(false, 2, effort);
    assertEquals(Status.SOLVED, result.verdict());
    assertTrue(problem.residual(result.x(), 0) < GroupProblem.EXPLAINED);
    double work = effort.flops() / problem.unit();
    assertTrue(work < 1500, "work " + work);
  }

  @Test
  void narrowPairsOfWallsWithExactScores() {
    Planted problem = Planted.pairs(600, 5, 2, 1e-8, 16);
    Effort effort = Effort.unbounded();
    GroupsResult result = problem.solve(false, 2, effort);
    assertEquals(Status.SOLVED, result.verdict());
    assertTrue(problem.error(result.x()) < 1e-12, "error " + problem.error(result.x()));
    double work = effort.flops() / problem.unit();
    assertTrue(work < 1500, "work " + work);
  }

  @Test
  void aVertexOfACubeSplitsIntoColumns() {
    Planted problem = Planted.vertex(20, 0, 1e-6, 14);
    GroupsResult result = problem.solve(true, 2, Effort.unbounded());
    assertEquals(Status.SOLVED, result.verdict());
    assertEquals(20, result.groups().size());
    assertTrue(problem.slackError(result.x()) < 1e-5);
  }

  // ---- joining

  /** One free row, one hopeless group of a column, one good group of two columns. */
  private static Planted threeGroups() {
    Planted good = Planted.gaussian(12, 2, 1, 15);
    HostMatrix A = HostMatrix.zeros(17, 4);
    double[] b = new double[17];
    double[] target = new double[17];
    for (int i = 0; i < 12; i++) {
      A.set(i, 0, good.A().get(i, 0));
      A.set(i, 1, good.A().get(i, 1));
      b[i] = good.b()[i];
      target[i] = good.target()[i];
    }
    double[] hopeless = {0.1, 0.4, 0.1, 0.4};
    for (int k = 0; k < 4; k++) {
      A.set(12 + k, 2, 1);
      b[12 + k] = 1 << k;
      target[12 + k] = hopeless[k];
    }
    A.set(16, 3, 2);
    b[16] = 1;
    target[16] = 1;
    double[] x = {good.x()[0], good.x()[1], 0, 0};
    return new Planted("three", A, b, target, x, null, new double[17]);
  }

  @Test
  void aHopelessGroupSpoilsNoOther() {
    Planted problem = threeGroups();
    GroupsResult result = problem.solve(false, 3, Effort.unbounded());
    assertEquals(Status.NOT_FOUND, result.verdict());
    assertEquals(1, result.count(Status.SOLVED));
    assertEquals(1, result.count(Status.FREE));
    assertEquals(1, result.count(Status.NOT_FOUND));
    assertArrayEquals(Arrays.copyOf(problem.x(), 2), Arrays.copyOf(result.x(), 2), 1e-9);
    for (GroupsResult.Group group : result.groups()) {
      if (group.status() == Status.FREE) {
        HostMatrix direction = group.subspace();
        assertEquals(1, direction.columns());
        assertEquals(0, direction.get(0, 0), 1e-15);
        assertTrue(Math.abs(direction.get(3, 0)) > 0.1);
      }
    }
  }

  @Test
  void aSecondAnswerIsSaid() {
    Planted problem = Planted.vertex(3, 0, 0.3, 4);
    GroupsResult result = problem.solve(false, 1, Effort.unbounded());
    assertEquals(Status.TWO_ANSWERS, result.verdict());
    for (GroupsResult.Group group : result.groups()) {
      double[] other = result.x().clone();
      for (int j = 0; j < other.length; j++) {
        other[j] += group.other()[j];
      }
      assertTrue(problem.residual(other) < 1e-10, "residual " + problem.residual(other));
    }
  }

  @Test
  void countsAreThoseOfRepeatedRows() {
    Planted once = Planted.effects(4, 6, 2, false, 16);
    int m = once.A().rows();
    int d = once.A().columns();
    HostMatrix twice = HostMatrix.zeros(m + 3, d);
    double[] b = new double[m + 3];
    double[] counts = new double[m];
    Arrays.fill(counts, 1);
    for (int i = 0; i < m + 3; i++) {
      int of = i < m ? i : 5 * (i - m);
      counts[of] = i < m ? 1 : 2;
      System.arraycopy(once.A().entries(), of * d, twice.entries(), i * d, d);
      b[i] = once.b()[of];
    }
    double[] target = Arrays.copyOf(Planted.at("", twice, b, once.x()).target(), m);
    try (Device device = new CpuDevice(1)) {
      for (double[] signs : new double[][] {null, once.signs()}) {
        GroupsResult result =
            new GroupSolve(
                    once.A(),
                    once.b(),
                    target,
                    new double[m],
                    counts,
                    signs,
                    device,
                    Effort.unbounded())
                .solve(1);
        assertEquals(Status.SOLVED, result.verdict());
        assertTrue(once.slackError(result.x()) < 1e-7);
      }
    }
  }

  @Test
  void columnsThatDependHaveNoAnswer() {
    Planted problem = Planted.gaussian(20, 2, 1, 17);
    HostMatrix A = problem.A().withColumn(problem.A().times(new double[] {1, 2}));
    double[] x = {1, 2, 3};
    assertNull(
        new Planted("", A, problem.b(), problem.target(), x, null, new double[20])
            .solve(false, 1, Effort.unbounded()));
  }

  // ---- effort and repetition

  @Test
  void aListenerEndsTheSearch() {
    int[] heard = new int[1];
    Effort effort = new Effort(Double.POSITIVE_INFINITY, (stage, step, misfit) -> ++heard[0] < 3);
    GroupsResult result = Planted.effects(30, 8, 2, false, 18).solve(false, 1, effort);
    assertNotNull(result.x());
    assertEquals(3, heard[0]);
    assertTrue(result.verdict().compareTo(Status.NOT_FOUND) >= 0);
  }

  /** Exact scores that are explained are worth no Jacobian of 63 m d^2. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void exactScoresOfManyColumnsAreNotPolished(boolean signsKnown) {
    int[] inTheCell = new int[1];
    Effort effort =
        new Effort(
            Double.POSITIVE_INFINITY,
            (stage, step, misfit) -> {
              inTheCell[0] += stage.equals("cell") ? 1 : 0;
              return true;
            });
    Planted problem = Planted.days(1000, 60, 3, 1);
    GroupsResult result = problem.solve(signsKnown, 1, effort);
    assertEquals(Status.SOLVED, result.verdict());
    assertEquals(0, inTheCell[0]);
    assertTrue(problem.error(result.x()) < 1e-9, "error " + problem.error(result.x()));
  }

  @Test
  void groupsBeyondTheEffortAreNotTried() {
    Planted problem = Cases.of("sprays", 0);
    GroupsResult result = problem.solve(false, 1, new Effort(1, (stage, step, misfit) -> true));
    assertEquals(Status.NOT_TRIED, result.verdict());
    assertEquals(6, result.groups().size());
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    Planted problem = Planted.effects(10, 6, 2, false, 19).rounded(4);
    double[] first = problem.solve(false, 7, Effort.unbounded()).x();
    double[] second = problem.solve(false, 7, Effort.unbounded()).x();
    assertArrayEquals(first, second, 0);
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void everyDeviceSolves(Supplier<Device> device) {
    Planted problem = Planted.effects(8, 6, 2, false, 20);
    double[] exact = new double[problem.target().length];
    try (Device on = device.get()) {
      GroupsResult result =
          new GroupSolve(
                  problem.A(),
                  problem.b(),
                  problem.target(),
                  exact,
                  null,
                  null,
                  on,
                  Effort.unbounded())
              .solve(1);
      assertEquals(Status.SOLVED, result.verdict());
      assertTrue(problem.slackError(result.x()) < 1e-7);
    }
  }

  /** Where a row that outweighs all others is as far from its hyperplane on the other side. */
  @Test
  void aRowOnTheWrongSideHasADoor() {
    int count = 0;
    for (long seed = 1; count < 5; seed++) {
      Planted problem = Planted.gaussian(60, 2, 1, seed);
      int row = largest(problem.target());
      if (problem.target()[row] < 0.8) {
        continue;
      }
      count++;
      double[] wrong = mirrored(problem, row);
      double[] found = nextDoor(problem, wrong);
      double side = Planted.slacks(problem.A(), problem.b(), found)[row];
      assertEquals(problem.signs()[row], Math.signum(side), "seed " + seed);
      assertTrue(residual(problem, found) < 0.7 * residual(problem, wrong), "seed " + seed);
      assertNull(nextDoor(problem, problem.x()), "no door leads to less than nothing");
    }
  }

  private static int largest(double[] values) {
    int largest = 0;
    for (int i = 0; i < values.length; i++) {
      largest = values[i] > values[largest] ? i : largest;
    }
    return largest;
  }

  /** The planted x of two columns moved along G^-1 a_i, to the other side of row i. */
  private static double[] mirrored(Planted problem, int row) {
    double[] s = Planted.slacks(problem.A(), problem.b(), problem.x());
    double[] g = new double[3];
    for (int i = 0; i < s.length; i++) {
      double[] a = {problem.A().get(i, 0) / s[i], problem.A().get(i, 1) / s[i]};
      g = new double[] {g[0] + a[0] * a[0], g[1] + a[0] * a[1], g[2] + a[1] * a[1]};
    }
    double a0 = problem.A().get(row, 0);
    double a1 = problem.A().get(row, 1);
    double[] along = {g[2] * a0 - g[1] * a1, g[0] * a1 - g[1] * a0};
    double length = -2 * s[row] / (a0 * along[0] + a1 * along[1]);
    return new double[] {
      problem.x()[0] + length * along[0], problem.x()[1] + length * along[1],
    };
  }

  private static double[] nextDoor(Planted problem, double[] x) {
    double[] same = new double[problem.target().length];
    Arrays.fill(same, 1e-6);
    try (Device device = new CpuDevice(1)) {
      return new GroupSolve(
              problem.A(),
              problem.b(),
              problem.target(),
              same,
              null,
              null,
              device,
              Effort.unbounded())
          .nextDoor(x);
    }
  }

  private static double residual(Planted problem, double[] x) {
    double[] sigma = PlainScores.of(problem.A(), Planted.slacks(problem.A(), problem.b(), x));
    double sum = 0;
    for (int i = 0; i < sigma.length; i++) {
      sum = Math.hypot(sum, sigma[i] - problem.target()[i]);
    }
    return sum;
  }

  @Test
  void wrongLengthsAreSaid() {
    Planted problem = Planted.gaussian(20, 2, 1, 21);
    try (Device device = new CpuDevice(1)) {
      IllegalArgumentException said =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  new GroupSolve(
                      problem.A(),
                      problem.b(),
                      new double[19],
                      new double[20],
                      null,
                      null,
                      device,
                      Effort.unbounded()));
      assertEquals("target: expected 20 entries, one for each row, got 19", said.getMessage());
    }
  }
}
