package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.rows.Field;
import org.levinv.rows.LeafArrays;

/** Whole solves on local[2]: what comes out is what the same rows in memory give, bit for bit. */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SparkInverterTest {
  /** Ten leaves. */
  private static final Recipe INSIDE = Recipe.of(20_000, 10).withSeed(1);

  private static JavaSparkContext context;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    Map<String, String> holding =
        Map.of("spark.memory.offHeap.enabled", "true", "spark.memory.offHeap.size", "64m");
    context = Contexts.open("local[2,4]", holding); // tasks may fail three times
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private static Result solve(SparkRows rows, Options options) {
    try (rows;
        SparkInverter inverter = new SparkInverter()) {
      return inverter.invert(rows, options);
    }
  }

  private static void assertSame(Result expected, Result found) {
    assertSameAnswer(expected, found);
    assertEquals(expected.work(), found.work(), 1e-9 * expected.work());
  }

  private static void assertSameAnswer(Result expected, Result found) {
    assertEquals(expected.status(), found.status(), found.message());
    assertEquals(expected.message(), found.message());
    assertArrayEquals(expected.x(), found.x());
    assertEquals(expected.iterations(), found.iterations());
    assertEquals(expected.relativeResidual(), found.relativeResidual());
    assertEquals(expected.passes(), found.passes(), 1e-9 * expected.passes());
  }

  private static void assertNear(double[] expected, double[] found, double tolerance) {
    for (int j = 0; j < expected.length; j++) {
      assertEquals(expected[j], found[j], tolerance);
    }
  }

  @Test
  void signsAlike_fromFiles() {
    Planted problem = new Planted(INSIDE);
    problem.write(folder);
    Options options = Options.defaults().withSigns(Signs.positive());
    Result expected = problem.resident(options);
    assertNear(problem.x, expected.x(), 1e-10);
    for (int partitions : new int[] {4, 7}) {
      Result found = solve(Planted.npy(context, folder, false, partitions), options);
      assertSame(expected, found);
      assertTrue(found.deviceNote().contains(partitions + " partitions"), found.deviceNote());
    }
  }

  @Test
  void signsUnknown_andIllConditioned_fromATableOfArrays() {
    Planted problem = new Planted(INSIDE.withKind(Kind.MIXED).withCondition(1e6).withSeed(2));
    Result expected = problem.resident(Options.defaults());
    assertEquals(Status.CONVERGED, expected.status());
    SparkRows rows =
        SparkRows.of(problem.table(context, true, 3), "features", "offset", "leverage", null, 4);
    assertSame(expected, solve(rows, Options.defaults())); // re-based rows stay in the devices
    assertTrue(HeldShards.count() > 0);
  }

  @Test
  void signsGiven_fromATableOfVectorsWithAnEmptyPartition_andFromFiles() {
    Planted problem = new Planted(INSIDE.withKind(Kind.MIXED).withSeed(3));
    problem.write(folder);
    Result expected =
        problem.resident(
            Options.defaults().withSigns(Signs.given(VectorSource.of("signs", problem.signs))));
    assertEquals(Status.CONVERGED, expected.status());
    Dataset<Row> table = problem.table(context, false, 2);
    Dataset<Row> none = table.filter("offset > 1e300");
    SparkRows rows = SparkRows.of(none.union(table), "features", "offset", "leverage", "sign", 4);
    assertSame(expected, solve(rows, Options.defaults()));
    assertSame(expected, solve(Planted.npy(context, folder, true, 4), Options.defaults()));
  }

  @Test
  void noise() {
    Planted problem = new Planted(Recipe.of(6_000, 6).withNoise(0.01).withSeed(4));
    problem.write(folder);
    Options options = Options.defaults().withSigns(Signs.positive());
    Result expected = problem.resident(options);
    assertEquals(Status.INCONSISTENT_TARGET, expected.status());
    assertSame(expected, solve(Planted.npy(context, folder, false, 2), options));
  }

  @Test
  void fewerRowsThanALeaf_andGroups() {
    Planted problem = new Planted(Recipe.of(60, 4).withKind(Kind.MIXED).withSeed(5));
    problem.write(folder);
    Result expected = problem.resident(Options.defaults());
    assertSame(expected, solve(Planted.npy(context, folder, false, 4), Options.defaults()));
  }

  @Test
  void slacksAndScoresAsColumns() {
    Planted problem = new Planted(Recipe.of(5_000, 6).withKind(Kind.MIXED).withSeed(7));
    Dataset<Row> table = problem.table(context, true, 3).drop("leverage");
    Dataset<Row> whole = problem.table(context, true, 3);
    try (SparkRows rows = of(whole, "features", "offset");
        SparkInverter inverter = new SparkInverter()) {
      List<Row> columns =
          inverter.evaluate(rows, problem.x, table, "features", "offset").collectAsList();
      List<Row> numbered = inverter.evaluate(rows, problem.x).orderBy("row").collectAsList();
      for (int i = 0; i < problem.b.length; i++) {
        double slack = -problem.b[i];
        for (int j = 0; j < 6; j++) {
          slack += problem.A[i][j] * problem.x[j];
        }
        Row row = columns.get(i);
        assertEquals(problem.b[i], row.getDouble(1));
        assertEquals(slack, row.getDouble(3), 1e-13); // of seven terms of order 1
        assertEquals(problem.sigma[i], row.getDouble(4), 1e-11);
        assertEquals(i, numbered.get(i).getLong(0));
        assertEquals(row.getDouble(3), numbered.get(i).getDouble(1));
        assertEquals(row.getDouble(4), numbered.get(i).getDouble(2), 1e-14);
      }
      InvalidInputException e =
          assertThrows(
              InvalidInputException.class,
              () -> inverter.evaluate(rows, problem.x, whole, "features", "offset"));
      assertTrue(e.getMessage().startsWith("column leverage: expected no column"));
    }
  }

  // ---- jobs

  @Test
  void someRows_areOneJob() {
    Planted problem = new Planted(INSIDE);
    problem.write(folder);
    long[] numbers = {0, 4_095, 4_096, 4_100, 12_288, 19_999};
    double[] rows = new double[numbers.length * 10];
    double[] offsets = new double[numbers.length];
    try (SparkRows all = Planted.npy(context, folder, false, 4)) {
      assertEquals(1, Contexts.jobs(context, () -> all.matrix().readRows(numbers, rows)));
      assertEquals(1, Contexts.jobs(context, () -> all.offset().readEntries(numbers, offsets)));
      for (int k = 0; k < numbers.length; k++) {
        double[] row = Arrays.copyOfRange(rows, k * 10, (k + 1) * 10);
        assertArrayEquals(problem.A[(int) numbers[k]], row);
        assertEquals(problem.b[(int) numbers[k]], offsets[k]);
      }
      double[] piece = new double[5_000];
      all.offset().read(4_000, 4_500, piece, 300);
      assertArrayEquals(
          Arrays.copyOfRange(problem.b, 4_000, 8_500), Arrays.copyOfRange(piece, 300, 4_800));
    }
  }

  /** Scores that do not agree: A and b are looked at for digits that they lost. */
  @Test
  void aSolveWithNoise_hasFewJobs() {
    Planted problem = new Planted(Recipe.of(6_000, 6).withNoise(0.01).withSeed(4));
    problem.write(folder);
    SparkRows rows = Planted.npy(context, folder, false, 2);
    List<Result> found = new ArrayList<>();
    int jobs =
        Contexts.jobs(
            context, () -> found.add(solve(rows, Options.defaults().withSigns(Signs.positive()))));
    double passes = found.get(0).passes();
    assertTrue(jobs < 2 * passes + 10, jobs + " jobs for " + passes + " passes");
  }

  // ---- limits

  @Test
  void aLimitOnTheWork_andOneWhoSaysStop_leaveTheBestSoFar() {
    Planted problem = new Planted(INSIDE);
    problem.write(folder);
    Options limited = Options.defaults().withMaxWork(4);
    assertSame(problem.resident(limited), solve(Planted.npy(context, folder, false, 4), limited));
    AtomicInteger steps = new AtomicInteger();
    Progress stopping =
        new Progress() {
          @Override
          public void step(Progress.Step step) {
            steps.incrementAndGet();
          }

          @Override
          public boolean stop() {
            return steps.get() > 3;
          }
        };
    Result stopped =
        solve(Planted.npy(context, folder, false, 4), Options.defaults().withProgress(stopping));
    assertEquals(Status.INTERRUPTED, stopped.status());
  }

  // ---- what can go wrong

  @Test
  void aTaskThatFailsOnce_isDoneAgain() {
    Planted problem = new Planted(INSIDE);
    problem.write(folder);
    Options options = Options.defaults().withSigns(Signs.positive());
    SparkRows good = Planted.npy(context, folder, false, 4);
    JavaRDD<LeafArrays> failing =
        good.leaves()
            .mapPartitionsWithIndex(
                (k, leaves) -> {
                  if (k == 2 && TaskContext.get().attemptNumber() == 0) {
                    throw new IllegalStateException("lost");
                  }
                  return leaves;
                },
                true);
    SparkRows rows =
        new SparkRows(
            context, failing, good.partition(), good.columns(), good.starts(), good.names());
    assertSame(problem.resident(options), solve(rows, options));
  }

  private static final AtomicInteger READINGS = new AtomicInteger();

  @Test
  void rowsThatChangeFromReadingToReading_areRefused() {
    Planted problem = new Planted(INSIDE);
    problem.write(folder);
    SparkRows good = Planted.npy(context, folder, false, 4);
    JavaRDD<LeafArrays> changing =
        good.leaves()
            .map(
                leaf -> {
                  double[] A = new double[leaf.count(10) * 10];
                  leaf.copyRows(0, leaf.count(10), 10, A, 0);
                  double[][] fields = new double[4][];
                  for (int k = 0; k < 2; k++) {
                    fields[k] = new double[leaf.count(10)];
                    leaf.copy(Field.values()[k], 0, leaf.count(10), fields[k], 0);
                  }
                  A[7] += 1e-9 * (READINGS.incrementAndGet() / 20);
                  return LeafArrays.of(leaf.index(), A, fields);
                });
    SparkRows rows =
        new SparkRows(
            context, changing, good.partition(), good.columns(), good.starts(), good.names());
    AtomicInteger steps = new AtomicInteger();
    Options losing =
        Options.defaults()
            .withProgress(
                new Progress() {
                  @Override
                  public void step(Progress.Step step) {
                    if (steps.incrementAndGet() == 2) {
                      rows.leaves().unpersist(true); // as where an executor is lost
                      READINGS.addAndGet(20);
                    }
                  }
                });
    InvalidInputException e = assertThrows(InvalidInputException.class, () -> solve(rows, losing));
    assertTrue(e.getMessage().contains("rows 0 to 4095: expected the rows"), e.getMessage());
  }

  @Test
  void aFileThatChanges_isRefused() {
    Planted problem = new Planted(INSIDE);
    problem.write(folder);
    SparkRows rows = Planted.npy(context, folder, false, 4);
    assertTrue(folder.resolve("b.npy").toFile().setLastModified(1_000_000_000_000L));
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> solve(rows, Options.defaults()));
    assertTrue(e.getMessage().endsWith("b.npy: the file changed while it was in use"));
  }

  @Test
  void aNumberThatIsNotFinite_isNamedWithFileAndRow() {
    Planted problem = new Planted(INSIDE);
    problem.A[15_001][4] = Double.NaN;
    problem.A[18_001][4] = Double.NaN;
    problem.write(folder);
    SparkRows rows = Planted.npy(context, folder, false, 4);
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> solve(rows, Options.defaults()));
    assertTrue(
        e.getMessage().endsWith("A.npy, row 15001, column 4: expected a finite number, got NaN"),
        e.getMessage());
    Path parquet = folder.resolve("table.parquet");
    problem.table(context, true, 1).write().parquet(parquet.toString());
    Dataset<Row> table = Planted.session(context).read().parquet(parquet.toString());
    e = assertThrows(InvalidInputException.class, () -> of(table, "features", "offset"));
    assertTrue(
        e.getMessage()
            .matches(
                ".*table.parquet/part-.*, column features, row 15001 of partition 0, column 4:"
                    + " expected a finite number, got NaN"),
        e.getMessage());
  }

  @Test
  void aNullInAnArray_isNamedWithRowAndColumn() {
    Dataset<Row> table = new Planted(Recipe.of(60, 4).withSeed(6)).table(context, true, 1);
    for (String type : List.of("double", "float", "int", "decimal(9,2)")) {
      Dataset<Row> lacking =
          table.selectExpr(
              "if(offset = "
                  + table.collectAsList().get(17).getDouble(1)
                  + "D, array(cast(1 as "
                  + type
                  + "), null, 2, 3), cast(features as array<"
                  + type
                  + ">)) as features",
              "offset",
              "leverage");
      InvalidInputException e =
          assertThrows(InvalidInputException.class, () -> of(lacking, "features", "offset"));
      assertEquals(
          "column features, row 17 of partition 0, column 1: expected a finite number, got NaN",
          e.getMessage(),
          type);
    }
  }

  @Test
  void rowsOfATable_areHeldOnce() {
    Dataset<Row> table = new Planted(INSIDE).table(context, true, 3);
    Set<Integer> before = Set.copyOf(context.getPersistentRDDs().keySet());
    try (SparkRows rows = of(table, "features", "offset")) {
      assertEquals(Set.of(rows.leaves().id()), heldSince(before));
    }
    assertEquals(Set.of(), heldSince(before));
    Dataset<Row> few = table.limit(3);
    assertThrows(InvalidInputException.class, () -> of(few, "features", "offset"));
    assertEquals(Set.of(), heldSince(before));
  }

  private static Set<Integer> heldSince(Set<Integer> before) {
    Set<Integer> now = new TreeSet<>(context.getPersistentRDDs().keySet());
    now.removeAll(before);
    return now;
  }

  private static SparkRows of(Dataset<Row> table, String features, String offset) {
    return SparkRows.of(table, features, offset, "leverage", null, 4);
  }

  @Test
  void tablesThatAreNone() {
    Dataset<Row> table = new Planted(Recipe.of(60, 4).withSeed(6)).table(context, false, 3);
    List<String> messages = new ArrayList<>();
    for (Runnable wrong :
        Arrays.<Runnable>asList(
            () -> of(table, "offset", "offset"),
            () -> of(table, "features", "features"),
            () -> of(table, "feature", "offset"),
            () -> of(table.limit(1), "features", "offset"),
            () -> of(table.filter("offset > 1e300"), "features", "offset"),
            () ->
                of(
                    table.selectExpr("features", "nullif(1, 1) as offset", "leverage"),
                    "features",
                    "offset"))) {
      messages.add(assertThrows(InvalidInputException.class, wrong::run).getMessage());
    }
    assertEquals(
        List.of(
            "column offset: expected a column of vectors or of arrays of numbers, got double",
            "column features: expected a column of numbers, got vector",
            "column feature: expected one of this name, got features, offset, leverage, sign",
            "features: expected more rows than columns and at least one column, got 1 x 4",
            "features: expected more rows than columns and at least one column, got 0 x 0",
            "column offset, row 0 of partition 0: expected a finite number, got null"),
        messages);
  }
}
