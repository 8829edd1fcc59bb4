package org.levinv.pass;

import java.util.Arrays;
import org.levinv.rows.Sums;

/**
 * Residuals of scores beside what their targets' uncertainty allows, and by the size of the score,
 * in octaves: bin k has scores from 2^-k down to 2^-(k+1), the last all below.
 *
 * @param chiSquare sum of (r_i / s_i)^2, s_i the standard deviation of target i
 * @param largestRatio the largest |r_i| / delta_i
 * @param largestRow the first row that has it, or -1
 * @param counts rows in each bin
 * @param squares sum of r^2 in each bin
 * @param largest the residual r of the largest magnitude in each bin, 0 where it is empty
 * @param rows the first row that has it, or -1
 */
public record ResidualProfile(
    double chiSquare,
    double largestRatio,
    long largestRow,
    double[] counts,
    double[] squares,
    double[] largest,
    long[] rows) {

  /** Bins: scores below 2^-63 are all the same. */
  static final int BINS = 64;

  private static final int CHI_SQUARE = 0;
  private static final int FIRST = 1;

  /** Numbers that it takes. */
  static final int NUMBERS = FIRST + 2 * BINS;

  /** Extremes that it takes. */
  static final int EXTREMES = 1 + 2 * BINS;

  /** Where there are no scores: nothing explains that. */
  public static final ResidualProfile NONE =
      new ResidualProfile(
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          -1,
          new double[BINS],
          new double[BINS],
          new double[BINS],
          noRows());

  private static long[] noRows() {
    long[] rows = new long[BINS];
    Arrays.fill(rows, -1);
    return rows;
  }

  /** The size of scores in a bin: the geometric middle. */
  public static double score(int bin) {
    return Math.scalb(Math.sqrt(0.5), -bin);
  }

  private static int bin(double score) {
    return Math.max(0, Math.min(BINS - 1, -1 - Math.getExponent(Math.min(score, 0.999))));
  }

  /** Adds a row, at numbers and extremes from {@code number} and {@code extreme} on. */
  static void add(
      long row,
      double score,
      double r,
      double delta,
      double deviation,
      Sums sums,
      int number,
      int extreme) {
    double chi = relative(r, deviation);
    sums.add(number + CHI_SQUARE, chi * chi);
    sums.offer(extreme, relative(Math.abs(r), delta), row);
    int bin = bin(score);
    sums.add(number + FIRST + 2 * bin, 1);
    sums.add(number + FIRST + 2 * bin + 1, r * r);
    sums.offer(extreme + 1 + 2 * bin + (r < 0 ? 1 : 0), Math.abs(r), row);
  }

  /** A score of 0 that is met has no uncertainty, if its significant digits are counted. */
  private static double relative(double r, double uncertainty) {
    return r == 0 ? 0 : r / uncertainty;
  }

  static ResidualProfile of(Sums total, int number, int extreme) {
    double[] counts = new double[BINS];
    double[] squares = new double[BINS];
    double[] largest = new double[BINS];
    long[] rows = noRows();
    for (int bin = 0; bin < BINS; bin++) {
      counts[bin] = total.number(number + FIRST + 2 * bin);
      squares[bin] = total.number(number + FIRST + 2 * bin + 1);
      int above = extreme + 1 + 2 * bin;
      int below = above + 1;
      boolean isAbove = !(total.extreme(above) < total.extreme(below)); // NaN is above
      if (counts[bin] > 0) {
        largest[bin] = isAbove ? total.extreme(above) : -total.extreme(below);
        rows[bin] = total.extremeRow(isAbove ? above : below);
      }
    }
    return new ResidualProfile(
        total.number(number + CHI_SQUARE),
        Math.max(0, total.extreme(extreme)),
        total.extremeRow(extreme),
        counts,
        squares,
        largest,
        rows);
  }

  /** Whether there are scores at all. */
  public boolean hasScores() {
    return Arrays.stream(counts).anyMatch(count -> count > 0);
  }

  /** The sum of the squares of all residuals. */
  public double squareSum() {
    return Arrays.stream(squares).sum();
  }
}
