package org.levinv.pass;

import java.io.Serializable;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.rows.Field;
import org.levinv.rows.RowBlock;
import org.levinv.rows.RowMap;

/**
 * The targets of a search for row weights: t_i = target_i + shift target_i (1 - target_i), which
 * moves all logits alike, to first order, and with them the sum of the targets; or one number for
 * every row that is not zero.
 *
 * @param equal the target of every row, or NaN where rows have targets of their own
 * @param zeroRows whether some rows are zero, whose target is 0 where it is equal for the others
 * @param shift of all logits, far below 1
 */
public record RowTargets(double equal, boolean zeroRows, double shift) implements Serializable {

  /** The targets as they are given. */
  public static final RowTargets GIVEN = new RowTargets(Double.NaN, false, 0);

  /** Whether each row has a target of its own. */
  public boolean isGiven() {
    return Double.isNaN(equal);
  }

  /** t of a given target. */
  public double of(double target) {
    return isGiven() ? target + shift * target * (1 - target) : equal;
  }

  /** t of a block; not to be written to. */
  Vector of(RowBlock block, Device device) {
    if (isGiven() && shift == 0) {
      return block.field(Field.TARGET);
    }
    Vector t = block.scratch(RowMap.SCRATCH + 1);
    if (isGiven()) {
      device.map(Formula.DEGREE, 0, block.field(Field.TARGET), null, null, t);
      device.scale(shift, t);
      device.axpy(1, block.field(Field.TARGET), t);
      return t;
    }
    device.fill(equal, t);
    if (zeroRows) {
      Vector square = block.scratch(RowMap.SCRATCH + 2);
      Vector inverse = block.scratch(RowMap.SCRATCH + 3);
      device.squaredRowNorms(block.A(), square);
      device.map(Formula.RECIPROCAL, 0, square, null, null, inverse);
      device.multiply(square, inverse, square); // 1, and 0 for rows of zeros
      device.multiply(square, t, t);
    }
    return t;
  }
}
