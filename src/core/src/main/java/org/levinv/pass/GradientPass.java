package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
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
  private final boolean withDegrees;
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
    this(x, inverseR, N, withDiagonal, false, withMetric);
  }

  private GradientPass(
      double[] x,
      double[] inverseR,
      double[] N,
      boolean withDiagonal,
      boolean withDegrees,
      boolean withMetric) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.N = N.clone();
    this.withDiagonal = withDiagonal;
    this.withDegrees = withDegrees;
    this.withMetric = withMetric;
  }

  /** The same pass with the sums of degrees beside the diagonal, which cost 2 d flops a row. */
  public GradientPass withDegrees() {
    return new GradientPass(x, inverseR, N, true, true, withMetric);
  }

  private int matrices() {
    return (withDiagonal ? 1 : 0) + (withMetric ? 1 : 0);
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(matrices()).withVectors(withDegrees ? 2 : 1).withNumbers(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (3.0 + matrices()) * columns * columns + (withDegrees ? 6.0 : 4.0) * columns;
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
      Vector w = at.weightAndScore(block);
      Vector w2 = at.squaredWeight(block, w);
      Vector sigma = at.score(block);
      Vector r = at.residual(block, sigma);
      Vector Lr = at.laplacian(block, sigma, w2, r, sandwich);
      Vector u = block.scratch(BlockScores.FREE);
      device.multiply(w, Lr, u);
      device.scale(-2, u);
      device.transposeTimes(block.A(), u, sums.vector(0)); // -2 A^T W L r
      if (withDiagonal) {
        device.map(Formula.SCALED_PRODUCT, -8, sigma, Lr, null, u);
        device.axpy(6, Lr, u);
        if (withDegrees) {
          addDegrees(device, block, w, sigma, u, sums);
        }
        device.multiply(w2, u, u);
        device.weightedGram(block.A(), u, sums.matrix(0)); // A^T diag(w^2 (6 L r - 8 sigma L r)) A
      }
      if (withMetric) {
        device.weightedGram(
            block.A(), at.metric(block, sigma, w2), sums.matrix(withDiagonal ? 1 : 0));
      }
    };
  }

  /** u = u + 4 D^2, and the sums of D^2. */
  private static void addDegrees(
      Device device, RowBlock block, Vector w, Vector sigma, Vector u, Sums sums) {
    Vector D2 = block.scratch(BlockScores.FREE + 1);
    device.map(Formula.DEGREE, 0, sigma, null, null, D2);
    device.multiply(D2, D2, D2);
    device.axpy(4, D2, u);
    sums.add(0, device.sum(D2));
    device.multiply(w, D2, D2);
    device.transposeTimes(block.A(), D2, sums.vector(1)); // A^T W D^2 1
  }

  @Override
  public GradientSums answer(Sums total) {
    return new GradientSums(
        total.vector(0),
        withDiagonal ? total.matrix(0) : null,
        withDegrees ? total.vector(1) : null,
        total.number(0),
        withMetric ? total.matrix(withDiagonal ? 1 : 0) : null);
  }
}
