package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.RowMap;

/**
 * Weights 1 / (A x - b).
 *
 * @param x d entries, in the coordinates of the store
 */
public record SlackWeights(double[] x) implements RowMap {

  @Override
  public double flopsPerRow(int columns) {
    return 2.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Vector point = space.upload(x);
    return (block, to) -> {
      device.times(block.A(), point, to);
      device.axpy(-1, block.field(Field.OFFSET), to);
      device.map(Formula.RECIPROCAL, 0, to, null, null, to);
    };
  }
}
