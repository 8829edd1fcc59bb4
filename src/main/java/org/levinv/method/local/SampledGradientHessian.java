package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Sample;
import org.levinv.model.GradientLoss;
import org.levinv.model.HessianPart;
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
 * B and the curvature are estimated without bias from pairs of rows of two samples, with exact
 * diagonals; the square of the estimated B is then biased upwards by its variance. Rows sampled by
 * leverage scores: arXiv:2408.11267; the estimator is this project's own.
 */
public final class SampledGradientHessian implements HessianEstimate {
  private final TallMatrix A;
  private final Device device;
  private final ExplicitHessian columns;
  private final Matrix S;
  private final Vector y;
  private final Vector z;
  private final Vector c;
  private final Matrix B;
  private final Matrix X;
  private final Matrix Y;
  private final boolean regularized;

  /** S (d x d) as in {@link GradientLoss}, or null. */
  public SampledGradientHessian(TallMatrix A, Matrix S, boolean regularized, Workspace space) {
    int d = A.columns();
    this.A = A;
    this.S = S;
    this.device = space.device();
    this.columns = new ExplicitHessian(d, space);
    this.y = space.vector(A.rows());
    this.z = space.vector(A.rows());
    this.c = space.vector(A.rows());
    this.B = space.matrix(d, d);
    this.X = space.matrix(d, d);
    this.Y = space.matrix(d, d);
    this.regularized = regularized;
  }

  /** The third sample is not needed. */
  @Override
  public void evaluate(Objective at, Sample first, Sample second, Sample third, Matrix H) {
    GradientLoss loss = (GradientLoss) at;
    Scores scores = loss.scores();
    Vector sigma = scores.sigma();
    Vector u = loss.direction();
    Vector Ku = loss.smoothedDirection();
    int d = A.columns();
    try (Workspace few = new Workspace(device)) {
      RowSample E = new RowSample(A, scores, first, few);
      RowSample T = second == first ? E : new RowSample(A, scores, second, few);
      E.missingDiagonal(T, c);
      TallMatrix KU = E.kernelTimes(T);
      Vector ones = few.vector(KU.rows());
      device.fill(1, ones);
      E.outer(ones, KU, Y); // U^T K U
      device.upload(new double[d * d], B);
      device.axpy(-2, Y, B);
      E.outer(E.gathered(u), KU, Y); // U^T diag(u) K U
      device.upload(new double[d * d], X);
      device.axpy(-12, Y, X);
      E.weighted(loss.reducedDirection(), T, Y); // U^T (Q o P) U
      device.axpy(8, Y, X);
    }
    device.multiply(sigma, sigma, z); // the diagonal of K
    device.multiply(c, z, y);
    device.scale(-2, y);
    device.axpy(3, sigma, y); // 3 sigma - 2 sigma^2 on the missing pairs
    addGram(scores, B);
    columns.symmetrize(B, Y);
    device.copy(Y, B);

    device.multiply(z, u, z);
    device.scale(-12, z);
    device.multiply(sigma, Ku, y);
    device.axpy(8, y, z);
    device.multiply(c, z, y); // (8 sigma o K u - 12 sigma^2 o u) on the missing pairs
    device.axpy(-6, Ku, y);
    device.multiply(sigma, u, z);
    device.axpy(12, z, y); // + 12 sigma o u - 6 K u
    addGram(scores, X);

    if (S == null) {
      device.multiply(B, false, B, false, Y);
    } else {
      device.multiply(S, false, B, false, H);
      device.multiply(B, false, H, false, Y); // B S B
    }
    device.axpy(1, Y, X);
    columns.symmetrize(X, H);
    if (regularized) {
      columns.of(at, HessianPart.REGULARIZER, Y);
      device.axpy(1, Y, H);
    }
  }

  /** to = to + U^T diag(y) U. */
  private void addGram(Scores scores, Matrix to) {
    device.multiply(scores.squaredWeights(), y, y);
    A.weightedGram(y, Y);
    device.axpy(1, Y, to);
  }
}
