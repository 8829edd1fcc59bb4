package org.levinv.spark;

import java.nio.file.Path;
import java.util.ArrayList;
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
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.Problem;
import org.levinv.Result;
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
