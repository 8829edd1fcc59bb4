package org.levinv.app.report;

import java.util.Locale;

/** Numbers as people read them. */
public final class Figures {

  /** A 95% interval reaches so many standard errors to each side. */
  public static final double NORMAL_95 = 1.96;

  /** Digits of a number that is not known to more. */
  private static final int USUAL = 6;

  /** Digits that tell one double from the next. */
  private static final int MOST = 17;

  /** Stands for what is not known. */
  static final String UNKNOWN = "\u2013";

  private Figures() {}

  /** To three digits. */
  static String figure(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3g", value) : UNKNOWN;
  }

  /** A count, its thousands apart. */
  static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /**
   * A number beside its standard error, with the digits that show two of the error's: fewer would
   * make both ends of an interval the same.
   *
   * @param error above 0, or NaN where it is not known
   */
  public static String known(double value, double error) {
    int digits = USUAL;
    if (error > 0 && value != 0) {
      double more = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(error)) + 2;
      digits = (int) Math.max(USUAL, Math.min(MOST, more));
    }
    return String.format(Locale.ROOT, "%." + digits + "g", value);
  }
}
