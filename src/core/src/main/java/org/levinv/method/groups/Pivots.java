package org.levinv.method.groups;

import java.util.Arrays;

/** Rows that span all columns, by Gaussian elimination with complete pivoting on the host. */
final class Pivots {

  /** A pivot below this times d, where rows and columns have length 1, is rounding. */
  private static final double ROUNDING = 4e-16;

  private Pivots() {}

  /**
   * As many rows as the rank of A, d mostly; m d^2 flops at most, zeros are skipped. Lengths of
   * rows and columns do not matter.
   */
  static int[] of(HostMatrix A, Effort effort) {
    int m = A.rows();
    int d = A.columns();
    HostMatrix W = normalized(A);
    double[] w = W.entries();
    boolean[] used = new boolean[m];
    boolean[] gone = new boolean[d];
    int[] pivots = new int[d];
    double[] largest = new double[m]; // of each row, and where
    int[] where = new int[m];
    for (int i = 0; i < m; i++) {
      search(w, i * d, gone, largest, where, i);
    }
    int[] open = new int[d];
    for (int k = 0; k < d; k++) { // reads what is left of W once
      int p = -1;
      for (int i = 0; i < m; i++) {
        if (!used[i] && (p < 0 || largest[i] > largest[p])) {
          p = i;
        }
      }
      if (p < 0 || !(largest[p] > ROUNDING * d)) {
        return Arrays.copyOf(pivots, k);
      }
      pivots[k] = p;
      used[p] = true;
      int c = where[p];
      gone[c] = true;
      int count = 0;
      for (int j = 0; j < d; j++) {
        if (!gone[j] && w[p * d + j] != 0) {
          open[count++] = j;
        }
      }
      for (int i = 0; i < m; i++) {
        if (used[i] || w[i * d + c] == 0) {
          continue;
        }
        double factor = w[i * d + c] / w[p * d + c];
        for (int l = 0; l < count; l++) {
          w[i * d + open[l]] -= factor * w[p * d + open[l]];
        }
        effort.spend(2.0 * count);
        search(w, i * d, gone, largest, where, i);
      }
    }
    return pivots;
  }

  private static void search(
      double[] w, int start, boolean[] gone, double[] largest, int[] where, int i) {
    largest[i] = 0;
    for (int j = 0; j < gone.length; j++) {
      if (!gone[j] && Math.abs(w[start + j]) > largest[i]) {
        largest[i] = Math.abs(w[start + j]);
        where[i] = j;
      }
    }
  }

  private static HostMatrix normalized(HostMatrix A) {
    double[] factor = A.columnLengths();
    for (int j = 0; j < factor.length; j++) {
      factor[j] = 1 / factor[j];
    }
    HostMatrix W = A.scaledColumns(factor);
    for (int i = 0; i < A.rows(); i++) {
      double length = W.length(i);
      for (int j = 0; length > 0 && j < A.columns(); j++) {
        W.set(i, j, W.get(i, j) / length);
      }
    }
    return W;
  }

  /** M^-1 of a regular square matrix, by Gauss and Jordan with partial pivoting; 2 d^3 flops. */
  static HostMatrix inverse(HostMatrix M) {
    int d = M.rows();
    int wide = 2 * d;
    HostMatrix W = HostMatrix.zeros(d, wide);
    double[] w = W.entries();
    for (int i = 0; i < d; i++) {
      System.arraycopy(M.entries(), i * d, w, i * wide, d);
      w[i * wide + d + i] = 1;
    }
    for (int k = 0; k < d; k++) {
      int p = k;
      for (int i = k + 1; i < d; i++) {
        if (Math.abs(w[i * wide + k]) > Math.abs(w[p * wide + k])) {
          p = i;
        }
      }
      for (int j = 0; p != k && j < wide; j++) {
        double other = w[p * wide + j];
        w[p * wide + j] = w[k * wide + j];
        w[k * wide + j] = other;
      }
      double pivot = w[k * wide + k];
      for (int j = 0; j < wide; j++) {
        w[k * wide + j] /= pivot;
      }
      for (int i = 0; i < d; i++) {
        double factor = w[i * wide + k];
        for (int j = k; i != k && factor != 0 && j < wide; j++) {
          w[i * wide + j] -= factor * w[k * wide + j];
        }
      }
    }
    HostMatrix inverse = HostMatrix.zeros(d, d);
    for (int i = 0; i < d; i++) {
      System.arraycopy(w, i * wide + d, inverse.entries(), i * d, d);
    }
    return inverse;
  }
}
