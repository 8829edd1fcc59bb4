package org.levinv;

import java.util.Locale;

/**
 * How exact leverage scores are: entries of a matrix are known to some eps = 2^-52, relatively,
 * which its condition number magnifies.
 *
 * @param condition about cond_2 of the matrix whose scores these are, its columns scaled to norm 1
 */
public record Accuracy(double condition) {

  /** With fewer digits than this, most uses of scores are in danger. */
  private static final int FEW = 4;

  /** eps cond: what rounding of the matrix does to its scores, about; at most 1. */
  public double error() {
    return Math.min(1, Math.ulp(1.0) * condition);
  }

  /** Decimal digits of the scores that hold, about: from 0 to 15. */
  public int digits() {
    return (int) Math.floor(-Math.log10(error()));
  }

  /** Whether so few hold that people should be warned. */
  public boolean isPoor() {
    return digits() < FEW;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "condition number %.1e, eps cond %.0e: about %d digits hold",
        condition,
        error(),
        digits());
  }
}
