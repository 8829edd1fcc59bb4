package org.levinv.method.local;

import java.util.stream.LongStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Rows of U = W A at a point that were drawn, for sums over pairs of rows i of one draw and k of
 * another, in V = U R^-1 (so that P = V V^T) and K = P o P. Row i counts q_i = 1 / p_i times, p_i
 * being the probability of its draw: sums over two independent draws have the sums over all rows as
 * their means, and so has the sum over the pairs i != k of one draw; where both draws are all rows,
 * they are these sums. By blocks: no n x n matrix is formed.
 */
public final class RowSample {
  private final RowStore store;
  private final Device device;
  private final long[] rows;
  private final double[] counts;
  private final Vector b;
  private final Vector q;
  private final Vector ones;
  private final Vector minus;
  private final Vector degree;
  private final Vector one;
  private final TallMatrix A;
  private final Scores scores;
  private final TallMatrix U;
  private final TallMatrix V;
  private final TallMatrix qU;
  private final TallMatrix T;
  private final TallMatrix X;
  private final TallMatrix constant;
  private final TallMatrix column;
  private final TallMatrix sums;

  /**
   * Gathers rows; that reads no others.
   *
   * @param rows ascending, one or more
   * @param space gives ten matrices of so many rows
   */
  RowSample(RowStore store, long[] rows, Workspace space) {
    this.store = store;
    this.rows = rows;
    device = space.device();
    int m = rows.length;
    counts = new double[m];
    A = store.gather(rows, space);
    b = space.upload(store.gather(Field.OFFSET, rows));
    scores = new Scores(A, space);
    q = space.vector(m);
    ones = space.vector(m);
    minus = space.vector(m);
    degree = space.vector(m);
    one = space.upload(new double[] {1});
    device.fill(1, ones);
    device.fill(-1, minus);
    U = tall(space);
    V = tall(space);
    qU = tall(space);
    T = tall(space);
    X = tall(space);
    constant = A.column(ones, space);
    column = A.allocate(1, space);
    sums = A.allocate(1, space);
  }

  /** The rows of a draw; where it drew none, the first of all, which then counts as often. */
  static RowSample of(RowStore store, long[] drawn, Workspace space) {
    return new RowSample(store, drawn.length == 0 ? new long[1] : drawn, space);
  }

  /** All rows, which then are in memory. */
  static RowSample all(RowStore store, Workspace space) {
    return new RowSample(store, LongStream.range(0, store.rows()).toArray(), space);
  }

  /** Room for a matrix with a row for each row here. */
  TallMatrix tall(Workspace space) {
    return A.allocate(A.columns(), space);
  }

  /** A vector with an entry for each row here. */
  Vector vector(Workspace space) {
    return space.vector(rows.length);
  }

  /** The targets of these rows. */
  Vector target(Workspace space) {
    return space.upload(store.gather(Field.TARGET, rows));
  }

  /**
   * Goes to the point of an objective.
   *
   * @param rate c: row i was drawn with probability min(1, c sigma_i); infinite where rows are all
   */
  void load(RowsObjective at, double rate) {
    scores.ofRows(at.point(), b, at.R(), at.inverseR());
    device.download(scores.sigma(), counts);
    for (int k = 0; k < counts.length; k++) {
      counts[k] = 1 / Math.min(1, rate * counts[k]);
    }
    device.upload(counts, q);
    A.scaledTimes(scores.weights(), null, U); // U = W A
    A.scaledTriangular(scores.weights(), at.inverseR(), V); // V = U R^-1
    U.scaledTimes(q, null, qU);
  }

  /** The scores of these rows at the point, with their weights and products. */
  Scores scores() {
    return scores;
  }

  /** to = W A v for these rows. */
  void tangent(Vector v, Vector to) {
    U.times(v, to);
  }

  /** to = K q U of the other sample: for each row i here the sum over k there of K_ik q_k u_k. */
  void kernelTimes(RowSample other, TallMatrix to) {
    V.hadamardTimes(other.V, V, other.V, false, other.qU, to);
  }

  /** C = U^T diag(q o f) Y, for f and Y with an entry and a row for each row here. */
  void outer(Vector f, TallMatrix Y, Matrix C) {
    qU.scaledTimes(f, null, T);
    T.crossGram(Y, C);
  }

  /** C = U^T diag(q) Y. */
  void outer(TallMatrix Y, Matrix C) {
    qU.crossGram(Y, C);
  }

  /** C = the sum over i here and k there of q_i q_k (v_i^T M v_k) P_ik u_i u_k^T. */
  void weighted(Matrix M, RowSample other, Matrix C) {
    V.scaledTimes(ones, M, T);
    T.hadamardTimes(other.V, V, other.V, false, other.qU, X);
    qU.crossGram(X, C);
  }

  /**
   * KU = L U, from KU = {@link #kernelTimes}: row i becomes the sum over k of K_ik q_k (u_i - u_k),
   * so that L 1 = 0 holds in the sample.
   */
  void laplacianRows(RowSample other, TallMatrix KU) {
    other.constant.scaledTimes(other.q, null, other.column);
    V.hadamardTimes(other.V, V, other.V, false, other.column, sums); // K q
    sums.times(one, degree);
    KU.scaledTimes(minus, null, KU);
    KU.addScaled(degree, U);
  }

  /** C = X^T diag(q) Y, for X and Y with a row for each row here; X is spent. */
  void counted(TallMatrix X, TallMatrix Y, Matrix C) {
    X.scaledTimes(q, null, X);
    X.crossGram(Y, C);
  }

  /** G = c Y^T Y, for Y with a row for each row here. */
  void gram(double c, TallMatrix Y, Matrix G) {
    device.fill(c, degree);
    Y.weightedGram(degree, G);
  }

  /**
   * G = U^T diag(f o c) U, c_i being how often the pair (i, i) counts in sums over pairs of rows
   * here and there. Where the diagonal of a sum is known for every row, this is what comes on top
   * of it; f is spent.
   */
  void sharedGram(Vector f, RowSample other, Matrix G) {
    double[] shared = new double[rows.length];
    int l = 0;
    for (int k = 0; k < rows.length; k++) {
      while (l < other.rows.length && other.rows[l] < rows[k]) {
        l++;
      }
      if (l < other.rows.length && other.rows[l] == rows[k]) {
        shared[k] = counts[k] * other.counts[l];
      }
    }
    device.upload(shared, degree);
    device.multiply(f, degree, f);
    U.weightedGram(f, G);
  }
}
