package org.levinv.pass;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
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
 * Derivatives of g(x) = A^T W sigma along k directions v_j, after {@link TangentGramPass}: B v_j
 * with the Hessian B = A^T W (Sigma + 2 L) W A of the volumetric barrier, which is minus the
 * Jacobian of g, and where asked for the sum C of z_i times the Hessians of g_i, times v_j. With t
 * = W A v, u = W A z, K = P o P and Q(u) = R^-T A^T diag(w^2 o u) A R^-1:
 *
 * <pre>
 * B v = A^T W (3 sigma o t - 2 K t),
 * C v = A^T W [ t o (12 sigma o u - 6 K u) - 6 u o K t - 6 w^2 o quadraticForms(X) ],
 * X   = R^-1 (Q(u o t) - 2/3 (Q(u) Q(t) + Q(t) Q(u))) R^-T
 * </pre>
 *
 * <p>d^2 + 2 k d^2 flops a row, and with z 2 d^2 + 2 k d^2 more.
 */
public final class BarrierHessianPass implements Pass<BarrierHessianPass.Products> {
  private final double[] x;
  private final double[] inverseR;
  private final double[][] directions;
  private final double[][] sandwiches;
  private final Curvature curvature;
  private final boolean withDiagonals;

  /**
   * What C v needs.
   *
   * @param z d entries
   * @param N G^-1 A^T diag(w^2 o u) A G^-1 with u = W A z, d x d row by row
   * @param forms X, one for each direction, d x d
   */
  public record Curvature(double[] z, double[] N, double[][] forms) implements Serializable {}

  /**
   * What the pass answers, all of it valid until the next pass.
   *
   * @param barrier B v_j, k vectors of d entries
   * @param curvature C v_j, likewise; empty where not asked for
   * @param diagonals the parts of B and of C for z = v_1 that are diagonal over rows, d x d: A^T
   *     diag(w^2 o (3 sigma - 2 sigma^2)) A and A^T diag(w^2 o (12 sigma o u - 6 K u + 8 sigma o K
   *     u - 12 sigma^2 o u)) A; empty where not asked for
   */
  public record Products(List<Vector> barrier, List<Vector> curvature, List<Matrix> diagonals) {}

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param directions k vectors v_j of d entries
   * @param sandwiches G^-1 A^T diag(w^2 o t_j) A G^-1, k of them, d x d row by row
   * @param curvature or null
   * @param withDiagonals whether {@link Products#diagonals} are asked for
   */
  public BarrierHessianPass(
      double[] x,
      double[] inverseR,
      double[][] directions,
      double[][] sandwiches,
      Curvature curvature,
      boolean withDiagonals) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.directions = Copies.of(directions);
    this.sandwiches = Copies.of(sandwiches);
    this.curvature =
        curvature == null
            ? null
            : new Curvature(curvature.z.clone(), curvature.N.clone(), Copies.of(curvature.forms));
    this.withDiagonals = withDiagonals;
  }

  @Override
  public SumShape shape() {
    return SumShape.none()
        .withVectors(directions.length * (curvature == null ? 1 : 2))
        .withMatrices(withDiagonals ? 2 : 0);
  }

  @Override
  public double flopsPerRow(int columns) {
    double k = directions.length;
    double units = 1 + 2 * k + (curvature == null ? 0 : 2 + 2 * k) + (withDiagonals ? 2 : 0);
    return units * columns * columns + 2.0 * columns * (1 + 2 * k);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    return new Work(device, space)::of;
  }

  /** The pass on one device. */
  private final class Work {
    private final Device device;
    private final BlockScores at;
    private final List<Vector> v;
    private final List<Matrix> N;
    private final List<Matrix> X;
    private final Matrix Nu;
    private final Vector z;

    Work(Device device, Workspace space) {
      int d = x.length;
      this.device = device;
      Matrix inverse = space.matrix(d, d);
      device.upload(inverseR, inverse);
      v = Copies.upload(directions, space);
      N = Copies.upload(sandwiches, d, space);
      at = new BlockScores(device, space.upload(x), inverse);
      boolean none = curvature == null;
      X = none ? null : Copies.upload(curvature.forms, d, space);
      Nu = none ? null : Copies.upload(new double[][] {curvature.N}, d, space).get(0);
      z = none ? null : space.upload(curvature.z);
    }

    void of(RowBlock block, Sums sums) {
      int k = directions.length;
      Vector w = at.weightAndScore(block);
      Vector w2 = at.squaredWeight(block, w);
      Vector sigma = at.score(block);
      Vector t = block.scratch(BlockScores.FREE + 1);
      Vector Kt = block.scratch(BlockScores.FREE + 2);
      Vector y = block.scratch(BlockScores.FREE + 3);
      Vector u = block.scratch(BlockScores.FREE + 4);
      Vector p = block.scratch(BlockScores.FREE + 5);
      if (curvature != null) {
        at.tangent(block, w, z, u); // u = W A z
        at.smooth(block, w2, Nu, Kt);
        device.map(Formula.SCALED_PRODUCT, 12, sigma, u, null, p);
        device.axpy(-6, Kt, p); // p = 12 sigma o u - 6 K u
      }
      for (int j = 0; j < k; j++) {
        at.tangent(block, w, v.get(j), t); // t = W A v_j
        at.smooth(block, w2, N.get(j), Kt); // K t
        device.map(Formula.SCALED_PRODUCT, 3, sigma, t, null, y);
        device.axpy(-2, Kt, y);
        device.multiply(w, y, y);
        device.transposeTimes(block.A(), y, sums.vector(j)); // B v_j
        if (withDiagonals && j == 0) {
          addDiagonals(block, w2, sigma, t, Kt, sums);
        }
        if (curvature != null) {
          device.multiply(u, Kt, Kt);
          at.smooth(block, w2, X.get(j), y);
          device.axpy(1, Kt, y);
          device.scale(-6, y); // - 6 u o K t - 6 w^2 o quadraticForms(X)
          device.multiply(p, t, t);
          device.axpy(1, t, y);
          device.multiply(w, y, y);
          device.transposeTimes(block.A(), y, sums.vector(k + j)); // C v_j
        }
      }
    }

    /** With u = t. */
    private void addDiagonals(
        RowBlock block, Vector w2, Vector sigma, Vector u, Vector Ku, Sums sums) {
      Vector e = block.scratch(BlockScores.FREE);
      Vector f = block.scratch(BlockScores.FREE + 3);
      device.map(Formula.SCALED_PRODUCT, -2, sigma, sigma, null, e);
      device.axpy(3, sigma, e); // 3 sigma - 2 sigma^2
      device.multiply(w2, e, e);
      device.weightedGram(block.A(), e, sums.matrix(0));
      device.map(Formula.SCALED_PRODUCT, -12, sigma, sigma, null, e);
      device.axpy(12, sigma, e);
      device.multiply(e, u, e); // 12 sigma o u - 12 sigma^2 o u
      device.axpy(-6, Ku, e);
      device.map(Formula.SCALED_PRODUCT, 8, sigma, Ku, null, f);
      device.axpy(1, f, e); // - 6 K u + 8 sigma o K u
      device.multiply(w2, e, e);
      device.weightedGram(block.A(), e, sums.matrix(1));
    }
  }

  @Override
  public Products answer(Sums total) {
    int k = directions.length;
    List<Vector> barrier = new ArrayList<>();
    List<Vector> curved = new ArrayList<>();
    for (int j = 0; j < k; j++) {
      barrier.add(total.vector(j));
      if (curvature != null) {
        curved.add(total.vector(k + j));
      }
    }
    return new Products(
        barrier, curved, withDiagonals ? List.of(total.matrix(0), total.matrix(1)) : List.of());
  }
}
