package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
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
 * The first sum runs over rows (L U)_i, the inner sum of one factor over a second draw, that of the
 * other over a third; the sums with K and Q o P run over pairs of rows of two draws, and their
 * diagonals, known for every row, are exact, as is the regulariser. Each part has its exact value
 * as its mean; the price is that the first, whose two factors have independent errors, need not be
 * positive semidefinite: a trust region takes the Hessian as it comes. Rows sampled by leverage
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
  private final Matrix zero;
  private final RegularizerMatrix regularizer;
  private final Workspace space;
  private RowSample E;
  private RowSample S;
  private TallMatrix KU;
  private TallMatrix LU;
  private Vector few;

  /** Two n-vectors and some d x d matrices; more for the draws at the first evaluation. */
  public SampledLossHessian(TallMatrix A, boolean regularized, Workspace space) {
    int d = A.columns();
    this.A = A;
    this.space = space;
    this.device = space.device();
    this.columns = new ExplicitHessian(d, space);
    this.y = space.vector(A.rows());
    this.z = space.vector(A.rows());
    this.X = space.matrix(d, d);
    this.Y = space.matrix(d, d);
    this.zero = space.matrix(d, d);
    this.regularizer = new RegularizerMatrix(columns, d, regularized, space);
  }

  private void makeRoom(int capacity, boolean two) {
    if (E == null) {
      E = new RowSample(A, capacity, space);
      KU = E.tall(space);
      LU = E.tall(space);
      few = E.vector(space);
    }
    if (two && S == null) {
      S = new RowSample(A, capacity, space);
    }
  }

  @Override
  public void evaluate(Objective at, RowDraw first, RowDraw second, RowDraw third, Matrix H) {
    Loss loss = (Loss) at;
    Scores scores = loss.scores();
    Vector Lr = loss.laplacianOfResidual();
    makeRoom(first.capacity(), second != first || third != first);
    E.load(first, scores);
    RowSample other = load(second, first, scores);
    E.kernelTimes(other, KU);
    E.gather(loss.residual(), few);
    E.outer(few, KU, Y); // U^T diag(r) K U
    device.copy(zero, X);
    device.axpy(-8, Y, X);
    E.weighted(loss.reducedResidual(), other, Y); // U^T (Q o P) U
    device.axpy(8, Y, X);
    E.missingDiagonal(other, z);
    E.laplacianRows(other, KU); // L U of the first draw, by the second
    other = load(third, first, scores);
    E.kernelTimes(other, LU);
    E.laplacianRows(other, LU); // the same by the third
    E.counted(KU, LU, Y); // U^T L L U
    device.axpy(4, Y, X);
    device.multiply(z, scores.sigma(), z);
    device.multiply(z, Lr, y);
    device.scale(-8, y);
    device.axpy(6, Lr, y); // 6 L r - 8 sigma o L r on the diagonal pairs that are missing
    device.multiply(scores.squaredWeights(), y, y);
    A.weightedGram(y, Y);
    device.axpy(1, Y, X);
    columns.symmetrize(X, H);
    regularizer.addTo(at, H);
  }

  private RowSample load(RowDraw draw, RowDraw first, Scores scores) {
    if (draw == first) {
      return E;
    }
    S.load(draw, scores);
    return S;
  }
}
