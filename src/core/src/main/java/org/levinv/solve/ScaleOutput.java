package org.levinv.solve;

import java.io.IOException;
import java.util.Arrays;
import org.levinv.InvalidInputException;
import org.levinv.VectorSink;
import org.levinv.VectorSinkException;

/** Where a number for each row goes: to a sink of the caller's, or to an array of the result. */
final class ScaleOutput {

  /** Numbers that are written together (512 KiB). */
  private static final int PIECE = 1 << 16;

  private final VectorSink sink;
  private final double[] array;

  /**
   * @param sink or null for an array
   */
  ScaleOutput(long rows, VectorSink sink) {
    if (sink == null && rows > Integer.MAX_VALUE - 8) {
      throw new InvalidInputException(
          "matrix: expected at most 2147483639 rows for weights in an array, got " + rows);
    }
    array = sink == null ? new double[(int) rows] : null;
    this.sink =
        sink != null
            ? sink
            : (first, count, values) -> System.arraycopy(values, 0, array, (int) first, count);
  }

  VectorSink sink() {
    return sink;
  }

  /** The same number for all rows, where none was found. */
  void fill(double value, long rows) {
    double[] piece = new double[(int) Math.min(PIECE, rows)];
    Arrays.fill(piece, value);
    for (long first = 0; first < rows; first += piece.length) {
      int count = (int) Math.min(piece.length, rows - first);
      try {
        sink.write(first, count, piece);
      } catch (IOException e) {
        throw new VectorSinkException(first, count, e);
      }
    }
  }

  double[] arrayOrNull() {
    return array;
  }
}
