package org.levinv.spark;

import java.time.Duration;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.app.Words;

/**
 * Finds x such that the leverage scores of diag(Ax - b)^-1 A are those of a column, as a stage of
 * Spark's pipelines. The rows of A, b and the scores are columns of a table, a row for each row.
 *
 * <p>A search that ends without the answer is an error ({@link SearchFailedException}) unless
 * {@code handleFailure} is {@code keep}.
 */
public final class LeverageInversion extends Estimator<LeverageInversionModel>
    implements LeverageInversionParams, DefaultParamsWritable {
  /** As on the command line; auto: those of the rows, where they have any. */
  private static final Words.SignWords SIGNS = new Words.SignWords();

  private static final String ERROR = "error";
  private static final String KEEP = "keep";

  /** Decimals that a double can have. */
  private static final int MOST_DIGITS = 17;

  private final String uid;
  private final ColumnParams columns;
  private final Param<String> leverageCol;
  private final Param<String> signCol;
  private final Param<String> signs;
  private final DoubleParam tol;
  private final IntParam maxIter;
  private final DoubleParam maxWork;
  private final DoubleParam timeLimit;
  private final IntParam digits;
  private final DoubleParam scoreError;
  private final LongParam seed;
  private final IntParam numPartitions;
  private final Param<String> handleFailure;

  /** With a name of its own. */
  public LeverageInversion() {
    this(Identifiable.randomUID("leverageInversion"));
  }

  /** With this name. */
  public LeverageInversion(String uid) {
    this.uid = uid;
    columns = new ColumnParams(this);
    leverageCol = new Param<>(this, "leverageCol", "column of the target leverage scores");
    signCol =
        new Param<>(this, "signCol", "column of numbers whose signs are those of A x - b, if any");
    signs =
        new Param<>(
            this,
            "signs",
            "signs of A x - b: auto (those of signCol, if it is set), positive, negative, unknown",
            ParamValidators.inArray(SIGNS.all()));
    tol = new DoubleParam(this, "tol", "relative residual that counts as converged (> 0)", gt(0));
    maxIter = new IntParam(this, "maxIter", "limit on the steps of every stage (> 0)", gt(0));
    maxWork = new DoubleParam(this, "maxWork", "limit in units of n d^2 flops (> 0)", gt(0));
    timeLimit = new DoubleParam(this, "timeLimit", "limit in seconds (> 0), if any", gt(0));
    digits =
        new IntParam(
            this,
            "digits",
            "decimals that the scores were rounded to; what a look at them shows, if not set",
            ParamValidators.inRange(0, MOST_DIGITS));
    scoreError =
        new DoubleParam(
            this, "scoreError", "standard deviation of each score (> 0), if known", gt(0));
    seed = new LongParam(this, "seed", "of the draws");
    numPartitions =
        new IntParam(
            this,
            "numPartitions",
            "of the rows while they are worked on; 0: as many on each core, of up to 128 MiB",
            ParamValidators.gtEq(0));
    handleFailure =
        new Param<>(
            this,
            "handleFailure",
            "what a search without the answer is: error, or keep for a model that says its status",
            ParamValidators.inArray(List.of(ERROR, KEEP)));
    columns.setDefaults(this);
    Options options = Options.defaults();
    setDefault(leverageCol, "leverage");
    setDefault(signs, "auto");
    setDefault(tol, options.tolerance());
    setDefault(maxIter, options.maxIterations());
    setDefault(maxWork, Options.GLOBAL_WORK);
    setDefault(seed, options.seed());
    setDefault(numPartitions, 0);
    setDefault(handleFailure, ERROR);
  }

  private static scala.Function1<Object, Object> gt(double bound) {
    return ParamValidators.gt(bound);
  }

  @Override
  public String uid() {
    return uid;
  }

  // ---- fitting

  @Override
  public StructType transformSchema(StructType schema) {
    ColumnParams.checkNumber(schema, getLeverageCol());
    if (isDefined(signCol)) {
      ColumnParams.checkNumber(schema, getSignCol());
    }
    return ColumnParams.transform(schema, this);
  }

  /**
   * Solves.
   *
   * @throws SearchFailedException if there is no answer, and failures are not to be kept
   * @throws org.levinv.InvalidInputException if the rows cannot be used
   * @throws org.levinv.device.DeviceException if the cluster fails before there is an x
   */
  @Override
  public LeverageInversionModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema(), true);
    Dataset<Row> table = dataset.toDF();
    try (SparkRows rows =
            SparkRows.of(
                table,
                getFeaturesCol(),
                getOffsetCol(),
                getLeverageCol(),
                isDefined(signCol) ? getSignCol() : null,
                isDefined(columns.weight) ? getWeightCol() : null,
                getNumPartitions());
        SparkInverter inverter = new SparkInverter()) {
      Result result = inverter.invert(rows, options());
      if (!result.status().usable() && getHandleFailure().equals(ERROR)) {
        throw new SearchFailedException(uid, result);
      }
      FittedInversion fitted = FittedInversion.of(result, x -> inverter.at(rows, x));
      LeverageInversionModel model = new LeverageInversionModel(uid, fitted, result);
      return copyValues(model, ParamMap.empty()).setParent(this);
    }
  }

  private Options options() {
    Options options =
        Options.defaults()
            .withSigns(SIGNS.find(getSigns()))
            .withTolerance(getTol())
            .withMaxIterations(getMaxIter())
            .withMaxWork(getMaxWork())
            .withSeed(getSeed());
    if (isDefined(timeLimit)) {
      options = options.withTimeLimit(Duration.ofNanos((long) Math.max(1, getTimeLimit() * 1e9)));
    }
    options = isDefined(digits) ? options.withDigits(getDigits()) : options;
    return isDefined(scoreError) ? options.withScoreError(getScoreError()) : options;
  }

  @Override
  public LeverageInversion copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** Reads one that was saved. */
  public static MLReader<LeverageInversion> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads one that was saved there. */
  public static LeverageInversion load(String path) {
    return read().load(path);
  }

  // ---- parameters

  /** The column of the rows of A, default features: vectors, or arrays of numbers. */
  @Override
  public Param<String> featuresCol() {
    return columns.features;
  }

  /** Sets it. */
  public LeverageInversion setFeaturesCol(String value) {
    set(columns.features, value);
    return this;
  }

  /** The column of b, default offset: numbers. */
  @Override
  public Param<String> offsetCol() {
    return columns.offset;
  }

  /** Sets it. */
  public LeverageInversion setOffsetCol(String value) {
    set(columns.offset, value);
    return this;
  }

  /**
   * The column of prior weights v, numbers above 0: the scores are those of diag(sqrt(v) / (Ax -
   * b)) A, and the model needs the column, too. None by default: all are 1.
   */
  @Override
  public Param<String> weightCol() {
    return columns.weight;
  }

  /** Sets it. */
  public LeverageInversion setWeightCol(String value) {
    set(columns.weight, value);
    return this;
  }

  /** The column that the model adds, default slack: A x - b. */
  @Override
  public Param<String> slackCol() {
    return columns.slack;
  }

  /** Sets it. */
  public LeverageInversion setSlackCol(String value) {
    set(columns.slack, value);
    return this;
  }

  /** The column that the model adds, default prediction: leverage scores at x. */
  @Override
  public Param<String> predictionCol() {
    return columns.prediction;
  }

  /** Sets it. */
  public LeverageInversion setPredictionCol(String value) {
    set(columns.prediction, value);
    return this;
  }

  /** The column of the target leverage scores, default leverage: numbers. */
  public Param<String> leverageCol() {
    return leverageCol;
  }

  /** As set, or the default. */
  public String getLeverageCol() {
    return getOrDefault(leverageCol);
  }

  /** Sets it. */
  public LeverageInversion setLeverageCol(String value) {
    set(leverageCol, value);
    return this;
  }

  /** A column of numbers, none of them 0, whose signs are those of A x - b; none by default. */
  public Param<String> signCol() {
    return signCol;
  }

  /** As set, or the default. */
  public String getSignCol() {
    return getOrDefault(signCol);
  }

  /** Sets it. */
  public LeverageInversion setSignCol(String value) {
    set(signCol, value);
    return this;
  }

  /** Signs of A x - b: auto (default), positive, negative or unknown. */
  public Param<String> signs() {
    return signs;
  }

  /** As set, or the default. */
  public String getSigns() {
    return getOrDefault(signs);
  }

  /** Sets it. */
  public LeverageInversion setSigns(String value) {
    set(signs, value);
    return this;
  }

  /** Relative residual that counts as converged, default 1e-10. */
  public DoubleParam tol() {
    return tol;
  }

  /** As set, or the default. */
  public double getTol() {
    return (Double) getOrDefault(tol);
  }

  /** Sets it. */
  public LeverageInversion setTol(double value) {
    set(tol, value);
    return this;
  }

  /** Limit on the steps of every stage, default 500. */
  public IntParam maxIter() {
    return maxIter;
  }

  /** As set, or the default. */
  public int getMaxIter() {
    return (Integer) getOrDefault(maxIter);
  }

  /** Sets it. */
  public LeverageInversion setMaxIter(int value) {
    set(maxIter, value);
    return this;
  }

  /** Limit on the work in units of n d^2 flops, default 2000. */
  public DoubleParam maxWork() {
    return maxWork;
  }

  /** As set, or the default. */
  public double getMaxWork() {
    return (Double) getOrDefault(maxWork);
  }

  /** Sets it. */
  public LeverageInversion setMaxWork(double value) {
    set(maxWork, value);
    return this;
  }

  /** Limit on the time in seconds, none by default. */
  public DoubleParam timeLimit() {
    return timeLimit;
  }

  /** As set, or the default. */
  public double getTimeLimit() {
    return (Double) getOrDefault(timeLimit);
  }

  /** Sets it. */
  public LeverageInversion setTimeLimit(double value) {
    set(timeLimit, value);
    return this;
  }

  /** Decimals of the scores; by default what a look at them shows. */
  public IntParam digits() {
    return digits;
  }

  /** As set, or the default. */
  public int getDigits() {
    return (Integer) getOrDefault(digits);
  }

  /** Sets it. */
  public LeverageInversion setDigits(int value) {
    set(digits, value);
    return this;
  }

  /** Standard deviation of each score, where they are estimates. */
  public DoubleParam scoreError() {
    return scoreError;
  }

  /** As set, or the default. */
  public double getScoreError() {
    return (Double) getOrDefault(scoreError);
  }

  /** Sets it. */
  public LeverageInversion setScoreError(double value) {
    set(scoreError, value);
    return this;
  }

  /** Fixes every draw, default 0. */
  public LongParam seed() {
    return seed;
  }

  /** As set, or the default. */
  public long getSeed() {
    return (Long) getOrDefault(seed);
  }

  /** Sets it. */
  public LeverageInversion setSeed(long value) {
    set(seed, value);
    return this;
  }

  /** Of the rows while they are worked on, default 0: as many as fit. */
  public IntParam numPartitions() {
    return numPartitions;
  }

  /** As set, or the default. */
  public int getNumPartitions() {
    return (Integer) getOrDefault(numPartitions);
  }

  /** Sets it. */
  public LeverageInversion setNumPartitions(int value) {
    set(numPartitions, value);
    return this;
  }

  /** What a search without the answer is: error (default) or keep. */
  public Param<String> handleFailure() {
    return handleFailure;
  }

  /** As set, or the default. */
  public String getHandleFailure() {
    return getOrDefault(handleFailure);
  }

  /** Sets it. */
  public LeverageInversion setHandleFailure(String value) {
    set(handleFailure, value);
    return this;
  }
}
