package org.levinv.spark;

import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.levinv.Result;
import org.levinv.Status;

/**
 * The x that {@link LeverageInversion} found, and what it takes to find slacks and leverage scores
 * of any rows at it: a row has the score that it has beside the rows that x was found from.
 */
public final class LeverageInversionModel extends Model<LeverageInversionModel>
    implements LeverageInversionParams, MLWritable {
  private final String uid;
  private final FittedInversion fitted;
  private final transient Result summary;
  private final ColumnParams columns;

  LeverageInversionModel(String uid, FittedInversion fitted, Result summary) {
    this.uid = uid;
    this.fitted = fitted;
    this.summary = summary;
    columns = new ColumnParams(this);
    columns.setDefaults(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  // ---- what was found

  /** x, d entries; null where the search ended before there was any. */
  public Vector solution() {
    return vector(fitted.x());
  }

  /** Standard errors of x, d entries; null where they are not known. */
  public Vector solutionError() {
    return vector(fitted.xError());
  }

  private static Vector vector(double[] values) {
    return values == null ? null : Vectors.dense(values.clone());
  }

  /** How the search ended, as in result.json: {@code converged} or another word. */
  public String status() {
    return fitted.status();
  }

  /** One sentence with the deciding value and its bound. */
  public String message() {
    return fitted.message();
  }

  /** Whether x is the answer: converged, or the least-squares optimum for a noisy target. */
  public boolean isAnswer() {
    return List.of(Status.values()).stream()
        .anyMatch(status -> status.usable() && status.word().equals(fitted.status()));
  }

  /** ||sigma(x) - sigma|| / ||sigma|| over all rows. */
  public double relativeResidual() {
    return fitted.relativeResidual();
  }

  /** Whether this model was made by a fit, and not read. */
  public boolean hasSummary() {
    return summary != null;
  }

  /**
   * All that the solve says.
   *
   * @throws IllegalStateException if the model was read
   */
  public Result summary() {
    if (summary == null) {
      throw new IllegalStateException(
          "No training summary available for this LeverageInversionModel");
    }
    return summary;
  }

  // ---- other rows

  @Override
  public StructType transformSchema(StructType schema) {
    return ColumnParams.transform(schema, this);
  }

  /**
   * The table with slacks and leverage scores at x.
   *
   * @throws IllegalStateException if there are no scores at x
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    transformSchema(dataset.schema(), true);
    if (fitted.at() == null) {
      throw new IllegalStateException(
          uid + ": there are no scores at x: " + fitted.status() + ": " + fitted.message());
    }
    return RowScores.add(
        dataset.toDF(),
        fitted.at(),
        getFeaturesCol(),
        getOffsetCol(),
        isDefined(columns.weight) ? getWeightCol() : null,
        getSlackCol(),
        getPredictionCol());
  }

  @Override
  public LeverageInversionModel copy(ParamMap extra) {
    LeverageInversionModel copy = new LeverageInversionModel(uid, fitted, summary);
    return copyValues(copy, extra).setParent(parent());
  }

  // ---- files

  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  /** Reads one that was saved. */
  public static MLReader<LeverageInversionModel> read() {
    return new Reader();
  }

  /** Reads one that was saved there. */
  public static LeverageInversionModel load(String path) {
    return read().load(path);
  }

  private static String data(String path) {
    return path + "/data";
  }

  private static final class Writer extends MLWriter {
    private final LeverageInversionModel model;

    Writer(LeverageInversionModel model) {
      this.model = model;
    }

    @Override
    public void saveImpl(String path) {
      new DefaultParamsWriter(model).session(sparkSession()).saveImpl(path);
      sparkSession()
          .createDataFrame(List.of(model.fitted.toRow()), FittedInversion.SCHEMA)
          .coalesce(1)
          .write()
          .parquet(data(path));
    }
  }

  private static final class Reader extends MLReader<LeverageInversionModel> {
    @Override
    public LeverageInversionModel load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(
              path, sparkSession(), LeverageInversionModel.class.getName());
      Row row = sparkSession().read().parquet(data(path)).head();
      LeverageInversionModel model =
          new LeverageInversionModel(metadata.uid(), FittedInversion.of(row), null);
      metadata.getAndSetParams(model, scala.Option.empty());
      return model;
    }
  }

  // ---- parameters

  @Override
  public Param<String> featuresCol() {
    return columns.features;
  }

  /** Sets {@link #featuresCol}. */
  public LeverageInversionModel setFeaturesCol(String value) {
    set(columns.features, value);
    return this;
  }

  @Override
  public Param<String> offsetCol() {
    return columns.offset;
  }

  /** Sets {@link #offsetCol}. */
  public LeverageInversionModel setOffsetCol(String value) {
    set(columns.offset, value);
    return this;
  }

  @Override
  public Param<String> weightCol() {
    return columns.weight;
  }

  /** Sets {@link #weightCol}. */
  public LeverageInversionModel setWeightCol(String value) {
    set(columns.weight, value);
    return this;
  }

  @Override
  public Param<String> slackCol() {
    return columns.slack;
  }

  /** Sets {@link #slackCol}. */
  public LeverageInversionModel setSlackCol(String value) {
    set(columns.slack, value);
    return this;
  }

  @Override
  public Param<String> predictionCol() {
    return columns.prediction;
  }

  /** Sets {@link #predictionCol}. */
  public LeverageInversionModel setPredictionCol(String value) {
    set(columns.prediction, value);
    return this;
  }
}
