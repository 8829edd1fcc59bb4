package org.levinv.pass;

import java.io.Serializable;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.RowBlock;

/**
 * What is known of the signs of A x - b: a sign for each row (a field), the same for all, or those
 * at a point. A small state, whatever n is.
 */
public final class SignRule implements Serializable {

  /** Nothing is known. */
  public static final SignRule NONE = new SignRule(false, 0, null);

  /** Each row has a sign of its own. */
  public static final SignRule FIELD = new SignRule(true, 0, null);

  private final boolean field;
  private final int sign;
  private final double[] point;

  private SignRule(boolean field, int sign, double[] point) {
    this.field = field;
    this.sign = sign;
    this.point = point;
  }

  /** All signs are the same, +1 or -1. */
  public static SignRule equal(int sign) {
    return new SignRule(false, sign, null);
  }

  /** The signs of A x - b at a point x (d), in the coordinates of the store. */
  public static SignRule at(double[] point) {
    return new SignRule(false, 0, point.clone());
  }

  /** Whether anything is known. */
  public boolean isKnown() {
    return field || sign != 0 || point != null;
  }

  /** The sign of all rows, or 0 where they may differ. */
  public int equalSign() {
    return sign;
  }

  /** The point whose signs they are, or null. */
  public double[] point() {
    return point == null ? null : point.clone();
  }

  /** The signs of the rows of blocks, on one device. */
  @FunctionalInterface
  interface Signs {
    /** One sign for each row, in a vector that must not be written to; null where none is known. */
    Vector of(RowBlock block);
  }

  /** Puts the rule on a device; the signs lie in scratch vector {@code slot} of a block. */
  Signs on(Device device, Workspace space, int slot) {
    if (field) {
      return block -> block.field(Field.SIGN);
    }
    if (sign != 0) {
      return block -> {
        Vector signs = block.scratch(slot);
        device.fill(sign, signs);
        return signs;
      };
    }
    if (point == null) {
      return block -> null;
    }
    Vector x = space.upload(point);
    return block -> {
      Vector signs = block.scratch(slot);
      device.times(block.A(), x, signs);
      device.axpy(-1, block.field(Field.OFFSET), signs); // A x - b
      device.map(Formula.SIGN, 0, signs, null, null, signs);
      return signs;
    };
  }
}
