package org.levinv.device.reference;

import static org.levinv.device.SinglePrecision.scaleFor;
import static org.levinv.device.reference.ReferenceDevice.values;

import java.util.Arrays;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.SinglePrecision;
import org.levinv.device.TallProducts;
import org.levinv.device.Vector;

/** The products in single precision, in plain loops. */
record SingleProducts(ReferenceDevice device) implements TallProducts {

  private static double largest(double[] v, int from, int to) {
    double largest = 0;
    for (int k = from; k < to; k++) {
      largest = Math.max(largest, Math.abs(v[k]));
    }
    return largest;
  }

  private static float[] scaledBy(double c, double[] v, int from, int to) {
    float[] floats = new float[to - from];
    for (int k = from; k < to; k++) {
      floats[k - from] = (float) (c * v[k]);
    }
    return floats;
  }

  @Override
  public void weightedGram(Rows A, Vector u, Matrix G) {
    int d = A.columns();
    int n = (int) A.count();
    Arrays.fill(values(G), 0);
    for (int first = 0; first < n; first += SinglePrecision.ROWS) {
      int end = Math.min(n, first + SinglePrecision.ROWS);
      double[] weighted = new double[(end - first) * d]; // sqrt|u_i| a_i
      for (int k = 0; k < weighted.length; k++) {
        weighted[k] = Math.sqrt(Math.abs(values(u)[first + k / d])) * values(A)[first * d + k];
      }
      double c = scaleFor(largest(weighted, 0, weighted.length));
      float[] v = scaledBy(c, weighted, 0, weighted.length);
      float[] sums = new float[d * d];
      for (int i = first; i < end; i++) {
        int row = (i - first) * d;
        float sign = values(u)[i] < 0 ? -1 : 1;
        for (int j = 0; j < d; j++) {
          for (int k = 0; k < d; k++) {
            sums[j * d + k] += sign * v[row + j] * v[row + k];
          }
        }
      }
      for (int e = 0; e < d * d; e++) {
        values(G)[e] += sums[e] / c / c;
      }
    }
  }

  @Override
  public void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G) {
    weightedGram(A, device.weights(A, x, b, s), G);
  }

  @Override
  public void quadraticForms(Rows A, Matrix N, Vector q) {
    forms(A, N, false, q);
  }

  @Override
  public void squaredNorms(Rows A, Matrix inverseR, Vector q) {
    forms(A, inverseR, true, q);
  }

  /** q_i = a_i^T M a_i, or ||a_i^T M||^2 with {@code squares}. */
  private static void forms(Rows A, Matrix M, boolean squares, Vector q) {
    int d = A.columns();
    double m = scaleFor(largest(values(M), 0, d * d));
    float[] matrix = scaledBy(m, values(M), 0, d * d);
    for (int i = 0; i < A.count(); i++) {
      double c = scaleFor(largest(values(A), i * d, (i + 1) * d));
      float[] a = scaledBy(c, values(A), i * d, (i + 1) * d);
      double sum = 0;
      for (int k = 0; k < d; k++) {
        float product = 0;
        for (int j = 0; j < d; j++) {
          product += a[j] * matrix[j * d + k];
        }
        sum += (double) product * (squares ? product : a[k]);
      }
      values(q)[i] = sum / c / c / m / (squares ? m : 1);
    }
  }
}
