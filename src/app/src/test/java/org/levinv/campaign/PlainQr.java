package org.levinv.campaign;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Householder QR of diag(Ax - b)^-1 A in plain loops, with the rows sorted and the columns pivoted,
 * so that it is accurate row by row whatever the scales of rows and columns. It shares nothing with
 * the library: campaigns check answers with it.
 *
 * <p>A is n x d. Columns are scaled by powers of two, which changes neither Q nor the scores.
 */
final class PlainQr {
  private static final double EPS = 0x1p-52;

  private final double[][] A;
  private final double[] b;
  private final int n;
  private final int d;
  private final int[] columnExponent;
  private final int offsetExponent;

  /** s_i divided by 2^offsetExponent. */
  private final double[] slack;

  /** What rounding of x and b can do to each slack, relative to it, in units of eps. */
  private final double[] slackRounding;

  private double[][] work;
  private double[][] Q;
  private double[] pivots;
  private double[] kappa;

  private PlainQr(double[][] A, double[] b) {
    this.A = A;
    this.b = b;
    this.n = A.length;
    this.d = A[0].length;
    this.columnExponent = new int[d];
    this.slack = new double[n];
    this.slackRounding = new double[n];
    for (int j = 0; j < d; j++) {
      double largest = 0;
      for (double[] row : A) {
        largest = Math.max(largest, Math.abs(row[j]));
      }
      columnExponent[j] = largest > 0 ? Math.getExponent(largest) : 0;
    }
    double largest = 0;
    for (double value : b) {
      largest = Math.max(largest, Math.abs(value));
    }
    this.offsetExponent = largest > 0 ? Math.getExponent(largest) : 0;
  }

  /** The factors at x (d). */
  static PlainQr at(double[][] A, double[] b, double[] x) {
    PlainQr qr = new PlainQr(A, b);
    qr.slacks(x);
    qr.factor();
    return qr;
  }

  /** Of the rows of A with length 1. */
  static PlainQr ofDirections(double[][] A) {
    PlainQr qr = new PlainQr(A, new double[A.length]);
    for (int i = 0; i < qr.n; i++) {
      double square = 0;
      for (int j = 0; j < qr.d; j++) {
        double a = Math.scalb(A[i][j], -qr.columnExponent[j]);
        square += a * a;
      }
      qr.slack[i] = square > 0 ? Math.sqrt(square) : 1;
    }
    qr.factor();
    return qr;
  }

  private void slacks(double[] x) {
    double[] scaled = new double[d];
    for (int j = 0; j < d; j++) {
      scaled[j] = Math.scalb(x[j], columnExponent[j] - offsetExponent);
    }
    double[] row = new double[d];
    for (int i = 0; i < n; i++) {
      double offset = Math.scalb(b[i], -offsetExponent);
      double size = Math.abs(offset);
      for (int j = 0; j < d; j++) {
        row[j] = Math.scalb(A[i][j], -columnExponent[j]);
        size += Math.abs(row[j] * scaled[j]);
      }
      slack[i] = exactDot(row, scaled, offset);
      if (size == 0) {
        slack[i] = 1; // a row of zeros with no offset has no weight, and the score 0 with any
      }
      slackRounding[i] = size / Math.abs(slack[i]);
    }
  }

  /** a.x - c in twice the working precision. */
  static double exactDot(double[] a, double[] x, double c) {
    double high = -c;
    double low = 0;
    for (int j = 0; j < a.length; j++) {
      double p = a[j] * x[j];
      double t = high + p;
      double z = t - high;
      low += Math.fma(a[j], x[j], -p) + ((high - (t - z)) + (p - z));
      high = t;
    }
    return high + low;
  }

  private void factor() {
    work = new double[d][n];
    double[] height = new double[n];
    double[][] rows = new double[n][d];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        rows[i][j] = Math.scalb(A[i][j], -columnExponent[j]) / slack[i];
        height[i] = Math.max(height[i], Math.abs(rows[i][j]));
      }
    }
    Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> -height[i]));
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        work[j][i] = rows[order[i]][j];
      }
    }
    int[] column = IntStream.range(0, d).toArray();
    double[] beta = new double[d];
    double[][] R = new double[d][d];
    pivots = new double[d];
    for (int k = 0; k < d; k++) {
      pivot(k, column, R);
      double norm = norm(work[k], k);
      pivots[k] = norm;
      double head = work[k][k];
      double alpha = head > 0 ? -norm : norm;
      R[k][k] = alpha;
      if (norm == 0) {
        continue;
      }
      work[k][k] = head - alpha;
      beta[k] = 1 / (norm * (norm + Math.abs(head))); // 2 / v.v
      for (int j = k + 1; j < d; j++) {
        reflect(work[k], beta[k], k, work[j]);
        R[k][j] = work[j][k];
      }
    }
    double[][] sorted = new double[d][n];
    for (int k = 0; k < d; k++) {
      sorted[k][k] = 1;
      for (int j = d - 1; j >= 0; j--) {
        reflect(work[j], beta[j], j, sorted[k]);
      }
    }
    Q = new double[d][n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < d; k++) {
        Q[k][order[i]] = sorted[k][i];
      }
    }
    condition(rows, column, R);
  }

  private void pivot(int k, int[] column, double[][] R) {
    int best = k;
    double largest = -1;
    for (int j = k; j < d; j++) {
      double norm = norm(work[j], k);
      if (norm > largest) {
        largest = norm;
        best = j;
      }
    }
    double[] other = work[best];
    work[best] = work[k];
    work[k] = other;
    int c = column[best];
    column[best] = column[k];
    column[k] = c;
    for (int i = 0; i < k; i++) {
      double r = R[i][best];
      R[i][best] = R[i][k];
      R[i][k] = r;
    }
  }

  private static double norm(double[] v, int from) {
    double largest = 0;
    for (int i = from; i < v.length; i++) {
      largest = Math.max(largest, Math.abs(v[i]));
    }
    if (largest == 0) {
      return 0;
    }
    double sum = 0;
    for (int i = from; i < v.length; i++) {
      double y = v[i] / largest;
      sum += y * y;
    }
    return largest * Math.sqrt(sum);
  }

  private static void reflect(double[] v, double beta, int from, double[] y) {
    if (beta == 0) {
      return;
    }
    double dot = 0;
    for (int i = from; i < y.length; i++) {
      dot += v[i] * y[i];
    }
    double factor = beta * dot;
    for (int i = from; i < y.length; i++) {
      y[i] -= factor * v[i];
    }
  }

  /**
   * kappa_i = || |w_i a_i|^T |R^-1| ||: relative changes eps of the entries of A move row i of Q by
   * eps kappa_i.
   */
  private void condition(double[][] rows, int[] column, double[][] R) {
    double[][] inverse = new double[d][d];
    for (int k = 0; k < d; k++) {
      for (int i = k; i >= 0; i--) {
        double sum = i == k ? 1 : 0;
        for (int l = i + 1; l <= k; l++) {
          sum -= R[i][l] * inverse[l][k];
        }
        inverse[i][k] = sum / R[i][i];
      }
    }
    kappa = new double[n];
    for (int i = 0; i < n; i++) {
      double square = 0;
      for (int k = 0; k < d; k++) {
        double sum = 0;
        for (int l = 0; l <= k; l++) {
          sum += Math.abs(rows[i][column[l]] * inverse[l][k]);
        }
        square += sum * sum;
      }
      kappa[i] = Math.sqrt(square);
    }
  }

  /** The smallest pivot divided by the largest. */
  double pivotRatio() {
    return pivots[0] > 0 ? pivots[d - 1] / pivots[0] : 0;
  }

  /** sigma, n. */
  double[] scores() {
    double[] sigma = new double[n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < d; k++) {
        sigma[i] += Q[k][i] * Q[k][i];
      }
      sigma[i] = Math.min(1, sigma[i]);
    }
    return sigma;
  }

  /** The signs of the slacks as numbers +1, -1; 0 for a slack of 0. */
  double[] signs() {
    return Arrays.stream(slack).map(Math::signum).toArray();
  }

  /**
   * What rounding of A, b and x can change in the scores: an absolute bound on the length of the
   * change, to first order. A row that is all but alone moves far where its entries are rounded,
   * and no score follows: d sigma_i = 2 (1 - sigma_i) q_i.dq_i - 2 sum_j P_ij q_i.dq_j, and sum_j
   * P_ij^2 is sigma_i (1 - sigma_i).
   */
  double rounding(double factorForA) {
    double[] sigma = scores();
    double slacks = 0;
    double matrix = 0;
    for (int i = 0; i < n; i++) {
      double own = 2 * sigma[i] * (1 - sigma[i]) * slackRounding[i];
      slacks += own * own;
      matrix += 4 * sigma[i] * (1 - sigma[i]) * kappa[i] * kappa[i];
    }
    return EPS * (Math.sqrt(slacks) + factorForA * Math.sqrt(matrix));
  }

  /** What rounding of A, b and x can change in each score, n. */
  double[] scoreErrors() {
    double[] sigma = scores();
    double[] errors = new double[n];
    for (int i = 0; i < n; i++) {
      double own = 2 * sigma[i] * (1 - sigma[i]) * slackRounding[i];
      errors[i] = EPS * Math.hypot(own, 2 * Math.sqrt(sigma[i]) * kappa[i]);
    }
    return errors;
  }

  /**
   * The standard error of D A x, D the inverse lengths of the rows, relative to its length, where
   * scores have independent errors with these standard deviations (n) and x is the least-squares
   * estimate: J = -2 L Q in the coordinates of Q, and Q J^+ diag(deviations) for the slacks
   * relative to themselves.
   */
  double relativeStandardError(double[] x, double[] deviations) {
    double[][] T = informationColumns();
    double[][] R = orthonormalize(T);
    double variance = 0;
    double size = 0;
    double[] own = new double[d];
    double[][] C = new double[d][d]; // T^T diag(v) T / 4
    for (int k = 0; k < d; k++) {
      for (int l = 0; l < d; l++) {
        for (int i = 0; i < n; i++) {
          C[k][l] += T[k][i] * T[l][i] * deviations[i] * deviations[i] / 4;
        }
      }
    }
    for (int i = 0; i < n; i++) {
      double length = 0;
      for (double a : A[i]) {
        length = Math.hypot(length, a);
      }
      if (length == 0) {
        continue;
      }
      for (int k = 0; k < d; k++) { // R^-T q_i
        double sum = Q[k][i];
        for (int l = 0; l < k; l++) {
          sum -= R[l][k] * own[l];
        }
        own[k] = sum / R[k][k];
      }
      double form = 0;
      for (int k = 0; k < d; k++) {
        for (int l = 0; l < d; l++) {
          form += own[k] * C[k][l] * own[l];
        }
      }
      double distance = Math.scalb(slack[i], offsetExponent) / length;
      variance += distance * distance * form;
      size = Math.hypot(size, exactDot(A[i], x, 0) / length);
    }
    double error = Math.sqrt(variance) / size;
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }

  /** Gram and Schmidt, twice: the columns become orthonormal, R is returned. */
  private static double[][] orthonormalize(double[][] columns) {
    int d = columns.length;
    double[][] R = new double[d][d];
    for (int k = 0; k < d; k++) {
      for (int round = 0; round < 2; round++) {
        for (int l = 0; l < k; l++) {
          double dot = 0;
          for (int i = 0; i < columns[k].length; i++) {
            dot += columns[l][i] * columns[k][i];
          }
          R[l][k] += dot;
          for (int i = 0; i < columns[k].length; i++) {
            columns[k][i] -= dot * columns[l][i];
          }
        }
      }
      R[k][k] = norm(columns[k], 0);
      for (int i = 0; i < columns[k].length; i++) {
        columns[k][i] /= R[k][k];
      }
    }
    return R;
  }

  /**
   * The largest |s_i| / ||D a_i||, D the column scale: from relative changes of slacks to changes
   * of (A x)_i / ||a_i||.
   */
  double largestDistance() {
    double largest = 0;
    for (int i = 0; i < n; i++) {
      double length = 0;
      for (double a : A[i]) {
        length = Math.hypot(length, a);
      }
      if (length > 0) {
        largest = Math.max(largest, Math.abs(slack[i]) / length);
      }
    }
    return Math.scalb(largest, offsetExponent);
  }

  /**
   * The smallest |s_i| divided by the sum of the sizes of the terms it is made of: eps is nothing
   * but rounding.
   */
  double smallestRelativeSlack() {
    double largest = 0;
    for (double rounding : slackRounding) {
      largest = Math.max(largest, rounding);
    }
    return 1 / largest;
  }

  /**
   * The smallest singular value of L Q, L = diag(sigma) - P o P, P = Q Q^T: half of what the scores
   * say of the worst direction.
   */
  double leastInformation() {
    return leastSingularValue(informationColumns());
  }

  /** The columns of L Q. */
  private double[][] informationColumns() {
    double[] sigma = scores();
    double[][] LQ = new double[d][n];
    double[][] N = new double[d][d];
    for (int k = 0; k < d; k++) {
      for (int p = 0; p < d; p++) {
        for (int q = p; q < d; q++) {
          double sum = 0;
          for (int i = 0; i < n; i++) {
            sum += Q[k][i] * Q[p][i] * Q[q][i];
          }
          N[p][q] = sum;
          N[q][p] = sum;
        }
      }
      for (int i = 0; i < n; i++) {
        double form = 0;
        for (int p = 0; p < d; p++) {
          double inner = 0;
          for (int q = 0; q < d; q++) {
            inner += N[p][q] * Q[q][i];
          }
          form += Q[p][i] * inner;
        }
        LQ[k][i] = sigma[i] * Q[k][i] - form;
      }
    }
    return LQ;
  }

  /** One-sided Jacobi on the columns. */
  private static double leastSingularValue(double[][] columns) {
    int d = columns.length;
    boolean rotated = true;
    for (int sweep = 0; sweep < 30 && rotated; sweep++) {
      rotated = false;
      for (int p = 0; p < d; p++) {
        for (int q = p + 1; q < d; q++) {
          rotated |= rotate(columns[p], columns[q]);
        }
      }
    }
    double least = Double.POSITIVE_INFINITY;
    for (double[] column : columns) {
      least = Math.min(least, norm(column, 0));
    }
    return least;
  }

  private static boolean rotate(double[] u, double[] v) {
    double uu = 0;
    double vv = 0;
    double uv = 0;
    for (int i = 0; i < u.length; i++) {
      uu += u[i] * u[i];
      vv += v[i] * v[i];
      uv += u[i] * v[i];
    }
    if (!(Math.abs(uv) > 1e-13 * Math.sqrt(uu * vv))) {
      return false;
    }
    double zeta = (vv - uu) / (2 * uv);
    double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
    double c = 1 / Math.hypot(1, t);
    double s = c * t;
    for (int i = 0; i < u.length; i++) {
      double y = u[i];
      u[i] = c * y - s * v[i];
      v[i] = s * y + c * v[i];
    }
    return true;
  }
}
