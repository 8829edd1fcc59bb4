package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GradientLoss;
import org.levinv.model.Objective;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * The Hessian of {@link GradientLoss} from sampled rows. With U = W A, K = P o P, u = W A S F and Q
 * = P diag(u) P it is
 *
 * <pre>
 * B S B + U^T [ diag(12 sigma o u - 6 K u) - 6 (diag(u) K + K diag(u)) + 8 Q o P ] U + A^T diag(omega^2) A,
 * B = U^T (3 Sigma - 2 K) U.
 * </pre>
 *
 * The curvature comes from pairs of rows of two draws, B from the pairs of one draw, with exact
 * diagonals, and B S B as (B1 S B2 + B2 S B1) / 2 with B1 from the first draw and B2 from the
 * second. Each part has its exact value as its mean: the square of one estimate would be positive
 * semidefinite, but too large by its variance, while the product of two with independent errors has
 * no bias and need not be semidefinite; a trust region takes the Hessian as it comes. Rows sampled
 * by leverage scores: arXiv:2408.11267; the estimator is this project's own.
 */
public final class SampledGradientHessian implements HessianEstimate {
  private final TallMatrix A;
  private final Device device;
  private final ExplicitHessian columns;
  private final Matrix S;
  private final Vector y;
  private final Vector z;
  private final Vector c;
  private final Matrix B1;
  private final Matrix B2;
  private final Matrix X;
  private final Matrix Y;
  private final Matrix zero;
  private final RegularizerMatrix regularizer;
  private final Workspace space;
  private RowSample E;
  private RowSample T;
  private TallMatrix KU;
  private Vector few;

  /**
   * S (d x d) as in {@link GradientLoss}, or null; more room for the draws is made at the first
   * evaluation.
   */
  public SampledGradientHessian(TallMatrix A, Matrix S, boolean regularized, Workspace space) {
    int d = A.columns();
    this.A = A;
    this.S = S;
    this.space = space;
    this.device = space.device();
    this.columns = new ExplicitHessian(d, space);
    this.y = space.vector(A.rows());
    this.z = space.vector(A.rows());
    this.c = space.vector(A.rows());
    this.B1 = space.matrix(d, d);
    this.B2 = space.matrix(d, d);
    this.X = space.matrix(d, d);
    this.Y = space.matrix(d, d);
    this.zero = space.matrix(d, d);
    this.regularizer = new RegularizerMatrix(columns, d, regularized, space);
  }

  private void makeRoom(int capacity, boolean two) {
    if (E == null) {
      E = new RowSample(A, capacity, space);
      KU = E.tall(space);
      few = E.vector(space);
    }
    if (two && T == null) {
      T = new RowSample(A, capacity, space);
    }
  }

  /** The third draw is not needed. */
  @Override
  public void evaluate(Objective at, RowDraw first, RowDraw second, RowDraw third, Matrix H) {
    GradientLoss loss = (GradientLoss) at;
    Scores scores = loss.scores();
    boolean two = second != first;
    makeRoom(first.capacity(), two);
    E.load(first, scores);
    barrierHessian(E, scores, B1);
    RowSample other = E;
    if (two) {
      T.load(second, scores);
      barrierHessian(T, scores, B2);
      other = T;
    }
    curvature(loss, other);
    product(B1, two ? B2 : B1, H);
    device.axpy(1, H, X);
    columns.symmetrize(X, H); // (B1 S B2 + B2 S B1) / 2 in its first part
    regularizer.addTo(at, H);
  }

  /** to = B1 S B2. */
  private void product(Matrix B1, Matrix B2, Matrix to) {
    if (S == null) {
      device.multiply(B1, false, B2, false, to);
    } else {
      device.multiply(S, false, B2, false, Y);
      device.multiply(B1, false, Y, false, to);
    }
  }

  /** B = U^T (3 Sigma - 2 K) U from the pairs of one draw. */
  private void barrierHessian(RowSample rows, Scores scores, Matrix B) {
    Vector sigma = scores.sigma();
    rows.kernelTimes(rows, KU);
    rows.outer(KU, Y); // U^T K U
    device.copy(zero, X);
    device.axpy(-2, Y, X);
    rows.missingDiagonal(rows, c);
    device.multiply(sigma, sigma, y); // the diagonal of K
    device.multiply(c, y, y);
    device.scale(-2, y);
    device.axpy(3, sigma, y); // 3 sigma - 2 sigma^2 on the missing pairs
    addGram(scores, X);
    columns.symmetrize(X, B);
  }

  /** X = the curvature, not yet symmetric, from pairs of rows of E and another. */
  private void curvature(GradientLoss loss, RowSample other) {
    Scores scores = loss.scores();
    Vector sigma = scores.sigma();
    Vector u = loss.direction();
    Vector Ku = loss.smoothedDirection();
    E.kernelTimes(other, KU);
    E.gather(u, few);
    E.outer(few, KU, Y); // U^T diag(u) K U
    device.copy(zero, X);
    device.axpy(-12, Y, X);
    E.weighted(loss.reducedDirection(), other, Y); // U^T (Q o P) U
    device.axpy(8, Y, X);
    E.missingDiagonal(other, c);
    device.multiply(sigma, sigma, z);
    device.multiply(z, u, z);
    device.scale(-12, z);
    device.multiply(sigma, Ku, y);
    device.axpy(8, y, z);
    device.multiply(c, z, y); // (8 sigma o K u - 12 sigma^2 o u) on the missing pairs
    device.axpy(-6, Ku, y);
    device.multiply(sigma, u, z);
    device.axpy(12, z, y); // + 12 sigma o u - 6 K u
    addGram(scores, X);
  }

  /** to = to + U^T diag(y) U. */
  private void addGram(Scores scores, Matrix to) {
    device.multiply(scores.squaredWeights(), y, y);
    A.weightedGram(y, Y);
    device.axpy(1, Y, to);
  }
}
