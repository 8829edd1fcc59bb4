package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.RowMap;

/**
 * The scores of diag(u)^1/2 A: sigma_i = u_i ||R^-T a_i||^2, at most 1, of the rows as they were
 * read; d^2 flops a row and those of the weights.
 */
public final class WeightedScores implements RowMap {
  private final RowMap squares;
  private final double[] inverseR;

  /**
   * @param squares u
   * @param inverseR R^-1 with R^T R = A^T diag(u) A, d x d row by row
   */
  public WeightedScores(RowMap squares, double[] inverseR) {
    this.squares = squares;
    this.inverseR = inverseR.clone();
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns + squares.flopsPerRow(columns);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = (int) Math.round(Math.sqrt(inverseR.length));
    Matrix inverse = space.matrix(d, d);
    device.upload(inverseR, inverse);
    Kernel u = squares.on(device, space);
    return (block, to) -> {
      Vector w = block.scratch(SCRATCH + 5);
      u.of(block, w);
      device.map(Formula.ROOT, 0, w, null, null, w);
      device.squaredNorms(block.original(), inverse, to); // ||R^-T a_i||^2
      device.map(Formula.SCORE, 0, w, to, null, to); // u_i times that
    };
  }
}
