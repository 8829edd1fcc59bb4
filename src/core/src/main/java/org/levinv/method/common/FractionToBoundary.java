package org.levinv.method.common;

/**
 * The fraction-to-boundary rule: a step shrinks no slack by more than the part tau of it, so that
 * none changes its sign (Jorge Nocedal and Stephen Wright, "Numerical Optimization", 2006, section
 * 19.2). Shrinkage is the largest -(A y)_i / s_i of a step y over the rows.
 *
 * @param tau above 0 and below 1; a larger one allows longer steps, at whose ends the smallest
 *     slack has a weight of 1 / (1 - tau) times what the model of the step knew
 */
public record FractionToBoundary(double tau) {

  /**
   * A slack keeps a tenth of itself. Interior-point methods take 0.995; here the weight of a slack
   * is its inverse, and a model of second order is worth nothing where one has grown a hundredfold.
   */
  public static final FractionToBoundary USUAL = new FractionToBoundary(0.9);

  /** The largest a up to 1 such that a times a step of this shrinkage keeps the rule. */
  public double part(double shrinkage) {
    return shrinkage > tau ? tau / shrinkage : 1;
  }
}
