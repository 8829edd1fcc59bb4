package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Loss;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * The Hessian of 0.5 ||sigma(x) - target||^2, estimated from a sample of rows; exact where the
 * sample is all rows. With U = W A, K = P o P, r the residual and Q = P diag(r) P:
 *
 * <pre>
 * J^T J = 4 U^T L L U,      second order part   2 U^T [ 3 diag(L r) - 2 (diag(r) K + K diag(r)) + 4 Q o P ] U
 * </pre>
 *
 * The diagonals of K and of Q o P are known on every row and go into one weighted Gram matrix; only
 * what is off the diagonal is sampled. Rows sampled by their leverage scores are the paper's
 * subsampled Newton method: Zhihang Li, Zhao Song, Weixin Wang, Junze Yin and Zheng Yu, "How to
 * Inverting the Leverage Score Distribution?", 2024, arXiv:2404.13785.
 */
final class SampledHessian {
  private final TallMatrix A;
  private final Device device;
  private final Vector y;
  private final Vector z;
  private final Matrix cross;
  private final Matrix flipped;
  private final Matrix identity;

  /**
   * For A of n x d; two n-vectors of {@code space} that the caller lends, and three d x d matrices.
   */
  SampledHessian(TallMatrix A, Vector y, Vector z, Workspace space) {
    int d = A.columns();
    this.A = A;
    this.device = space.device();
    this.y = y;
    this.z = z;
    this.cross = space.matrix(d, d);
    this.flipped = space.matrix(d, d);
    this.identity = space.matrix(d, d);
    device.addDiagonal(1, null, identity);
  }

  /**
   * H (d x d, symmetric) at the point of {@code loss} from the m rows of a sample: some 8 m^2 d
   * flops in blocks and two units. The rows have memory of their own, freed at the end: a sample is
   * drawn a few times in a solve, not in every iteration.
   */
  void evaluate(Loss loss, Sample sample, Matrix H) {
    Scores scores = loss.scores();
    int d = A.columns();
    int m = sample.size();
    int[] rows = sample.rows();
    try (Workspace few = new Workspace(device)) {
      Vector q = few.upload(sample.counts());
      Vector w = few.vector(m);
      Vector r = few.vector(m);
      Vector ones = few.vector(m);
      device.gather(scores.weights(), rows, w);
      device.gather(loss.residual(), rows, r);
      device.fill(1, ones);
      TallMatrix U = A.rows(rows, w, few); // U = W A on the sample
      TallMatrix V = U.allocate(d, few);
      U.scaledTimes(ones, scores.inverseR(), V); // V = U R^-1, so that P = V V^T
      TallMatrix VC = V.allocate(d, few);
      V.scaledTimes(ones, loss.reducedResidual(), VC); // VC = V C, so that Q = V C V^T
      TallMatrix qU = U.allocate(d, few);
      U.scaledTimes(q, null, qU);
      TallMatrix KqU = U.allocate(d, few);
      V.hadamardTimes(V, V, V, true, qU, KqU); // K q U, K = P o P without its diagonal
      TallMatrix QqU = U.allocate(d, few);
      VC.hadamardTimes(V, V, V, true, qU, QqU); // (Q o P) q U without the diagonal
      Vector degree = few.vector(m);
      offDiagonalDegrees(V, q, degree, few);

      device.scale(-1, r);
      QqU.addScaled(r, KqU);
      qU.crossGram(QqU, cross); // U^T q (Q o P - diag(r) K) q U
      device.scale(-1, degree);
      KqU.addScaled(
          degree,
          U); // K q U - diag(K q) U = J / 2: off-diagonal degrees keep L 1 = 0 in the sample
      device.scale(4, q);
      KqU.weightedGram(q, H); // J^T q J
    }
    device.multiply(cross, true, identity, false, flipped);
    device.axpy(
        4, cross,
        H); // + 2 U^T [4 Q o P - 2 (diag(r) K + K diag(r))] U, the sum of a matrix and its
    // transpose
    device.axpy(4, flipped, H);
    addDiagonals(loss, scores, H);
  }

  /**
   * degree = K q, as one column through the same blocks as K q U: no cancellation where 1 - sigma
   * is small.
   */
  static void offDiagonalDegrees(TallMatrix V, Vector q, Vector degree, Workspace few) {
    TallMatrix column = V.column(q, few);
    TallMatrix product = V.allocate(1, few);
    V.hadamardTimes(V, V, V, true, column, product); // K q
    Vector one = few.vector(1);
    few.device().fill(1, one);
    product.times(one, degree);
  }

  /** H = H + A^T diag(w^2 o 2 (3 L r - 4 r sigma^2 + 4 (sigma r - L r) sigma)) A, for all rows. */
  private void addDiagonals(Loss loss, Scores scores, Matrix H) {
    Vector sigma = scores.sigma();
    Vector Lr = loss.laplacianOfResidual();
    // 2 (3 L r - 4 r sigma^2 + 4 (sigma r - L r) sigma) = 6 L r - 8 sigma L r
    device.map(Formula.SCALED_PRODUCT, -8, sigma, Lr, null, y);
    device.axpy(6, Lr, y);
    device.multiply(scores.squaredWeights(), y, z);
    A.weightedGram(z, cross);
    device.axpy(1, cross, H);
  }
}
