package org.levinv.method;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The mismatches of a refinement, one an iteration, and what their course says. */
final class MismatchHistory {

  /** Three mismatches that differ by no more than this factor will not get smaller. */
  private static final double STATIONARY = 1.03;

  /** Nor will those that eight iterations did not lower to this share, */
  private static final double SLOW_OF_EIGHT = 0.7;

  /** or the last three to this share of all before. */
  private static final double SLOW_OF_THREE = 0.8;

  /** A mismatch below this that is not halved has met rounding. */
  private static final double AT_ROUNDING = 1e-8;

  private final List<Double> all = new ArrayList<>();
  private int start;

  void add(double mismatch) {
    all.add(mismatch);
  }

  /** What came before says nothing of what comes. */
  void restart() {
    start = all.size();
  }

  /** The last one, or infinity. */
  double last() {
    return all.isEmpty() ? Double.POSITIVE_INFINITY : all.get(all.size() - 1);
  }

  /** The last but one, or 0. */
  double previous() {
    return all.size() > 1 ? all.get(all.size() - 2) : 0;
  }

  /** The last one over the one before, at most 1. */
  double rate() {
    return all.size() > 1 ? Math.min(1, last() / previous()) : 1;
  }

  /** Whether rounding is all that is left. */
  boolean isAtRounding() {
    List<Double> recent = recent();
    return recent.size() > 3
        && last() < AT_ROUNDING
        && last() > 0.5 * least(recent.subList(0, recent.size() - 1));
  }

  /** Whether more iterations would hardly help. */
  boolean isSlow() {
    List<Double> recent = recent();
    int k = recent.size();
    return (k > 3 && Collections.max(recent.subList(k - 3, k)) <= STATIONARY * least(recent))
        || (k > 8 && last() > SLOW_OF_EIGHT * least(recent.subList(k - 8, k - 4)))
        || (k > 5
            && least(recent.subList(k - 3, k)) > SLOW_OF_THREE * least(recent.subList(0, k - 3)));
  }

  private List<Double> recent() {
    return all.subList(start, all.size());
  }

  private static double least(List<Double> values) {
    return Collections.min(values);
  }
}
