package org.levinv.pass;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.stream.IntStream;
import org.levinv.ScoreNoise;
import org.levinv.model.ScoreUncertainty;
import org.levinv.rows.Sums;

/**
 * How scores are written: the decimals or significant digits that print all of them, counted over
 * rows. A number has K decimals if it is the double, or the float, nearest to a whole multiple of
 * 10^-K.
 */
final class PrintedDigits {

  /** More digits than this are those of doubles. */
  private static final int MOST = 12;

  /** More digits than this are those of floats. */
  private static final int MOST_SINGLE = 6;

  /** Fewer say little of how numbers were written: round ones are frequent in designs. */
  private static final int LEAST = 3;

  /** Fewer say nothing, whatever else speaks for them. */
  private static final int LEAST_APPARENT = 2;

  /** So many different values are no accident. */
  private static final int DISTINCT = 20;

  /** Values are told apart by their hash, of so many. */
  private static final int HASHES = 64;

  /** Hashes that {@link #DISTINCT} values have in expectation: 64 (1 - e^(-20/64)). */
  private static final double LEAST_HASHES = HASHES * -Math.expm1(-(double) DISTINCT / HASHES);

  private static final int DECIMALS = 0;
  private static final int DIGITS = DECIMALS + MOST + 2;
  private static final int NOT_SINGLE = DIGITS + MOST + 2;
  private static final int FIRST_HASH = NOT_SINGLE + 1;

  /** Numbers that the counts take. */
  static final int NUMBERS = FIRST_HASH + HASHES;

  private static final double[] POWERS =
      IntStream.rangeClosed(0, 22).mapToDouble(k -> Math.pow(10, k)).toArray();

  private PrintedDigits() {}

  /**
   * Counts a score, at numbers from {@code at} on. What no digits print once needs no more looks,
   * within a leaf.
   */
  static void count(double t, Sums sums, int at) {
    boolean single = (float) t == t;
    if (!single) {
      sums.add(at + NOT_SINGLE, 1);
    }
    if (sums.number(at + DECIMALS + MOST + 1) == 0) {
      sums.add(at + DECIMALS + decimals(t, single), 1);
    }
    if (sums.number(at + DIGITS + MOST + 1) == 0) {
      sums.add(at + DIGITS + digits(t, single), 1);
    }
    long bits = Double.doubleToLongBits(t) * 0x9E3779B97F4A7C15L;
    sums.add(at + FIRST_HASH + (int) (bits >>> 58), 1);
  }

  /** The fewest decimals that print t; one more than the most where none do. */
  private static int decimals(double t, boolean single) {
    int k = 0;
    while (k <= MOST && !isMultiple(t, k, single)) {
      k++;
    }
    return k;
  }

  /** The fewest significant digits that print t; 0 for 0. */
  private static int digits(double t, boolean single) {
    if (t == 0) {
      return 0;
    }
    int first = (int) Math.floor(Math.log10(Math.abs(t))); // t is some digits times 10^first
    int k = 1;
    while (k <= MOST && !isMultiple(t, k - 1 - first, single)) {
      k++;
    }
    return k;
  }

  /** Whether t is what one reads for a whole multiple of 10^-k. */
  private static boolean isMultiple(double t, int k, boolean single) {
    if (k >= POWERS.length) { // of a tiny score, rarely: 10^k is no double
      return new BigDecimal(t).setScale(k, RoundingMode.HALF_EVEN).doubleValue() == t;
    }
    double power = POWERS[Math.max(0, k)];
    double printed = Math.rint(t * power) / power;
    return printed == t || (single && (float) printed == (float) t);
  }

  /**
   * What the counts of n scores show. Digits and decimals may both print all of them; those that
   * most scores need to the last one are what they were written with.
   */
  static ScoreUncertainty of(Sums total, int at) {
    return hashes(total, at) < LEAST_HASHES ? ScoreUncertainty.ROUNDING : of(total, at, LEAST);
  }

  /**
   * The same where it may be an accident of few or round scores: an explanation of residuals that
   * bear it out, and nothing before.
   */
  static ScoreUncertainty apparent(Sums total, int at) {
    return of(total, at, LEAST_APPARENT);
  }

  private static ScoreUncertainty of(Sums total, int at, int least) {
    boolean single = total.number(at + NOT_SINGLE) == 0;
    int most = single ? MOST_SINGLE : MOST;
    int decimals = last(total, at + DECIMALS);
    int digits = last(total, at + DIGITS);
    boolean byDecimals = decimals >= least && decimals <= most;
    boolean byDigits = digits >= least && digits <= most;
    if (byDecimals && byDigits) {
      byDecimals = total.number(at + DECIMALS + decimals) >= total.number(at + DIGITS + digits);
    }
    if (byDecimals) {
      return ScoreUncertainty.ofDecimals(decimals, ScoreNoise.Source.DETECTED);
    }
    if (byDigits) {
      return ScoreUncertainty.ofDigits(digits);
    }
    return single ? ScoreUncertainty.ofSingles() : ScoreUncertainty.ROUNDING;
  }

  private static long hashes(Sums total, int at) {
    return IntStream.range(0, HASHES).filter(k -> total.number(at + FIRST_HASH + k) > 0).count();
  }

  /** The most digits that a score needs. */
  private static int last(Sums total, int at) {
    int k = MOST + 1;
    while (k > 0 && total.number(at + k) == 0) {
      k--;
    }
    return k;
  }
}
