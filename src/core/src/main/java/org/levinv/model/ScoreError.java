package org.levinv.model;

/**
 * How far scores are from their targets, from sums over rows, row i counting q_i times. With D = q
 * sigma (1 - sigma), the diagonal of the Laplacian, and f half the difference of the logits, at
 * most 2 either way:
 *
 * @param residualSquare sum q (sigma - target)^2
 * @param targetSquare sum q target^2
 * @param logitSquare sum D f^2
 * @param degrees sum D
 * @param logitRounding sum D e^2, e the relative rounding error of the slack and of the score, in
 *     units of eps; with what rounding of the row of A does, where that is known row by row
 * @param scoreRounding sum q (2 sigma (1 - sigma) e)^2, likewise
 * @param conditioning what rounding of A's entries does to scores, relatively; 0 where not known
 */
public record ScoreError(
    double residualSquare,
    double targetSquare,
    double logitSquare,
    double degrees,
    double logitRounding,
    double scoreRounding,
    double conditioning) {

  private static final double EPS = Math.ulp(1.0);

  /** Without a word on the rounding of A. */
  public ScoreError(
      double residualSquare,
      double targetSquare,
      double logitSquare,
      double degrees,
      double logitRounding,
      double scoreRounding) {
    this(residualSquare, targetSquare, logitSquare, degrees, logitRounding, scoreRounding, 0);
  }

  /** ||sigma - target|| / ||target||. */
  public double relativeResidual() {
    return Math.sqrt(residualSquare / targetSquare);
  }

  /**
   * The larger of the relative residual and of the mean logit error 2 sqrt(sum D f^2 / sum D). The
   * first does not see wrong small scores beside scores near 1; the second does.
   */
  public double mismatch() {
    return Math.max(relativeResidual(), 2 * Math.sqrt(logitSquare / Math.max(degrees, 1e-300)));
  }

  /** What rounding of A, of the slacks and of the scores does to the mismatch. */
  public double floor() {
    double logit = 2 * Math.sqrt(logitRounding / Math.max(degrees, 1e-300));
    double slacks = EPS * Math.max(logit, Math.sqrt(scoreRounding / targetSquare));
    return Math.max(slacks, conditioning);
  }
}
