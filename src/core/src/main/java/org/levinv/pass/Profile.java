package org.levinv.pass;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.levinv.model.ScoreUncertainty;
import org.levinv.rows.RowList;
import org.levinv.rows.Sums;
import org.levinv.rows.Units;

/** What {@link SurveyPass} answers: the sizes of all numbers of a problem. */
public final class Profile {
  static final int SUM = 0;
  static final int SQUARES = 1;
  static final int OUTSIDE = 2;
  static final int HISTOGRAM = 3;

  /** Bins of the targets: eight for each power of two, from 1 down; the last has all the rest. */
  private static final int BINS = 512;

  private static final int BINS_PER_OCTAVE = 8;

  static final int PRINTED = HISTOGRAM + 2 * BINS;
  static final int COLUMNS = PRINTED + PrintedDigits.NUMBERS;

  static final int ENTRY = 0;
  static final int OFFSET = 1;
  static final int LARGEST = 2;
  static final int SMALLEST = 3;
  static final int OF_ZEROS = 4;
  static final int EXTREMES = 5;

  /**
   * Scores may lie this far from all that they can be: nearer than that they are noise. Larger:
   * searches for wrong data; smaller: loud noise is refused.
   */
  public static final double NOISE = 0.1;

  /** All of A, or b, is in another unit where its size is farther from 1 than this. */
  private static final double UNIT_RANGE = 0x1p30;

  /** Columns are in units of their own where their sizes differ by more than this. */
  private static final double COLUMN_RANGE = 64;

  /** The sum of exact scores is d up to rounding; this, relatively, is rounding. */
  public static final double EXACT_SUM = 1e-10;

  /** Standard deviations that a sum of errors may be off. */
  private static final double MOST_DEVIATIONS = 4;

  private final double targetSum;
  private final double targetSquares;
  private final double outside;
  private final ScoreUncertainty printed;
  private final ScoreUncertainty apparent;
  private final double largestEntry;
  private final double largestOffset;
  private final double largestTarget;
  private final long largestTargetRow;
  private final double smallestTarget;
  private final long smallestTargetRow;
  private final double targetOfZeros;
  private final long rowOfZeros;
  private final double[] binCounts = new double[BINS];
  private final double[] binSums = new double[BINS];
  private final double[] columnSizes;
  private final long[] drawn;
  private final double[] rates;
  private final Draws draws;

  Profile(Sums total, int columns, Draws draws) {
    targetSum = total.number(SUM);
    targetSquares = total.number(SQUARES);
    outside = total.number(OUTSIDE);
    printed = PrintedDigits.of(total, PRINTED);
    apparent = PrintedDigits.apparent(total, PRINTED);
    largestEntry = total.extreme(ENTRY);
    largestOffset = total.extreme(OFFSET);
    largestTarget = total.extreme(LARGEST);
    largestTargetRow = total.extremeRow(LARGEST);
    smallestTarget = -total.extreme(SMALLEST);
    smallestTargetRow = total.extremeRow(SMALLEST);
    targetOfZeros = total.extreme(OF_ZEROS);
    rowOfZeros = total.extremeRow(OF_ZEROS);
    for (int bin = 0; bin < BINS; bin++) {
      binCounts[bin] = total.number(HISTOGRAM + 2 * bin);
      binSums[bin] = total.number(HISTOGRAM + 2 * bin + 1);
    }
    columnSizes = new double[columns];
    for (int j = 0; j < columns; j++) {
      double count = total.number(COLUMNS + 2 * j);
      double exponent = total.number(COLUMNS + 2 * j + 1);
      columnSizes[j] = count == 0 ? 1 : Math.scalb(1.0, (int) Math.round(exponent / count));
    }
    RowList list = total.list(0);
    drawn = list.numbers();
    rates = list.keys();
    this.draws = draws;
  }

  static int bin(double target) {
    double octaves = -Math.log(Math.min(target, 1)) / Math.log(2);
    return (int) Math.min(BINS - 1, BINS_PER_OCTAVE * octaves);
  }

  /** The sum of all targets. */
  public double targetSum() {
    return targetSum;
  }

  /** The sum of their squares. */
  public double targetSquares() {
    return targetSquares;
  }

  /** Targets below 0 or above 1, by more than rounding. */
  public long outside() {
    return (long) outside;
  }

  /** How the targets are written: how far they may be from exact ones. */
  public ScoreUncertainty printed() {
    return printed;
  }

  /** The same where it may be an accident, of few or round numbers. */
  public ScoreUncertainty apparent() {
    return apparent;
  }

  /** The sum of f(target) over rows with a positive target, to a few percent for smooth f. */
  public double sum(DoubleUnaryOperator f) {
    double sum = 0;
    for (int bin = 0; bin < BINS; bin++) {
      if (binCounts[bin] > 0) {
        sum += binCounts[bin] * f.applyAsDouble(binSums[bin] / binCounts[bin]);
      }
    }
    return sum;
  }

  /** The sum of the squared standard deviations of n targets. */
  public double variance(ScoreUncertainty uncertainty, long rows) {
    double zeros = uncertainty.deviation(0);
    return sum(t -> uncertainty.deviation(t) * uncertainty.deviation(t))
        + (rows - positive()) * zeros * zeros;
  }

  /**
   * Whether the sum of n targets is that of scores of d columns, for all that their uncertainty
   * says. What is printed as 0 was more: such errors do not cancel.
   */
  public boolean hasSum(int d, ScoreUncertainty uncertainty, long rows) {
    double lost = uncertainty.isBounded() ? uncertainty.delta(0) * (rows - positive()) : 0;
    double most = Math.max(EXACT_SUM * d, MOST_DEVIATIONS * Math.sqrt(variance(uncertainty, rows)));
    return targetSum - d <= most && d - targetSum <= most + lost;
  }

  /** Rows with a positive target. */
  public long positive() {
    return (long) Arrays.stream(binCounts).sum();
  }

  /** The largest |b_i|. */
  public double largestOffset() {
    return largestOffset;
  }

  /** The largest target. */
  public double largestTarget() {
    return largestTarget;
  }

  /** The first row that has it. */
  public long largestTargetRow() {
    return largestTargetRow;
  }

  /** The smallest target. */
  public double smallestTarget() {
    return smallestTarget;
  }

  /** The first row that has it. */
  public long smallestTargetRow() {
    return smallestTargetRow;
  }

  /** The first row of zeros with the largest target above {@link #NOISE}, or -1. */
  public long rowOfZeros() {
    return rowOfZeros;
  }

  /** Its target. */
  public double targetOfZeros() {
    return targetOfZeros;
  }

  /**
   * The rate c at which rows are drawn with probability min(1, c target) so that {@code size} of
   * them are expected; infinite where all rows with a positive target are hardly more.
   */
  public double rate(double size) {
    if (size >= positive()) {
      return Double.POSITIVE_INFINITY;
    }
    double sure = 0;
    double rest = Arrays.stream(binSums).sum();
    double c = size / rest;
    for (int bin = 0; bin < BINS && c * binSums[bin] >= binCounts[bin]; bin++) {
      sure += binCounts[bin]; // rows that are certain leave less for the others: c grows
      rest -= binSums[bin];
      c = Math.max(c, (size - sure) / rest);
    }
    return c;
  }

  /** The rows that the pass drew, ascending. */
  public long[] drawn() {
    return drawn;
  }

  /** Of each of them: the least rate that draws it. */
  public double[] rates() {
    return rates;
  }

  /** How they were drawn; null where none were. */
  public Draws draws() {
    return draws;
  }

  /** Units in which no number is far from 1; the user's own where they will do. */
  public Units units() {
    boolean far = largestEntry > UNIT_RANGE || (largestEntry > 0 && largestEntry < 1 / UNIT_RANGE);
    double least = Arrays.stream(columnSizes).min().orElse(1);
    double most = Arrays.stream(columnSizes).max().orElse(1);
    double[] columns = null;
    if (far || most > COLUMN_RANGE * least) {
      double all = far ? power(largestEntry) : 1;
      columns = Arrays.stream(columnSizes).map(size -> power(size) * all).toArray();
    }
    boolean farOffset = largestOffset > UNIT_RANGE || largestOffset < 1 / UNIT_RANGE;
    return new Units(columns, farOffset ? power(largestOffset) : 1);
  }

  /** The power of two that brings a number near 1. */
  private static double power(double value) {
    return value > 0
        ? Math.scalb(1.0, -Math.max(-1000, Math.min(1000, Math.getExponent(value))))
        : 1;
  }
}
