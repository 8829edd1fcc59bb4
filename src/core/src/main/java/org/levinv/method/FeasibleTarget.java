package org.levinv.method;

import org.levinv.device.Formula;

/**
 * Scores that some weights have, near scores that none may have: the stages before least squares
 * need a target that can be met.
 */
final class FeasibleTarget {

  /** A target off by less than this, relative to d, is left as it is. */
  private static final double EXACT = 1e-10;

  private FeasibleTarget() {}

  /**
   * How far targets are from those that some x has: above 1, or in their sum, relatively.
   *
   * @param sum of all n targets, which scores of d columns have at d
   */
  static double noise(double sum, double largest, int d) {
    return Math.max(0, Math.max(largest - 1, Math.abs(sum - d) / d));
  }

  /**
   * Entries in (0, 1) whose counted sum is d, near positive targets; exact ones come back as they
   * are. How far the targets are infeasible says how noisy they are, and an entry closer to 1 than
   * that says nothing about 1 - sigma, so such entries are capped. One shift of all logits then
   * meets the sum: a common factor for small entries, while entries near 1 stay below 1.
   *
   * @param counts how often each entry counts
   * @param noise of all targets, see {@link #noise}
   */
  static double[] of(double[] target, double[] counts, int d, double noise) {
    if (noise < EXACT) {
      return target;
    }
    double cap = 1 - Math.min(Math.max(0.5 * noise, 1e-12), 0.05);
    double[] logits = new double[target.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Formula.logit(Math.min(target[i], cap));
    }
    double shift = shift(logits, counts, d);
    double[] feasible = new double[target.length];
    for (int i = 0; i < feasible.length; i++) {
      feasible[i] = logistic(logits[i] + shift);
    }
    return feasible;
  }

  /** c with sum of counts o logistic(z + c) = d, by bisection. */
  private static double shift(double[] logits, double[] counts, int d) {
    double low = -60;
    double high = 60;
    for (int k = 0; k < 100; k++) {
      double middle = 0.5 * (low + high);
      double sum = 0;
      for (int i = 0; i < logits.length; i++) {
        sum += counts[i] * logistic(logits[i] + middle);
      }
      if (sum < d) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return 0.5 * (low + high);
  }

  private static double logistic(double z) {
    return 1 / (1 + Math.exp(-z));
  }
}
