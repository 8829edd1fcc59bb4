package org.levinv.method.local;

import java.util.Locale;
import org.levinv.Weights;
import org.levinv.rows.RowStore;

/**
 * What a step of a second-order method costs, in units of n d^2 flops, by the three ways to have
 * its d x d matrix.
 *
 * @param byColumns 8 n d^3 flops
 * @param byPairs of rows, {@code pairFlops} n^2 d
 * @param pairFlops of a pair of rows and a column
 * @param resident whether all rows are in memory, with room for some copies
 */
record StepCost(double byColumns, double byPairs, int pairFlops, boolean resident) {

  /** Units of a product with a second-order or Gauss-Newton matrix, one of many at once. */
  private static final double COLUMN = 8;

  /** Units of a product on its own: what many share costs four more. */
  private static final double PRODUCT = 12;

  /** Products that the conjugate gradients of a step take, about. */
  private static final double INNER_STEPS = 30;

  /**
   * Numbers of A up to which rows are taken in pairs: the ten copies of the rows take 5 GiB then. A
   * larger bound needs more memory for fewer flops.
   */
  private static final double MOST_NUMBERS = 1 << 26;

  /** Copies of the rows that pairs of them take, their products included. */
  private static final double COPIES = 10;

  /** How the matrix is had. */
  enum Way {
    PRODUCTS,
    COLUMNS,
    PAIRS
  }

  /** Pairs of rows are for the weights 1 / |A x - b| alone. */
  static StepCost of(RowStore store, Weights weights, int pairFlops) {
    long n = store.rows();
    int d = store.columns();
    double numbers = (double) n * d;
    boolean resident = numbers <= MOST_NUMBERS && COPIES * 8 * numbers <= store.room();
    double byPairs = weights.isBarrier() ? (double) pairFlops * n / d : Double.POSITIVE_INFINITY;
    return new StepCost(COLUMN * d, byPairs, pairFlops, resident);
  }

  Way cheapest() {
    double pairs = resident ? byPairs : Double.POSITIVE_INFINITY;
    if (PRODUCT * INNER_STEPS < Math.min(byColumns, pairs)) {
      return Way.PRODUCTS;
    }
    return byColumns <= pairs ? Way.COLUMNS : Way.PAIRS;
  }

  /** What was chosen, and what it was chosen among. */
  String words(String what) {
    boolean missed = !resident && byPairs < Math.min(byColumns, PRODUCT * INNER_STEPS);
    return String.format(
            Locale.ROOT,
            "%s: a step takes %.0f units of n d^2 by columns (8 n d^3 flops), %.0f by pairs of rows (%d n^2 d), about %.0f by products",
            what,
            byColumns,
            byPairs,
            pairFlops,
            PRODUCT * INNER_STEPS)
        + (missed
            ? "; pairs of rows need all rows in memory, with room for ten copies, and they do not fit"
            : "");
  }
}
