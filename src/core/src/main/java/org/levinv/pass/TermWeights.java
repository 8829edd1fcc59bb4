package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Workspace;
import org.levinv.rows.RowMap;

/**
 * Weights 1 / (shift + terms_i), terms_i = sqrt(d) ||a_i o z|| + |b_i| the size of what cancels in
 * b_i - a_i.z; d^2 flops a row.
 */
public final class TermWeights implements RowMap {
  private final double[] z;
  private final double shift;

  /**
   * @param z d entries, in the coordinates of the store
   * @param shift bounds the weights, in the unit of b
   */
  public TermWeights(double[] z, double shift) {
    this.z = z.clone();
    this.shift = shift;
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    ResidualPass.Terms terms = new ResidualPass.Terms(z, device, space);
    return (block, to) -> {
      terms.of(block, to);
      device.map(Formula.SHIFT, shift, to, null, null, to);
      device.map(Formula.RECIPROCAL, 0, to, null, null, to);
    };
  }
}
