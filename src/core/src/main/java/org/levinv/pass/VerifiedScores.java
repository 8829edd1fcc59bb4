package org.levinv.pass;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.levinv.model.RowwiseError;
import org.levinv.model.ScoreError;
import org.levinv.rows.RowList;

/**
 * What {@link VerifyScoresPass} answers: all that is asked of n scores, without the scores.
 *
 * @param error how far they are from the targets; sums of 0 where there are none
 * @param rowwise the same where each row may be off by its own rounding
 * @param profile of the residuals
 * @param sum of all scores
 * @param largest the largest score
 * @param largestRow the first row that has it
 * @param lone rows whose score is 1, for all that doubles can tell; some of them are listed
 * @param loneRows those with the largest scores, at most {@link VerifyScoresPass#NAMED}
 * @param wrongSide rows whose slack has not the sign that is known, beyond rounding
 * @param wrongRows those of them with the largest scores, which are their keys; at most {@link
 *     VerifyScoresPass#NAMED}
 * @param positive rows with a positive slack
 * @param negative rows with a negative slack
 * @param slackError the geometric mean of all relative errors of the slacks, in units of eps
 * @param regularizer 0.5 ||diag(omega) A x||^2; 0 without omega
 * @param gradient A^T (sigma / s), d values in the units of the store; null where not asked for
 * @param gradientTerms sums of |a_ij sigma_i / s_i| times the relative errors of the factors, in
 *     units of eps: what rounding does to each entry of the gradient; likewise
 */
public record VerifiedScores(
    ScoreError error,
    RowwiseError rowwise,
    ResidualProfile profile,
    double sum,
    double largest,
    long largestRow,
    long lone,
    RowList loneRows,
    long wrongSide,
    RowList wrongRows,
    long positive,
    long negative,
    double slackError,
    double regularizer,
    double[] gradient,
    double[] gradientTerms) {

  /** 0.5 ||sigma - target||^2, and the regulariser. */
  public double loss() {
    return 0.5 * error.residualSquare() + regularizer;
  }

  /** A row on the wrong side, or -1. */
  public long wrongRow() {
    return wrongSide == 0 ? -1 : wrongRows.numbers()[0];
  }

  /**
   * With the regulariser divided by a factor, and entry j of the gradient multiplied by one: those
   * of other units.
   */
  public VerifiedScores inUnits(double ofRegularizer, IntToDoubleFunction ofGradient) {
    return new VerifiedScores(
        error,
        rowwise,
        profile,
        sum,
        largest,
        largestRow,
        lone,
        loneRows,
        wrongSide,
        wrongRows,
        positive,
        negative,
        slackError,
        regularizer / ofRegularizer,
        scaled(gradient, ofGradient),
        scaled(gradientTerms, ofGradient));
  }

  private static double[] scaled(double[] v, IntToDoubleFunction factor) {
    return v == null
        ? null
        : IntStream.range(0, v.length).mapToDouble(j -> v[j] * factor.applyAsDouble(j)).toArray();
  }

  /**
   * Of an x without scores, since diag(A x - b)^-1 A is singular there: as far from targets with
   * this sum of squares as scores of 0 are.
   */
  public static VerifiedScores none(double targetSquare, int columns) {
    return new VerifiedScores(
        new ScoreError(targetSquare, targetSquare, Double.POSITIVE_INFINITY, 1, 0, 0),
        new RowwiseError(Double.POSITIVE_INFINITY, 0, 0),
        ResidualProfile.NONE,
        0,
        0,
        -1,
        0,
        new RowList(),
        0,
        new RowList(),
        0,
        0,
        0,
        0,
        new double[columns],
        new double[columns]);
  }
}
