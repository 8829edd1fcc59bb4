package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.ScaleResult;
import org.levinv.Status;
import org.levinv.Tyler;
import org.levinv.Tyler.Location;
import org.levinv.TylerResult;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.RowSource;
import org.levinv.files.ResultFiles;

/** Row weights, Tyler's estimator and hat values on local[2], as the same rows in memory give. */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SparkScaleTest {
  /** Eight leaves and a short one. */
  private static final int N = 6_100;

  /** Readings for the scores in a result that has arrays. */
  private static final double SCORES = 1;

  private static JavaSparkContext context;
  private static Planted problem;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    context = Contexts.local();
    problem = new Planted(Recipe.of(N, 5).withSeed(11));
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private String file(String name) {
    return folder.resolve(name).toUri().toString();
  }

  private SparkRows rows(String scores) {
    return SparkRows.npy(context, file("A.npy"), null, scores, null, 3);
  }

  /** The same rows in a table of two partitions. */
  private static SparkRows rows(double[] sigma, double[] v) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      rows.add(RowFactory.create(problem.A[i], 0.0, sigma[i], v[i]));
    }
    StructType schema =
        new StructType()
            .add("features", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("offset", DataTypes.DoubleType)
            .add("hat", DataTypes.DoubleType)
            .add("weight", DataTypes.DoubleType);
    Dataset<Row> table =
        Planted.session(context).createDataFrame(context.parallelize(rows, 2), schema);
    return SparkRows.of(table, "features", "offset", "hat", null, "weight", 3);
  }

  /** Takes entries in their order alone, as a file does. */
  private static final class InOrder implements VectorSink {
    final double[] values = new double[N];
    private int end;

    @Override
    public void write(long first, int count, double[] some) {
      assertEquals(end, first);
      System.arraycopy(some, 0, values, end, count);
      end += count;
    }
  }

  @Test
  void weightsForGivenScores() {
    problem.write(folder);
    InOrder w = new InOrder();
    try (Inverter inverter = Inverter.open("cpu", 1);
        SparkRows rows = rows(file("sigma.npy"));
        SparkInverter onSpark = new SparkInverter()) {
      ScaleResult expected = inverter.scale(problem.A, problem.sigma, Options.defaults());
      ScaleResult found = onSpark.scale(rows, Options.defaults(), w);
      assertEquals(ScaleResult.Status.CONVERGED, expected.status());
      assertEquals(expected.message(), found.message());
      assertArrayEquals(expected.weights(), w.values);
      assertEquals(expected.passes() - SCORES, found.passes(), 1e-9);
      assertEquals(
          "scores: expected a target for each row, got none",
          assertThrows(
                  InvalidInputException.class,
                  () -> onSpark.scale(rows(null), Options.defaults(), w))
              .getMessage());
      ScaleResult limited = onSpark.scale(rows, Options.defaults().withMaxWork(3), new InOrder());
      assertEquals(ScaleResult.Status.WORK_LIMIT, limited.status());
    }
  }

  @Test
  void tylerAboutEveryLocation() {
    problem.write(folder);
    try (Inverter inverter = Inverter.open("cpu", 1);
        SparkRows rows = rows(null);
        SparkInverter onSpark = new SparkInverter()) {
      for (Location location :
          new Location[] {Location.ORIGIN, Location.MEAN, Location.MEDIAN, Location.HR}) {
        Tyler how = Tyler.aboutOrigin().about(location);
        TylerResult expected = inverter.tyler(problem.A, how, Options.defaults());
        InOrder w = new InOrder();
        InOrder r = new InOrder();
        TylerResult found = onSpark.tyler(rows, how, Options.defaults(), w, r);
        assertEquals(expected.scale().message(), found.scale().message());
        assertArrayEquals(expected.location(), found.location(), location.word());
        assertArrayEquals(expected.scale().scatter(), found.scale().scatter());
        assertArrayEquals(expected.scale().weights(), w.values);
        assertArrayEquals(expected.distances(), r.values);
        assertEquals(expected.scale().passes() - SCORES, found.scale().passes(), 1e-9);
      }
    }
  }

  @Test
  void priorWeights_fromFilesAndFromATable() {
    problem.write(folder);
    double[] v = new double[N];
    Arrays.setAll(v, i -> 1 + i % 3);
    try (Inverter inverter = Inverter.open("cpu", 1);
        SparkInverter onSpark = new SparkInverter()) {
      Model model =
          Model.of(problem.A, new double[N], Weights.of("logistic"))
              .withPriorWeights(VectorSource.of("v", v));
      double[] sigma = inverter.scores(model, new double[] {0.7, -0.4, 0.2, 0.9, -0.3});
      try (ResultFiles files = ResultFiles.in(folder)) {
        files.stage("hat.npy", sigma);
        files.stage("v.npy", v);
        files.commit();
      }
      Result expected =
          inverter.invert(new Problem(model, VectorSource.of("hat", sigma)), Options.defaults());
      assertEquals(Status.CONVERGED, expected.status());
      String hat = file("hat.npy");
      try (SparkRows rows =
          SparkRows.npy(context, file("A.npy"), null, hat, null, file("v.npy"), 3)) {
        Result found = onSpark.invert(rows, model.weights(), Options.defaults());
        assertEquals(expected.message(), found.message());
        assertArrayEquals(expected.x(), found.x());
        assertArrayEquals(v, rows.prior().toArray(), 1e-14);
      }
      try (SparkRows rows = rows(sigma, v)) {
        assertArrayEquals(
            expected.x(), onSpark.invert(rows, model.weights(), Options.defaults()).x());
      }
      v[N - 1] = 0;
      assertEquals(
          "column weight, row 3049 of partition 1: expected a weight above 0, got 0.0",
          assertThrows(InvalidInputException.class, () -> rows(sigma, v)).getMessage());
    }
  }

  @Test
  void hatValuesOfALogisticModel() {
    problem.write(folder);
    RowSource A = RowSource.of(problem.A);
    double[] x = {0.7, -0.4, 0.2, 0.9, -0.3};
    try (Inverter inverter = Inverter.open("cpu", 1);
        SparkInverter onSpark = new SparkInverter()) {
      Model model = Model.of(problem.A, new double[N], Weights.of("logistic"));
      double[] sigma = inverter.scores(model, x);
      try (ResultFiles files = ResultFiles.in(folder)) {
        files.stage("hat.npy", sigma);
        files.commit();
      }
      Problem inMemory = new Problem(A, new double[N], sigma).with(model.weights());
      Result expected = inverter.invert(inMemory, Options.defaults());
      assertEquals(Status.CONVERGED, expected.status());
      try (SparkRows rows = rows(file("hat.npy"))) {
        Result found = onSpark.invert(rows, model.weights(), Options.defaults());
        assertEquals(expected.message(), found.message());
        assertArrayEquals(expected.x(), found.x());
        assertEquals(expected.mirror(), found.mirror());
        assertEquals(
            "offset: expected one for each row for the weights barrier",
            assertThrows(
                    InvalidInputException.class, () -> onSpark.invert(rows, Options.defaults()))
                .getMessage());
      }
    }
  }
}
