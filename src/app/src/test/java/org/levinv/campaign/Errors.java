package org.levinv.campaign;

import org.levinv.PlantedProblem;
import org.levinv.device.RowSource;

/** How far an answer is from what was planted. */
final class Errors {
  private Errors() {}

  /**
   * || D A (x - planted) || / || D A planted ||, D the inverse lengths of the rows: what no column
   * or row scale changes.
   */
  static double relative(PlantedProblem planted, double[] x) {
    return relative(planted.matrix(), planted.solution(), x);
  }

  /** Likewise, of two answers. */
  static double relative(RowSource A, double[] truth, double[] x) {
    int d = A.columns();
    double[] row = new double[d];
    double error = 0;
    double size = 0;
    for (long i = 0; i < A.rows(); i++) {
      A.read(i, 1, row);
      double length = 0;
      double off = 0;
      double value = 0;
      for (int j = 0; j < d; j++) {
        length += row[j] * row[j];
        off += row[j] * (x[j] - truth[j]);
        value += row[j] * truth[j];
      }
      if (length > 0) {
        error += off * off / length;
        size += value * value / length;
      }
    }
    return Math.sqrt(error / size);
  }
}
