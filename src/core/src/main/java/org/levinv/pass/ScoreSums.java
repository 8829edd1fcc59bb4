package org.levinv.pass;

import java.util.List;
import org.levinv.device.Matrix;
import org.levinv.model.ScoreError;
import org.levinv.rows.RowList;

/**
 * What {@link ScorePass} answers.
 *
 * @param error of all scores
 * @param scoreSquare sum of sigma^2
 * @param largest the largest score
 * @param largestRow the first row that has it
 * @param Q A^T diag(w^2 r) A with r = sigma - target, d x d, valid until the next pass; null where
 *     it was not asked for
 * @param draws of each draw, the rows drawn by their scores, each with the least rate that draws it
 */
public record ScoreSums(
    ScoreError error,
    double scoreSquare,
    double largest,
    long largestRow,
    Matrix Q,
    List<RowList> draws) {

  /** The rows of the first draw; none where there was none. */
  public RowList drawn() {
    return draws.get(0);
  }

  /** 0.5 ||sigma - target||^2. */
  public double loss() {
    return 0.5 * error.residualSquare();
  }
}
