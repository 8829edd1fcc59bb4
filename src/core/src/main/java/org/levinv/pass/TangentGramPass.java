package org.levinv.pass;

import java.util.ArrayList;
import java.util.List;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * How the Gram matrix changes along k directions v_j: C_j = A^T diag(w^2 o t_j) A with t_j = W A
 * v_j, so that -2 C_j is the derivative of G(x) along v_j; k d^2 flops a row. With one more
 * direction z, the mixed sums A^T diag(w^2 o t_j o W A z) A too, for as many flops again.
 */
public final class TangentGramPass implements Pass<List<Matrix>> {
  private final double[] x;
  private Weights weights = Weights.BARRIER;
  private final double[][] directions;
  private final double[] mixed;

  /**
   * @param x d entries, in the coordinates of the store
   * @param directions k vectors v_j of d entries; their k d x d sums are held at once
   * @param mixed z, d entries, or null
   */
  public TangentGramPass(double[] x, double[][] directions, double[] mixed) {
    this.x = x.clone();
    this.directions = Copies.of(directions);
    this.mixed = mixed == null ? null : mixed.clone();
  }

  private int matrices() {
    return directions.length * (mixed == null ? 1 : 2);
  }

  /** The same for other weights w = f(A x - b): t_j = -diag(d log f / d s) A v_j then. */
  public TangentGramPass with(Weights others) {
    TangentGramPass pass = new TangentGramPass(x, directions, mixed);
    pass.weights = others;
    return pass;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(matrices());
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) matrices() * columns * columns + 2.0 * columns * (2 + directions.length);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int k = directions.length;
    List<Vector> v = Copies.upload(directions, space);
    Vector z = mixed == null ? null : space.upload(mixed);
    BlockScores at = new BlockScores(device, space.upload(x), null, weights, 0);
    return (block, sums) -> {
      Vector w = at.weight(block);
      Vector w2 = at.squaredWeight(block, w);
      Vector fall = at.fall(block, w);
      Vector t = block.scratch(BlockScores.FREE);
      Vector u = block.scratch(BlockScores.FREE + 1);
      if (z != null) {
        at.tangent(block, fall, z, u); // W A z
      }
      for (int j = 0; j < k; j++) {
        at.tangent(block, fall, v.get(j), t); // W A v_j
        device.multiply(w2, t, t);
        device.weightedGram(block.A(), t, sums.matrix(j)); // A^T diag(w^2 o t_j) A
        if (z != null) {
          device.multiply(u, t, t);
          device.weightedGram(block.A(), t, sums.matrix(k + j));
        }
      }
    };
  }

  /** C_1 to C_k, then the mixed ones; valid until the next pass. */
  @Override
  public List<Matrix> answer(Sums total) {
    List<Matrix> all = new ArrayList<>();
    for (int j = 0; j < matrices(); j++) {
      all.add(total.matrix(j));
    }
    return all;
  }
}
