package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The Hessian of {@link RowsLoss} from sampled rows, without bias. With U = W A, K = P o P, L =
 * diag(sigma) - K, the residual r and Q = P diag(r) P it is
 *
 * <pre>
 * 4 U^T L L U + 2 U^T [ 3 diag(L r) - 2 (diag(r) K + K diag(r)) + 4 Q o P ] U + A^T diag(omega^2) A.
 * </pre>
 *
 * The first sum runs over rows (L U)_i, the inner sum of one factor over a second draw, that of the
 * other over a third; the sums with K and Q o P run over pairs of rows of two draws, and their
 * diagonals, known for every row, are exact, as is the regulariser. Each part has its exact value
 * as its mean; the price is that the first, whose two factors have independent errors, need not be
 * positive semidefinite: a trust region takes the Hessian as it comes. Rows sampled by leverage
 * scores for an approximate Newton method: arXiv:2404.13785; the estimator is this project's own.
 */
public final class SampledLossHessian implements HessianEstimate {
  private final Device device;
  private final Matrix X;
  private final Matrix Y;

  public SampledLossHessian(int columns, Workspace space) {
    device = space.device();
    X = space.matrix(columns, columns);
    Y = space.matrix(columns, columns);
  }

  /** For a {@link RowsLoss} with its diagonal; reads no rows but those of the draws. */
  @Override
  public void evaluate(
      RowsObjective at, RowSample first, RowSample second, RowSample third, Matrix H) {
    RowsLoss loss = (RowsLoss) at;
    device.copy(loss.diagonal(), X); // U^T diag(6 L r - 8 sigma L r) U
    try (Workspace own = new Workspace(device)) {
      TallMatrix KU = first.tall(own);
      TallMatrix LU = first.tall(own);
      Vector r = first.target(own);
      Vector y = first.vector(own);
      Vector sigma = first.scores().sigma();
      device.scale(-1, r);
      device.axpy(1, sigma, r); // r = sigma - target
      first.kernelTimes(second, KU);
      first.outer(r, KU, Y); // U^T diag(r) K U
      device.axpy(-8, Y, X);
      first.weighted(loss.reducedResidual(), second, Y); // U^T (Q o P) U
      device.axpy(8, Y, X);
      first.scores().laplacian(r, loss.sandwich(), y); // L r
      device.multiply(sigma, y, y);
      device.scale(8, y);
      first.sharedGram(y, second, Y); // 8 sigma L r on the pairs (i, i) that are there
      device.axpy(1, Y, X);
      first.laplacianRows(second, KU); // L U of the first draw, by the second
      first.kernelTimes(third, LU);
      first.laplacianRows(third, LU); // the same by the third
      first.counted(KU, LU, Y); // U^T L L U
      device.axpy(4, Y, X);
    }
    Symmetric.symmetrize(X, device);
    device.copy(X, H);
    loss.regularizer.addTo(H);
  }
}
