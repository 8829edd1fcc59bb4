package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.Options;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.VectorSource;

/** As a stage of Spark's pipelines. */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeverageInversionTest {
  private static final Recipe RECIPE = Recipe.of(600, 4).withKind(Kind.MIXED).withSeed(11);

  private static JavaSparkContext context;
  private static Planted problem;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    context = Contexts.open("local[2]", Contexts.KRYO); // which many clusters set
    problem = new Planted(RECIPE);
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private static double[] givenSigns(long seed) {
    VectorSource signs = VectorSource.of("signs", problem.signs);
    return problem.resident(Options.defaults().withSigns(Signs.given(signs)).withSeed(seed)).x();
  }

  // ---- what is found

  @Test
  void aPipeline_fitted_saved_andRead() throws IOException {
    Dataset<Row> table = problem.table(context, true, 3);
    Dataset<Row> columns =
        table.selectExpr(
            "features[0] as a",
            "features[1] as b",
            "features[2] as c",
            "features[3] as d",
            "offset",
            "leverage",
            "sign");
    VectorAssembler assembler =
        new VectorAssembler()
            .setInputCols(new String[] {"a", "b", "c", "d"})
            .setOutputCol("features");
    LeverageInversion inversion = new LeverageInversion().setSignCol("sign").setSeed(5);
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {assembler, inversion});
    String path = folder.resolve("pipeline").toUri().toString();
    pipeline.save(path);
    PipelineModel fitted = Pipeline.load(path).fit(columns);
    LeverageInversionModel model = (LeverageInversionModel) fitted.stages()[1];
    assertEquals(inversion.uid(), model.uid());
    assertEquals("sign", ((LeverageInversion) model.parent()).getSignCol());
    assertEquals(5, ((LeverageInversion) model.parent()).getSeed());
    assertEquals("converged", model.status());
    assertTrue(model.isAnswer());
    assertArrayEquals(givenSigns(5), model.solution().toArray());
    assertEquals(Status.CONVERGED, model.summary().status());
    assertArrayEquals(model.summary().x(), model.solution().toArray());

    List<Row> expected = fitted.transform(columns).collectAsList();
    assertColumns(columns, expected);
    path = folder.resolve("model").toUri().toString();
    fitted.save(path);
    PipelineModel read = PipelineModel.load(path);
    assertEquals(expected, read.transform(columns).collectAsList());
    LeverageInversionModel again = (LeverageInversionModel) read.stages()[1];
    assertArrayEquals(model.solution().toArray(), again.solution().toArray());
    assertEquals(model.solutionError(), again.solutionError());
    assertEquals(model.message(), again.message());
    assertEquals(model.relativeResidual(), again.relativeResidual());
    assertFalse(again.hasSummary());
    assertThrows(IllegalStateException.class, again::summary);
  }

  /** a, b, c, d, offset, leverage, sign, features, slack and prediction. */
  private static void assertColumns(Dataset<Row> columns, List<Row> found) {
    assertEquals(columns.count(), found.size());
    for (int i = 0; i < found.size(); i++) {
      Row row = found.get(i);
      double slack = -problem.b[i];
      for (int j = 0; j < 4; j++) {
        slack += problem.A[i][j] * problem.x[j];
      }
      assertEquals(slack, row.<Double>getAs("slack"), 1e-9);
      assertEquals(row.<Double>getAs("leverage"), row.<Double>getAs("prediction"), 1e-9);
    }
  }

  @Test
  void everyKindOfColumn_thatHoldsNumbers() {
    Dataset<Row> table = problem.table(context, false, 2);
    double[] expected = givenSigns(0);
    LeverageInversion inversion = new LeverageInversion().setSignCol("sign");
    Dataset<Row> sparse =
        withFeatures(
            table,
            SQLDataTypes.VectorType(),
            i -> Vectors.sparse(4, new int[] {0, 1, 2, 3}, problem.A[i]));
    assertArrayEquals(expected, inversion.fit(sparse).solution().toArray());
    assertEquals(table.count(), inversion.fit(sparse).transform(sparse).count());

    DataType floats = DataTypes.createArrayType(DataTypes.FloatType);
    Dataset<Row> single = withFeatures(table, floats, i -> floats(problem.A[i]));
    Dataset<Row> wide =
        withFeatures(
            table, SQLDataTypes.VectorType(), i -> Vectors.dense(doubles(floats(problem.A[i]))));
    LeverageInversion near = inversion.copy(ParamMap.empty()).setScoreError(1e-6);
    assertArrayEquals(near.fit(wide).solution().toArray(), near.fit(single).solution().toArray());

    StructType schema = single.schema();
    for (String type : List.of("float", "int", "bigint", "smallint", "tinyint", "decimal(20,5)")) {
      schema =
          table
              .selectExpr("features", "cast(offset as " + type + ") offset", "leverage", "sign")
              .schema();
      assertEquals(6, inversion.transformSchema(schema).size(), type);
    }
    // numbers that fit their type are the same numbers
    Dataset<Row> decimals =
        table.selectExpr(
            "features", "cast(round(offset * 8) as decimal(20,2)) offset", "leverage", "sign");
    Dataset<Row> longs =
        table.selectExpr(
            "features", "cast(round(offset * 8) as bigint) offset", "leverage", "sign");
    LeverageInversion short_ = inversion.copy(ParamMap.empty()).setMaxWork(5);
    short_.setHandleFailure("keep");
    LeverageInversionModel model = short_.fit(decimals);
    assertArrayEquals(model.solution().toArray(), short_.fit(longs).solution().toArray());
    assertEquals(
        model.transform(longs).select("slack").collectAsList(),
        model.transform(decimals).select("slack").collectAsList());
  }

  private interface Features {
    Object of(int row);
  }

  private static Dataset<Row> withFeatures(Dataset<Row> table, DataType type, Features features) {
    List<Row> rows = table.collectAsList();
    Row[] changed = new Row[rows.size()];
    Arrays.setAll(
        changed,
        i ->
            RowFactory.create(
                features.of(i), rows.get(i).get(1), rows.get(i).get(2), rows.get(i).get(3)));
    StructType schema = new StructType().add("features", type);
    for (int k = 1; k < 4; k++) {
      schema = schema.add(table.schema().apply(k));
    }
    return Planted.session(context).createDataFrame(Arrays.asList(changed), schema);
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int j = 0; j < values.length; j++) {
      floats[j] = (float) values[j];
    }
    return floats;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, j -> values[j]);
    return doubles;
  }

  @Test
  void priorWeights_ofAColumn() throws IOException {
    Planted.Weighted weighted = problem.new Weighted(Options.defaults());
    Dataset<Row> table = weighted.table(context, 2);
    LeverageInversion inversion = new LeverageInversion().setWeightCol("weight");
    LeverageInversionModel model = inversion.fit(table);
    assertArrayEquals(weighted.resident.x(), model.solution().toArray());
    String path = folder.resolve("weighted").toUri().toString();
    model.save(path);
    LeverageInversionModel read = LeverageInversionModel.load(path);
    assertEquals("weight", read.getWeightCol());
    List<Row> found = read.transform(table).collectAsList();
    assertEquals(model.transform(table).collectAsList(), found);
    for (Row row : found) {
      assertEquals(row.<Double>getAs("leverage"), row.<Double>getAs("prediction"), 1e-9);
    }
    // the score of a row is proportional to its weight
    Dataset<Row> half = table.selectExpr("features", "offset", "weight / 2 as weight");
    List<Row> halved = model.transform(half).collectAsList();
    for (int i = 0; i < found.size(); i++) {
      double expected = 0.5 * found.get(i).<Double>getAs("prediction");
      assertEquals(expected, halved.get(i).<Double>getAs("prediction"), 1e-12);
    }
    assertFails(
        "column weight, row 0 of partition 0: expected a weight above 0, got 0",
        model,
        table.selectExpr("features", "offset", "0 as weight"));
    assertSays(
        "requirement failed: Column weight must be of type numeric but was actually of type"
            + " string.",
        inversion,
        table.withColumn("weight", table.col("weight").cast("string")));
  }

  // ---- what is not found

  @Test
  void aSearchThatFails_isAnError_orAModelThatSaysSo() throws IOException {
    Dataset<Row> table = problem.table(context, false, 2);
    LeverageInversion limited = new LeverageInversion().setMaxWork(5);
    SearchFailedException e = assertThrows(SearchFailedException.class, () -> limited.fit(table));
    assertEquals(Status.WORK_LIMIT, e.result().status());
    assertTrue(
        e.getMessage().startsWith(limited.uid() + ": the search ended with work_limit: "),
        e.getMessage());
    LeverageInversionModel model = limited.setHandleFailure("keep").fit(table);
    assertEquals("work_limit", model.status());
    assertFalse(model.isAnswer());
    assertArrayEquals(e.result().x(), model.solution().toArray());
    String path = folder.resolve("failed").toUri().toString();
    model.save(path);
    LeverageInversionModel read = LeverageInversionModel.load(path);
    assertEquals("work_limit", read.status());
    assertFalse(read.isAnswer());
    assertNull(read.solutionError());
    assertTrue(Double.isNaN(read.relativeResidual()) || read.relativeResidual() > 1e-10);
  }

  @Test
  void schemaErrors_areInSparksWords() {
    LeverageInversion inversion = new LeverageInversion();
    Dataset<Row> table = problem.table(context, false, 1);
    assertSays(
        "requirement failed: Column features must be of type equal to one of the following types:"
            + " [struct<type:tinyint,size:int,indices:array<int>,values:array<double>>,"
            + " array<double>, array<float>] but was actually of type string.",
        inversion,
        table.withColumn("features", table.col("offset").cast("string")));
    assertSays(
        "requirement failed: Column offset must be of type numeric but was actually of type"
            + " boolean.",
        inversion,
        table.selectExpr("features", "offset > 0 as offset", "leverage"));
    assertSays(
        "requirement failed: Column leverage must be of type numeric but was actually of type"
            + " array<double>.",
        inversion,
        table.selectExpr("features", "offset", "array(leverage) as leverage"));
    assertSays(
        "requirement failed: Column slack already exists.",
        inversion,
        table.withColumnRenamed("sign", "slack"));
    IllegalArgumentException missing =
        assertThrows(
            IllegalArgumentException.class,
            () -> inversion.copy(ParamMap.empty()).setSignCol("signs").fit(table));
    assertTrue(missing.getMessage().startsWith("[FIELD_NOT_FOUND]"), missing.getMessage());
    for (Runnable wrong :
        List.<Runnable>of(
            () -> inversion.setTol(-1),
            () -> inversion.setSigns("both"),
            () -> inversion.setHandleFailure("skip"),
            () -> inversion.setMaxIter(0))) {
      String message = assertThrows(IllegalArgumentException.class, wrong::run).getMessage();
      assertTrue(message.contains("given invalid value"), message);
    }
    assertTrue(inversion.explainParams().contains("tol: relative residual"));
  }

  private static void assertSays(String expected, LeverageInversion inversion, Dataset<Row> table) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> inversion.fit(table));
    assertEquals(expected, e.getMessage());
  }

  @Test
  void numbersThatCannotBeUsed_areNamedWhereAModelMeetsThem() {
    Dataset<Row> table = problem.table(context, true, 2);
    LeverageInversionModel model =
        new LeverageInversion().setMaxWork(5).setHandleFailure("keep").fit(table);
    assertFails(
        "column offset, row 0 of partition 0: expected a finite number, got null",
        model,
        table.selectExpr("features", "if(sign > 2, offset, null) as offset"));
    assertFails(
        "column features, row 0 of partition 0: expected a vector of 4 entries, got one of 1",
        model,
        table.selectExpr("array(offset) as features", "offset"));
    assertFails(
        "column features, row 0 of partition 0, column 1: expected a finite number, got NaN",
        model,
        table.selectExpr("array(1, null, 2, 3) as features", "offset"));
    assertFails(
        "column features, row 0 of partition 0: expected a vector of 4 entries, got null",
        model,
        table.selectExpr("cast(null as array<double>) as features", "offset"));
  }

  private static void assertFails(
      String expected, LeverageInversionModel model, Dataset<Row> table) {
    Dataset<Row> transformed = model.transform(table.coalesce(1));
    SparkException e = assertThrows(SparkException.class, transformed::collectAsList);
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }
}
