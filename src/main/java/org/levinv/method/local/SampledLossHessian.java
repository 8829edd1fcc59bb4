package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Sample;
import org.levinv.model.HessianPart;
import org.levinv.model.Loss;
import org.levinv.model.Objective;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * The Hessian of {@link Loss} from sampled rows, without bias. With U = W A, K = P o P, L =
 * diag(sigma) - K, the residual r and Q = P diag(r) P it is
 *
 * <pre>
 * 4 U^T L L U + 2 U^T [ 3 diag(L r) - 2 (diag(r) K + K diag(r)) + 4 Q o P ] U + A^T diag(omega^2) A.
 * </pre>
 *
 * The first sum runs over rows (L U)_i, the inner sum of one factor over a second sample, that of
 * the other over a third; the sums with K and Q o P run over pairs of rows of two samples, and
 * their diagonals, known for every row, are exact, as is the regulariser. Rows sampled by leverage
 * scores for an approximate Newton method: arXiv:2404.13785; the estimator is this project's own.
 */
public final class SampledLossHessian implements HessianEstimate {
  private final TallMatrix A;
  private final Device device;
  private final ExplicitHessian columns;
  private final Vector y;
  private final Vector z;
  private final Matrix X;
  private final Matrix Y;
  private final boolean regularized;

  /** Two n-vectors and some d x d matrices. */
  public SampledLossHessian(TallMatrix A, boolean regularized, Workspace space) {
    int d = A.columns();
    this.A = A;
    this.device = space.device();
    this.columns = new ExplicitHessian(d, space);
    this.y = space.vector(A.rows());
    this.z = space.vector(A.rows());
    this.X = space.matrix(d, d);
    this.Y = space.matrix(d, d);
    this.regularized = regularized;
  }

  @Override
  public void evaluate(Objective at, Sample first, Sample second, Sample third, Matrix H) {
    Loss loss = (Loss) at;
    Scores scores = loss.scores();
    Vector Lr = loss.laplacianOfResidual();
    try (Workspace few = new Workspace(device)) {
      RowSample E = new RowSample(A, scores, first, few);
      RowSample S = second == first ? E : new RowSample(A, scores, second, few);
      TallMatrix KU = E.kernelTimes(S);
      E.outer(E.gathered(loss.residual()), KU, Y); // U^T diag(r) K U
      device.upload(new double[A.columns() * A.columns()], X);
      device.axpy(-8, Y, X);
      E.weighted(loss.reducedResidual(), S, Y); // U^T (Q o P) U
      device.axpy(8, Y, X);
      E.missingDiagonal(S, z);
      E.laplacianRows(S, KU); // (L U) of the first sample, by the second
      TallMatrix LU = KU;
      if (third != second) {
        RowSample T = new RowSample(A, scores, third, few);
        LU = E.kernelTimes(T);
        E.laplacianRows(T, LU); // the same by the third
      } else {
        LU = KU.allocate(A.columns(), few);
        Vector ones = few.vector(KU.rows());
        device.fill(1, ones);
        KU.scaledTimes(ones, null, LU);
      }
      E.counted(KU, LU, Y); // U^T L L U
      device.axpy(4, Y, X);
    }
    device.multiply(z, scores.sigma(), z);
    device.multiply(z, Lr, y);
    device.scale(-8, y);
    device.axpy(6, Lr, y); // 6 L r - 8 sigma o L r on the diagonal pairs that are missing
    device.multiply(scores.squaredWeights(), y, y);
    A.weightedGram(y, Y);
    device.axpy(1, Y, X);
    columns.symmetrize(X, H);
    if (regularized) {
      columns.of(at, HessianPart.REGULARIZER, Y);
      device.axpy(1, Y, H);
    }
  }
}
