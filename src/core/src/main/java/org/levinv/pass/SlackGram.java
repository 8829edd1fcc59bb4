package org.levinv.pass;

import org.levinv.device.Matrix;
import org.levinv.rows.RowList;

/**
 * What {@link SlackGramPass} answers.
 *
 * @param G A^T diag(w)^2 A, d x d, without relaxed rows; valid until the next pass
 * @param shrinkage the largest 1 - s_i / s_i(before): below 1 no slack has changed its sign; minus
 *     infinity where no point before was given
 * @param growth the largest s_i / s_i(before) - 1; minus infinity where no point before was given
 * @param wrongSide rows with a positive target whose slack has not the sign that is known, those
 *     with the largest targets
 * @param slacks of the rows that were asked for, the very numbers that G is made of: where a score
 *     is near 1, its distance from 1 does not forgive a slack that was rounded another way
 */
public record SlackGram(
    Matrix G, double shrinkage, double growth, RowList wrongSide, double[] slacks) {}
