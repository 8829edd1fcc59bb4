package org.levinv.model;

import java.util.Set;

/**
 * The three parts that the Hessian of a regularised least-squares objective 0.5 ||F(x)||^2 + 0.5
 * ||diag(omega) A x||^2 is the sum of. Each is d x d and symmetric. The split is that of Zhihang
 * Li, Zhao Song, Weixin Wang, Junze Yin and Zheng Yu, "How to Inverting the Leverage Score
 * Distribution?", 2024, arXiv:2404.13785; the equations here are this project's own.
 *
 * <p>In U = W A, P = U G^-1 U^T, K = P o P, L = diag(sigma) - K and the residual r = sigma(x) -
 * target.
 */
public enum HessianPart {
  /** J^T J for the Jacobian J of F; for the scores 4 U^T L L U. Positive semidefinite. */
  GAUSS_NEWTON,
  /**
   * The sum of F_i times the Hessian of F_i; for the scores 2 U^T [3 diag(L r) - 2 (diag(r) K + K
   * diag(r)) + 4 (P diag(r) P) o P] U. Of any sign, and zero where F is.
   */
  CURVATURE,
  /** A^T diag(omega^2) A. Positive semidefinite. */
  REGULARIZER;

  /** The whole Hessian. */
  public static final Set<HessianPart> ALL = Set.of(values());

  /** The Hessian without its curvature: positive semidefinite. */
  public static final Set<HessianPart> SEMIDEFINITE = Set.of(GAUSS_NEWTON, REGULARIZER);
}
