package org.levinv.pass;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/** G(x) = A^T diag(w)^2 A, w = f(A x - b), in one reading; d^2 + 2 d flops a row. */
public final class LinkGramPass implements Pass<Matrix> {
  private final double[] x;
  private final Weights weights;
  private final double unit;

  /**
   * @param x d entries, in the coordinates of the store
   * @param weights f
   * @param unit logarithm of the unit of f
   */
  public LinkGramPass(double[] x, Weights weights, double unit) {
    this.x = x.clone();
    this.weights = weights;
    this.unit = unit;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns + 2.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    BlockScores at = new BlockScores(device, space.upload(x), null, weights, unit);
    return (block, sums) -> {
      Vector w2 = at.squaredWeight(block, at.weight(block));
      device.weightedGram(block.A(), w2, sums.matrix(0)); // A^T diag(w^2) A
    };
  }

  /** d x d, valid until the next pass. */
  @Override
  public Matrix answer(Sums total) {
    return total.matrix(0);
  }
}
