package org.levinv.pass;

import org.levinv.device.Matrix;
import org.levinv.rows.RowList;
import org.levinv.rows.Sums;

/** What {@link TargetPass} answers. */
public final class TargetSums {
  static final int ZEROS = 0;
  static final int POSITIVE = 1;
  static final int SUM = 2;
  static final int DEGREES = 3;
  static final int SQUARES = 4;
  static final int LARGEST = 0;
  static final int NEGATIVE = 1;

  private final Matrix gram;
  private final long zeros;
  private final long positive;
  private final double sum;
  private final double degrees;
  private final double squares;
  private final double largest;
  private final long largestRow;
  private final double smallest;
  private final long smallestRow;
  private final RowList heavy;
  private final RowList impossible;

  TargetSums(Sums total) {
    gram = total.matrix(0);
    zeros = (long) total.number(ZEROS);
    positive = (long) total.number(POSITIVE);
    sum = total.number(SUM);
    degrees = total.number(DEGREES);
    squares = total.number(SQUARES);
    largest = total.extreme(LARGEST);
    largestRow = total.extremeRow(LARGEST);
    smallest = -total.extreme(NEGATIVE);
    smallestRow = total.extremeRow(NEGATIVE);
    heavy = total.list(0);
    impossible = total.list(1);
  }

  /**
   * A^T diag(t / ||a||^2) A of the light rows, d x d, valid until the next pass; of all rows, with
   * t = 1, where they have no targets.
   */
  public Matrix gram() {
    return gram;
  }

  /** Rows of zeros. */
  public long zeros() {
    return zeros;
  }

  /** Other rows with a positive target. */
  public long positive() {
    return positive;
  }

  /** sum t. */
  public double sum() {
    return sum;
  }

  /** sum t (1 - t). */
  public double degrees() {
    return degrees;
  }

  /** sum t^2. */
  public double squares() {
    return squares;
  }

  /** The largest target. */
  public double largest() {
    return largest;
  }

  /** The first row that has it. */
  public long largestRow() {
    return largestRow;
  }

  /** The smallest target. */
  public double smallest() {
    return smallest;
  }

  /** The first row that has it. */
  public long smallestRow() {
    return smallestRow;
  }

  /** The heavy rows that are not zero; incomplete where more than asked for were offered. */
  public RowList heavy() {
    return heavy;
  }

  /** The first rows of zeros with a target that rounding does not explain. */
  public RowList impossible() {
    return impossible;
  }
}
