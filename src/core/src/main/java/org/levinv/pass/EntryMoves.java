package org.levinv.pass;

import org.levinv.rows.RowBlock;

/**
 * How far independent errors eps of all entries of A move rows of diag(w) A M, in root mean square
 * and units of eps: m_i = |w_i| ||diag(a_i) M||_F. With M = R^-1 these are rows q_i of an
 * orthonormal Q, P = Q Q^T, and the scores change by 2 (1 - sigma_i) q_i.dq_i - 2 sum_j P_ij
 * q_i.dq_j, j != i. Since P_ij^2 <= (1 - sigma_i)(1 - sigma_j), a row that is all but alone moves
 * far, and moves nothing.
 */
final class EntryMoves {
  private final double[] reach; // ||e_j^T M||, d
  private double[] move = new double[0];

  /**
   * @param M d x d row by row
   */
  EntryMoves(double[] M, int d) {
    reach = new double[d];
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < d; k++) {
        reach[j] = Math.hypot(reach[j], M[j * d + k]);
      }
    }
  }

  /** m of the rows of a block, by the weights there; 2 d operations of the host a row. */
  double[] of(AccurateSlacks slacks, RowBlock block) {
    if (move.length != block.count()) {
      move = new double[block.count()];
    }
    slacks.forRows(
        block,
        (i, rows, at) -> {
          double square = 0;
          for (int j = 0; j < reach.length; j++) {
            double term = rows[at + j] * reach[j];
            square += term * term;
          }
          move[i] = Math.abs(slacks.weight()[i]) * Math.sqrt(square);
        });
    return move;
  }
}
