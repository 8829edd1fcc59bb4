package org.levinv.model;

import java.io.Serializable;
import java.util.Locale;
import java.util.stream.IntStream;
import org.levinv.ScoreNoise;

/**
 * How far each target score may be from the exact one. Every tolerance and every word about a
 * target follows from it.
 *
 * @param source where it comes from
 * @param decimals printed of every score, or -1
 * @param digits printed of every score, or 0
 * @param single whether scores are float32
 * @param deviation a standard deviation that the user states, or 0
 */
public record ScoreUncertainty(
    ScoreNoise.Source source, int decimals, int digits, boolean single, double deviation)
    implements Serializable {

  /** A rounding error is uniform between plus and minus half a unit: s = h / sqrt(3). */
  private static final double UNIFORM = Math.sqrt(3);

  /** The powers of ten that doubles have. */
  private static final int LEAST_EXPONENT = -323;

  private static final int LARGEST_EXPONENT = 308;

  /** 10^k / 2: every row looks one up. */
  private static final double[] HALF_UNITS =
      IntStream.rangeClosed(LEAST_EXPONENT, LARGEST_EXPONENT)
          .mapToDouble(k -> 0.5 * Math.pow(10, k))
          .toArray();

  /** Exact scores, for all that is known: only their own rounding blurs them. */
  public static final ScoreUncertainty ROUNDING =
      new ScoreUncertainty(ScoreNoise.Source.ROUNDING, -1, 0, false, 0);

  /** Scores with so many decimals. */
  public static ScoreUncertainty ofDecimals(int decimals, ScoreNoise.Source source) {
    return new ScoreUncertainty(source, decimals, 0, false, 0);
  }

  /** Scores with so many significant digits, as a look at them shows. */
  public static ScoreUncertainty ofDigits(int digits) {
    return new ScoreUncertainty(ScoreNoise.Source.DETECTED, -1, digits, false, 0);
  }

  /** Scores in single precision, as a look at them shows. */
  public static ScoreUncertainty ofSingles() {
    return new ScoreUncertainty(ScoreNoise.Source.DETECTED, -1, 0, true, 0);
  }

  /** Scores with a standard deviation that the user states. */
  public static ScoreUncertainty ofDeviation(double deviation) {
    return new ScoreUncertainty(ScoreNoise.Source.GIVEN, -1, 0, false, deviation);
  }

  /** Whether more than rounding of doubles blurs the scores. */
  public boolean isCoarse() {
    return source != ScoreNoise.Source.ROUNDING;
  }

  /** Whether errors are those of rounding, which no score exceeds. */
  public boolean isBounded() {
    return deviation == 0;
  }

  /** delta: half a unit of the last digit printed of a score t, or the standard deviation. */
  public double delta(double t) {
    double size = Math.abs(t);
    double own = 0.5 * Math.ulp(size);
    if (deviation > 0) {
      return Math.max(deviation, own);
    }
    if (decimals >= 0) {
      return Math.max(halfUnit(-decimals), own);
    }
    if (digits > 0 && size > 0) {
      return Math.max(halfUnit((int) Math.floor(Math.log10(size)) + 1 - digits), own);
    }
    return single ? Math.max(0.5 * Math.ulp((float) size), own) : own;
  }

  /** s, the standard deviation of a score that is written as t. */
  public double deviation(double t) {
    return deviationFor(delta(t));
  }

  /** The standard deviation of a score whose delta is known. */
  public double deviationFor(double delta) {
    return deviation > 0 ? delta : delta / UNIFORM;
  }

  private static double halfUnit(int exponent) {
    return HALF_UNITS[Math.max(0, exponent - LEAST_EXPONENT)];
  }

  /** In words, for messages: what one knows of each score. */
  public String words() {
    if (deviation > 0) {
      return String.format(Locale.ROOT, "a standard deviation of %.2e", deviation);
    }
    if (decimals >= 0) {
      return decimals + " decimals";
    }
    if (digits > 0) {
      return digits + " significant digits";
    }
    return single ? "single precision" : "double precision";
  }

  /** In words: how far a score may be off by it. */
  public String leaves() {
    boolean isPlural = deviation <= 0 && (decimals >= 0 || digits > 0);
    return "what " + words() + (isPlural ? " leave open" : " leaves open");
  }
}
