package org.levinv.method.weights;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The rows whose targets are heavy, at most 10 d of them, held in memory: their weights are part of
 * the state, since they rule those of all others.
 *
 * @param numbers ascending
 * @param targets one each
 * @param entries of the rows, m x d row by row
 */
record HeavyRows(long[] numbers, double[] targets, double[] entries) {

  static final HeavyRows NONE = new HeavyRows(new long[0], new double[0], new double[0]);

  /** The rows of a small matrix of d columns. */
  static HeavyRows of(long[] numbers, double[] targets, TallMatrix rows, Workspace space) {
    return new HeavyRows(numbers, targets, download(rows, space));
  }

  /** All entries of a small matrix, row by row. */
  static double[] download(TallMatrix rows, Workspace space) {
    int d = rows.columns();
    int m = Math.toIntExact(rows.rows());
    double[] all = new double[Math.multiplyExact(m, d)];
    double[] row = new double[d];
    try (Workspace own = new Workspace(space.device())) {
      Vector a = own.vector(d);
      for (int i = 0; i < m; i++) {
        rows.rowTo(i, a);
        space.device().download(a, row);
        System.arraycopy(row, 0, all, i * d, d);
      }
    }
    return all;
  }

  int size() {
    return numbers.length;
  }

  /** ||a_i||^2 of heavy row i. */
  double square(int i) {
    int d = entries.length / size();
    double square = 0;
    for (int j = i * d; j < (i + 1) * d; j++) {
      square += entries[j] * entries[j];
    }
    return square;
  }

  /**
   * R with R^T R = L^T L + A^T diag(u) A, A the heavy rows. A Householder QR with the longest rows
   * first is backward stable row by row, so that a weight that is 1e12 times another loses nothing
   * of it: Anthony Cox and Nicholas Higham, "Stability of Householder QR factorization for weighted
   * least squares problems", 1998.
   *
   * @param L d x d, row by row, or null for zero
   */
  void factor(double[] u, double[] L, Matrix R, Device device) {
    int d = R.columns();
    int m = size();
    int[] order =
        IntStream.range(0, m)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -u[i] * square(i)))
            .mapToInt(Integer::intValue)
            .toArray();
    int count = m + (L == null ? 0 : d);
    double[] stack = new double[Math.multiplyExact(count, d)];
    for (int k = 0; k < m; k++) {
      double w = Math.sqrt(u[order[k]]);
      for (int j = 0; j < d; j++) {
        stack[k * d + j] = w * entries[order[k] * d + j];
      }
    }
    if (L != null) {
      System.arraycopy(L, 0, stack, m * d, d * d);
    }
    try (Workspace own = new Workspace(device)) {
      Rows rows = own.rows(count, d);
      device.upload(stack, count, rows, 0);
      double[] ones = new double[count];
      Arrays.fill(ones, 1);
      device.triangularFactor(rows, own.upload(ones), R);
    }
  }
}
