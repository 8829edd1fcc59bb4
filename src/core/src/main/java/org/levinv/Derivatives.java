package org.levinv;

import java.util.Arrays;
import java.util.Locale;

/**
 * The loss 0.5 ||r||^2 + 0.5 ||diag(omega) A x||^2, r = sigma(x) - sigma, and its derivatives at a
 * point: those of arXiv:2404.13785, whose Hessian is the sum of the three parts here. With W =
 * diag(A x - b)^-1, U = W A, P = U (U^T U)^-1 U^T, K = P o P and L = diag(sigma(x)) - K:
 *
 * @param value the loss
 * @param gradient -2 U^T L r + A^T diag(omega^2) A x, d values
 * @param gaussNewton 4 U^T L L U = J^T J, d x d, positive semidefinite
 * @param curvature 2 U^T [3 diag(L r) - 2 (diag(r) K + K diag(r)) + 4 (P diag(r) P) o P] U, d x d:
 *     the sum of r_i times the Hessian of sigma_i
 * @param regularizer A^T diag(omega^2) A, d x d, positive semidefinite
 */
public record Derivatives(
    double value,
    double[] gradient,
    double[][] gaussNewton,
    double[][] curvature,
    double[][] regularizer) {

  /** The loss and the length of its gradient. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "loss %.6g, gradient of norm %.6g, d = %d",
        value,
        Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum()),
        gradient.length);
  }

  /** The Hessian, d x d: the sum of its parts. */
  public double[][] hessian() {
    int d = gradient.length;
    double[][] H = new double[d][d];
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < d; k++) {
        H[j][k] = gaussNewton[j][k] + curvature[j][k] + regularizer[j][k];
      }
    }
    return H;
  }
}
