package org.levinv.method.local;

import java.util.Locale;

/**
 * What a step of a second-order method costs, in units of n d^2 flops, by the three ways to have
 * its d x d matrix.
 *
 * @param byColumns 6 n d^3 flops
 * @param byPairs of rows, {@code pairFlops} n^2 d
 * @param pairFlops of a pair of rows and a column
 */
record StepCost(double byColumns, double byPairs, int pairFlops) {

  /** Units of a product with a second-order or Gauss-Newton matrix. */
  private static final double PRODUCT = 6;

  /** Products that the conjugate gradients of a step take, about. */
  private static final double INNER_STEPS = 30;

  /** How the matrix is had. */
  enum Way {
    PRODUCTS,
    COLUMNS,
    PAIRS
  }

  static StepCost of(long n, int d, int pairFlops) {
    return new StepCost(PRODUCT * d, (double) pairFlops * n / d, pairFlops);
  }

  Way cheapest() {
    if (PRODUCT * INNER_STEPS < Math.min(byColumns, byPairs)) {
      return Way.PRODUCTS;
    }
    return byColumns <= byPairs ? Way.COLUMNS : Way.PAIRS;
  }

  /** What was chosen, and what it was chosen among. */
  String words(String what) {
    return String.format(
        Locale.ROOT,
        "%s: a step takes %.0f units of n d^2 by columns (6 n d^3 flops), %.0f by pairs of rows (%d n^2 d), about %.0f by products",
        what,
        byColumns,
        byPairs,
        pairFlops,
        PRODUCT * INNER_STEPS);
  }
}
