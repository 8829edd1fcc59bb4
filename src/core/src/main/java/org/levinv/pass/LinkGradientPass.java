package org.levinv.pass;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The gradient 2 A^T S L r of 0.5 ||sigma - target||^2, r = sigma - target, for weights w = f(A x -
 * b), S = diag(d log f / d eta), in one reading; 3 d^2 flops a row.
 */
public final class LinkGradientPass implements Pass<Vector> {
  private final double[] x;
  private final double[] inverseR;
  private final double[] N;
  private final Weights weights;
  private final double unit;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param N G^-1 A^T diag(w^2 r) A G^-1, d x d
   * @param weights f
   * @param unit logarithm of the unit of f
   */
  public LinkGradientPass(double[] x, double[] inverseR, double[] N, Weights weights, double unit) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.N = N.clone();
    this.weights = weights;
    this.unit = unit;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withVectors(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return 3.0 * columns * columns + 4.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = x.length;
    Matrix inverse = space.matrix(d, d);
    Matrix sandwich = space.matrix(d, d);
    device.upload(inverseR, inverse);
    device.upload(N, sandwich);
    BlockScores at = new BlockScores(device, space.upload(x), inverse, weights, unit);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector w2 = at.squaredWeight(block, w);
      Vector sigma = at.score(block);
      Vector Lr = at.laplacian(block, sigma, w2, at.residual(block, sigma), sandwich);
      Vector u = block.scratch(BlockScores.FREE);
      device.multiply(at.slope(block), Lr, u);
      device.scale(2, u);
      device.transposeTimes(block.A(), u, sums.vector(0)); // 2 A^T S L r
    };
  }

  /** d entries, valid until the next pass. */
  @Override
  public Vector answer(Sums total) {
    return total.vector(0);
  }
}
