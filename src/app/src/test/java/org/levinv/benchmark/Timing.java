package org.levinv.benchmark;

import java.util.Arrays;

/**
 * Seconds of an action: one or more runs to warm up, then the minimum and the median of several.
 */
record Timing(double minimum, double median, int runs) {

  private static final int MOST_RUNS = 25;
  private static final int LEAST_RUNS = 3;

  /** Repeats for about {@code budget} seconds, a third of it to warm up. */
  static Timing of(double budget, Runnable action) {
    long start = System.nanoTime();
    int warm = 0;
    do {
      action.run();
      warm++;
    } while (seconds(start) < budget / 3 && warm < 200);
    double each = seconds(start) / warm;
    int runs = (int) Math.max(LEAST_RUNS, Math.min(MOST_RUNS, budget / each));
    double[] times = new double[runs];
    for (int k = 0; k < runs; k++) {
      long begun = System.nanoTime();
      action.run();
      times[k] = seconds(begun);
    }
    Arrays.sort(times);
    return new Timing(times[0], times[runs / 2], runs);
  }

  /** Once, where repeating would take too long. */
  static Timing once(Runnable action) {
    long start = System.nanoTime();
    action.run();
    double seconds = seconds(start);
    return new Timing(seconds, seconds, 1);
  }

  static double seconds(long since) {
    return (System.nanoTime() - since) * 1e-9;
  }
}
