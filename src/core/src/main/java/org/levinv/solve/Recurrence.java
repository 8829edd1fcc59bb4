package org.levinv.solve;

/**
 * How many searches ended at the optimum with the least loss: one that only one of several found
 * may be a wrong one. Descents to an optimum that is known are saved.
 */
final class Recurrence {

  /** Searches ended at the same optimum where their losses differ by less than this part. */
  private static final double SAME_LOSS = 1e-3;

  private double leastLoss = Double.POSITIVE_INFINITY;
  private double settledLoss = Double.NaN;
  private int searches;

  /**
   * Whether a search settled where the one did whose descent ended at the least loss so far: then
   * its own would, and it counts.
   *
   * @param settled the loss where its logit errors no longer decreased, or NaN
   */
  boolean repeats(double settled) {
    boolean isSame = isSame(settled, settledLoss);
    searches += isSame ? 1 : 0;
    return isSame;
  }

  /**
   * Counts a search.
   *
   * @param loss where its descent ended
   * @param settled likewise
   */
  void count(double loss, double settled) {
    if (loss < (1 - SAME_LOSS) * leastLoss) {
      leastLoss = loss;
      settledLoss = settled;
      searches = 1;
    } else if (isSame(loss, leastLoss)) {
      searches++;
    }
  }

  /** Whether no two searches ended at the least loss. */
  boolean isAlone() {
    return searches < 2;
  }

  private static boolean isSame(double loss, double other) {
    return Math.abs(loss - other) <= SAME_LOSS * other;
  }
}
