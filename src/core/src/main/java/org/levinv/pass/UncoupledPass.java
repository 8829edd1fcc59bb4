package org.levinv.pass;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * 4 A^T W D^2 W A with D = diag(sigma o (1 - sigma + floor)), in one reading; 2 d^2 flops a row.
 * With floor 0, D is the diagonal of L, and this is the Gauss-Newton matrix 4 A^T W L L W A without
 * what couples the rows; the floor keeps it regular where a score is 1.
 */
public final class UncoupledPass implements Pass<Matrix> {
  private final double[] x;
  private Weights weights = Weights.BARRIER;
  private final double[] inverseR;
  private final double floor;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   */
  public UncoupledPass(double[] x, double[] inverseR, double floor) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.floor = floor;
  }

  /** The same for other weights w = f(A x - b). */
  public UncoupledPass with(Weights others) {
    UncoupledPass pass = new UncoupledPass(x, inverseR, floor);
    pass.weights = others;
    return pass;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return 2.0 * columns * columns + 2.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Matrix inverse = space.matrix(x.length, x.length);
    device.upload(inverseR, inverse);
    BlockScores at = new BlockScores(device, space.upload(x), inverse, weights, 0);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector sigma = at.score(block);
      Vector u = block.scratch(BlockScores.FREE);
      device.map(Formula.DEGREE, 0, sigma, null, null, u);
      device.axpy(floor, sigma, u); // D
      device.multiply(at.fall(block, w), u, u);
      device.multiply(u, u, u);
      device.scale(4, u);
      device.weightedGram(block.A(), u, sums.matrix(0)); // 4 A^T W D^2 W A
    };
  }

  /** d x d, valid until the next pass. */
  @Override
  public Matrix answer(Sums total) {
    return total.matrix(0);
  }
}
