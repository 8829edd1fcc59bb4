package org.levinv.spark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.files.ResultFiles;

/** A problem with a known answer, in memory, in files and in tables. */
final class Planted {
  final double[] x;
  final double[][] A;
  final double[] b;
  final double[] sigma;
  final double[] signs;

  Planted(PlantedProblem.Recipe recipe) {
    PlantedProblem planted = PlantedProblem.of(recipe);
    x = planted.solution();
    b = planted.offset().toArray();
    A = new double[b.length][recipe.columns()];
    for (int i = 0; i < A.length; i++) {
      planted.matrix().read(i, 1, A[i]);
    }
    signs = planted.signs().toArray();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      sigma = planted.noisy(inverter.scores(A, b, x));
    }
  }

  Result resident(Options options) {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      return inverter.invert(Problem.of(A, b, sigma), options);
    }
  }

  /**
   * The same x and rows with the prior weights 1, 2, 3, 1, ...: their scores, and what the rows in
   * memory give.
   */
  final class Weighted {
    final double[] v = new double[b.length];
    final double[] sigma;
    final Result resident;

    Weighted(Options options) {
      Arrays.setAll(v, i -> 1 + i % 3);
      Model model =
          Model.of(A, b, Weights.BARRIER).withPriorWeights(VectorSource.of("prior weights", v));
      try (Inverter inverter = Inverter.open("cpu", 1)) {
        sigma = inverter.scores(model, x);
        resident = inverter.invert(new Problem(model, VectorSource.of("sigma", sigma)), options);
      }
    }

    /** Columns features, offset, leverage and weight. */
    Dataset<Row> table(JavaSparkContext context, int partitions) {
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < A.length; i++) {
        rows.add(RowFactory.create(A[i], b[i], sigma[i], (int) v[i]));
      }
      StructType schema =
          new StructType()
              .add("features", DataTypes.createArrayType(DataTypes.DoubleType))
              .add("offset", DataTypes.DoubleType)
              .add("leverage", DataTypes.DoubleType)
              .add("weight", DataTypes.IntegerType);
      return session(context).createDataFrame(context.parallelize(rows, partitions), schema);
    }
  }

  /** A.npy, b.npy, sigma.npy and signs.npy. */
  void write(Path folder) {
    try (ResultFiles files = ResultFiles.in(folder)) {
      files.stage("A.npy", A);
      files.stage("b.npy", b);
      files.stage("sigma.npy", sigma);
      files.stage("signs.npy", signs);
      files.commit();
    }
  }

  static SparkRows npy(JavaSparkContext context, Path folder, boolean withSigns, int partitions) {
    return SparkRows.npy(
        context,
        folder.resolve("A.npy").toUri().toString(),
        folder.resolve("b.npy").toUri().toString(),
        folder.resolve("sigma.npy").toUri().toString(),
        withSigns ? folder.resolve("signs.npy").toUri().toString() : null,
        partitions);
  }

  /** Columns features, offset, leverage and sign. */
  Dataset<Row> table(JavaSparkContext context, boolean asArrays, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < A.length; i++) {
      rows.add(
          RowFactory.create(asArrays ? A[i] : Vectors.dense(A[i]), b[i], sigma[i], (int) signs[i]));
    }
    DataType vectors = DataTypes.createArrayType(DataTypes.DoubleType);
    StructType schema =
        new StructType()
            .add("features", asArrays ? vectors : SQLDataTypes.VectorType())
            .add("offset", DataTypes.DoubleType)
            .add("leverage", DataTypes.DoubleType)
            .add("sign", DataTypes.IntegerType);
    return session(context).createDataFrame(context.parallelize(rows, partitions), schema);
  }

  static SparkSession session(JavaSparkContext context) {
    return SparkSession.builder().sparkContext(context.sc()).getOrCreate();
  }
}
