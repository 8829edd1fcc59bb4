package org.levinv.pass;

import java.io.Serializable;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.rows.RowBlock;
import org.levinv.rows.RowList;
import org.levinv.small.CounterRandom;

/**
 * Which rows a draw takes: row i at a rate c with probability min(1, c p_i), p_i its importance.
 * Its coin u_i depends on seed, purpose and row alone, and it is drawn where u_i < c p_i: so the
 * rows of a smaller rate are among those of a larger one, and each comes with the least rate u_i /
 * p_i that draws it.
 *
 * @param seed of all draws of a solve
 * @param purpose tells independent draws of one seed apart
 * @param rate c; infinite for all rows with a positive importance
 */
public record Draws(long seed, int purpose, double rate) implements Serializable {

  /** Adds the drawn rows of a block, given the importance of each. */
  void draw(Device device, RowBlock block, Vector importance, RowList to) {
    double[] p = new double[block.count()];
    device.download(importance, p);
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) {
        double least = coin(block.first() + i) / p[i];
        if (least < rate) {
          to.add(block.first() + i, least);
        }
      }
    }
  }

  /** p_i of a row that came with this least rate, to rounding. */
  public double importance(long row, double least) {
    return coin(row) / least;
  }

  /** u_i of a row, in (0, 1]. */
  double coin(long row) {
    return 1 - new CounterRandom(seed, purpose, row).uniform();
  }
}
