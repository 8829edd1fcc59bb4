package org.levinv.model;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The loss 0.5 ||r||^2 + 0.5 ||diag(omega) A x||^2 with r = sigma(x) - target, and its derivatives
 * at a point. A is n x d; b, target and omega have n entries, x, v and gradients d.
 *
 * <p>With W = diag(1 / (A x - b)) and the Laplacian L of {@link Scores}, the Jacobian of sigma is J
 * = -2 L W A. The loss, its regulariser and closed forms of the derivatives: Zhihang Li, Zhao Song,
 * Weixin Wang, Junze Yin and Zheng Yu, "How to Inverting the Leverage Score Distribution?", 2024,
 * arXiv:2404.13785; written here in tall operations.
 */
public final class Loss implements Objective {
  private static final double EPS = Math.ulp(1.0);

  /** Relative error of a score in units of eps, about. */
  private static final double SCORE_ROUNDING = 20;

  private final TallMatrix A;
  private final Vector b;
  private final Vector target;
  private final Regularizer regularizer;
  private final Workspace space;
  private final Device device;
  private final Scores scores;
  private final Vector r;
  private final Vector Lr;
  private final Vector y;
  private final Matrix Q;
  private final Matrix N;
  private Products products;
  private double value;
  private boolean differentiated;

  /** What products with the Hessian need beside the gradient. */
  private static final class Products {
    final Vector tau;
    final Vector dr;
    final Vector t;
    final Matrix Ct;
    final Matrix C;
    final Matrix X;

    Products(long n, int d, Workspace space) {
      tau = space.vector(n);
      dr = space.vector(n);
      t = space.vector(n);
      Ct = space.matrix(d, d);
      C = space.matrix(d, d);
      X = space.matrix(d, d);
    }
  }

  /**
   * @param omega of the regulariser, or null for none
   * @param space gives three n-vectors and what {@link Scores} needs, two more where omega is not
   *     null, and three more at the first product
   */
  public Loss(TallMatrix A, Vector b, Vector target, Vector omega, Workspace space) {
    long n = A.rows();
    int d = A.columns();
    this.A = A;
    this.b = b;
    this.target = target;
    this.space = space;
    this.device = space.device();
    this.scores = new Scores(A, space);
    this.r = space.vector(n);
    this.Lr = space.vector(n);
    this.y = space.vector(n);
    this.Q = space.matrix(d, d);
    this.N = space.matrix(d, d);
    this.regularizer = new Regularizer(A, b, omega, space);
  }

  /**
   * Evaluates the loss at x; two units of work. Returns 0, or the order of the leading minor of the
   * Gram matrix that is not positive definite; then nothing else is valid.
   */
  @Override
  public int moveTo(Vector x) {
    differentiated = false;
    int minor = scores.atPoint(x, b); // sigma(x)
    if (minor != 0) {
      value = Double.NaN;
      return minor;
    }
    device.copy(scores.sigma(), r);
    device.axpy(-1, target, r); // r = sigma(x) - target
    value = // 0.5 ||r||^2 + 0.5 ||diag(omega) A x||^2
        0.5 * device.dot(r, r) + regularizer.value(scores);
    return 0;
  }

  /** The loss at the point. */
  @Override
  public double value() {
    return value;
  }

  /** ||sigma(x) - target||. */
  @Override
  public double residualNorm() {
    return Math.sqrt(device.dot(r, r));
  }

  /** Each score is rounded, and so is the sum. */
  @Override
  public double rounding() {
    Vector sigma = scores.sigma();
    return EPS * (Math.sqrt(device.dot(sigma, sigma)) * residualNorm() + value);
  }

  /** Each score is rounded, and R^-T J^T = -2 R^-T A^T W L stretches by 2 at most. */
  @Override
  public double gradientRounding() {
    Vector sigma = scores.sigma();
    return 2 * SCORE_ROUNDING * EPS * Math.sqrt(device.dot(sigma, sigma));
  }

  /** r = sigma(x) - target, n; not to be written to. */
  public Vector residual() {
    return r;
  }

  /** The scores at the point. */
  @Override
  public Scores scores() {
    return scores;
  }

  /** L r, n; three units where no derivative has been asked for yet. */
  public Vector laplacianOfResidual() {
    differentiate();
    return Lr;
  }

  /**
   * R^-T A^T diag(w^2 o r) A R^-1, d x d; three units where no derivative has been asked for yet.
   */
  public Matrix reducedResidual() {
    differentiate();
    return Q;
  }

  private void differentiate() {
    if (!differentiated) {
      scores.reduced(r, Q); // Q = R^-T A^T diag(w^2 o r) A R^-1
      device.copy(Q, N);
      scores.expand(N); // N = G^-1 A^T diag(w^2 o r) A G^-1
      scores.laplacian(r, N, Lr); // L r
      differentiated = true;
    }
  }

  /** to = -2 A^T W L r + A^T diag(omega^2) A x, d; three units at the first call for a point. */
  @Override
  public void gradient(Vector to) {
    differentiate();
    device.multiply(scores.weights(), Lr, y); // W L r
    A.transposeTimes(y, to);
    device.scale(-2, to); // -2 A^T W L r
    regularizer.addGradient(scores, to); // + A^T diag(omega^2) A x
  }

  /**
   * to = 4 A^T W D^2 W A + A^T diag(omega^2) A with D = diag(sigma o (1 - sigma + floor)), d x d;
   * one unit. With floor 0, D is the diagonal of L, and this is the Gauss-Newton matrix without
   * what couples the rows; the floor keeps it regular where a score is 1.
   */
  public void uncoupledGaussNewton(double floor, Matrix to) {
    device.map(Formula.DEGREE, 0, scores.sigma(), null, null, y); // sigma o (1 - sigma)
    device.axpy(floor, scores.sigma(), y); // D
    device.multiply(y, y, y);
    device.multiply(scores.squaredWeights(), y, y);
    device.scale(4, y);
    regularizer.addSquaredWeights(y); // 4 w^2 o D^2 + omega^2
    A.weightedGram(y, to);
  }

  private Products products() {
    if (products == null) {
      products = new Products(A.rows(), A.columns(), space);
    }
    return products;
  }

  /** to = J v = -2 L W A v for v (d), n; three units. */
  public void jacobianTimes(Vector v, Vector to) {
    Products p = products();
    A.times(v, p.t);
    device.multiply(scores.weights(), p.t, p.t); // W A v
    scores.laplacian(p.t, to);
    device.scale(-2, to); // -2 L W A v
  }

  /** to = J^T u = -2 A^T W L u for u (n), d; three units. */
  public void jacobianTransposeTimes(Vector u, Vector to) {
    Products p = products();
    scores.laplacian(u, p.t); // L u
    device.multiply(scores.weights(), p.t, p.t); // W L u
    A.transposeTimes(p.t, to);
    device.scale(-2, to); // -2 A^T W L u
  }

  /**
   * to = J^T J v + A^T diag(omega^2) A v = 4 A^T W L L W A v + A^T diag(omega^2) A v, d; six units.
   */
  @Override
  public void gaussNewtonTimes(Vector v, Vector to) {
    hessianTimes(HessianPart.GAUSS_NEWTON, v, to); // J^T J v
    regularizer.addTimes(v, to);
  }

  /**
   * One part of the Hessian times v: J^T J v = 4 A^T W L L W A v (six units), the curvature (as
   * {@link #hessianTimes}), or A^T diag(omega^2) A v.
   */
  @Override
  public void hessianTimes(HessianPart part, Vector v, Vector to) {
    switch (part) {
      case GAUSS_NEWTON -> {
        jacobianTimes(v, products().dr); // J v
        jacobianTransposeTimes(products().dr, to); // J^T J v
      }
      case CURVATURE -> secondOrderTimes(v, to, false);
      case REGULARIZER -> regularizer.times(v, to);
    }
  }

  /**
   * to = the exact Hessian of the loss times v (d); six units, and three at the first call for a
   * point. With tau = -W A v, the change of log w along v, dr = 2 L tau that of sigma, and Q(u) =
   * R^-T A^T diag(w^2 o u) A R^-1:
   *
   * <pre>
   * H v = -2 A^T W [ 3 tau o L r + dr o (r + sigma) - 2 tau o sigma o r + diagonal(R^-1 M R^-T) ],
   * M   = 2 (Q(r) Q(tau) + Q(tau) Q(r)) - Q(2 tau o r + dr)
   * </pre>
   *
   * <p>The curvature alone is the same without dr o sigma and without dr in Q: together these are
   * J^T J v = -2 A^T W L dr.
   */
  @Override
  public void hessianTimes(Vector v, Vector to) {
    secondOrderTimes(v, to, true);
    regularizer.addTimes(v, to);
  }

  private void secondOrderTimes(Vector v, Vector to, boolean withGaussNewton) {
    Products p = products();
    Vector sigma = scores.sigma();
    differentiate();
    A.times(v, p.tau);
    device.multiply(scores.weights(), p.tau, p.tau);
    device.scale(-1, p.tau); // tau = -W A v
    scores.reduced(p.tau, p.Ct); // Q(tau)
    device.copy(p.Ct, p.X);
    scores.expand(p.X);
    scores.laplacian(p.tau, p.X, p.dr);
    device.scale(2, p.dr); // dr = 2 L tau
    device.multiply(p.tau, r, p.t);
    device.scale(2, p.t);
    if (withGaussNewton) {
      device.axpy(1, p.dr, p.t); // 2 tau o r + dr
    }
    scores.reduced(p.t, p.C); // Q(2 tau o r + dr)
    device.multiply(Q, false, p.Ct, false, p.X);
    device.axpy(-2, p.X, p.C); // - 2 Q(r) Q(tau)
    device.multiply(p.Ct, false, Q, false, p.X);
    device.axpy(-2, p.X, p.C); // - 2 Q(tau) Q(r): C = -M
    scores.expand(p.C);
    scores.diagonal(p.C, p.t);
    device.scale(-1, p.t); // diagonal(R^-1 M R^-T)
    device.multiply(p.tau, Lr, y);
    device.axpy(3, y, p.t); // + 3 tau o L r
    device.multiply(p.dr, r, y);
    device.axpy(1, y, p.t); // + dr o r
    if (withGaussNewton) {
      device.multiply(p.dr, sigma, y);
      device.axpy(1, y, p.t); // + dr o sigma
    }
    device.multiply(p.tau, sigma, y);
    device.multiply(y, r, y);
    device.axpy(-2, y, p.t); // - 2 tau o sigma o r
    device.multiply(scores.weights(), p.t, p.t);
    A.transposeTimes(p.t, to);
    device.scale(-2, to); // H v = -2 A^T W [...]
  }
}
