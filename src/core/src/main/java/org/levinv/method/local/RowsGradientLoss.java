package org.levinv.method.local;

import java.util.List;
import java.util.Set;
import org.levinv.Weights;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.model.Regularizer;
import org.levinv.pass.BarrierHessianPass;
import org.levinv.pass.BarrierHessianPass.Curvature;
import org.levinv.pass.BarrierPass;
import org.levinv.pass.Draws;
import org.levinv.pass.TangentGramPass;
import org.levinv.rows.RowList;
import org.levinv.rows.RowStore;

/**
 * The objective of the gradient problem, 0.5 ||F||^2 + 0.5 ||diag(omega) A x||^2 with F = g(x) -
 * target and g(x) = A(x)^T sigma(x) = A^T W sigma, d entries: minus the gradient of the volumetric
 * barrier 0.5 logdet(A^T W^2 A). Chenyang Li, Zhao Song, Zhaoxing Xu and Junze Yin, "Inverting the
 * Leverage Score Gradient: An Efficient Approximate Newton Method", 2024, arXiv:2408.11267, state
 * the regularised least-squares problem; the derivatives here are written as passes. A value takes
 * two readings of all rows, the gradient two more, products with the Hessian four.
 *
 * <p>The Jacobian of g is -B with B = A^T W (Sigma + 2 L) W A, the Hessian of the barrier. B is
 * positive definite wherever A has full rank, so without a regulariser every stationary point in a
 * cell of signs is a solution, and there is at most one.
 *
 * <p>Where A = A0 R0^-1 stands for A0, the norm of F is still that of A0: ||F||^2 means F^T S F
 * with S = R0 R0^T.
 */
public final class RowsGradientLoss extends RowsObjective {
  private final Vector target;
  private final Matrix S;
  private final boolean withDiagonals;
  private final Vector F;
  private final Vector SF;
  private final Vector slope;
  private final Matrix Qu;
  private final Matrix Nu;
  private final Matrix[] diagonals = new Matrix[2];
  private double[] z;
  private double value;
  private double sizeOfG;
  private boolean differentiated;

  /**
   * @param store rows with offset
   * @param target d
   * @param S d x d, symmetric positive definite, or null for the identity
   * @param withDiagonals whether {@link #barrierDiagonal} and {@link #curvatureDiagonal} are asked
   *     for
   */
  public RowsGradientLoss(
      RowStore store,
      Vector target,
      Matrix S,
      Regularizer regularizer,
      DrawPlan plan,
      boolean withDiagonals,
      Workspace space) {
    super(store, Weights.BARRIER, regularizer, plan, space);
    this.target = target;
    this.S = S;
    this.withDiagonals = withDiagonals;
    F = space.vector(d);
    SF = space.vector(d);
    slope = space.vector(d);
    Qu = space.matrix(d, d);
    Nu = space.matrix(d, d);
    for (int k = 0; withDiagonals && k < 2; k++) {
      diagonals[k] = space.matrix(d, d);
    }
  }

  @Override
  List<RowList> read(List<Draws> draws) {
    differentiated = false;
    BarrierPass.Gradient found = store.run(new BarrierPass(x(), hostInverse(), draws));
    device.copy(found.g(), F); // g(x) = A^T W sigma
    sizeOfG = norm(F);
    device.axpy(-1, target, F); // F = g(x) - target
    if (S == null) {
      device.copy(F, SF);
    } else {
      device.multiply(S, false, F, SF);
    }
    z = download(SF);
    value = // 0.5 F^T S F + 0.5 ||diag(omega) A x||^2
        0.5 * device.dot(F, SF) + regularizer.value(point());
    return found.draws();
  }

  @Override
  List<RowList> readForDraws(List<Draws> draws) {
    return store.run(new BarrierPass(x(), hostInverse(), draws)).draws();
  }

  private double norm(Vector v) {
    return Math.sqrt(device.dot(v, v));
  }

  @Override
  public double value() {
    return value;
  }

  /** sqrt(F^T S F). */
  @Override
  public double residualNorm() {
    return Math.sqrt(Math.max(0, device.dot(F, SF)));
  }

  @Override
  public double rounding() {
    return EPS * (sizeOfG * norm(SF) + value);
  }

  /** g is rounded like the scores, and R^-T B stretches F by ||A(x0)|| = 1 or so and 3 at most. */
  @Override
  public double gradientRounding() {
    double stretch = norm(F) > 0 ? norm(SF) / norm(F) : 1;
    return 3 * SCORE_ROUNDING * EPS * sizeOfG * stretch;
  }

  /** S, or null for the identity. */
  Matrix metric() {
    return S;
  }

  /** S F, d; not to be written to. */
  Vector measuredResidual() {
    return SF;
  }

  /** R^-T A^T diag(w^2 o u) A R^-1 with u = W A S F, d x d. */
  Matrix reducedDirection() {
    differentiate();
    return Qu;
  }

  /** G^-1 A^T diag(w^2 o u) A G^-1, d x d. */
  Matrix sandwich() {
    differentiate();
    return Nu;
  }

  /** A^T diag(w^2 o (3 sigma - 2 sigma^2)) A, d x d. */
  Matrix barrierDiagonal() {
    differentiate();
    return diagonals[0];
  }

  /**
   * A^T diag(w^2 o (12 sigma o u - 6 K u + 8 sigma o K u - 12 sigma^2 o u)) A, d x d, K = P o P.
   */
  Matrix curvatureDiagonal() {
    differentiate();
    return diagonals[1];
  }

  private void differentiate() {
    if (!differentiated) {
      double[][] direction = {z};
      reduce(store.run(new TangentGramPass(x(), direction, null)).get(0), Qu);
      device.copy(Qu, Nu);
      expand(Nu);
      double[][] sandwich = {download(Nu)};
      BarrierHessianPass.Products products =
          store.run(
              new BarrierHessianPass(x(), hostInverse(), direction, sandwich, null, withDiagonals));
      device.copy(products.barrier().get(0), slope);
      device.scale(-1, slope); // -B S F
      for (int k = 0; k < products.diagonals().size(); k++) {
        device.copy(products.diagonals().get(k), diagonals[k]);
      }
      differentiated = true;
    }
  }

  /** to = -B S F + A^T diag(omega^2) A x. */
  @Override
  public void gradient(Vector to) {
    differentiate();
    device.copy(slope, to);
    regularizer.addTimes(point(), to);
  }

  /** B S B v_j, the curvature, or both, as {@link BarrierHessianPass} has them; four readings. */
  @Override
  double[][] rowProducts(Set<HessianPart> parts, double[][] vectors) {
    differentiate();
    boolean curved = isCurved(parts);
    int k = vectors.length;
    double[][] forms = new double[k][];
    List<Matrix> grams = store.run(new TangentGramPass(x(), vectors, curved ? z : null));
    double[][] sandwiches = new double[k][];
    try (Workspace own = new Workspace(device)) {
      Matrix M = own.matrix(d, d);
      Matrix X = own.matrix(d, d);
      Matrix product = own.matrix(d, d);
      for (int j = 0; j < k; j++) {
        reduce(grams.get(j), M); // Q(t_j), t_j = W A v_j
        if (curved) {
          reduce(grams.get(k + j), X); // Q(u o t_j)
          device.multiply(Qu, false, M, false, product);
          device.axpy(-2.0 / 3, product, X);
          device.multiply(M, false, Qu, false, product);
          device.axpy(-2.0 / 3, product, X); // - 2/3 (Q(u) Q(t) + Q(t) Q(u))
          expand(X);
          forms[j] = download(X);
        }
        expand(M);
        sandwiches[j] = download(M);
      }
    }
    Curvature curvature = curved ? new Curvature(z, download(Nu), forms) : null;
    BarrierHessianPass.Products products =
        store.run(
            new BarrierHessianPass(x(), hostInverse(), vectors, sandwiches, curvature, false));
    double[][] images = curved ? download(products.curvature()) : new double[k][d];
    if (parts.contains(HessianPart.GAUSS_NEWTON)) {
      add(barrierTimes(measured(download(products.barrier()))), images); // + B S B v_j
    }
    return images;
  }

  /** B v_j; two readings. */
  private double[][] barrierTimes(double[][] vectors) {
    double[][] sandwiches = new double[vectors.length][];
    List<Matrix> grams = store.run(new TangentGramPass(x(), vectors, null));
    try (Workspace own = new Workspace(device)) {
      Matrix M = own.matrix(d, d);
      for (int j = 0; j < vectors.length; j++) {
        reduce(grams.get(j), M);
        expand(M);
        sandwiches[j] = download(M);
      }
    }
    return download(
        store
            .run(new BarrierHessianPass(x(), hostInverse(), vectors, sandwiches, null, false))
            .barrier());
  }

  /** S v_j. */
  private double[][] measured(double[][] vectors) {
    if (S == null) {
      return vectors;
    }
    double[][] images = new double[vectors.length][d];
    try (Workspace own = new Workspace(device)) {
      Vector v = own.vector(d);
      Vector image = own.vector(d);
      for (int j = 0; j < vectors.length; j++) {
        device.upload(vectors[j], v);
        device.multiply(S, false, v, image);
        device.download(image, images[j]);
      }
    }
    return images;
  }

  private static void add(double[][] vectors, double[][] to) {
    for (int j = 0; j < vectors.length; j++) {
      for (int i = 0; i < vectors[j].length; i++) {
        to[j][i] += vectors[j][i];
      }
    }
  }
}
