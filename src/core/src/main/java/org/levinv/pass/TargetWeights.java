package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.RowBlock;
import org.levinv.rows.RowMap;

/**
 * Squared row weights from a small state: u_i = t_i / q_i, q_i = ||R^-T a_i||^2 = a_i^T S^-1 a_i,
 * with which row i has its target in the metric S; and given ones for some heavy rows. Zero for
 * rows of zeros; d^2 flops a row.
 */
public final class TargetWeights implements RowMap {
  private final double[] inverseR;
  private final RowTargets targets;
  private final RowNumbers heavy;

  /**
   * @param inverseR R^-1 with R^T R = S, d x d row by row, in the coordinates of the store
   * @param heavy rows, ascending
   * @param u of the heavy rows
   */
  public TargetWeights(double[] inverseR, RowTargets targets, long[] heavy, double[] u) {
    this.inverseR = inverseR.clone();
    this.targets = targets;
    this.heavy = new RowNumbers(heavy.clone(), u.clone());
  }

  /** The same weights without those of the heavy rows, which become 0. */
  public TargetWeights ofLightRows() {
    return new TargetWeights(inverseR, targets, heavy.rows(), new double[heavy.rows().length]);
  }

  /** u of the heavy rows. */
  public double[] heavyWeights() {
    return heavy.values().clone();
  }

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
      Vector q = block.scratch(SCRATCH + 4);
      device.squaredNorms(block.A(), inverse, q); // ||R^-T a_i||^2
      weights(device, block, q, to);
    };
  }

  /** u from q, which stays as it is. */
  void weights(Device device, RowBlock block, Vector q, Vector to) {
    device.map(Formula.RECIPROCAL, 0, q, null, null, to);
    device.multiply(targets.of(block, device), to, to); // t / q
    int[] own = heavy.positions(block);
    if (own.length > 0) {
      device.put(heavy.values(block), own, to);
    }
  }

  double[] inverseR() {
    return inverseR;
  }

  RowTargets targets() {
    return targets;
  }
}
