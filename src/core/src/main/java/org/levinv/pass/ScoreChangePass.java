package org.levinv.pass;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The second of three readings for products of the Hessian of 0.5 ||sigma(x) - target||^2 with k
 * directions v_j, after {@link TangentGramPass} and before {@link HessianPass}: D_j = A^T diag(w^2
 * o f_j) A with t_j = W A v_j and
 *
 * <pre>
 * f_j = -2 t_j o r (curvature) - 2 L t_j (Gauss-Newton),
 * </pre>
 *
 * where -2 L t_j is the derivative of the scores along v_j. d^2 + 3 k d^2 flops a row.
 */
public final class ScoreChangePass implements Pass<List<Matrix>> {
  private final double[] x;
  private Weights weights = Weights.BARRIER;
  private final double[] inverseR;
  private final double[][] directions;
  private final double[][] sandwiches;
  private final Set<HessianPart> parts;
  private final boolean gaussNewton;
  private final boolean curvature;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param directions k vectors v_j of d entries
   * @param sandwiches G^-1 A^T diag(w^2 o t_j) A G^-1, k of them, d x d row by row
   * @param parts of the Hessian that the products are with
   */
  public ScoreChangePass(
      double[] x,
      double[] inverseR,
      double[][] directions,
      double[][] sandwiches,
      Set<HessianPart> parts) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.directions = Copies.of(directions);
    this.sandwiches = Copies.of(sandwiches);
    this.parts = Set.copyOf(parts);
    gaussNewton = parts.contains(HessianPart.GAUSS_NEWTON);
    curvature = parts.contains(HessianPart.CURVATURE);
  }

  /** The same for other weights w = f(A x - b): t_j = -diag(d log f / d s) A v_j then. */
  public ScoreChangePass with(Weights others) {
    ScoreChangePass pass = new ScoreChangePass(x, inverseR, directions, sandwiches, parts);
    pass.weights = others;
    return pass;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(directions.length);
  }

  @Override
  public double flopsPerRow(int columns) {
    double each = gaussNewton ? 3 : 1;
    return (1 + each * directions.length) * columns * columns
        + 2.0 * columns * (1 + directions.length);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = x.length;
    Matrix inverse = space.matrix(d, d);
    device.upload(inverseR, inverse);
    List<Vector> v = Copies.upload(directions, space);
    List<Matrix> N = Copies.upload(sandwiches, d, space);
    BlockScores at = new BlockScores(device, space.upload(x), inverse, weights, 0);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector w2 = at.squaredWeight(block, w);
      Vector sigma = at.score(block);
      Vector r = at.residual(block, sigma);
      Vector fall = at.fall(block, w);
      Vector t = block.scratch(BlockScores.FREE + 1);
      for (int j = 0; j < directions.length; j++) {
        at.tangent(block, fall, v.get(j), t); // t = W A v_j
        Vector Lt = gaussNewton ? at.laplacian(block, sigma, w2, t, N.get(j)) : null;
        if (curvature) {
          device.multiply(t, r, t);
        } else {
          device.fill(0, t);
        }
        if (gaussNewton) {
          device.axpy(1, Lt, t);
        }
        device.scale(-2, t); // f_j
        device.multiply(w2, t, t);
        device.weightedGram(block.A(), t, sums.matrix(j)); // A^T diag(w^2 o f_j) A
      }
    };
  }

  /** D_1 to D_k, d x d, valid until the next pass. */
  @Override
  public List<Matrix> answer(Sums total) {
    List<Matrix> all = new ArrayList<>();
    for (int j = 0; j < directions.length; j++) {
      all.add(total.matrix(j));
    }
    return all;
  }
}
