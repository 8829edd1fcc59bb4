package org.levinv.method.local;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * Rows of U = W A at a point that were drawn, for sums over pairs of rows i of one draw and k of
 * another, in V = U R^-1 (so that P = V V^T) and K = P o P. Row i counts q_i times: sums over two
 * independent draws have the sums over all rows as their means, and so has the sum over the pairs i
 * != k of one draw; where both draws are all rows, they are these sums. By blocks: no n x n matrix
 * is formed. Room is made once, for draws of one capacity.
 */
final class RowSample {
  private final TallMatrix A;
  private final Device device;
  private final int capacity;
  private final double[] shared;
  private final int[] sharedRows;
  private final Vector q;
  private final Vector w;
  private final Vector ones;
  private final Vector minus;
  private final Vector degree;
  private final Vector one;
  private final TallMatrix U;
  private final TallMatrix V;
  private final TallMatrix qU;
  private final TallMatrix T;
  private final TallMatrix X;
  private final TallMatrix constant;
  private final TallMatrix column;
  private final TallMatrix sums;
  private RowDraw draw;

  /** Room in {@code space} for draws of {@code capacity} rows. */
  RowSample(TallMatrix A, int capacity, Workspace space) {
    this.A = A;
    this.capacity = capacity;
    device = space.device();
    shared = new double[capacity];
    sharedRows = new int[capacity];
    q = space.vector(capacity);
    w = space.vector(capacity);
    ones = space.vector(capacity);
    minus = space.vector(capacity);
    degree = space.vector(capacity);
    one = space.upload(new double[] {1});
    device.fill(1, ones);
    device.fill(-1, minus);
    U = A.rows(new int[capacity], space);
    V = tall(space);
    qU = tall(space);
    T = tall(space);
    X = tall(space);
    constant = U.column(ones, space);
    column = U.allocate(1, space);
    sums = U.allocate(1, space);
  }

  /** Room for a matrix with a row for each row here. */
  TallMatrix tall(Workspace space) {
    return U.allocate(U.columns(), space);
  }

  /** A vector with an entry for each row here. */
  Vector vector(Workspace space) {
    return space.vector(capacity);
  }

  /** Takes the rows of a draw, at the point of {@code scores}. */
  void load(RowDraw rows, Scores scores) {
    draw = rows;
    device.upload(rows.counts(), q);
    gather(scores.weights(), w);
    A.gather(rows.rows(), w, U); // U = W A
    U.scaledTriangular(ones, scores.inverseR(), V); // V = U R^-1
    U.scaledTimes(q, null, qU);
  }

  /** few = the entries of an n-vector that belong to these rows. */
  void gather(Vector all, Vector few) {
    device.gather(all, draw.rows(), few);
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
   * c (n), 1 minus how often pair (i, i) counts: what the diagonal of a sum, known for every row,
   * has to be multiplied with to be exact.
   */
  void missingDiagonal(RowSample other, Vector c) {
    device.fill(1, c);
    int count = 0;
    int l = 0;
    for (int k = 0; k < draw.size(); k++) {
      int row = draw.rows()[k];
      while (l < other.draw.size() && other.draw.rows()[l] < row) {
        l++;
      }
      if (l < other.draw.size() && other.draw.rows()[l] == row) {
        sharedRows[count] = row;
        shared[count++] = 1 - draw.counts()[k] * other.draw.counts()[l];
      }
    }
    if (count > 0) { // the places left over say the first row's number again
      Arrays.fill(sharedRows, count, capacity, sharedRows[0]);
      Arrays.fill(shared, count, capacity, shared[0]);
      device.put(shared, sharedRows, c);
    }
  }
}
