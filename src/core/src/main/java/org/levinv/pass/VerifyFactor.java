package org.levinv.pass;

import org.levinv.device.Matrix;

/**
 * What {@link VerifyFactorPass} answers.
 *
 * @param G A^T diag(w)^2 A, d x d, valid until the next pass; null where a triangle was asked for
 * @param R the factor of diag(w) A M, d x d, valid likewise; null where G was asked for
 * @param moves sum (1 - sigma_i) m_i^2 with {@link EntryMoves} m of rows of diag(w) A M, whose
 *     lengths are about sqrt(sigma_i); 0 where M is the identity
 * @param slackMoves the mean relative error e_i of the slacks in units of eps, where each counts as
 *     it moves the logits of others: sum D_i e_i / sum D_i, D_i = sigma_i (1 - sigma_i), which is
 *     the sum of P_ij^2 over them; 0 where M is the identity
 * @param largest ||a_i|| |w_i| of the row where it is largest
 * @param noSlack the first row that is not zero and has a slack of 0, or -1
 * @param negative the first row with a slack below 0 where weights need positive ones, or -1
 */
public record VerifyFactor(
    Matrix G,
    Matrix R,
    double moves,
    double slackMoves,
    double largest,
    long noSlack,
    long negative) {}
