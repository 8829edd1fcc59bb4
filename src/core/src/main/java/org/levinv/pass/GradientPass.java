package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The gradient of 0.5 ||sigma(x) - target||^2 and what belongs to its Hessian row by row, in one
 * reading; 3 d^2 flops a row, and d^2 more for each matrix asked for.
 */
public final class GradientPass implements Pass<GradientSums> {
  private final double[] x;
  private final double[] inverseR;
  private final double[] N;
  private final boolean withDiagonal;
  private final boolean withMetric;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param N G^-1 A^T diag(w^2 r) A G^-1, d x d
   * @param withDiagonal whether {@link GradientSums#diagonal} is asked for
   * @param withMetric whether {@link GradientSums#metric} is asked for
   */
  public GradientPass(
      double[] x, double[] inverseR, double[] N, boolean withDiagonal, boolean withMetric) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.N = N.clone();
    this.withDiagonal = withDiagonal;
    this.withMetric = withMetric;
  }

  private int matrices() {
    return (withDiagonal ? 1 : 0) + (withMetric ? 1 : 0);
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(matrices()).withVectors(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (3.0 + matrices()) * columns * columns + 4.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = x.length;
    Matrix inverse = space.matrix(d, d);
    Matrix sandwich = space.matrix(d, d);
    device.upload(inverseR, inverse);
    device.upload(N, sandwich);
    BlockScores at = new BlockScores(device, space.upload(x), inverse);
    return (block, sums) -> {
      Vector w = at.weight(block);
      Vector w2 = at.squaredWeight(block, w);
      Vector sigma = at.score(block, w);
      Vector r = at.residual(block, sigma);
      Vector Lr = at.laplacian(block, sigma, w2, r, sandwich);
      Vector u = block.scratch(BlockScores.FREE);
      device.multiply(w, Lr, u);
      device.scale(-2, u);
      device.transposeTimes(block.A(), u, sums.vector(0)); // -2 A^T W L r
      if (withDiagonal) {
        device.map(Formula.SCALED_PRODUCT, -8, sigma, Lr, null, u);
        device.axpy(6, Lr, u);
        device.multiply(w2, u, u);
        device.weightedGram(block.A(), u, sums.matrix(0)); // A^T diag(w^2 (6 L r - 8 sigma L r)) A
      }
      if (withMetric) {
        device.weightedGram(
            block.A(), at.metric(block, sigma, w2), sums.matrix(withDiagonal ? 1 : 0));
      }
    };
  }

  @Override
  public GradientSums answer(Sums total) {
    return new GradientSums(
        total.vector(0),
        withDiagonal ? total.matrix(0) : null,
        withMetric ? total.matrix(withDiagonal ? 1 : 0) : null);
  }
}
