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
 * A^T diag(u) A of the light rows with the weights of {@link TargetWeights}, and how far these have
 * grown since u_i = t_i / ||a_i||^2, in one reading; 2 d^2 + 2 d flops a row.
 */
public final class WeightsPass implements Pass<WeightSums> {
  private final TargetWeights weights;

  /**
   * @param weights of which those of the heavy rows do not count
   */
  public WeightsPass(TargetWeights weights) {
    this.weights = weights.ofLightRows();
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1).withExtremes(2);
  }

  @Override
  public double flopsPerRow(int columns) {
    return weights.flopsPerRow(columns) + (double) columns * columns + 2.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    double[] inverseR = weights.inverseR();
    int d = (int) Math.round(Math.sqrt(inverseR.length));
    Matrix inverse = space.matrix(d, d);
    device.upload(inverseR, inverse);
    return (block, sums) -> {
      Vector q = block.scratch(0);
      Vector u = block.scratch(1);
      Vector v = block.scratch(2);
      device.squaredNorms(block.A(), inverse, q); // ||R^-T a_i||^2
      weights.weights(device, block, q, u);
      device.weightedGram(block.A(), u, sums.matrix(0)); // A^T diag(u) A
      device.squaredRowNorms(block.A(), v);
      device.multiply(u, v, v); // 0 for rows that do not count
      device.map(Formula.RECIPROCAL, 0, v, null, null, u);
      device.multiply(weights.targets().of(block, device), u, u); // start / u
      sums.offer(1, device.max(u), block.first());
      device.map(Formula.RECIPROCAL, 0, u, null, null, u); // u / start
      sums.offer(0, device.max(u), block.first());
    };
  }

  @Override
  public WeightSums answer(Sums total) {
    return new WeightSums(total.matrix(0), total.extreme(0), total.extreme(1));
  }
}
