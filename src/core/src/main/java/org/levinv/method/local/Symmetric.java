package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;

/** Symmetric d x d matrices on their way between host and device. */
final class Symmetric {
  private Symmetric() {}

  /** M = (M + M^T) / 2. */
  static void symmetrize(Matrix M, Device device) {
    double[] values = new double[M.rows() * M.columns()];
    device.download(M, values);
    average(values, M.columns());
    device.upload(values, M);
  }

  /** to = (M + M^T) / 2 for the rows of M. */
  static void upload(double[][] rows, Matrix to, Device device) {
    int d = rows.length;
    double[] values = new double[d * d];
    for (int i = 0; i < d; i++) {
      System.arraycopy(rows[i], 0, values, i * d, d);
    }
    average(values, d);
    device.upload(values, to);
  }

  private static void average(double[] values, int d) {
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < i; j++) {
        double mean = 0.5 * (values[i * d + j] + values[j * d + i]);
        values[i * d + j] = mean;
        values[j * d + i] = mean;
      }
    }
  }
}
