package org.levinv.model;

/**
 * What is left of the mean logit error when each row may be off by what its own rounding leaves
 * open: a row whose slack is a hair tells nothing of its own logit, and gives no room to others.
 *
 * @param mismatch 2 sqrt(sum D (|f| - its rounding)_+^2 / sum D), D and f as in {@link ScoreError}
 * @param floor what rounding of the other rows does to it, and that of A's entries in the mean: a
 *     factorisation spreads it over rows
 * @param telling the share of sum D of rows whose rounding leaves enough of their logits
 */
public record RowwiseError(double mismatch, double floor, double telling) {

  /** Rows with this share of all degrees tell. Smaller: where all is rounding anything agrees. */
  private static final double ENOUGH = 0.01;

  /** Where rows are not judged one by one. */
  public static final RowwiseError NONE = new RowwiseError(0, 0, 0);

  /** Whether rows are judged one by one, and some of them tell. */
  public boolean tells() {
    return telling >= ENOUGH;
  }
}
