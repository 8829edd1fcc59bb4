package org.levinv.method;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.CoupledSums;
import org.levinv.tall.TallMatrix;

/**
 * L V on some rows, the equations, for V = W A R^-1 with orthonormal columns: half the Jacobian in
 * the coordinates of V. Row i of L u is the sum over j of P_ij^2 (u_i - u_j); the sum runs over
 * sampled neighbours j other than i, so that a move that changes no score (u constant on every
 * group of coupled rows) stays one in the sample, and nothing cancels where a score is near 1.
 */
final class Coupling {
  private final Device device;
  private final TallMatrix VE;
  private final TallMatrix LV;
  private final Vector counts;
  private final Vector degree;

  /**
   * Draws neighbours from a sample, and equations from them.
   *
   * @param inverseR of A^T W^2 A = R^T R
   * @param importance a number for each row of A, such as its score
   */
  Coupling(
      TallMatrix A,
      Vector w,
      Matrix inverseR,
      Sample sample,
      double[] importance,
      double neighbours,
      double equations,
      SplittableRandom random,
      Workspace space) {
    device = space.device();
    Sample all = sample.thinned(importance, neighbours, random);
    Sample asked = all.thinned(importance, equations, random);
    int[] order = first(asked.rows(), all.rows());
    int[] rows = Arrays.stream(order).map(k -> all.rows()[k]).toArray();
    Vector q = space.upload(Arrays.stream(order).mapToDouble(k -> all.counts()[k]).toArray());
    counts = space.upload(asked.counts());
    int d = A.columns();
    int m = asked.size();
    Vector weights = space.vector(rows.length);
    device.gather(w, rows, weights);
    TallMatrix V = A.rows(rows, space);
    V.scaledTriangular(weights, inverseR, V); // V = W A R^-1, so that P = V V^T
    VE = V.rows(IntStream.range(0, m).toArray(), space);
    Vector ones = space.vector(m);
    device.fill(1, ones);
    TallMatrix X = V.withColumn(ones(rows.length, space), space);
    X.scaledTimes(q, null, X); // Q [V, 1]
    LV = new CoupledSums(VE, null, V, true, space).of(X); // (P o P) Q [V, 1] without the diagonal
    double[] last = new double[d + 1];
    last[d] = 1;
    degree = space.vector(m);
    LV.times(space.upload(last), degree); // D = (P o P) q
    device.scale(-1, degree);
    LV.addScaled(degree, VE.withColumn(ones(m, space), space)); // -L [V, 1] = [-L V, 0]
    device.scale(-1, degree);
  }

  private static Vector ones(int length, Workspace space) {
    Vector ones = space.vector(length);
    space.device().fill(1, ones);
    return ones;
  }

  /** Positions in {@code all} of the rows of {@code some}, then those of the others. */
  private static int[] first(int[] some, int[] all) {
    BitSet members = new BitSet();
    Arrays.stream(some).forEach(members::set);
    return IntStream.concat(
            IntStream.range(0, all.length).filter(k -> members.get(all[k])),
            IntStream.range(0, all.length).filter(k -> !members.get(all[k])))
        .toArray();
  }

  /** The triangular factor of Q^1/2 L V. */
  void factor(Matrix R, Workspace space) {
    Vector h = space.vector(counts.length());
    device.map(Formula.ROOT, 0, counts, null, null, h);
    leading(h, R, space);
  }

  /** The triangular factors of Q^1/2 D^-1/2 L V and of Q^1/2 D^1/2 V. */
  void relativeFactors(Matrix hidden, Matrix whole, Workspace space) {
    Vector h = space.vector(counts.length());
    Vector u = space.vector(counts.length());
    device.multiply(counts, degree, u);
    device.map(Formula.ROOT, 0, u, null, null, h); // h = (Q D)^1/2
    device.map(Formula.RECIPROCAL, 0, h, null, null, u);
    device.multiply(counts, u, u); // Q / h, 0 for a row without neighbours
    leading(u, hidden, space);
    VE.triangularFactor(h, whole);
  }

  /** The factor of diag(u) L V: that of diag(u) [L V, 0] without its last column. */
  private void leading(Vector u, Matrix R, Workspace space) {
    int d = R.columns();
    Matrix wide = space.matrix(d + 1, d + 1);
    LV.triangularFactor(u, wide);
    double[] from = new double[(d + 1) * (d + 1)];
    double[] to = new double[d * d];
    device.download(wide, from);
    double largest = Double.MIN_NORMAL;
    for (int i = 0; i < d; i++) {
      System.arraycopy(from, i * (d + 1), to, i * d, d);
      for (int j = i; j < d; j++) {
        largest = Math.max(largest, Math.abs(to[i * d + j]));
      }
    }
    for (int j = 0;
        j < d;
        j++) { // a zero, which nothing could be solved with, becomes far less than rounding
      if (Math.abs(to[j * d + j]) < 1e-30 * largest) {
        to[j * d + j] = 1e-30 * largest;
      }
    }
    device.upload(to, R);
  }
}
