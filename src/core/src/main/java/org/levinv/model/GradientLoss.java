package org.levinv.model;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The objective of the gradient problem, 0.5 ||F||^2 + 0.5 ||diag(omega) A x||^2 with F = g(x) -
 * target and g(x) = A(x)^T sigma(x) = A^T W sigma, d entries: minus the gradient of the volumetric
 * barrier 0.5 logdet(A^T W^2 A). Chenyang Li, Zhao Song, Zhaoxing Xu and Junze Yin, "Inverting the
 * Leverage Score Gradient: An Efficient Approximate Newton Method", 2024, arXiv:2408.11267, state
 * the regularised least-squares problem; the derivatives here are written in tall operations.
 *
 * <p>The Jacobian of g is -B with B = A^T W (Sigma + 2 L) W A, the Hessian of the barrier. B is
 * positive definite wherever A has full rank, so without a regulariser every stationary point in a
 * cell of signs is a solution, and there is at most one.
 *
 * <p>Where A = A0 R0^-1 stands for A0, the norm of F is still that of A0: ||F||^2 means F^T S F
 * with S = R0 R0^T.
 */
public final class GradientLoss implements Objective {
  private static final double EPS = Math.ulp(1.0);

  /** Relative error of a score in units of eps, about. */
  private static final double SCORE_ROUNDING = 20;

  private final TallMatrix A;
  private final Vector b;
  private final Vector target;
  private final Matrix S;
  private final Regularizer regularizer;
  private final Device device;
  private final Scores scores;
  private final Vector F;
  private final Vector SF;
  private final Vector z;
  private final Vector u;
  private final Vector Ku;
  private final Vector tau;
  private final Vector y;
  private final Vector t;
  private final Matrix Qu;
  private final Matrix Qtau;
  private final Matrix N;
  private final Matrix X;
  private final Matrix C;
  private double value;
  private double sizeOfG;
  private boolean differentiated;

  /**
   * For A of n x d.
   *
   * @param target d
   * @param S d x d, symmetric positive definite, or null for the identity
   * @param omega of the regulariser, n, or null for none
   */
  public GradientLoss(
      TallMatrix A, Vector b, Vector target, Matrix S, Vector omega, Workspace space) {
    long n = A.rows();
    int d = A.columns();
    this.A = A;
    this.b = b;
    this.target = target;
    this.S = S;
    this.device = space.device();
    this.scores = new Scores(A, space);
    this.F = space.vector(d);
    this.SF = space.vector(d);
    this.z = space.vector(d);
    this.u = space.vector(n);
    this.Ku = space.vector(n);
    this.tau = space.vector(n);
    this.y = space.vector(n);
    this.t = space.vector(n);
    this.Qu = space.matrix(d, d);
    this.Qtau = space.matrix(d, d);
    this.N = space.matrix(d, d);
    this.X = space.matrix(d, d);
    this.C = space.matrix(d, d);
    this.regularizer = new Regularizer(A, b, omega, space);
  }

  /** Two units of work. */
  @Override
  public int moveTo(Vector x) {
    differentiated = false;
    int minor = scores.atPoint(x, b);
    if (minor != 0) {
      value = Double.NaN;
      return minor;
    }
    device.multiply(scores.weights(), scores.sigma(), y);
    A.transposeTimes(y, F); // g(x) = A^T W sigma
    sizeOfG = norm(F);
    device.axpy(-1, target, F); // F = g(x) - target
    measure(F, SF);
    value =
        0.5 * device.dot(F, SF)
            + regularizer.value(scores); // 0.5 F^T S F + 0.5 ||diag(omega) A x||^2
    return 0;
  }

  /** to = S v. */
  private void measure(Vector v, Vector to) {
    if (S == null) {
      device.copy(v, to);
    } else {
      device.multiply(S, false, v, to);
    }
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

  @Override
  public Scores scores() {
    return scores;
  }

  /** S F, d; not to be written to. */
  public Vector measuredResidual() {
    return SF;
  }

  /** u = W A S F, n; three units where no derivative has been asked for yet. */
  public Vector direction() {
    differentiate();
    return u;
  }

  /** (P o P) u, n; likewise. */
  public Vector smoothedDirection() {
    differentiate();
    return Ku;
  }

  /** R^-T A^T diag(w^2 o u) A R^-1, d x d; likewise. */
  public Matrix reducedDirection() {
    differentiate();
    return Qu;
  }

  private void differentiate() {
    if (!differentiated) {
      A.times(SF, u);
      device.multiply(scores.weights(), u, u); // u = W A S F
      scores.reduced(u, Qu); // Q(u)
      device.copy(Qu, N);
      scores.expand(N);
      scores.diagonal(N, Ku); // K u
      differentiated = true;
    }
  }

  /** to = -B S F + A^T diag(omega^2) A x, d; three units at the first call for a point. */
  @Override
  public void gradient(Vector to) {
    differentiate();
    device.multiply(scores.sigma(), u, y);
    device.scale(3, y);
    device.axpy(-2, Ku, y); // (Sigma + 2 L) u = 3 sigma o u - 2 K u
    device.multiply(scores.weights(), y, y);
    A.transposeTimes(y, to);
    device.scale(-1, to); // -B S F
    regularizer.addGradient(scores, to); // + A^T diag(omega^2) A x
  }

  /** to = B v = A^T W (Sigma + 2 L) W A v, minus the Jacobian of g times v, d; three units. */
  public void barrierHessianTimes(Vector v, Vector to) {
    A.times(v, tau);
    device.multiply(scores.weights(), tau, tau); // W A v
    scores.laplacian(tau, t);
    device.multiply(scores.sigma(), tau, y);
    device.axpy(2, t, y); // (Sigma + 2 L) W A v
    device.multiply(scores.weights(), y, y);
    A.transposeTimes(y, to); // B v
  }

  /** Nine units, and three at the first call for a point. */
  @Override
  public void hessianTimes(Vector v, Vector to) {
    squaredBarrierTimes(v, to);
    curvatureTimes(v, z);
    device.axpy(1, z, to);
    regularizer.addTimes(v, to);
  }

  /** to = B S B v + A^T diag(omega^2) A v; six units. */
  @Override
  public void gaussNewtonTimes(Vector v, Vector to) {
    squaredBarrierTimes(v, to);
    regularizer.addTimes(v, to);
  }

  /** B S B v (six units), the curvature (six units), or A^T diag(omega^2) A v. */
  @Override
  public void hessianTimes(HessianPart part, Vector v, Vector to) {
    switch (part) {
      case GAUSS_NEWTON -> squaredBarrierTimes(v, to);
      case CURVATURE -> curvatureTimes(v, to);
      case REGULARIZER -> regularizer.times(v, to);
    }
  }

  private void squaredBarrierTimes(Vector v, Vector to) {
    barrierHessianTimes(v, to); // B v
    measure(to, z); // S B v
    barrierHessianTimes(z, to); // B S B v
  }

  /**
   * to = sum of (S F)_j times the Hessian of g_j, times v. With u = W A S F, tau = -W A v and K = P
   * o P, of which Q(u) = R^-T A^T diag(w^2 o u) A R^-1 gives the products:
   *
   * <pre>
   * -A^T W [ tau o (12 sigma o u - 6 K u) - 6 (u o K tau + K (u o tau)) + 8 diagonal(P u P tau P) ],
   * 8 diagonal(P diag(u) P diag(tau) P) = diagonal(R^-1 4 (Q(u) Q(tau) + Q(tau) Q(u)) R^-T)
   * </pre>
   */
  private void curvatureTimes(Vector v, Vector to) {
    differentiate();
    A.times(v, tau);
    device.multiply(scores.weights(), tau, tau);
    device.scale(-1, tau); // tau = -W A v
    scores.reduced(tau, Qtau); // Q(tau)
    device.copy(Qtau, X);
    scores.expand(X);
    scores.diagonal(X, y); // K tau
    device.multiply(u, y, y);
    device.scale(-6, y); // -6 u o K tau
    device.multiply(scores.sigma(), u, t);
    device.scale(12, t);
    device.axpy(-6, Ku, t);
    device.multiply(tau, t, t);
    device.axpy(1, t, y); // + tau o (12 sigma o u - 6 K u)
    device.multiply(u, tau, t);
    scores.reduced(t, N); // Q(u o tau)
    device.multiply(Qu, false, Qtau, false, X);
    device.copy(X, C);
    device.multiply(Qtau, false, Qu, false, X);
    device.axpy(1, X, C); // Q(u) Q(tau) + Q(tau) Q(u)
    device.copy(N, X);
    device.axpy(-2.0 / 3, C, X);
    scores.expand(X);
    scores.diagonal(X, t); // K (u o tau) - 2/3 diagonal(R^-1 (...) R^-T)
    device.axpy(-6, t, y);
    device.multiply(scores.weights(), y, y);
    A.transposeTimes(y, to);
    device.scale(-1, to); // -A^T W [...]
  }
}
