package org.levinv;

import java.util.Locale;

/**
 * How far the target scores may be from exact ones.
 *
 * @param value an absolute error of a score; the largest where they differ
 * @param source where it comes from
 */
public record ScoreNoise(double value, Source source) {

  /** Where an uncertainty comes from. */
  public enum Source {
    /** The user said so. */
    GIVEN,
    /** From how the scores are written. */
    DETECTED,
    /** From what is left at the answer. */
    ESTIMATED,
    /** The scores are taken as they are: only rounding of the data blurs them. */
    ROUNDING;

    /** The word in result.json: the name in lower case. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
