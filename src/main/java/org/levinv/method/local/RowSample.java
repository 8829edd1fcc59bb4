package org.levinv.method.local;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Sample;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * A sample of the rows of U = W A at a point, for sums over pairs of rows i in one sample and k in
 * another, in V = U R^-1 (so that P = V V^T) and K = P o P. Row i was drawn with probability p_i
 * and counts q_i = 1 / p_i times, so that sums over two independent samples have the sums over all
 * rows as their means; where both samples are all rows, they are these sums. By blocks: no n x n
 * matrix is formed.
 */
final class RowSample {
  private final Device device;
  private final Workspace space;
  private final int[] rows;
  private final double[] counts;
  private final Vector q;
  private final TallMatrix U;
  private final TallMatrix V;
  private final TallMatrix qU;

  /** The rows of a sample at the point of {@code scores}, in memory of {@code space}. */
  RowSample(TallMatrix A, Scores scores, Sample sample, Workspace space) {
    this.space = space;
    device = space.device();
    rows = sample.rows();
    counts = sample.counts();
    q = space.upload(counts);
    Vector w = gathered(scores.weights());
    Vector ones = space.vector(rows.length);
    device.fill(1, ones);
    U = A.rows(rows, w, space);
    V = U.allocate(A.columns(), space);
    U.scaledTriangular(ones, scores.inverseR(), V); // V = U R^-1
    qU = U.allocate(A.columns(), space);
    U.scaledTimes(q, null, qU);
  }

  /**
   * Draws each row on its own with probability min(1, size sigma_i / d): the scores sum to d, so
   * {@code size} rows at most in expectation.
   */
  static Sample draw(double[] sigma, double size, int columns, SplittableRandom random) {
    int[] rows = new int[sigma.length];
    double[] counts = new double[sigma.length];
    int taken = 0;
    for (int i = 0; i < sigma.length; i++) {
      double p = Math.min(1, size * sigma[i] / columns);
      if (random.nextDouble() < p) {
        rows[taken] = i;
        counts[taken++] = 1 / p;
      }
    }
    return new Sample(Arrays.copyOf(rows, taken), Arrays.copyOf(counts, taken));
  }

  /** Every row, once. */
  static Sample all(long n) {
    double[] once = new double[Math.toIntExact(n)];
    Arrays.fill(once, 1);
    return new Sample(IntStream.range(0, once.length).toArray(), once);
  }

  /** The entries of an n-vector that belong to these rows. */
  Vector gathered(Vector all) {
    Vector few = space.vector(rows.length);
    device.gather(all, rows, few);
    return few;
  }

  /** K q U of the other sample: for each row i here the sum over k there of K_ik q_k u_k. */
  TallMatrix kernelTimes(RowSample other) {
    TallMatrix to = U.allocate(U.columns(), space);
    V.hadamardTimes(other.V, V, other.V, false, other.qU, to);
    return to;
  }

  /** C = U^T diag(q o f) Y, for f and Y with an entry and a row for each row here. */
  void outer(Vector f, TallMatrix Y, Matrix C) {
    TallMatrix fqU = U.allocate(U.columns(), space);
    qU.scaledTimes(f, null, fqU);
    fqU.crossGram(Y, C);
  }

  /** C = the sum over i here and k there of q_i q_k (v_i^T M v_k) P_ik u_i u_k^T. */
  void weighted(Matrix M, RowSample other, Matrix C) {
    Vector ones = space.vector(rows.length);
    device.fill(1, ones);
    TallMatrix VM = V.allocate(V.columns(), space);
    V.scaledTimes(ones, M, VM);
    TallMatrix Y = U.allocate(U.columns(), space);
    VM.hadamardTimes(other.V, V, other.V, false, other.qU, Y);
    qU.crossGram(Y, C);
  }

  /**
   * KU = L U, from KU = {@link #kernelTimes}: row i becomes the sum over k of K_ik q_k (u_i - u_k),
   * so that L 1 = 0 holds in the sample.
   */
  void laplacianRows(RowSample other, TallMatrix KU) {
    TallMatrix column = other.V.column(other.q, space);
    TallMatrix sums = V.allocate(1, space);
    V.hadamardTimes(other.V, V, other.V, false, column, sums); // K q
    Vector degree = space.vector(rows.length);
    sums.times(space.upload(new double[] {1}), degree);
    Vector minus = space.vector(rows.length);
    device.fill(-1, minus);
    KU.scaledTimes(minus, null, KU);
    KU.addScaled(degree, U);
  }

  /** C = X^T diag(q) Y, for X and Y with a row for each row here; X is spent. */
  void counted(TallMatrix X, TallMatrix Y, Matrix C) {
    X.scaledTimes(q, null, X);
    X.crossGram(Y, C);
  }

  /**
   * c (n), 1 minus how often pair (i, i) counts: what the diagonal of a sum, known for every row,
   * has to be multiplied with to be exact.
   */
  void missingDiagonal(RowSample other, Vector c) {
    device.fill(1, c);
    Map<Integer, Double> there = new HashMap<>();
    for (int k = 0; k < other.rows.length; k++) {
      there.put(other.rows[k], other.counts[k]);
    }
    int[] shared = new int[rows.length];
    double[] values = new double[rows.length];
    int count = 0;
    for (int k = 0; k < rows.length; k++) {
      Double second = there.get(rows[k]);
      if (second != null) {
        shared[count] = rows[k];
        values[count++] = 1 - counts[k] * second;
      }
    }
    device.put(Arrays.copyOf(values, count), Arrays.copyOf(shared, count), c);
  }
}
