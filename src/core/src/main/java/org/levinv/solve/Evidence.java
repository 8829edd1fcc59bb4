package org.levinv.solve;

import org.levinv.method.SingularValues;
import org.levinv.model.RowwiseError;
import org.levinv.pass.ResidualProfile;
import org.levinv.pass.VerifiedScores;

/**
 * All that was measured of an x, for the {@link Verdict}. Residuals are relative and come from the
 * original data.
 *
 * @param search where x was sought
 * @param regularized whether the loss has a regulariser, whose minimum has a residual
 * @param noise of the target
 * @param rows n
 * @param mismatch the larger of the residual and of the mean logit error
 * @param floor what rounding of the slacks does to the mismatch
 * @param rowwise the mismatch where each row may be off by its own rounding; none where A and b may
 *     be rounded further than doubles are, and in local searches
 * @param residuals of all scores, by their size; null where the target is a gradient
 * @param relativeResidual ||sigma(x) - sigma|| / ||sigma||, or of the gradient
 * @param offsetInRange b is in range(A): every scale of A x - b has the same scores
 * @param wrongRow a row whose slack has not the sign that was asked for, or -1
 * @param signsSought whether signs were looked for, too: in every cell there is an optimum
 * @param loneRows rows with the score 1, whose slacks the scores do not see
 * @param jacobian first estimates of the Jacobian's singular values, as far as they are known
 * @param error how far the scores may be off at this x, the norm of all of them: what is left of
 *     the residual, or rounding
 * @param optimum how the last descent of the loss ended, or null where none was needed
 * @param uniqueness what a closer look at the Jacobian showed, or null before it
 * @param stopped what ended the solve from outside, or null
 */
record Evidence(
    Search search,
    boolean regularized,
    TargetNoise noise,
    double rows,
    double mismatch,
    double floor,
    RowwiseError rowwise,
    ResidualProfile residuals,
    double relativeResidual,
    boolean offsetInRange,
    long wrongRow,
    boolean signsSought,
    long loneRows,
    SingularValues jacobian,
    double error,
    Optimum optimum,
    Uniqueness.Finding uniqueness,
    Stopped stopped) {

  /** Where x was sought. */
  enum Search {
    /** Everywhere, for scores. */
    GLOBAL,
    /** In the cell of signs of a start point, for scores. */
    LOCAL,
    /** Likewise, for the gradient: at most one x in a cell has it. */
    GRADIENT
  }

  Evidence with(Uniqueness.Finding found) {
    return new Evidence(
        search,
        regularized,
        noise,
        rows,
        mismatch,
        floor,
        rowwise,
        residuals,
        relativeResidual,
        offsetInRange,
        wrongRow,
        signsSought,
        loneRows,
        jacobian,
        error,
        optimum,
        found,
        stopped);
  }

  /** Of a solve that was ended from outside, with what was verified of the best x, or null. */
  static Evidence of(Search search, VerifiedScores verified, Stopped stopped) {
    return of(search, verified == null ? Double.NaN : verified.error().relativeResidual(), stopped);
  }

  /** Of a solve that was ended from outside, with what is known of the best x. */
  static Evidence of(Search search, double relativeResidual, Stopped stopped) {
    return new Evidence(
        search,
        false,
        null,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        RowwiseError.NONE,
        null,
        relativeResidual,
        false,
        -1,
        false,
        0,
        SingularValues.UNKNOWN,
        Double.NaN,
        null,
        null,
        stopped);
  }
}
