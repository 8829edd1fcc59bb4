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
 * Products of the Hessian H of 0.5 ||sigma(x) - target||^2 with k directions v_j: the last of three
 * readings, after {@link TangentGramPass} and {@link ScoreChangePass}. With tau = -W A v, the
 * change of log w along v, t = -tau, dr = -2 L t that of sigma, f = -2 t o r + dr, and Q(u) = R^-T
 * A^T diag(w^2 o u) A R^-1:
 *
 * <pre>
 * H v = -2 A^T W [ 3 tau o L r + dr o (r + sigma) - 2 tau o sigma o r + w^2 o quadraticForms(X) ],
 * X   = R^-1 (2 (Q(r) Q(tau) + Q(tau) Q(r)) - Q(f)) R^-T
 * </pre>
 *
 * <p>For other weights w = f(s) the outer -W is S = diag(d log f / d s), tau = S A v, 3 tau o L r
 * is 2 tau o L r, and 2 A^T (d^2 log f / d s^2 o L r o A v) is added, which for w = 1 / s is the
 * third.
 *
 * <p>The curvature alone is the same without dr o sigma and without dr in f: together these are J^T
 * J v = -2 A^T W L dr. 3 d^2 + 4 k d^2 flops a row.
 */
public final class HessianPass implements Pass<List<Vector>> {
  private final double[] x;
  private Weights weights = Weights.BARRIER;
  private final double[] inverseR;
  private final double[] N;
  private final double[][] directions;
  private final double[][] sandwiches;
  private final double[][] forms;
  private final Set<HessianPart> parts;
  private final boolean gaussNewton;
  private final boolean curvature;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param N G^-1 A^T diag(w^2 o r) A G^-1, d x d; not used without curvature
   * @param directions k vectors v_j of d entries
   * @param sandwiches G^-1 A^T diag(w^2 o t_j) A G^-1, k of them, d x d
   * @param forms X, k of them, d x d
   * @param parts of the Hessian that the products are with
   */
  public HessianPass(
      double[] x,
      double[] inverseR,
      double[] N,
      double[][] directions,
      double[][] sandwiches,
      double[][] forms,
      Set<HessianPart> parts) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.N = N.clone();
    this.directions = Copies.of(directions);
    this.sandwiches = Copies.of(sandwiches);
    this.forms = Copies.of(forms);
    this.parts = Set.copyOf(parts);
    gaussNewton = parts.contains(HessianPart.GAUSS_NEWTON);
    curvature = parts.contains(HessianPart.CURVATURE);
  }

  /** The same for other weights w = f(A x - b): t_j = -diag(d log f / d s) A v_j then. */
  public HessianPass with(Weights others) {
    HessianPass pass = new HessianPass(x, inverseR, N, directions, sandwiches, forms, parts);
    pass.weights = others;
    return pass;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withVectors(directions.length);
  }

  @Override
  public double flopsPerRow(int columns) {
    return ((curvature ? 3.0 : 1.0) + 4.0 * directions.length) * columns * columns
        + 2.0 * columns * (1 + 2 * directions.length);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = x.length;
    Matrix inverse = space.matrix(d, d);
    Matrix ofResidual = space.matrix(d, d);
    device.upload(inverseR, inverse);
    device.upload(N, ofResidual);
    List<Vector> v = Copies.upload(directions, space);
    List<Matrix> Nt = Copies.upload(sandwiches, d, space);
    List<Matrix> X = Copies.upload(forms, d, space);
    BlockScores at = new BlockScores(device, space.upload(x), inverse, weights, 0);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector w2 = at.squaredWeight(block, w);
      Vector sigma = at.score(block);
      Vector fall = at.fall(block, w);
      Vector bend = curvature ? at.bend(block) : null;
      Vector t = block.scratch(BlockScores.FREE + 1);
      Vector y = block.scratch(BlockScores.FREE + 2);
      Vector p = block.scratch(BlockScores.FREE + 3);
      Vector q = block.scratch(BlockScores.FREE + 4);
      device.fill(0, q);
      if (curvature) {
        Vector r = at.residual(block, sigma);
        Vector Lr = at.laplacian(block, sigma, w2, r, ofResidual);
        if (bend != null) {
          device.multiply(Lr, bend, bend);
        }
        device.copy(Lr, p);
        device.scale(weights.isBarrier() ? 3 : 2, p);
        device.multiply(sigma, r, y);
        device.axpy(-2, y, p); // p = 3 L r - 2 sigma o r
        device.axpy(1, r, q);
      }
      if (gaussNewton) {
        device.axpy(1, sigma, q); // q = r + sigma
      }
      for (int j = 0; j < directions.length; j++) {
        at.tangent(block, fall, v.get(j), t); // t = W A v_j
        Vector Lt = at.laplacian(block, sigma, w2, t, Nt.get(j));
        at.smooth(block, w2, X.get(j), y);
        device.multiply(q, Lt, Lt);
        device.axpy(-2, Lt, y); // + dr o q
        if (curvature) {
          device.multiply(p, t, t);
          device.axpy(-1, t, y); // + tau o p
        }
        device.multiply(fall, y, y);
        device.scale(-2, y);
        if (bend != null) {
          device.times(block.A(), v.get(j), t);
          device.multiply(bend, t, t);
          device.axpy(2, t, y); // + 2 d^2 log f / d s^2 o L r o A v_j
        }
        device.transposeTimes(block.A(), y, sums.vector(j)); // H v_j = -2 A^T W [...]
      }
    };
  }

  /** H v_1 to H v_k, d entries each, valid until the next pass. */
  @Override
  public List<Vector> answer(Sums total) {
    List<Vector> all = new ArrayList<>();
    for (int j = 0; j < directions.length; j++) {
      all.add(total.vector(j));
    }
    return all;
  }
}
