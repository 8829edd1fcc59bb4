package org.levinv.pass;

import org.levinv.device.Matrix;
import org.levinv.rows.RowList;

/**
 * What {@link LossPass} answers.
 *
 * @param residualSquare sum of r^2, r = sigma - target
 * @param targetSquare sum of target^2
 * @param scoreSquare sum of sigma^2
 * @param roundingSquare sum of (r_i e_i)^2, e_i the rounding error of score i in units of eps
 * @param largest the largest score
 * @param Q A^T diag(w^2 r) A, d x d, valid until the next pass
 * @param drawn rows drawn by their scores, each with the least rate that draws it
 */
public record LossSums(
    double residualSquare,
    double targetSquare,
    double scoreSquare,
    double roundingSquare,
    double largest,
    Matrix Q,
    RowList drawn) {

  private static final double EPS = Math.ulp(1.0);

  /** 0.5 ||sigma - target||^2. */
  public double loss() {
    return 0.5 * residualSquare;
  }

  /** ||sigma - target|| / ||target||. */
  public double relativeResidual() {
    return Math.sqrt(residualSquare / targetSquare);
  }

  /**
   * What rounding does to the loss from one x to the next: each score is rounded, by a few eps and
   * by what its slack loses in A x - b, and these errors have no common sign.
   */
  public double rounding() {
    return EPS * Math.max(Math.sqrt(roundingSquare), 4 * Math.sqrt(scoreSquare * residualSquare));
  }
}
