package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.rows.RowMap;

/** r_i = 1 / ||diag(c) a_i||, 0 for rows of zeros; d^2 flops a row, 2 d where c is null. */
public final class UnitRows implements RowMap {
  private final double[] c;

  /**
   * @param c a factor for each column, or null where all are 1
   */
  public UnitRows(double[] c) {
    this.c = c == null ? null : c.clone();
  }

  @Override
  public double flopsPerRow(int columns) {
    return c == null ? 2.0 * columns : (double) columns * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Matrix C = c == null ? null : diagonal(c, device, space);
    return (block, to) -> {
      if (C == null) {
        device.squaredRowNorms(block.A(), to);
      } else {
        device.squaredNorms(block.A(), C, to); // ||diag(c) a_i||^2
      }
      device.map(Formula.ROOT, 0, to, null, null, to);
      device.map(Formula.RECIPROCAL, 0, to, null, null, to);
    };
  }

  static Matrix diagonal(double[] c, Device device, Workspace space) {
    int d = c.length;
    double[] entries = new double[d * d];
    for (int j = 0; j < d; j++) {
      entries[j * d + j] = c[j];
    }
    Matrix C = space.matrix(d, d);
    device.upload(entries, C);
    return C;
  }
}
