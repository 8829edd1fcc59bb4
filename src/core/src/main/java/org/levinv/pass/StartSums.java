package org.levinv.pass;

import org.levinv.device.Matrix;

/**
 * What {@link StartPass} answers.
 *
 * @param G A^T diag(s)^-2 A, d x d, valid until the next pass
 * @param positive rows with a positive slack
 * @param negative rows with a negative slack
 * @param noSlack the first row other than zeros with a slack of exactly 0, or -1
 * @param wrongSide the first such row whose slack has not the sign expected, or -1
 */
public record StartSums(Matrix G, long positive, long negative, long noSlack, long wrongSide) {}
