package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The metric A^T diag(w^2 sigma (1 - sigma)) A at x by itself, in one reading; 2 d^2 flops a row.
 * Whoever knows beforehand that he needs it asks {@link GradientPass} for it.
 */
public final class MetricPass implements Pass<Matrix> {
  private final double[] x;
  private final double[] inverseR;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   */
  public MetricPass(double[] x, double[] inverseR) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
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
    int d = x.length;
    Matrix inverse = space.matrix(d, d);
    device.upload(inverseR, inverse);
    BlockScores at = new BlockScores(device, space.upload(x), inverse);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector sigma = at.score(block);
      Vector u = at.metric(block, sigma, at.squaredWeight(block, w));
      device.weightedGram(block.A(), u, sums.matrix(0));
    };
  }

  @Override
  public Matrix answer(Sums total) {
    return total.matrix(0);
  }
}
