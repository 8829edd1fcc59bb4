package org.levinv.method.common;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The Hessian of 0.5 ||sigma(x) - target||^2, estimated from sampled rows; exact where they are all
 * rows. With U = W A, K = P o P, L = diag(sigma) - K, r the residual and Q = P diag(r) P it is
 *
 * <pre>
 * 4 U^T L L U + 2 U^T [ 3 diag(L r) - 2 (diag(r) K + K diag(r)) + 4 Q o P ] U.
 * </pre>
 *
 * The diagonals of K and of Q o P are known on every row: {@link
 * org.levinv.pass.GradientSums#diagonal} has their part, and only what is off the diagonal is
 * sampled. L U is the sum over k of K_ik q_k (u_i - u_k), so that L 1 = 0 holds in the sample.
 *
 * <p>From one draw the first sum is positive semidefinite and has a bias, as the rows k of its two
 * factors are the same. From three independent draws, one for i and one for the k of each factor, it
 * has none, and need not be positive semidefinite. The other sums have no bias either way. Rows
 * sampled by leverage scores for an approximate Newton method: Zhihang Li, Zhao Song, Weixin Wang,
 * Junze Yin and Zheng Yu, "How to Inverting the Leverage Score Distribution?", 2024,
 * arXiv:2404.13785; the estimators are this project's own.
 */
public final class SampledHessian {
  private final Device device;
  private final Matrix cross;
  private final Matrix flipped;
  private final Matrix identity;
  private final Vector one;

  /** Three d x d matrices in memory of {@code space}. */
  public SampledHessian(int columns, Workspace space) {
    device = space.device();
    cross = space.matrix(columns, columns);
    flipped = space.matrix(columns, columns);
    identity = space.matrix(columns, columns);
    one = space.upload(new double[] {1});
    device.addDiagonal(1, null, identity);
  }

  /**
   * H (d x d, symmetric) from one draw of m rows; some 10 m^2 d flops in blocks, in memory of its
   * own that is freed at the end.
   *
   * @param rows at the point
   * @param C R^-T A^T diag(w^2 r) A R^-1 of all rows, so that Q = V C V^T
   * @param diagonal A^T diag(w^2 (6 L r - 8 sigma L r)) A of all rows
   */
  public void evaluate(SampledRows rows, Matrix C, Matrix diagonal, Matrix H) {
    evaluate(rows, rows, rows, C, diagonal, H);
  }

  /** Likewise from three independent draws, without bias. */
  public void evaluate(
      SampledRows first,
      SampledRows second,
      SampledRows third,
      Matrix C,
      Matrix diagonal,
      Matrix H) {
    try (Workspace few = new Workspace(device)) {
      TallMatrix VC = first.V.allocate(C.columns(), few);
      Vector ones = few.vector(first.size());
      device.fill(1, ones);
      first.V.scaledTimes(ones, C, VC);
      TallMatrix LU = kernelTimes(first.V, first, second, few); // K q U
      TallMatrix QqU = kernelTimes(VC, first, second, few); // (Q o P) q U
      Vector factor = few.vector(first.size());
      device.copy(first.r, factor);
      device.scale(-1, factor);
      QqU.addScaled(factor, LU);
      first.qU.crossGram(QqU, cross); // U^T q (Q o P - diag(r) K) q U
      toLaplacian(LU, first, second, few);
      device.copy(first.q, factor);
      if (third == second) {
        device.scale(4, factor);
        LU.weightedGram(factor, H); // 4 U^T L q L U
      } else {
        TallMatrix other = kernelTimes(first.V, first, third, few);
        toLaplacian(other, first, third, few);
        device.scale(0.5, factor);
        other.scaledTimes(factor, null, other);
        LU.crossGram(other, H);
        device.axpy(1, H, cross); // half of U^T L q L U: the sum with its transpose comes below
        device.copy(identity, H);
        device.axpy(-1, identity, H); // 0
      }
      if (second != first) {
        removeSharedPairs(first, second, C, few);
      }
    }
    device.multiply(cross, true, identity, false, flipped);
    device.axpy(4, cross, H); // + 2 U^T [4 Q o P - 2 (diag(r) K + K diag(r))] U,
    device.axpy(4, flipped, H); // the sum of a matrix and its transpose
    device.axpy(1, diagonal, H);
  }

  /**
   * (S V_second^T o V_first V_second^T) q U_second for S of as many rows as the first; without the
   * pairs (i, i) where both are the same draw.
   */
  private static TallMatrix kernelTimes(
      TallMatrix S, SampledRows first, SampledRows second, Workspace few) {
    TallMatrix to = S.allocate(S.columns(), few);
    S.hadamardTimes(second.V, first.V, second.V, first == second, second.qU, to);
    return to;
  }

  /** KU = K q U - diag(K q) U = -L U of the first draw, by the second. */
  private void toLaplacian(TallMatrix KU, SampledRows first, SampledRows second, Workspace few) {
    TallMatrix column = second.V.column(second.q, few);
    TallMatrix product = first.V.allocate(1, few);
    first.V.hadamardTimes(second.V, first.V, second.V, first == second, column, product);
    Vector degree = few.vector(first.size());
    product.times(one, degree); // K q, as one column: no cancellation where 1 - sigma is small
    device.scale(-1, degree);
    KU.addScaled(degree, first.U);
  }

  /**
   * Takes the pairs (i, i) that count in sums over two draws out of them: the diagonal of Q o P -
   * diag(r) K is -sigma o L r, and all of it is in the part that is known on every row.
   */
  private void removeSharedPairs(
      SampledRows first, SampledRows second, Matrix C, Workspace few) {
    Vector y = few.vector(first.size());
    Vector z = few.vector(first.size());
    first.V.quadraticForms(C, y); // diagonal(Q)
    device.multiply(first.sigma, first.r, z);
    device.axpy(-1, y, z); // L r = sigma o r - diagonal(Q)
    device.multiply(first.sigma, z, z);
    device.multiply(few.upload(first.sharedCounts(second)), z, z);
    first.U.weightedGram(z, flipped);
    device.axpy(1, flipped, cross);
  }
}
