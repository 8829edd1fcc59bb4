package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Workspace;
import org.levinv.rows.RowMap;

/**
 * Row weights w_i = factor sqrt(u_i) from squared ones.
 *
 * @param squares u
 * @param ofUsersRows whether they are for the rows as the user has them, or as they were read,
 *     which may be in another unit
 */
public record RootWeights(RowMap squares, double factor, boolean ofUsersRows) implements RowMap {

  @Override
  public double flopsPerRow(int columns) {
    return squares.flopsPerRow(columns);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Kernel u = squares.on(device, space);
    return (block, to) -> {
      u.of(block, to);
      device.map(Formula.ROOT, 0, to, null, null, to);
      device.scale(factor, to);
      double[] units = block.rowUnits();
      if (ofUsersRows && units != null) { // w (unit a) = (w unit) a
        double[] w = new double[units.length];
        device.download(to, w);
        for (int i = 0; i < w.length; i++) {
          w[i] *= units[i];
        }
        device.upload(w, to);
      }
    };
  }
}
