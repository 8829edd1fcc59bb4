package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * The Hessian of {@link RowsGradientLoss} from sampled rows. With U = W A, K = P o P, u = W A S F
 * and Q = P diag(u) P it is
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
  private final Device device;
  private final Matrix B1;
  private final Matrix B2;
  private final Matrix X;
  private final Matrix Y;

  public SampledGradientHessian(int columns, Workspace space) {
    device = space.device();
    B1 = space.matrix(columns, columns);
    B2 = space.matrix(columns, columns);
    X = space.matrix(columns, columns);
    Y = space.matrix(columns, columns);
  }

  /**
   * For a {@link RowsGradientLoss} with its diagonals; reads no rows but those of the draws, of
   * which the third is not needed.
   */
  @Override
  public void evaluate(
      RowsObjective at, RowSample first, RowSample second, RowSample third, Matrix H) {
    RowsGradientLoss loss = (RowsGradientLoss) at;
    barrierHessian(loss, first, B1);
    barrierHessian(loss, second, B2);
    curvature(loss, first, second);
    if (loss.metric() == null) {
      device.multiply(B1, false, B2, false, H);
    } else {
      device.multiply(loss.metric(), false, B2, false, Y);
      device.multiply(B1, false, Y, false, H);
    }
    device.axpy(1, X, H);
    Symmetric.symmetrize(H, device); // (B1 S B2 + B2 S B1) / 2 in its first part
    loss.regularizer.addTo(H);
  }

  /** B = U^T (3 Sigma - 2 K) U from the pairs of one draw. */
  private void barrierHessian(RowsGradientLoss loss, RowSample rows, Matrix B) {
    device.copy(loss.barrierDiagonal(), B); // U^T diag(3 sigma - 2 sigma^2) U
    try (Workspace own = new Workspace(device)) {
      TallMatrix KU = rows.tall(own);
      Vector y = rows.vector(own);
      Vector sigma = rows.scores().sigma();
      rows.kernelTimes(rows, KU);
      rows.outer(KU, Y); // U^T K U
      device.axpy(-2, Y, B);
      device.multiply(sigma, sigma, y); // the diagonal of K
      device.scale(2, y);
      rows.sharedGram(y, rows, Y); // 2 sigma^2 on the pairs (i, i) that are there
      device.axpy(1, Y, B);
    }
    Symmetric.symmetrize(B, device);
  }

  /** X = the curvature, not yet symmetric, from pairs of rows of two draws. */
  private void curvature(RowsGradientLoss loss, RowSample first, RowSample second) {
    device.copy(loss.curvatureDiagonal(), X);
    try (Workspace own = new Workspace(device)) {
      TallMatrix KU = first.tall(own);
      Vector u = first.vector(own);
      Vector y = first.vector(own);
      Vector z = first.vector(own);
      Scores scores = first.scores();
      first.tangent(loss.measuredResidual(), u); // u = W A S F
      first.kernelTimes(second, KU);
      first.outer(u, KU, Y); // U^T diag(u) K U
      device.axpy(-12, Y, X);
      first.weighted(loss.reducedDirection(), second, Y); // U^T (Q o P) U
      device.axpy(8, Y, X);
      scores.diagonal(loss.sandwich(), z); // K u
      device.multiply(scores.sigma(), z, z);
      device.scale(-8, z);
      device.multiply(scores.sigma(), scores.sigma(), y);
      device.multiply(y, u, y);
      device.axpy(12, y, z);
      first.sharedGram(z, second, Y); // 12 sigma^2 u - 8 sigma K u on the pairs (i, i)
      device.axpy(1, Y, X);
    }
  }
}
