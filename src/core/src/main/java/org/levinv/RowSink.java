package org.levinv;

import java.io.IOException;

/**
 * Takes what the rows of a problem are at one x, piece by piece. Pieces come in any order, and by
 * several threads at once; each comes once, or twice with the same values where a card was lost.
 */
@FunctionalInterface
public interface RowSink {

  /**
   * Rows {@code first} to {@code first + count - 1}, at the front of arrays that are used again.
   *
   * @param first row of the piece
   * @param count of rows
   * @param slacks a_i.x - b_i, computed in twice the working precision
   * @param scores the leverage scores of diag(Ax - b)^-1 A; 0 where the slack is 0
   * @throws IOException if they cannot be kept
   */
  void write(long first, int count, double[] slacks, double[] scores) throws IOException;
}
