package org.levinv.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.SchemaUtils;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** The parameters of {@link LeverageInversionParams}, and what a schema has to be for them. */
final class ColumnParams implements Serializable {
  final Param<String> features;
  final Param<String> offset;
  final Param<String> weight;
  final Param<String> slack;
  final Param<String> prediction;

  ColumnParams(Params owner) {
    features = new Param<>(owner, "featuresCol", "column of the rows of A: vectors or arrays");
    offset = new Param<>(owner, "offsetCol", "column of b");
    weight = new Param<>(owner, "weightCol", "column of prior weights v > 0 of the rows, if any");
    slack = new Param<>(owner, "slackCol", "column to add: slacks A x - b");
    prediction = new Param<>(owner, "predictionCol", "column to add: leverage scores at x");
  }

  /** Once the owner has all its parameters. */
  void setDefaults(Params owner) {
    owner.setDefault(features, "features");
    owner.setDefault(offset, "offset");
    owner.setDefault(slack, "slack");
    owner.setDefault(prediction, "prediction");
  }

  /**
   * The schema with the columns that are added.
   *
   * @throws IllegalArgumentException in Spark's words
   */
  static StructType transform(StructType schema, LeverageInversionParams params) {
    checkFeatures(schema, params.getFeaturesCol());
    checkNumber(schema, params.getOffsetCol());
    if (params.isDefined(params.weightCol())) {
      checkNumber(schema, params.getWeightCol());
    }
    StructType more =
        SchemaUtils.appendColumn(schema, params.getSlackCol(), DataTypes.DoubleType, false);
    return SchemaUtils.appendColumn(more, params.getPredictionCol(), DataTypes.DoubleType, false);
  }

  static void checkNumber(StructType schema, String name) {
    SchemaUtils.checkNumericType(schema, name, "");
  }

  private static void checkFeatures(StructType schema, String name) {
    DataType type = SchemaUtils.getSchemaFieldType(schema, name);
    boolean isArray = type instanceof ArrayType array && array.elementType() instanceof NumericType;
    if (!isArray) {
      List<DataType> expected =
          List.of(
              SQLDataTypes.VectorType(),
              DataTypes.createArrayType(DataTypes.DoubleType),
              DataTypes.createArrayType(DataTypes.FloatType));
      SchemaUtils.checkColumnTypes(
          schema, name, CollectionConverters.asScala(expected).toSeq(), "");
    }
  }
}
