package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF0;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Progress;
import org.levinv.Signs;
import org.levinv.device.DeviceException;
import org.levinv.files.Inputs;

/**
 * Tables that are odd or cannot be used, and a cluster that gives nothing: a message, and no hang.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TroubleTest {
  private static final Options POSITIVE = Options.defaults().withSigns(Signs.positive());

  @TempDir Path folder;

  private static SparkRows rows(Dataset<Row> table, int partitions) {
    return SparkRows.of(table, "features", "offset", "leverage", null, partitions);
  }

  @Test
  void emptyPartitions_areNone() {
    Planted problem = new Planted(Recipe.of(300, 4).withSeed(1));
    try (JavaSparkContext context = Contexts.local();
        SparkInverter inverter = new SparkInverter()) {
      Dataset<Row> table = problem.table(context, false, 2);
      Dataset<Row> none = table.filter("offset > 1e300");
      try (SparkRows rows = rows(none.union(table).union(none), 3)) {
        assertEquals(300, rows.rows());
        assertArrayEquals(problem.resident(POSITIVE).x(), inverter.invert(rows, POSITIVE).x());
      }
      InvalidInputException e = assertThrows(InvalidInputException.class, () -> rows(none, 3));
      assertEquals(
          "features: expected more rows than columns and at least one column, got 0 x 0",
          e.getMessage());
    }
  }

  @Test
  void aNumberThatIsNotFinite_inALaterFile_isNamedWithFileAndRow() {
    Planted problem = new Planted(Recipe.of(500, 4).withSeed(2));
    problem.A[350][2] = Double.NaN;
    try (JavaSparkContext context = Contexts.local()) {
      String path = folder.resolve("table").toString();
      problem.table(context, true, 5).write().parquet(path);
      Planted.session(context).conf().set("spark.sql.files.openCostInBytes", "128m"); // one a file
      Dataset<Row> table = Planted.session(context).read().parquet(path);
      InvalidInputException e = assertThrows(InvalidInputException.class, () -> rows(table, 3));
      assertTrue(
          e.getMessage()
              .matches(
                  ".*table/part-00003-.*, column features, row 50 of partition \\d+, column 2:"
                      + " expected a finite number, got NaN"),
          e.getMessage());
    }
  }

  private static final AtomicInteger READINGS = new AtomicInteger();

  /** Such as a table behind a shuffle without an order, or with random numbers. */
  @Test
  void aTableThatIsAnotherWhenItIsReadAgain_isRefused() {
    Planted problem = new Planted(Recipe.of(20_000, 10).withSeed(3));
    try (JavaSparkContext context = Contexts.local();
        SparkInverter inverter = new SparkInverter()) {
      UDF0<Double> shift = () -> 1e-9 * READINGS.get();
      Dataset<Row> table =
          problem
              .table(context, false, 4)
              .withColumn(
                  "more", functions.udf(shift, DataTypes.DoubleType).asNondeterministic().apply())
              .selectExpr("features", "offset + more as offset", "leverage");
      SparkRows rows = rows(table, 4);
      AtomicBoolean lost = new AtomicBoolean();
      Options losing =
          POSITIVE.withProgress(
              new Progress() {
                @Override
                public void step(Progress.Step step) {
                  if (!lost.getAndSet(true)) {
                    READINGS.incrementAndGet();
                    // as where executors are lost, and what they held of shuffles
                    context.getPersistentRDDs().values().forEach(rdd -> rdd.unpersist(true));
                    loseShuffles();
                  }
                }
              });
      InvalidInputException e =
          assertThrows(InvalidInputException.class, () -> inverter.invert(rows, losing));
      assertTrue(
          e.getMessage().contains("expected the rows that were read before"), e.getMessage());
    }
  }

  private static void loseShuffles() {
    MapOutputTrackerMaster all = (MapOutputTrackerMaster) SparkEnv.get().mapOutputTracker();
    for (int shuffle = 0; all.containsShuffle(shuffle); shuffle++) {
      all.unregisterAllMapAndMergeOutput(shuffle);
    }
  }

  @Test
  void aClusterWithoutRoomForAnExecutor_isAMessage() {
    Planted problem = new Planted(Recipe.of(300, 4).withSeed(4));
    problem.write(folder);
    Map<String, String> large =
        Map.of("spark.executor.cores", "2", "spark.levinv.executorTimeout", "3s"); // workers have 1
    try (JavaSparkContext context = Contexts.cluster(large);
        SparkRows rows = Planted.npy(context, folder, false, 2);
        SparkInverter inverter = new SparkInverter()) {
      DeviceException e =
          assertThrows(DeviceException.class, () -> inverter.invert(rows, Options.defaults()));
      assertEquals(
          "Spark: no executor in 3 s: expected workers with room for spark.executor.memory (700m)"
              + " and spark.executor.cores (2); spark.levinv.executorTimeout waits longer",
          e.getMessage());
    }
  }

  /** Executors have another working folder than the driver. */
  @Test
  void relativePaths_areThoseOfTheDriver() {
    Planted problem = new Planted(Recipe.of(300, 4).withSeed(5));
    problem.write(folder);
    Path here = Path.of("").toAbsolutePath().relativize(folder.toAbsolutePath());
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream screen = new PrintStream(said);
    try (JavaSparkContext context = Contexts.cluster(Map.of())) {
      problem.table(context, true, 1).write().parquet(here.resolve("table").toString());
      List<String> files =
          List.of("--matrix", "A.npy", "--offset", "b.npy", "--scores", "sigma.npy");
      for (List<String> inputs : List.of(files, List.of("--table", "table"))) {
        List<String> arguments =
            new ArrayList<>(List.of("--write", "slacks", "--signs", "positive", "--out", "out"));
        arguments.addAll(inputs);
        for (int k = 1; k < arguments.size(); k += 2) {
          boolean isFile = !List.of("--write", "--signs").contains(arguments.get(k - 1));
          arguments.set(k, isFile ? here.resolve(arguments.get(k)).toString() : arguments.get(k));
        }
        assertEquals(
            0, Main.execute(arguments.toArray(String[]::new), screen, screen), said::toString);
        assertArrayEquals(
            problem.resident(POSITIVE).x(), Inputs.vector(folder.resolve("out/x.npy")));
        assertTrue(Files.exists(folder.resolve("out/rows.parquet/_SUCCESS")));
      }
    }
  }

  @Test
  void sparkConnect_isRefused() {
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () ->
                Sessions.context(
                    () -> {
                      throw new UnsupportedOperationException("sparkContext");
                    }));
    assertTrue(
        e.getMessage().startsWith("Spark Connect: expected a session whose driver is this process"),
        e.getMessage());
  }
}
