package org.levinv;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * The leverage scores at a given x, recomputed from the source of A: slacks in twice the working
 * precision, the triangular factor R of diag(s)^-1 A, and sigma_i = ||R^-T a_i||^2 / s_i^2. No
 * coordinates, samples or stages of the solver are used. A is read twice.
 *
 * <p>R comes from a Householder QR, block by block (2 n d^2 flops). Large problems take it from the
 * Gram matrix instead (n d^2 flops, several times faster), and keep it only where its condition
 * number is so small that this loses nothing that counts.
 */
final class Verification {

  /** About this many numbers of A at a time. */
  private static final int BLOCK = 1 << 18;

  /** Up to this many multiplications, n d^2, Householder QR is always affordable. */
  private static final double MODERATE = 5e7;

  /** cond(R) up to which scores from a Gram matrix are as good as eps cond(R)^2 = 1e-11. */
  private static final double WELL_CONDITIONED = 200;

  /** cond(R) up to which a triangular solution leaves nothing that a second one mends. */
  private static final double ONCE_IS_ENOUGH = 1e4;

  /** Of one term of a dot product in twice the working precision. */
  private static final double DOT_OPERATIONS = 10;

  /** Exponents of two beyond this are far from 1. */
  private static final int FAR = 200;

  private final Device device;
  private final RowSource A;
  private final double[] b;
  private final int n;
  private final int d;
  private final int most;
  private final double[] block;
  private double[] slackErrors;
  private double work;
  private double passes;

  /**
   * All weights are multiplied by this power of two, which changes no score, to keep their squares
   * in range.
   */
  private double unit = 1;

  Verification(Device device, RowSource A, double[] b) {
    this.device = device;
    this.A = A;
    this.b = b;
    n = (int) A.rows();
    d = A.columns();
    most = Math.min(n, Math.max(4 * d, BLOCK / d));
    block = new double[Math.multiplyExact(most, d)];
  }

  /** Flops so far in units of n d^2. */
  double work() {
    return work;
  }

  /** Times that A was read. */
  double passes() {
    return passes;
  }

  /**
   * Of each row at the last x: how much a relative error eps of all terms of a_i.x - b_i changes
   * that slack, relatively, / eps.
   */
  double[] slackErrors() {
    return slackErrors;
  }

  /**
   * sigma(x), n values; a row with s_i = 0, where the scores have no value, is left out and has 0.
   */
  double[] scores(double[] x) {
    double[] slack = new double[n];
    slackErrors = new double[n];
    try (Workspace space = new Workspace(device)) {
      Matrix R = space.matrix(d, d);
      Matrix inverseR = space.matrix(d, d);
      if ((double) n * d * d <= MODERATE || !fromGram(x, slack, R, inverseR, space)) {
        fromHouseholder(x, slack, R, space);
        requireRegular(device.diagonal(R));
        device.invertTriangular(R, inverseR);
      }
      return scores(slack, inverseR, secondFactor(slack, R, inverseR, space), space);
    }
  }

  /**
   * Where R is ill-conditioned, rows of diag(s)^-1 A R^-1 are only nearly orthonormal: the inverse
   * of their own factor, which makes them so; else null.
   */
  private Matrix secondFactor(double[] slack, Matrix R, Matrix inverseR, Workspace space) {
    if (device.norm(R) * device.norm(inverseR) <= ONCE_IS_ENOUGH * d) {
      return null;
    }
    Matrix second = space.matrix(d, d);
    Matrix inverse = space.matrix(d, d);
    factor(second, space, first -> readWeighted(first, slack), inverseR);
    requireRegular(device.diagonal(second));
    device.invertTriangular(second, inverse);
    work += 3;
    passes += 1;
    return inverse;
  }

  /** The next rows of A in the block, the rest of it zero. */
  private int read(int first) {
    int count = Math.min(most, n - first);
    A.read(first, count, block);
    Arrays.fill(block, count * d, most * d, 0);
    return count;
  }

  /** The next rows of diag(s)^-1 A in the block; computes the slacks. */
  private void readWeighted(int first, double[] x, double[] slack) {
    int count = read(first);
    device.onHost(
        count,
        DOT_OPERATIONS * d,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            double s = ExactDot.minus(block, i * d, x, b[first + i]);
            double terms = Math.abs(b[first + i]);
            for (int j = 0; j < d; j++) {
              terms += Math.abs(block[i * d + j] * x[j]);
            }
            slack[first + i] = s;
            slackErrors[first + i] = s == 0 ? 0 : terms / Math.abs(s);
          }
        });
    if (first == 0) {
      unit = unitFor(count, slack);
    }
    device.onHost(count, d, (from, to) -> weigh(first, from, to, slack));
  }

  /** The next rows of diag(s)^-1 A in the block, for slacks that are known. */
  private int readWeighted(int first, double[] slack) {
    int count = read(first);
    device.onHost(count, d, (from, to) -> weigh(first, from, to, slack));
    return count;
  }

  /**
   * A power of two that brings the first rows of diag(s)^-1 A to order 1, where they are far from
   * it.
   */
  private double unitFor(int count, double[] slack) {
    double largest = 0;
    for (int i = 0; i < count; i++) {
      for (int j = i * d; slack[i] != 0 && j < (i + 1) * d; j++) {
        largest = Math.max(largest, Math.abs(block[j] / slack[i]));
      }
    }
    int exponent = Math.getExponent(largest);
    return largest > 0 && Math.abs(exponent) > FAR
        ? Math.scalb(1.0, -Math.max(-1000, Math.min(1000, exponent)))
        : 1;
  }

  private void weigh(int first, int from, int to, double[] slack) {
    for (int i = from; i < to; i++) {
      double s = slack[first + i];
      double w = s == 0 ? 0 : unit / s;
      for (int j = i * d; j < (i + 1) * d; j++) {
        block[j] *= w;
      }
    }
  }

  private boolean fromGram(double[] x, double[] slack, Matrix R, Matrix inverseR, Workspace space) {
    Matrix G = space.matrix(d, d);
    Matrix part = space.matrix(d, d);
    Rows rows = space.rows(most, d);
    Vector ones = ones(most, space);
    for (int first = 0; first < n; first += most) {
      readWeighted(first, x, slack);
      device.upload(block, most, rows, 0);
      device.weightedGram(rows, ones, part);
      device.axpy(1, part, G); // G = A^T diag(s)^-2 A
    }
    work += 1;
    passes += 1;
    if (device.cholesky(G, R) != 0) { // G = R^T R
      return false;
    }
    device.invertTriangular(R, inverseR);
    return device.norm(R) * device.norm(inverseR) <= WELL_CONDITIONED * d;
  }

  private void fromHouseholder(double[] x, double[] slack, Matrix R, Workspace space) {
    factor(R, space, first -> readWeighted(first, x, slack), null);
    work += 2;
    passes += 1;
  }

  /**
   * R of the Householder QR of what {@code next} leaves in the block, block by block, times M
   * unless that is null.
   */
  private void factor(Matrix R, Workspace space, IntConsumer next, Matrix M) {
    Rows rows = space.rows(most, d);
    Rows stack = space.rows((long) most + d, d);
    Vector ones = ones(most + d, space);
    double[] top = new double[d * d];
    for (int first = 0; first < n; first += most) {
      next.accept(first);
      if (M != null) {
        device.upload(block, most, rows, 0);
        device.timesTriangular(rows, M, rows);
        device.download(rows, 0, most, block);
      }
      device.upload(top, d, stack, 0); // R of the blocks so far
      device.upload(block, most, stack, d);
      device.triangularFactor(stack, ones, R);
      device.download(R, top);
    }
  }

  private double[] scores(double[] slack, Matrix inverseR, Matrix second, Workspace space) {
    double[] sigma = new double[n];
    double[] q = new double[most];
    Rows rows = space.rows(most, d);
    Vector norms = space.vector(most);
    for (int first = 0; first < n; first += most) {
      int count = readWeighted(first, slack);
      device.upload(block, most, rows, 0);
      if (second == null) {
        device.squaredNorms(rows, inverseR, norms); // ||R^-T a_i / s_i||^2
      } else { // the same products as those that have the second factor
        device.timesTriangular(rows, inverseR, rows);
        device.squaredNorms(rows, second, norms); // ||R2^-T R^-T a_i / s_i||^2
      }
      device.download(norms, q);
      for (int i = 0; i < count; i++) {
        sigma[first + i] = Math.min(1, q[i]);
      }
    }
    work += second == null ? 1 : 2;
    passes += 1;
    return sigma;
  }

  private static Vector ones(int length, Workspace space) {
    Vector ones = space.vector(length);
    space.device().fill(1, ones);
    return ones;
  }

  private static void requireRegular(double[] diagonal) {
    for (double value : diagonal) {
      if (!(Math.abs(value) > 0 && Math.abs(value) < Double.POSITIVE_INFINITY)) {
        throw new SingularException();
      }
    }
  }
}
