package org.levinv.spark;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The columns that {@link LeverageInversion} and its model both know. */
public interface LeverageInversionParams extends Params {

  /** Column of the rows of A: vectors or arrays of numbers. */
  Param<String> featuresCol();

  /** Column of b: numbers. */
  Param<String> offsetCol();

  /** Column of the prior weights of the rows, numbers above 0; all are 1 if it is not set. */
  Param<String> weightCol();

  /** Column that is added, the slacks A x - b. */
  Param<String> slackCol();

  /** Column that is added, the leverage scores at x. */
  Param<String> predictionCol();

  /** Where the rows of A are. */
  default String getFeaturesCol() {
    return getOrDefault(featuresCol());
  }

  /** Where b is. */
  default String getOffsetCol() {
    return getOrDefault(offsetCol());
  }

  /** Where prior weights are. */
  default String getWeightCol() {
    return getOrDefault(weightCol());
  }

  /** Where slacks go. */
  default String getSlackCol() {
    return getOrDefault(slackCol());
  }

  /** Where leverage scores go. */
  default String getPredictionCol() {
    return getOrDefault(predictionCol());
  }
}
