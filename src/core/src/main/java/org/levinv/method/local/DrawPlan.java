package org.levinv.method.local;

import java.util.List;
import java.util.stream.IntStream;
import org.levinv.pass.Draws;

/**
 * Draws of rows by their scores, as many at once as a sampled Hessian needs, each time others: they
 * have a purpose of their own, so that one seed fixes all of them.
 */
public final class DrawPlan {

  /** No rows. */
  public static final DrawPlan NONE = new DrawPlan(0, 0, 0);

  /** The first purpose; others of a solve have smaller numbers. */
  private static final int FIRST = 1 << 16;

  private final long seed;
  private final int count;
  private final double rate;
  private int purpose = FIRST;

  /**
   * @param count draws at once
   * @param rate c: a row with the score sigma_i is drawn with probability min(1, c sigma_i), c d
   *     rows at most in the mean
   */
  public DrawPlan(long seed, int count, double rate) {
    this.seed = seed;
    this.count = count;
    this.rate = rate;
  }

  double rate() {
    return rate;
  }

  /** The next draws. */
  List<Draws> next() {
    int first = purpose;
    purpose += count;
    return IntStream.range(0, count).mapToObj(k -> new Draws(seed, first + k, rate)).toList();
  }
}
