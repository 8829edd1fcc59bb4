package org.levinv.method;

import java.util.Arrays;
import java.util.Set;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * The linear model of the refinement: the move dx that brings the logits of the equations to their
 * targets, in weighted least squares. It is kept from one iteration to the next, as long as it
 * serves.
 *
 * <p>The <em>projection</em> takes L = diag(sigma) - P o P for diagonal: the logit step of the
 * magnitudes, projected on moves of x. The <em>explicit</em> Jacobian has the P o P term too, from
 * a sample of the rows (arXiv:2404.13785 samples the same sums): d logit sigma = -2 D^-1 K dx with
 * K = ((Sigma - P o P) W A) on the equations.
 */
final class Jacobian {

  /** Most rows of the sample in one piece, so that the pieces need little memory. */
  private static final int PIECE = 2048;

  private final Device device;
  private final TallMatrix E;
  private final GramFactor normal;
  private final Vector D;
  private final Vector v;
  private final Vector work;
  private final Vector column;
  private final Vector projected;
  private final TallMatrix K;
  private boolean explicit;
  private boolean present;
  private double madeAt;
  private double sumD;

  /** For the equations of rows E; {@code explicit} where there may be an explicit Jacobian. */
  Jacobian(TallMatrix E, boolean explicit, Workspace space) {
    device = space.device();
    this.E = E;
    int d = E.columns();
    normal = new GramFactor(d, space);
    D = space.vector(E.rows());
    v = space.vector(E.rows());
    work = space.vector(E.rows());
    column = space.vector(d);
    projected = space.vector(d);
    K = explicit ? E.allocate(d, space) : null;
  }

  boolean present() {
    return present;
  }

  boolean explicit() {
    return explicit;
  }

  /** The mismatch at which it was made. */
  double madeAt() {
    return madeAt;
  }

  void forget() {
    present = false;
  }

  /** The factor whose R measures moves of x. */
  Matrix measure() {
    return normal.R();
  }

  /** min over (dx, c) of || D^1/2 (W A dx + c 1 + f) ||. */
  void makeProjection(double mismatch, Vector weights, Vector degrees) {
    device.copy(degrees, D);
    device.copy(weights, v);
    device.map(Formula.SQUARE_TIMES, 0, v, D, null, work);
    present = normal.ofSquaredWeights(E, work); // M = A^T W D W A
    explicit = false;
    madeAt = mismatch;
    device.multiply(v, D, work);
    E.transposeTimes(work, column); // e = A^T W D 1
    device.copy(column, projected);
    if (present) {
      normal.solve(projected); // M^-1 e
    }
    sumD = device.sum(D);
  }

  /**
   * The explicit Jacobian.
   *
   * @param A all rows
   * @param gram of all rows at x
   * @param w weights of all rows at x
   * @param excess of each equation's own row: its count in the sample, 0 if it is not there, less 1
   * @param floating rows whose weights do not follow x: they have no part in P o P
   */
  void makeExplicit(
      double mismatch,
      TallMatrix A,
      GramFactor gram,
      Vector w,
      Vector weights,
      Vector sigma,
      Vector degrees,
      Vector excess,
      Sample sample,
      Set<Integer> floating) {
    int d = E.columns();
    device.copy(degrees, D);
    device.copy(weights, v);
    try (Workspace own = new Workspace(device)) {
      TallMatrix X = E.allocate(d, own);
      TallMatrix part = E.allocate(d, own);
      E.scaledTriangular(weights, gram.inverseR(), X); // X = W A R^-1, so that X X^T = P
      // An equation's own row is part of its sum whatever was drawn, and counts once in it: what
      // the sample adds beyond that, (q - 1) sigma^2, would be the largest error of all.
      device.multiply(excess, sigma, work);
      device.map(Formula.SHIFT, 1, work, null, null, work);
      device.multiply(sigma, work, work);
      device.multiply(weights, work, work);
      E.scaledTimes(work, null, K); // K = (Sigma + (Q - I) Sigma^2) W A
      for (int first = 0; first < sample.size(); first += PIECE) {
        try (Workspace piece = new Workspace(device)) {
          subtract(X, part, A, gram, w, sample, first, floating, piece);
        }
      }
    }
    device.map(Formula.DEGREE, 0, sigma, null, null, work);
    device.map(Formula.SAFE_RECIPROCAL, 0, work, null, null, work);
    K.scaledTimes(work, null, K); // K = D^-1 (Sigma - P o P) W A
    present = normal.ofSquaredWeights(K, D); // N = K^T D K
    explicit = true;
    madeAt = mismatch;
  }

  /** K = K - (P o P) W A for some of the sample's rows. */
  private void subtract(
      TallMatrix X,
      TallMatrix part,
      TallMatrix A,
      GramFactor gram,
      Vector w,
      Sample sample,
      int first,
      Set<Integer> floating,
      Workspace piece) {
    int last = Math.min(first + PIECE, sample.size());
    int[] index = Arrays.copyOfRange(sample.rows(), first, last);
    double[] counts = Arrays.copyOfRange(sample.counts(), first, last);
    for (int k = 0; k < index.length; k++) {
      counts[k] = floating.contains(index[k]) ? 0 : counts[k];
    }
    Vector weights = piece.vector(index.length);
    device.gather(w, index, weights);
    TallMatrix S = A.rows(index, piece);
    TallMatrix Y = S.allocate(S.columns(), piece);
    S.scaledTriangular(weights, gram.inverseR(), Y); // Y = (W A R^-1) of the sample
    device.multiply(weights, piece.upload(counts), weights);
    S.scaledTimes(weights, null, S); // S = Q W A
    X.hadamardTimes(Y, X, Y, false, S, part); // (P o P) Q W A
    part.addTo(-1, K);
  }

  /**
   * The smallest singular value of the Jacobian of sigma(x) relative to the largest, in the
   * coordinates in which W A has orthonormal columns; from the equations of an explicit Jacobian,
   * by power iterations. Below 1e-7 or so it only says that it is small; NaN where there is no
   * explicit Jacobian.
   */
  double ratio(GramFactor gram, Vector sigma) {
    try (Workspace own = new Workspace(device)) {
      GramFactor JtJ = new GramFactor(E.columns(), own);
      device.map(Formula.DEGREE, 0, sigma, null, null, work);
      device.multiply(D, work, work);
      if (!JtJ.ofSquaredWeights(K, work)) { // J^T J / 4 = K^T Q D^2 K
        return 0;
      }
      return Determination.singularRatio(JtJ, gram.R(), gram.inverseR(), own);
    }
  }

  /** dx for the logit step f of the equations. */
  void step(Vector f, Vector dx) {
    device.multiply(D, f, work);
    if (explicit) {
      K.transposeTimes(work, dx);
      normal.solve(dx);
      device.scale(-1, dx); // dx = -N^-1 K^T D f
      return;
    }
    double Df = device.sum(work);
    device.multiply(v, work, work);
    E.transposeTimes(work, dx);
    normal.solve(dx); // M^-1 A^T W D f
    double c = (device.dot(column, dx) - Df) / (sumD - device.dot(column, projected));
    device.scale(-1, dx);
    device.axpy(-c, projected, dx); // dx = -M^-1 A^T W D f - c M^-1 e
  }
}
