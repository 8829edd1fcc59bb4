package org.levinv.solve;

/**
 * How likely a fit to n scores is an accident. An x has d numbers, the sum of scores is d whatever
 * x is, and where signs are sought each cell of A x - b has an optimum of its own. Scores that have
 * nothing to do with A and b deviate from their mean in any direction of n - 1 dimensions; d of
 * these are fitted in each cell, and what is left of the sum of squares has a beta distribution.
 */
final class Chance {

  /**
   * A fit that is an accident more often than this says nothing of x, nor what it leaves of noise.
   * Larger: wrong optima of few rows are called answers.
   */
  static final double MOST = 0.01;

  /**
   * A fit that is an accident no more often than this needs no second search that ends at it.
   * Larger: wrong optima that share most signs with the right one are called answers.
   */
  static final double SURE = 1e-10;

  private Chance() {}

  /**
   * An upper bound on the logarithm of the probability that so small a part of any scores' sum of
   * squares about their mean is left by some x.
   *
   * @param left that part
   * @param signsSought whether x was looked for in all cells of signs, or in one
   */
  static double log(double rows, int columns, double left, boolean signsSought) {
    double a = 0.5 * (rows - 1 - columns);
    if (!(a > 0) || !(left < 1)) {
      return 0;
    }
    double cells = signsSought ? logCells(rows, columns) : 0;
    return Math.min(0, cells + logBeta(left, a, 0.5 * columns));
  }

  /**
   * Of the cells into which n hyperplanes cut d dimensions: the sum of n over k for k up to d, at
   * most 2^(n H(d / n)) with the entropy H, and 2^n.
   */
  private static double logCells(double n, int d) {
    double p = Math.min(d / n, 0.5);
    return -n * (p * Math.log(p) + (1 - p) * Math.log1p(-p));
  }

  /**
   * An upper bound on the logarithm of I_x(a, b), the regularized incomplete beta function, and a
   * near one below its mean: the first term of its series, which a geometric one bounds.
   */
  private static double logBeta(double x, double a, double b) {
    double ratio = x * Math.max(1, (a + b) / (a + 1));
    if (!(ratio < 1)) {
      return 0;
    }
    double logBeta = logGamma(a + 1) + logGamma(b) - logGamma(a + b);
    return Math.min(0, a * Math.log(x) + b * Math.log1p(-x) - logBeta - Math.log1p(-ratio));
  }

  /** Of x above 0, to 1e-8: Stirling's series. */
  private static double logGamma(double x) {
    double shift = 0;
    double y = x;
    for (; y < 8; y++) {
      shift -= Math.log(y);
    }
    double series = (1 - 1 / (30 * y * y)) / (12 * y);
    return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
  }
}
