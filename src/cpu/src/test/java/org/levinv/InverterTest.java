package org.levinv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.device.Precision.SINGLE;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Team;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.solve.GlobalSolve;

/** The whole solver on planted problems, on every device. */
class InverterTest {

  /** Exact scores determine x to rounding, magnified by how ill-determined small problems are. */
  private static final double RECOVERED = 1e-9;

  static Stream<Arguments> devicesAndRecipes() {
    List<Recipe> recipes = new ArrayList<>();
    for (int[] shape :
        new int[][] {
          {5, 1}, {9, 2}, {12, 8}, {40, 8}, {300, 5}, {500, 20}, {2000, 4}, {3000, 10}
        }) {
      recipes.add(Recipe.of(shape[0], shape[1]));
      recipes.add(Recipe.of(shape[0], shape[1]).withKind(Kind.MIXED));
    }
    recipes.add(Recipe.of(600, 6).withSlackSpread(3));
    recipes.add(Recipe.of(600, 6).withRowScale(20));
    recipes.add(Recipe.of(600, 6).withCondition(1e6));
    return Stream.of("reference", "cpu")
        .flatMap(device -> recipes.stream().map(recipe -> Arguments.of(device, recipe)));
  }

  private static Problem problem(Inverter inverter, PlantedProblem planted) {
    return new Problem(planted.matrix(), planted.offset().toArray(), sigma(inverter, planted));
  }

  private static double[] sigma(Inverter inverter, PlantedProblem planted) {
    return inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
  }

  private static Signs signs(PlantedProblem planted) {
    return Signs.given(planted.signs());
  }

  private static double error(double[] x, double[] truth) {
    double off = 0;
    double size = 0;
    for (int j = 0; j < x.length; j++) {
      off = Math.hypot(off, x[j] - truth[j]);
      size = Math.hypot(size, truth[j]);
    }
    return off / size;
  }

  @ParameterizedTest
  @MethodSource("devicesAndRecipes")
  void invert_recoversPlantedPoint_signsGiven(String device, Recipe recipe) {
    PlantedProblem planted = PlantedProblem.of(recipe);
    try (Inverter inverter = Inverter.open(device, 0)) {
      Result result =
          inverter.invert(problem(inverter, planted), Options.defaults().withSigns(signs(planted)));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      double floor = Math.max(1, recipe.condition()); // of x, in the coordinates that the user sees
      assertTrue(result.relativeResidual() <= Math.max(1e-10, 1e-14 * floor), result.message());
      assertTrue(
          error(result.x(), planted.solution()) <= RECOVERED * floor,
          "error " + error(result.x(), planted.solution()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void invert_recoversPlantedPoint_signsUnknown(String device) {
    for (int[] shape : new int[][] {{20, 4}, {66, 20}, {400, 10}, {4000, 8}}) {
      PlantedProblem planted =
          PlantedProblem.of(Recipe.of(shape[0], shape[1]).withKind(Kind.MIXED).withSeed(3));
      try (Inverter inverter = Inverter.open(device, 0)) {
        Result result =
            inverter.invert(
                problem(inverter, planted), Options.defaults().withSigns(Signs.unknown()));
        assertEquals(Status.CONVERGED, result.status(), result.message());
        assertTrue(error(result.x(), planted.solution()) <= RECOVERED, Arrays.toString(shape));
      }
    }
  }

  /** The same device, which counts calls for single precision, also those of its team. */
  private static Device counting(Device device, int[] singles) {
    return (Device)
        Proxy.newProxyInstance(
            InverterTest.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              singles[0] += method.getName().equals("in") && arguments[0] == SINGLE ? 1 : 0;
              Object answer = method.invoke(device, arguments);
              return answer instanceof Team team ? counting(team, singles) : answer;
            });
  }

  private static Team counting(Team team, int[] singles) {
    return new Team() {
      @Override
      public int size() {
        return team.size();
      }

      @Override
      public Device member(int k) {
        return counting(team.member(k), singles);
      }

      @Override
      public void run(int count, IntConsumer work) {
        team.run(count, work);
      }
    };
  }

  /** Single precision serves early steps and leaves no trace in x. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void invert_inMixedPrecision_findsTheSamePoint(String name) {
    for (Recipe recipe :
        List.of(
            Recipe.of(600, 6),
            Recipe.of(3000, 10).withKind(Kind.MIXED),
            Recipe.of(60, 20),
            Recipe.of(600, 6).withSlackSpread(3).withRowScale(20))) {
      PlantedProblem planted = PlantedProblem.of(recipe);
      try (Inverter inverter = Inverter.open(name, 0);
          Device device = name.equals("cpu") ? new CpuDevice(0) : new ReferenceDevice()) {
        Problem problem = problem(inverter, planted);
        int[] singles = {0};
        Device counting = counting(device, singles);
        Options options = Options.defaults().withSigns(signs(planted));
        Result result =
            new GlobalSolve(List.of(counting), problem, options.withPrecision(SINGLE)).run();
        assertEquals(Status.CONVERGED, result.status(), result.message());
        assertTrue(singles[0] > 0, recipe + ": single precision was not used");
        // the verification takes no mismatch above 1e-10, whatever the precision of early steps
        assertTrue(result.relativeResidual() <= 1e-10, result.message());
        assertTrue(error(result.x(), planted.solution()) <= RECOVERED, recipe.toString());
      }
    }
  }

  /** A row that has entries in the columns of small units alone tells nothing of their size. */
  @Test
  void columnsOfManyUnits_areNotTakenForDependent() {
    double[][] A = gaussian(40, 4, new Random(5));
    double[] units = {0x1p40, 1, 0x1p-40, 0x1p-42};
    double[] x = {0x1p-40, -0.5, 0x1p41, 0x1p40};
    for (double[] row : A) {
      Arrays.setAll(row, j -> row[j] * units[j]);
    }
    A[3][0] = 0;
    A[3][1] = 0;
    double[] b = new Random(6).doubles(40, -1, 1).toArray();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] sigma = inverter.scores(ArrayRows.of(A), b, x);
      Result result =
          inverter.invert(Problem.of(A, b, sigma), Options.defaults().withSigns(Signs.unknown()));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      for (int j = 0; j < 4; j++) {
        assertEquals(x[j] * units[j], result.x()[j] * units[j], 1e-9, "entry " + j);
      }
    }
  }

  /** A source may keep state while it reads, as long as it does not say otherwise. */
  @Test
  void sourceThatIsNotConcurrent_isReadByOneThreadAtATime() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(40_000, 8));
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    RowSource watched =
        new RowSource() {
          @Override
          public String name() {
            return "watched";
          }

          @Override
          public long rows() {
            return planted.matrix().rows();
          }

          @Override
          public int columns() {
            return planted.matrix().columns();
          }

          @Override
          public void read(long first, int count, double[] into) {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            planted.matrix().read(first, count, into);
            inside.decrementAndGet();
          }
        };
    try (Inverter inverter = Inverter.open("cpu", 0)) {
      double[] sigma = inverter.scores(watched, planted.offset().toArray(), planted.solution());
      Problem problem = new Problem(watched, planted.offset().toArray(), sigma);
      Result result = inverter.invert(problem, Options.defaults().withSigns(Signs.positive()));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertEquals(1, most.get());
    }
  }

  @Test
  void invert_settlesHairlineSlacks() {
    for (double slack : new double[] {1e-3, 1e-4, 1e-5, 1e-6}) {
      PlantedProblem planted =
          PlantedProblem.of(Recipe.of(300, 10).withKind(Kind.MIXED).withHairline(slack, -slack));
      try (Inverter inverter = Inverter.open()) {
        Result result =
            inverter.invert(
                problem(inverter, planted), Options.defaults().withSigns(Signs.unknown()));
        assertEquals(Status.CONVERGED, result.status(), slack + ": " + result.message());
        assertTrue(error(result.x(), planted.solution()) <= RECOVERED);
      }
    }
  }

  /**
   * The narrowest row is relaxed until its slack agrees with its weight, on the other side of its
   * boundary than it was: the step that took it there is no step too far. A second sample would
   * cost four times as much.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 5})
  void invert_letsARelaxedRowCrossItsBoundary(long seed) {
    PlantedProblem planted =
        PlantedProblem.of(Recipe.of(9000, 20).withKind(Kind.MIXED).withSeed(seed));
    try (Inverter inverter = Inverter.open()) {
      Result result =
          inverter.invert(
              problem(inverter, planted), Options.defaults().withSigns(Signs.unknown()));
      assertEquals(Status.CONVERGED, result.status(), result.toString());
      assertTrue(result.work() < 15, "work " + result.work());
    }
  }

  /**
   * Four relaxed rows ask no equation: the others must be enough for eight unknowns all the same.
   */
  @Test
  void invert_asksEnoughEquationsBesideRelaxedRows() {
    PlantedProblem planted =
        PlantedProblem.of(
            Recipe.of(500, 8).withKind(Kind.MIXED).withHairline(1e-6, -1e-6).withSeed(1));
    try (Inverter inverter = Inverter.open()) {
      Result result =
          inverter.invert(
              problem(inverter, planted), Options.defaults().withSigns(Signs.unknown()));
      assertEquals(Status.CONVERGED, result.status(), result.toString());
      assertTrue(result.work() < 75, "one search instead of two: work " + result.work());
    }
  }

  /** A row that alone has the last column: its score is 1 whatever its slack and the sign of it. */
  @Test
  void invert_isNotMisledByTheSignOfALoneRow() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(200, 6).withKind(Kind.MIXED));
    double[] rows = new double[200 * 6];
    planted.matrix().read(0, 200, rows);
    double[][] A = new double[200][];
    for (int i = 0; i < 200; i++) {
      A[i] = Arrays.copyOfRange(rows, 6 * i, 6 * i + 6);
      A[i][5] = i == 17 ? 1 : 0;
    }
    double[] x = planted.solution();
    double[] slack = new double[200];
    double[] b = planted.offset().toArray().clone();
    for (int i = 0; i < 200; i++) {
      slack[i] = -b[i];
      for (int j = 0; j < 6; j++) {
        slack[i] += A[i][j] * x[j];
      }
    }
    b[17] += slack[17] - 1e-12; // narrow, but its sign is beyond rounding
    double[] signs = Arrays.stream(slack).map(Math::signum).toArray();
    try (Inverter inverter = Inverter.open()) {
      RowSource matrix = ArrayRows.of(A);
      for (double sign : new double[] {1, -1}) {
        signs[17] = sign;
        Problem problem = new Problem(matrix, b, inverter.scores(matrix, b, x));
        Result result = inverter.invert(problem, Options.defaults().withSigns(Signs.given(signs)));
        assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
        assertTrue(Math.abs(result.freeDirection()[5]) > 0.999, "only the last unknown is free");
      }
    }
  }

  @Test
  void auto_saysWhichSignsItFound() {
    try (Inverter inverter = Inverter.open()) {
      PlantedProblem positive = PlantedProblem.of(Recipe.of(200, 6));
      assertEquals(
          "positive", inverter.invert(problem(inverter, positive), Options.defaults()).signs());
      PlantedProblem mixed = PlantedProblem.of(Recipe.of(200, 6).withKind(Kind.MIXED));
      assertEquals(
          "unknown", inverter.invert(problem(inverter, mixed), Options.defaults()).signs());

      double[] negated =
          Arrays.stream(positive.offset().toArray()).map(b -> -b).toArray(); // A (-x) < -b
      Problem below = new Problem(positive.matrix(), negated, sigma(inverter, positive));
      Result result = inverter.invert(below, Options.defaults());
      assertEquals("negative", result.signs());
      double[] opposite = Arrays.stream(positive.solution()).map(x -> -x).toArray();
      assertTrue(error(result.x(), opposite) <= RECOVERED);
    }
  }

  @Test
  void sameInput_givesSameBits() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(6000, 7).withKind(Kind.MIXED));
    double[][] x = new double[2][];
    for (int k = 0; k < 2; k++) {
      try (Inverter inverter = Inverter.open()) {
        x[k] =
            inverter
                .invert(
                    problem(inverter, planted),
                    Options.defaults().withSigns(Signs.unknown()).withSeed(11))
                .x();
      }
    }
    assertArrayEquals(x[0], x[1]);
  }

  @Test
  void start_takesThePlaceOfTheFirstStages() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(300, 5).withKind(Kind.MIXED));
    double[] near = Arrays.stream(planted.solution()).map(x -> x * (1 + 1e-6)).toArray();
    try (Inverter inverter = Inverter.open()) {
      List<String> stages = new ArrayList<>();
      Options options =
          Options.defaults().withStart(near).withProgress(step -> stages.add(step.stage()));
      Result result = inverter.invert(problem(inverter, planted), options);
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(error(result.x(), planted.solution()) <= RECOVERED);
      assertTrue(
          stages.contains("refinement") && !stages.contains("magnitudes"), stages.toString());
    }
  }

  /** A point that has nothing to do with the answer costs work, and nothing else. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aStartThatLeadsNowhereIsForgotten(long seed) {
    Kind kind = seed % 2 == 0 ? Kind.MIXED : Kind.INTERIOR;
    PlantedProblem planted =
        PlantedProblem.of(Recipe.of(400, 6).withKind(kind).withNoise(1e-2).withSeed(seed));
    double[] far = new Random(seed).doubles(6, -3, 3).toArray();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      Problem problem = problem(inverter, planted);
      Result result = inverter.invert(problem, Options.defaults().withStart(far));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(error(result.x(), planted.solution()) <= RECOVERED);
      double[] noisy = planted.noisy(sigma(inverter, planted));
      Problem inexact = new Problem(planted.matrix(), planted.offset().toArray(), noisy);
      Result with = inverter.invert(inexact, Options.defaults().withStart(far));
      Result without = inverter.invert(inexact, Options.defaults());
      assertEquals(without.status(), with.status(), with.message());
      assertTrue(with.loss() <= 1.001 * without.loss(), with.loss() + " " + without.loss());
    }
  }

  /** Rows in units from 1e-20 to 1e20 cost no more than others. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void unitsOfTheRowsDoNotCount(long seed) {
    PlantedProblem planted =
        PlantedProblem.of(
            Recipe.of(400, 8).withKind(Kind.MIXED).withRowScale(92).withSeed(seed)); // e^92 = 1e40
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      Result result =
          inverter.invert(
              problem(inverter, planted), Options.defaults().withSigns(Signs.unknown()));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(error(result.x(), planted.solution()) <= RECOVERED);
      assertTrue(result.work() <= 60, "work " + result.work()); // 20 as of rows of one length
    }
  }

  @Test
  void aStartThatCannotBeIsRefused() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(60, 3));
    double[] x = planted.solution();
    double[] b = planted.offset().toArray().clone();
    double[][] A = new double[60][3];
    for (int i = 0; i < 60; i++) {
      planted.matrix().read(i, 1, A[i]);
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      Problem problem = problem(inverter, planted);
      Options start = Options.defaults().withStart(x);
      String wrong =
          assertThrows(
                  InvalidInputException.class,
                  () -> inverter.invert(problem, start.withSigns(Signs.negative())))
              .getMessage();
      assertTrue(
          wrong.startsWith("start, row 0 of planted matrix: expected a negative a_i.x"), wrong);
      Arrays.fill(A[41], 0);
      b[41] = 1; // a row of zeros has no sign to keep
      A[42] = new double[] {1, 2, 4};
      b[42] = 0;
      Problem wall = new Problem(RowSource.of("wall", A), b, sigma(inverter, planted));
      String on =
          assertThrows(
                  InvalidInputException.class,
                  () -> inverter.invert(wall, start.withStart(new double[] {2, 1, -1})))
              .getMessage();
      assertTrue(on.startsWith("start, row 42 of wall: expected a nonzero a_i.x - b_i"), on);
    }
  }

  @Test
  void noisyScores_endInconsistentAtAnOptimum() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(400, 8).withNoise(1e-2));
    try (Inverter inverter = Inverter.open()) {
      double[] noisy = planted.noisy(sigma(inverter, planted));
      Problem problem = new Problem(planted.matrix(), planted.offset().toArray(), noisy);
      Result result = inverter.invert(problem, Options.defaults().withSigns(Signs.positive()));
      assertEquals(Status.INCONSISTENT_TARGET, result.status(), result.message());
      assertTrue(result.warnings().get(0).contains("noise"), result.warnings().toString());
      Result fromTruth =
          inverter.invert(
              problem,
              Options.defaults().withSigns(Signs.positive()).withStart(planted.solution()));
      assertEquals(fromTruth.loss(), result.loss(), 1e-3 * fromTruth.loss());
    }
  }

  @Test
  void dependentColumns_areRefusedWithTheRank() {
    Random random = new Random(1);
    double[][] A = new double[50][4];
    for (double[] row : A) {
      for (int j = 0; j < 3; j++) {
        row[j] = random.nextGaussian();
      }
      row[3] = row[0] - 2 * row[2];
    }
    double[] b = random.doubles(50).toArray();
    double[] sigma = new double[50];
    Arrays.fill(sigma, 4.0 / 50);
    try (Inverter inverter = Inverter.open()) {
      InvalidInputException e =
          assertThrows(
              InvalidInputException.class,
              () -> inverter.invert(Problem.of(A, b, sigma), Options.defaults()));
      assertEquals(
          "matrix: expected independent columns, rank 4, got rank 3: column 3 depends on columns 0"
              + " and 2",
          e.getMessage());
    }
  }

  /** What scores leave free is as large as the terms of its row, and not as doubles can be. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 21, 22, 24})
  void aFreeCoordinateIsModest(int seed) {
    Random random = new Random(seed);
    double[][] A = new double[24][4];
    double[] b = new double[24];
    double[] x = {1, -2, 0.5, 3};
    for (int i = 0; i < b.length; i++) {
      double scale = Math.pow(10, 4 * random.nextGaussian());
      for (int j = 0; j < 4; j++) {
        A[i][j] = j == 3 && i != 5 ? 0 : scale * random.nextGaussian();
      }
      double sign = random.nextBoolean() ? 1 : -1;
      b[i] = times(A, x)[i] - sign * Math.exp(2 * random.nextGaussian());
    }
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] sigma = inverter.scores(A, b, x);
      Arrays.setAll(sigma, i -> Math.rint(1e3 * sigma[i]) / 1e3);
      Result result = inverter.invert(Problem.of(A, b, sigma), Options.defaults());
      assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
      double[] found = result.x();
      assertArrayEquals(Arrays.copyOf(x, 3), Arrays.copyOf(found, 3), 1e-4);
      double terms = Math.abs(b[5]);
      for (int j = 0; j < 3; j++) {
        terms += Math.abs(A[5][j] * found[j]);
      }
      assertTrue(Math.abs(A[5][3] * found[3]) <= 3 * terms, Arrays.toString(found));
      assertTrue(Math.abs(times(A, found)[5] - b[5]) >= 1e-3 * terms, "a slack that is seen");
    }
  }

  @Test
  void offsetInRange_isNotIdentifiable_andTheRayIsFree() {
    Random random = new Random(2);
    double[][] A = gaussian(80, 5, random);
    double[] b = times(A, random.doubles(5).toArray());
    double[] truth = random.doubles(5).toArray();
    try (Inverter inverter = Inverter.open()) {
      double[] sigma = inverter.scores(RowSource.of("matrix", A), b, truth);
      Result result = inverter.invert(Problem.of(A, b, sigma), Options.defaults());
      assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
      assertNotNull(result.freeDirection());
    }
  }

  @Test
  void decoupledGroupWithAFreeScale_isNotIdentifiable() {
    Random random = new Random(4);
    double[][] A = new double[120][6];
    double[] b = new double[120];
    for (int i = 0; i < 120; i++) {
      for (int j = 0; j < 3; j++) {
        A[i][i < 60 ? j : j + 3] = random.nextGaussian();
      }
      b[i] =
          i < 60
              ? 0
              : random.nextGaussian(); // the first group has b = 0: any scale of its x has the same
      // scores
    }
    double[] x = random.doubles(6).map(v -> v + 0.5).toArray();
    double[] slack = times(A, x);
    double[] signs = new double[120];
    Arrays.setAll(signs, i -> slack[i] - b[i]);
    try (Inverter inverter = Inverter.open()) {
      double[] sigma = inverter.scores(RowSource.of("matrix", A), b, x);
      Result result =
          inverter.invert(
              Problem.of(A, b, sigma), Options.defaults().withSigns(Signs.given(signs)));
      assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.message());
      double[] free = result.freeDirection();
      double[] scores = inverter.scores(RowSource.of("matrix", A), b, along(result.x(), free, 0.1));
      assertArrayEquals(sigma, scores, 1e-6); // those of the answer, moved along
      double inSecondGroup = Math.abs(free[3]) + Math.abs(free[4]) + Math.abs(free[5]);
      assertTrue(inSecondGroup <= 1e-6, Arrays.toString(free));
    }
  }

  @Test
  void rowsOfZeros_sayNothing() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(60, 4));
    double[][] A = new double[62][4];
    double[] b = Arrays.copyOf(planted.offset().toArray(), 62);
    b[61] = 3;
    double[] row = new double[4];
    for (int i = 0; i < 60; i++) {
      planted.matrix().read(i, 1, row);
      A[i] = row.clone();
    }
    try (Inverter inverter = Inverter.open()) {
      double[] sigma = inverter.scores(RowSource.of("matrix", A), b, planted.solution());
      assertEquals(0, sigma[60]);
      assertEquals(0, sigma[61]);
      for (Signs signs : List.of(Signs.auto(), Signs.unknown())) {
        Result result =
            inverter.invert(Problem.of(A, b, sigma), Options.defaults().withSigns(signs));
        assertEquals(Status.CONVERGED, result.status(), result.message());
        assertTrue(error(result.x(), planted.solution()) <= RECOVERED);
      }
    }
  }

  @Test
  void iterationLimit_isAStatus() {
    PlantedProblem planted =
        PlantedProblem.of(Recipe.of(60, 10).withKind(Kind.MIXED).withSlackSpread(1));
    try (Inverter inverter = Inverter.open()) {
      Result result =
          inverter.invert(
              problem(inverter, planted),
              Options.defaults().withSigns(signs(planted)).withMaxIterations(1));
      assertEquals(Status.ITERATION_LIMIT, result.status(), result.message());
    }
  }

  @Test
  void scores_areBetween0And1_andSumToD_evenIllConditioned() {
    for (double condition : new double[] {1, 1e5, 1e10}) {
      PlantedProblem planted =
          PlantedProblem.of(Recipe.of(500, 9).withCondition(condition).withKind(Kind.MIXED));
      for (String device : List.of("reference", "cpu")) {
        try (Inverter inverter = Inverter.open(device, 0)) {
          double[] sigma =
              inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
          assertEquals(9, Arrays.stream(sigma).sum(), 1e-11);
          assertTrue(Arrays.stream(sigma).allMatch(s -> s >= 0 && s <= 1));
        }
      }
    }
  }

  @Test
  void scores_equalTheDiagonalOfTheProjection() {
    double[][] A = {{1}, {2}, {3}};
    double[] b = {0, 1, 1};
    try (Inverter inverter = Inverter.open()) { // x = 2: slacks 2, 3, 5, rows 1/2, 2/3, 3/5
      double sum = 1.0 / 4 + 4.0 / 9 + 9.0 / 25;
      assertArrayEquals(
          new double[] {1.0 / 4 / sum, 4.0 / 9 / sum, 9.0 / 25 / sum},
          inverter.scores(RowSource.of("matrix", A), b, new double[] {2}),
          1e-15);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda:", "cuda:one", "", "cpu:1"})
  void open_refusesDevicesThatAreNotThere(String device) {
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> Inverter.open(device, 0));
    assertTrue(e.getMessage().contains("'" + device + "'"), e.getMessage());
  }

  @Test
  void badProblems_areRefusedBeforeAnyWork() {
    double[][] A = {{1, 0}, {0, 1}, {1, 1}};
    double[] b = {1, 2, 3};
    double[] sigma = {0.7, 0.7, 0.6};
    refused("scores: expected 3 entries", () -> Problem.of(A, b, new double[] {1, 1}));
    refused("offset: expected 3 entries", () -> Problem.of(A, new double[] {1}, sigma));
    refused(
        "offset, row 1: expected a finite number, got NaN",
        () -> Problem.of(A, new double[] {1, Double.NaN, 3}, sigma));
    refused(
        "more rows than columns",
        () ->
            Problem.of(new double[][] {{1, 0}, {0, 1}}, new double[] {1, 2}, new double[] {1, 1}));
    refused(
        "row 1: expected 2 entries",
        () -> Problem.of(new double[][] {{1, 0}, {0}, {1, 1}}, b, sigma));
    refused(
        "row 2, column 1: expected a finite number, got Infinity",
        () -> Problem.of(new double[][] {{1, 0}, {0, 1}, {1, Double.POSITIVE_INFINITY}}, b, sigma));
    refused("offset: expected numbers, got null", () -> Problem.of(A, null, sigma));
    refused("scores: expected numbers, got null", () -> Problem.of(A, b, null));
    refused("matrix: expected numbers, got null", () -> Problem.of(null, b, sigma));
    refused(
        "matrix, row 1: expected numbers, got null",
        () -> Problem.of(new double[][] {{1, 0}, null, {1, 1}}, b, sigma));
    refused("tolerance", () -> Options.defaults().withTolerance(0));
    refused("max-iterations", () -> Options.defaults().withMaxIterations(0));
    refused("time-limit", () -> Options.defaults().withTimeLimit(Duration.ZERO));
    refused("max-work", () -> Options.defaults().withMaxWork(0));
    refused("memory", () -> Options.defaults().withMemory(-1));
    try (Inverter inverter = Inverter.open()) {
      double[] beyond = {0.4, 0.4, 1.2};
      double[] below = {1, 1, -0.2};
      double[] few = {0.4, 0.4, 0.4};
      refused(
          "scores, row 2: expected a leverage score between 0 and 1, got 1.2",
          () -> inverter.invert(Problem.of(A, b, beyond), Options.defaults()));
      refused(
          "scores, row 2: expected a leverage score between 0 and 1, got -0.2",
          () -> inverter.invert(Problem.of(A, b, below), Options.defaults()));
      refused(
          "scores: expected a sum of d = 2",
          () -> inverter.invert(Problem.of(A, b, few), Options.defaults()));
      refused(
          "start: expected 2 entries",
          () ->
              inverter.invert(
                  Problem.of(A, b, sigma), Options.defaults().withStart(new double[] {1})));
      refused(
          "signs: expected 3 entries",
          () ->
              inverter.invert(
                  Problem.of(A, b, sigma),
                  Options.defaults().withSigns(Signs.given(new double[] {1, 1}))));
    }
  }

  private static void refused(String words, Runnable action) {
    InvalidInputException e = assertThrows(InvalidInputException.class, action::run);
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  private static double[][] gaussian(int n, int d, Random random) {
    double[][] A = new double[n][d];
    for (double[] row : A) {
      Arrays.setAll(row, j -> random.nextGaussian());
    }
    return A;
  }

  private static double[] times(double[][] A, double[] x) {
    return Arrays.stream(A)
        .mapToDouble(
            row -> {
              double sum = 0;
              for (int j = 0; j < row.length; j++) {
                sum += row[j] * x[j];
              }
              return sum;
            })
        .toArray();
  }

  @Test
  void slacksAreThoseOfTheUser_ofRowsOfAnyLength() throws java.io.IOException {
    double[][] A = new double[40][2];
    double[] b = new double[40];
    for (int i = 0; i < A.length; i++) {
      double length = i % 2 == 0 ? 0x1p40 : 1; // rows so long are read in a unit of their own
      A[i] = new double[] {length * (1 + i), length * (i % 5)};
      b[i] = -length;
    }
    double[] slacks = new double[40];
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      inverter.evaluate(
          RowSource.of(A),
          VectorSource.of("offset", b),
          new double[] {1, 0},
          Options.defaults(),
          (first, count, some, scores) -> System.arraycopy(some, 0, slacks, (int) first, count));
    }
    for (int i = 0; i < slacks.length; i++) {
      assertEquals(A[i][0] - b[i], slacks[i]); // powers of two round nothing
    }
  }

  private static double[] along(double[] x, double[] direction, double step) {
    double[] y = x.clone();
    Arrays.setAll(y, j -> x[j] + step * direction[j]);
    return y;
  }
}
