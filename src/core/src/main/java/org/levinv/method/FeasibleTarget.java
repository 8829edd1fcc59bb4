package org.levinv.method;

import org.levinv.device.Formula;

/**
 * Scores that some weights have, near scores that none may have: the stages before least squares
 * need a target that can be met.
 */
public final class FeasibleTarget {

  /** A target off by less than this, relative to d, is left as it is. */
  private static final double EXACT = 1e-10;

  private FeasibleTarget() {}

  /**
   * Entries in (0, 1) with sum d, near {@code target}; a target that is feasible comes back as it
   * is, the same array. Entries that are not positive are raised to 1e-6 d/n. How far the target is
   * infeasible says how noisy it is, and an entry closer to 1 than that says nothing about 1 -
   * sigma, so such entries are capped. One shift of all logits then meets the sum: a common factor
   * for small entries, while entries near 1 stay below 1.
   *
   * @param target n finite scores, n greater than d
   */
  public static double[] of(double[] target, int d) {
    int n = target.length;
    double sum = 0;
    double largest = Double.NEGATIVE_INFINITY;
    double smallest = Double.POSITIVE_INFINITY;
    for (double entry : target) {
      sum += entry;
      largest = Math.max(largest, entry);
      smallest = Math.min(smallest, entry);
    }
    double noise = Math.max(0, Math.max(largest - 1, Math.abs(sum - d) / d));
    if (smallest > 0 && largest < 1 && noise < EXACT) {
      return target;
    }
    double cap = 1 - Math.min(Math.max(0.5 * noise, 1e-12), 0.05);
    double[] logits = new double[n];
    for (int i = 0; i < n; i++) {
      double raised = target[i] > 0 ? target[i] : 1e-6 * d / n;
      logits[i] = Formula.logit(Math.min(raised, cap));
    }
    double shift = shift(logits, d);
    double[] feasible = new double[n];
    for (int i = 0; i < n; i++) {
      feasible[i] = logistic(logits[i] + shift);
    }
    return feasible;
  }

  /** c with sum of logistic(z + c) = d, by bisection. */
  private static double shift(double[] logits, int d) {
    double low = -60;
    double high = 60;
    for (int k = 0; k < 100; k++) {
      double middle = 0.5 * (low + high);
      double sum = 0;
      for (double z : logits) {
        sum += logistic(z + middle);
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
