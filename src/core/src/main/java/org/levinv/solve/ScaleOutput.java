package org.levinv.solve;

import java.io.IOException;
import java.util.Arrays;
import org.levinv.InvalidInputException;
import org.levinv.VectorSink;
import org.levinv.VectorSinkException;

/** Where weights and scores go: to a sink of the caller's, or to arrays of the result. */
final class ScaleOutput {

  /** Numbers that are written together (512 KiB). */
  private static final int PIECE = 1 << 16;

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

  /** The same weight for all rows, where none was found. */
  void fill(double weight, long rows) {
    double[] piece = new double[(int) Math.min(PIECE, rows)];
    Arrays.fill(piece, weight);
    for (long first = 0; first < rows; first += piece.length) {
      int count = (int) Math.min(piece.length, rows - first);
      try {
        weights().write(first, count, piece);
      } catch (IOException e) {
        throw new VectorSinkException(first, count, e);
      }
    }
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
