package org.levinv.method.leastsquares;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * All moves y with |v_i + m_i.y| <= 1 for each of n rows: what is left open by scores that were
 * rounded, in units of what rounding can do to each, where m_i is the derivative of a score. Every
 * one of them is as likely as any other, so that their mean is the best estimate and their spread
 * its error (Robert L. Smith, "Efficient Monte Carlo procedures for generating points uniformly
 * distributed over bounded regions", 1984). On the host: n and d are moderate.
 */
final class RoundingPolytope {

  /** Powers of the norms that lead from least squares to the least largest residual. */
  private static final int[] POWERS = {4, 8, 16, 32, 64};

  /** Newton steps for each power. */
  private static final int STEPS = 20;

  /** A step that lowers a sum of powers by less than this part ends its power. */
  private static final double SLOW = 1e-6;

  /**
   * Sweeps over all directions: of a first run that tells the shape, and of the one that counts.
   * Seen with d from 2 to 20: the mean is off by some 5% of the spread.
   */
  private static final int FIRST_SWEEPS = 300;

  private static final int SWEEPS = 1500;

  /**
   * A column of which the others leave this part is a combination of them: a direction in which no
   * score changes, for all that derivatives with rounding of doubles can tell.
   */
  private static final double FREE = 1e-8;

  /** The size of a column is taken for this part of the largest one's at least: it is rounding. */
  private static final double SMALL = 1e-4;

  private final int n;
  private final int columns;
  private final int d;
  private final double[][] Q;
  private final double[][] T;
  private final double[] v;
  private final double[] z;

  /**
   * @param Q orthonormal n-vectors, of which the first d are taken
   * @param T of each of them the move that brings it, in the coordinates of M
   * @param residuals v, n
   */
  private RoundingPolytope(double[][] Q, double[][] T, int d, double[] residuals) {
    this.Q = Q;
    this.T = T;
    this.d = d;
    columns = Q.length;
    n = residuals.length;
    v = residuals.clone();
    z = new double[d];
  }

  /**
   * The polytope in coordinates in which the columns of M are orthonormal. Moves that change no
   * score are left out.
   *
   * @param M columns of the derivatives, some of n numbers each; changed
   * @param residuals v, n
   */
  static RoundingPolytope of(double[][] M, double[] residuals) {
    double[][] T = new double[M.length][M.length];
    for (int j = 0; j < M.length; j++) {
      T[j][j] = 1;
    }
    return new RoundingPolytope(M, T, orthonormalize(M, T), residuals);
  }

  /**
   * Q = M T by Gram and Schmidt, each column twice, those first of which most is left.
   *
   * @return how many are independent
   */
  private static int orthonormalize(double[][] Q, double[][] T) {
    double[] size = Arrays.stream(Q).mapToDouble(RoundingPolytope::length).toArray();
    double least = SMALL * Arrays.stream(size).max().orElse(0);
    Arrays.setAll(size, j -> Math.max(size[j], least));
    for (int k = 0; k < Q.length; k++) {
      int most = k;
      double share = 0;
      for (int j = k; j < Q.length; j++) {
        double left = size[j] > 0 ? length(Q[j]) / size[j] : 0;
        most = left > share ? j : most;
        share = Math.max(left, share);
      }
      swap(Q, k, most);
      swap(T, k, most);
      double before = size[most];
      size[most] = size[k];
      for (int i = 0; i < k; i++) {
        subtract(Q, T, k, i);
      }
      double length = length(Q[k]);
      if (!(length > FREE * before)) {
        return k;
      }
      scale(1 / length, Q[k]);
      scale(1 / length, T[k]);
      for (int j = k + 1; j < Q.length; j++) {
        subtract(Q, T, j, k);
      }
    }
    return Q.length;
  }

  private static void swap(double[][] of, int j, int k) {
    double[] kept = of[j];
    of[j] = of[k];
    of[k] = kept;
  }

  /** Takes from column j what column k, of length 1, has of it. */
  private static void subtract(double[][] Q, double[][] T, int j, int k) {
    double factor = -dot(Q[k], Q[j]);
    add(factor, Q[k], Q[j]);
    add(factor, T[k], T[j]);
  }

  private static void scale(double factor, double[] a) {
    for (int i = 0; i < a.length; i++) {
      a[i] *= factor;
    }
  }

  /** Whether there are moves that change no score. */
  boolean hasFreeMoves() {
    return d < columns;
  }

  /** The move so far, in the coordinates of M. */
  double[] move() {
    return move(z);
  }

  /** T z. */
  private double[] move(double[] z) {
    double[] y = new double[columns];
    for (int j = 0; j < d; j++) {
      add(z[j], T[j], y);
    }
    return y;
  }

  /** The largest |v_i|: 1 or less inside. */
  double largest() {
    double most = 0;
    for (double value : v) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  /** Moves to where the largest |v_i| is about the least. */
  void center() {
    double[] step = new double[d];
    double[] trial = new double[n];
    for (int p : POWERS) {
      for (int k = 0; k < STEPS; k++) {
        double unit = largest();
        if (unit == 0 || !newton(p, unit, step)) {
          break;
        }
        double before = sum(v, p, unit);
        double sum = before;
        double a = 2;
        for (int half = 0; half < 12 && !(sum < before); half++) {
          a *= 0.5;
          System.arraycopy(v, 0, trial, 0, n);
          for (int j = 0; j < d; j++) {
            add(a * step[j], Q[j], trial);
          }
          sum = sum(trial, p, unit);
        }
        if (!(sum < before)) {
          break;
        }
        System.arraycopy(trial, 0, v, 0, n);
        for (int j = 0; j < d; j++) {
          z[j] += a * step[j];
        }
        if (sum > (1 - SLOW) * before) {
          break;
        }
      }
    }
  }

  private static double sum(double[] v, int p, double unit) {
    double sum = 0;
    for (double value : v) {
      sum += Math.pow(Math.abs(value) / unit, p);
    }
    return sum;
  }

  /** step = -H^-1 g of sum |v_i / unit|^p. */
  private boolean newton(int p, double unit, double[] step) {
    double[] w = new double[n];
    for (int i = 0; i < n; i++) {
      w[i] = Math.pow(Math.abs(v[i]) / unit, p - 2);
    }
    double[] H = new double[d * d];
    double trace = 0;
    for (int j = 0; j < d; j++) {
      double g = 0;
      for (int i = 0; i < n; i++) {
        g += w[i] * Q[j][i] * v[i];
      }
      step[j] = -g;
      for (int k = 0; k <= j; k++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += w[i] * Q[j][i] * Q[k][i];
        }
        H[j * d + k] = (p - 1) * sum;
      }
      trace += H[j * d + j];
    }
    for (int j = 0; j < d; j++) {
      H[j * d + j] += 1e-12 * trace / d;
    }
    if (!cholesky(H, d)) {
      return false;
    }
    solve(H, d, step);
    return true;
  }

  /**
   * What is left open, in the coordinates of M.
   *
   * @param mean of all moves
   * @param errors rows of a factor C of the covariance matrix C^T C
   */
  record Spread(double[] mean, double[][] errors) {}

  /** The mean of all moves and their covariance; from a point inside, or as near as there is. */
  Spread sample(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double limit = Math.max(1, largest() * (1 + 1e-9));
    double[] mean = new double[d];
    double[] factor = new double[d * d];
    walk(FIRST_SWEEPS, limit, random, mean, factor);
    turn(factor);
    walk(SWEEPS, limit, random, mean, factor);
    double[][] errors = new double[d][];
    for (int k = 0; k < d; k++) { // (T F)^T
      double[] column = new double[d];
      for (int j = k; j < d; j++) {
        column[j] = factor[j * d + k];
      }
      errors[k] = move(column);
    }
    return new Spread(move(mean), errors);
  }

  /** Coordinates in which the covariance F F^T is the identity: Q = Q F, T = T F, z = F^-1 z. */
  private void turn(double[] F) {
    for (int k = 0; k < d; k++) { // column k of Q F needs columns k, ..., d - 1 of Q
      scale(F[k * d + k], Q[k]);
      scale(F[k * d + k], T[k]);
      for (int j = k + 1; j < d; j++) {
        add(F[j * d + k], Q[j], Q[k]);
        add(F[j * d + k], T[j], T[k]);
      }
    }
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < j; k++) {
        z[j] -= F[j * d + k] * z[k];
      }
      z[j] /= F[j * d + j];
    }
  }

  /**
   * Draws one coordinate after the other, uniformly from what is open to it.
   *
   * @param factor takes the lower triangle F of the covariance F F^T
   */
  private void walk(
      int sweeps, double limit, SplittableRandom random, double[] mean, double[] factor) {
    double[] sum = new double[d];
    double[] squares = new double[d * d];
    double[] origin = z.clone();
    for (int sweep = 0; sweep < sweeps; sweep++) {
      for (int j = 0; j < d; j++) {
        double[] open = open(Q[j], limit);
        double c = open[0] < open[1] ? open[0] + (open[1] - open[0]) * random.nextDouble() : 0;
        add(c, Q[j], v);
        z[j] += c;
      }
      for (int j = 0; j < d; j++) {
        sum[j] += z[j] - origin[j];
        for (int k = 0; k <= j; k++) {
          squares[j * d + k] += (z[j] - origin[j]) * (z[k] - origin[k]);
        }
      }
    }
    for (int j = 0; j < d; j++) {
      mean[j] = origin[j] + sum[j] / sweeps;
      for (int k = 0; k <= j; k++) {
        factor[j * d + k] = (squares[j * d + k] - sum[j] * sum[k] / sweeps) / sweeps;
      }
    }
    double[] diagonal = new double[d];
    for (int j = 0; j < d; j++) {
      diagonal[j] = factor[j * d + j];
    }
    if (!cholesky(factor, d)) { // no spread to be seen in some direction
      Arrays.fill(factor, 0);
      for (int j = 0; j < d; j++) {
        factor[j * d + j] = Math.sqrt(Math.max(diagonal[j], 1e-30));
      }
    }
  }

  /** The c with |v + c q| <= limit. */
  private double[] open(double[] q, double limit) {
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      if (Math.abs(q[i]) > 1e-300) {
        double inverse = 1 / q[i];
        double reach = limit * Math.abs(inverse);
        double middle = -v[i] * inverse;
        low = Math.max(low, middle - reach);
        high = Math.min(high, middle + reach);
      }
    }
    return new double[] {low, high};
  }

  private static void add(double a, double[] q, double[] to) {
    for (int i = 0; i < q.length; i++) {
      to[i] += a * q[i];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double length(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  /** S = F F^T in its lower triangle; false where S is not positive definite. */
  private static boolean cholesky(double[] S, int d) {
    for (int j = 0; j < d; j++) {
      for (int k = 0; k <= j; k++) {
        double sum = S[j * d + k];
        for (int l = 0; l < k; l++) {
          sum -= S[j * d + l] * S[k * d + l];
        }
        if (k < j) {
          S[j * d + k] = sum / S[k * d + k];
        } else if (sum > 0) {
          S[j * d + j] = Math.sqrt(sum);
        } else {
          return false;
        }
      }
    }
    return true;
  }

  /** y = (F F^T)^-1 y. */
  private static void solve(double[] F, int d, double[] y) {
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < j; k++) {
        y[j] -= F[j * d + k] * y[k];
      }
      y[j] /= F[j * d + j];
    }
    for (int j = d - 1; j >= 0; j--) {
      for (int k = j + 1; k < d; k++) {
        y[j] -= F[k * d + j] * y[k];
      }
      y[j] /= F[j * d + j];
    }
  }
}
