package org.levinv.spark;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.levinv.InvalidInputException;
import org.levinv.LocalOptions;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.ScaleResult;
import org.levinv.Signs;
import org.levinv.Tyler;
import org.levinv.TylerResult;
import org.levinv.VectorSink;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.rows.Cluster;
import org.levinv.rows.ClusterStore;
import org.levinv.rows.Places;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.solve.GlobalSolve;
import org.levinv.solve.RowsAt;
import org.levinv.solve.ScaleSolve;
import org.levinv.solve.TylerSolve;
import org.levinv.solve.WeightsSolve;

/**
 * Solves problems whose rows are on a cluster. The driver has what is of the size of a sample (40 d
 * + 1000 rows, some copies) or of d x d; executors have the rows.
 *
 * <p>A solve ends early with the best x so far as that of {@link org.levinv.Inverter}; a cluster
 * that fails, after Spark's own attempts, is status {@code device_failed}. For one thread at a
 * time.
 */
public final class SparkInverter implements AutoCloseable {
  private static final String SLACK = "slack";
  private static final String LEVERAGE = "leverage";

  private final Device home = ExecutorDevices.open(0);

  /**
   * Finds x such that the leverage scores of diag(Ax - b)^-1 A, or of diag(sqrt(v) / (Ax - b)) A
   * where the rows have prior weights v, are those of the rows.
   *
   * @param rows with offset and scores
   * @param options of which the global method's count; with signs {@code auto} those of the rows
   *     are taken where they have any
   * @throws InvalidInputException if the problem or the options cannot be used
   * @throws org.levinv.device.DeviceException if the cluster fails before there is an x
   */
  public Result invert(SparkRows rows, Options options) {
    return invert(rows, Weights.BARRIER, options);
  }

  /**
   * The same for other weights: those of diag(sqrt(v) f(Ax - b)) A, the hat values of a generalised
   * linear model with the prior weights v of the rows.
   *
   * @param rows with scores; without an offset b is 0
   * @param options whose orientation is by a column of x, if any
   */
  public Result invert(SparkRows rows, Weights weights, Options options) {
    requireScores(rows);
    if (options.orientation().response() != null) {
      throw new InvalidInputException(
          "orient: expected a column and a sign on Spark, got a response for each row");
    }
    if (weights.isReciprocal() && !rows.hasOffset()) {
      throw new InvalidInputException("offset: expected one for each row for the weights barrier");
    }
    if (!options.local().equals(LocalOptions.NONE)) {
      throw new InvalidInputException(
          "method: expected auto, without a regulariser or a certificate, on Spark");
    }
    boolean takesSigns = rows.hasSigns() && options.signs().kind() == Signs.Kind.AUTO;
    Options own = takesSigns ? options.withSigns(Signs.given(rows.signs())) : options;
    Model model = model(rows, weights);
    Problem problem = new Problem(model, rows.scores());
    own.orientation().check(model);
    return model.weights().isBarrier()
        ? new GlobalSolve(places(rows), problem, own).run()
        : new WeightsSolve(places(rows), problem, own).run();
  }

  private static Model model(SparkRows rows, Weights weights) {
    return new Model(rows.matrix(), rows.offset(), weights, rows.prior());
  }

  private Places places(SparkRows rows) {
    return Places.on(new SparkCluster(rows), home);
  }

  private static void requireScores(SparkRows rows) {
    if (!rows.hasScores()) {
      throw new InvalidInputException("scores: expected a target for each row, got none");
    }
  }

  /**
   * Row weights w such that diag(w) A has the scores of the rows.
   *
   * @param rows with scores, which sum to d
   * @param options of which the tolerance, the limits and the progress count
   * @param weights takes w in the order of the rows, by one thread, also of a search that ends
   *     early
   * @return without arrays of n numbers
   * @throws InvalidInputException if the input cannot be used: numbers, dependent columns
   * @throws org.levinv.device.DeviceException if the cluster fails
   */
  public ScaleResult scale(SparkRows rows, Options options, VectorSink weights) {
    requireScores(rows);
    Objects.requireNonNull(weights, "weights");
    return new ScaleSolve(places(rows), rows.matrix(), rows.scores(), options, weights).run();
  }

  /**
   * Tyler's M-estimator of scatter about a location, for rows that may be few.
   *
   * @param how the location, the normalisation and the shrinkage
   * @param options as in {@link #scale}
   * @param weights takes w, likewise
   * @param distances takes those of the rows by the scatter matrix, likewise
   */
  public TylerResult tyler(
      SparkRows rows, Tyler how, Options options, VectorSink weights, VectorSink distances) {
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(distances, "distances");
    return new TylerSolve(places(rows), rows.matrix(), how, options, weights, distances).run();
  }

  /**
   * The rows at an x: a table with the columns row (from 0), slack (A x - b), leverage (the score
   * as in {@link #invert(SparkRows, Options)}; 0 where the slack is 0) and residual (leverage -
   * target), made when it is used.
   *
   * @param x d entries
   * @throws InvalidInputException if there are no scores at x
   */
  public Dataset<Row> evaluate(SparkRows rows, double[] x) {
    StructType schema =
        new StructType()
            .add("row", DataTypes.LongType, false)
            .add(SLACK, DataTypes.DoubleType, false)
            .add(LEVERAGE, DataTypes.DoubleType, false)
            .add("residual", DataTypes.DoubleType, false);
    Broadcast<byte[]> at = rows.context().broadcast(Wire.write(at(rows, x)));
    JavaRDD<Row> all =
        rows.leaves()
            .mapPartitions(
                new RowScores.OfLeaves(
                    at, rows.partition().leafRows(), rows.columns(), rows.hasPriorWeights()));
    return session(rows).createDataFrame(all, schema);
  }

  /**
   * Any table with two columns more, {@code slack} and {@code leverage} at an x: that of the
   * problem, or one of other rows, whose scores are then those that such a row has beside the rows
   * of the problem, without a part in their Gram matrix.
   *
   * @param rows of the problem
   * @param x d entries
   * @param features as in {@link SparkRows#of}
   * @param offset likewise
   * @throws InvalidInputException if there are no scores at x, or the table has such columns
   */
  public Dataset<Row> evaluate(
      SparkRows rows, double[] x, Dataset<Row> table, String features, String offset) {
    return evaluate(rows, x, table, features, offset, null);
  }

  /**
   * The same with prior weights.
   *
   * @param prior name of the column of those of the table, or null where all are 1
   */
  public Dataset<Row> evaluate(
      SparkRows rows,
      double[] x,
      Dataset<Row> table,
      String features,
      String offset,
      String prior) {
    List<String> names = Arrays.asList(table.columns());
    for (String name : List.of(SLACK, LEVERAGE)) {
      if (names.contains(name)) {
        throw new InvalidInputException(
            "column " + name + ": expected no column of this name, since it is to be added");
      }
    }
    return RowScores.add(table, at(rows, x), features, offset, prior, SLACK, LEVERAGE);
  }

  /** What finds slacks and scores of any row at an x. */
  RowsAt at(SparkRows rows, double[] x) {
    Model model = model(rows, Weights.BARRIER);
    Cluster cluster = new SparkCluster(rows);
    try (RowStore store = new ClusterStore(ProblemRows.of(model), cluster, home, false)) {
      return RowsAt.of(model, store, x);
    }
  }

  private static SparkSession session(SparkRows rows) {
    return SparkSession.builder().sparkContext(rows.context().sc()).getOrCreate();
  }

  @Override
  public void close() {
    home.close();
  }
}
