package org.levinv.solve;

import org.levinv.InvalidInputException;
import org.levinv.VectorSink;

/** Where weights and scores go: to a sink of the caller's, or to arrays of the result. */
final class ScaleOutput {
  private final VectorSink sink;
  private final double[] weights;
  private final double[] scores;

  /**
   * @param sink of the weights, or null for arrays
   */
  ScaleOutput(long rows, VectorSink sink) {
    if (sink == null && rows > Integer.MAX_VALUE - 8) {
      throw new InvalidInputException(
          "matrix: expected at most 2147483639 rows for weights in an array, got " + rows);
    }
    this.sink = sink;
    weights = sink == null ? new double[(int) rows] : null;
    scores = sink == null ? new double[(int) rows] : null;
  }

  VectorSink weights() {
    return sink == null ? to(weights) : sink;
  }

  boolean keepsScores() {
    return sink == null;
  }

  VectorSink scores() {
    return to(scores);
  }

  private static VectorSink to(double[] array) {
    return (first, count, values) -> System.arraycopy(values, 0, array, (int) first, count);
  }

  double[] weightsOrNull() {
    return weights;
  }

  double[] scoresOrNull() {
    return scores;
  }
}
