package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.rows.RowMap;

/**
 * r_i = factor ||R^-T a_i|| of the rows as the user has them; d^2 flops a row.
 *
 * @param inverseR R^-1, upper triangular, d x d row by row, for rows as they were read
 */
public record Distances(double[] inverseR, double factor) implements RowMap {

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = (int) Math.round(Math.sqrt(inverseR.length));
    Matrix inverse = space.matrix(d, d);
    device.upload(inverseR, inverse);
    return (block, to) -> {
      device.squaredNorms(block.original(), inverse, to); // ||R^-T a_i||^2
      device.map(Formula.ROOT, 0, to, null, null, to);
      device.scale(factor, to);
      double[] units = block.rowUnits();
      if (units != null) { // of the rows, which were multiplied by them
        double[] r = new double[units.length];
        device.download(to, r);
        for (int i = 0; i < r.length; i++) {
          r[i] /= units[i];
        }
        device.upload(r, to);
      }
    };
  }
}
