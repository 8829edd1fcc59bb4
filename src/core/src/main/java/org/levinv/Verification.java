package org.levinv;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.small.Dot2;

/**
 * The leverage scores at a given x, recomputed from the source of A: slacks in twice the working
 * precision, the triangular factor R of diag(s)^-1 A, and sigma_i = ||R^-T a_i||^2 / s_i^2. No
 * coordinates, samples or stages of the solver are used. A is read once where it is small, else
 * twice.
 *
 * <p>R comes from a Householder QR, block by block (2 n d^2 flops). Large problems take it from the
 * Gram matrix instead (n d^2 flops, several times faster), and keep it only where its condition
 * number is so small that this loses nothing that counts.
 */
public final class Verification {

  /** About this many numbers (2 MiB) are on the device at a time, near the cores of a processor. */
  private static final int BLOCK = 1 << 18;

  /** Up to this many multiplications, n d^2, Householder QR is always affordable. */
  private static final double MODERATE = 5e7;

  /** cond(R) up to which scores from a Gram matrix are as good as eps cond(R)^2 = 1e-11. */
  private static final double WELL_CONDITIONED = 200;

  /** cond(R) up to which a triangular solution leaves nothing that a second one mends. */
  private static final double ONCE_IS_ENOUGH = 1e4;

  /** That tell the order of magnitude of all. */
  private static final int FIRST_ROWS = 64;

  /** Of the first row in the block: nothing is there. */
  private static final int NONE = -1;

  /** Exponents of two beyond this are far from 1. */
  private static final int FAR = 200;

  private final Device device;
  private final RowSource A;
  private final double[] b;
  private final int n;
  private final int d;
  private final int most;
  private Rows block;
  private int loaded;
  private double[] slack;
  private double[] slackErrors;
  private double work;
  private double passes;

  /**
   * All weights are multiplied by this power of two, which changes no score, to keep their squares
   * in range.
   */
  private double unit = 1;

  public Verification(Device device, RowSource A, double[] b) {
    this.device = device;
    this.A = A;
    this.b = b;
    n = (int) A.rows();
    d = A.columns();
    most = Math.min(n, Math.max(4 * d, BLOCK / d));
  }

  /** Flops so far in units of n d^2. */
  public double work() {
    return work;
  }

  /** Times that A was read. */
  public double passes() {
    return passes;
  }

  /** A x - b at the last x. */
  public double[] slacks() {
    return slack;
  }

  /**
   * Of each row at the last x: how much a relative error eps of all terms of a_i.x - b_i changes
   * that slack, relatively, / eps.
   */
  public double[] slackErrors() {
    return slackErrors;
  }

  /**
   * sigma(x), n values; a row with s_i = 0, where the scores have no value, is left out and has 0.
   */
  public double[] scores(double[] x) {
    slack = new double[n];
    slackErrors = new double[n];
    loaded = NONE;
    unit = unitAt(x);
    try (Workspace space = new Workspace(device)) {
      block = space.rows(most, d);
      Matrix R = space.matrix(d, d);
      Matrix inverseR = space.matrix(d, d);
      if ((double) n * d * d <= MODERATE || !fromGram(x, R, inverseR, space)) {
        factor(R, space, x, null);
        requireRegular(device.diagonal(R));
        device.invertTriangular(R, inverseR);
      }
      return scores(inverseR, secondFactor(R, inverseR, space), space);
    }
  }

  /**
   * G^-1 a_i for a row i with the score 1: the direction in which its slack moves and no other. Any
   * weight of that row gives this direction, and rounding the least with one like those of others.
   *
   * @param slacks at x
   * @param slackErrors as {@link #slackErrors}
   */
  double[] directionOfRow(int i, double[] slacks, double[] slackErrors) {
    double[] sorted = slackErrors.clone();
    Arrays.sort(sorted);
    slack = slacks.clone();
    slack[i] *= slackErrors[i] / sorted[n / 2];
    loaded = NONE;
    try (Workspace space = new Workspace(device)) {
      block = space.rows(most, d);
      Matrix R = space.matrix(d, d);
      factor(R, space, null, null); // R^T R = G = A^T diag(s)^-2 A
      double[] row = new double[d];
      A.read(i, 1, row);
      Vector direction = space.upload(row);
      device.solve(R, direction);
      device.download(direction, row);
      return row;
    }
  }

  /**
   * Where R is ill-conditioned, rows of diag(s)^-1 A R^-1 are only nearly orthonormal: the inverse
   * of their own factor, which makes them so; else null.
   */
  private Matrix secondFactor(Matrix R, Matrix inverseR, Workspace space) {
    if (device.norm(R) * device.norm(inverseR) <= ONCE_IS_ENOUGH * d) {
      return null;
    }
    Matrix second = space.matrix(d, d);
    Matrix inverse = space.matrix(d, d);
    factor(second, space, null, inverseR);
    requireRegular(device.diagonal(second));
    device.invertTriangular(second, inverse);
    work += 1;
    return inverse;
  }

  /**
   * Rows {@code first ...} of diag(s)^-1 A to the block, unless they are there; the rest of it is
   * zero. Computes the slacks at x, or takes them as they are where x is null.
   */
  private int load(int first, double[] x) {
    int count = Math.min(most, n - first);
    if (loaded != first || x != null) {
      device.upload(new WeightedRows(first, x), block);
      passes += (double) count / n;
      loaded = first;
    }
    return count;
  }

  /** The rows of the block that begins at row {@code start}: of diag(s)^-1 A, then zeros. */
  private final class WeightedRows implements RowSource {
    private final int start;
    private final double[] x;

    WeightedRows(int start, double[] x) {
      this.start = start;
      this.x = x;
    }

    @Override
    public String name() {
      return A.name();
    }

    @Override
    public long rows() {
      return most;
    }

    @Override
    public int columns() {
      return d;
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void read(long first, int count, double[] into) {
      int from = start + (int) first;
      int rows = Math.max(0, Math.min(count, n - from));
      if (rows > 0) {
        A.readShared(from, rows, into);
      }
      for (int i = 0; i < rows; i++) {
        if (x != null) {
          findSlack(from + i, into, i * d, x);
        }
        double s = slack[from + i];
        double w = s == 0 ? 0 : unit / s;
        for (int j = i * d; j < (i + 1) * d; j++) {
          into[j] *= w;
        }
      }
      Arrays.fill(into, rows * d, count * d, 0);
    }
  }

  /** s_i = a_i . x - b_i for the row a_i at entry {@code at}, and what rounding does to it. */
  private void findSlack(int i, double[] rows, int at, double[] x) {
    double s = Dot2.minus(rows, at, x, b[i], slackErrors, i);
    slack[i] = s;
    slackErrors[i] = s == 0 ? 0 : slackErrors[i] / Math.abs(s);
  }

  /**
   * A power of two that brings the first rows of diag(s)^-1 A to order 1, where they are far from
   * it.
   */
  private double unitAt(double[] x) {
    int count = Math.min(n, FIRST_ROWS);
    double[] rows = new double[count * d];
    A.read(0, count, rows);
    double largest = 0;
    for (int i = 0; i < count; i++) {
      double s = Dot2.minus(rows, i * d, x, b[i], slackErrors, i);
      for (int j = i * d; s != 0 && j < (i + 1) * d; j++) {
        largest = Math.max(largest, Math.abs(rows[j] / s));
      }
    }
    int exponent = Math.getExponent(largest);
    return largest > 0 && Math.abs(exponent) > FAR
        ? Math.scalb(1.0, -Math.max(-1000, Math.min(1000, exponent)))
        : 1;
  }

  private boolean fromGram(double[] x, Matrix R, Matrix inverseR, Workspace space) {
    Matrix G = space.matrix(d, d);
    Matrix part = space.matrix(d, d);
    Vector ones = ones(most, space);
    for (int first = 0; first < n; first += most) {
      load(first, x);
      device.weightedGram(block, ones, part);
      device.axpy(1, part, G); // G = A^T diag(s)^-2 A
    }
    work += 1;
    if (device.cholesky(G, R) != 0) { // G = R^T R
      return false;
    }
    device.invertTriangular(R, inverseR);
    return device.norm(R) * device.norm(inverseR) <= WELL_CONDITIONED * d;
  }

  /** R of the Householder QR of diag(s)^-1 A, block by block, times M unless that is null. */
  private void factor(Matrix R, Workspace space, double[] x, Matrix M) {
    Vector ones = ones(most, space);
    Rows stack = space.rows(2L * d, d);
    Vector both = ones(2 * d, space);
    double[] top = new double[d * d];
    for (int first = 0; first < n; first += most) {
      load(first, x);
      if (M != null) {
        device.timesTriangular(block, M, block);
        loaded = NONE;
      }
      device.triangularFactor(block, ones, R);
      if (first > 0) { // R of the blocks so far, R of this one below
        device.upload(top, d, stack, 0);
        device.download(R, top);
        device.upload(top, d, stack, d);
        device.triangularFactor(stack, both, R);
      }
      device.download(R, top);
    }
    work += 2;
  }

  private double[] scores(Matrix inverseR, Matrix second, Workspace space) {
    double[] sigma = new double[n];
    double[] q = new double[most];
    Vector norms = space.vector(most);
    for (int first = 0; first < n; first += most) {
      int count = load(first, null);
      if (second == null) {
        device.squaredNorms(block, inverseR, norms); // ||R^-T a_i / s_i||^2
      } else { // the same products as those that have the second factor
        device.timesTriangular(block, inverseR, block);
        loaded = NONE;
        device.squaredNorms(block, second, norms); // ||R2^-T R^-T a_i / s_i||^2
      }
      device.download(norms, q);
      for (int i = 0; i < count; i++) {
        sigma[first + i] = Math.min(1, q[i]);
      }
    }
    work += second == null ? 1 : 2;
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
