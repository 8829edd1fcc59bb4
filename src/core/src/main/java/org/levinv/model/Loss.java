package org.levinv.model;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The loss 0.5 ||r||^2 with r = sigma(x) - target and its gradient at a point, for rows in the
 * memory of one device. A is n x d; b and target have n entries, x and the gradient d. With W =
 * diag(1 / (A x - b)) and the Laplacian L of {@link Scores}, the Jacobian of sigma is J = -2 L W A.
 */
public final class Loss {

  private final TallMatrix A;
  private final Vector b;
  private final Vector target;
  private final Device device;
  private final Scores scores;
  private final Vector r;
  private final Vector Lr;
  private final Vector y;
  private final Matrix Q;
  private final Matrix N;
  private double value;
  private boolean differentiated;

  /**
   * @param space gives three n-vectors and what {@link Scores} needs
   */
  public Loss(TallMatrix A, Vector b, Vector target, Workspace space) {
    long n = A.rows();
    int d = A.columns();
    this.A = A;
    this.b = b;
    this.target = target;
    this.device = space.device();
    this.scores = new Scores(A, space);
    this.r = space.vector(n);
    this.Lr = space.vector(n);
    this.y = space.vector(n);
    this.Q = space.matrix(d, d);
    this.N = space.matrix(d, d);
  }

  /**
   * Evaluates the loss at x; two units of work. Returns 0, or the order of the leading minor of the
   * Gram matrix that is not positive definite; then nothing else is valid.
   */
  public int moveTo(Vector x) {
    differentiated = false;
    int minor = scores.atPoint(x, b); // sigma(x)
    if (minor != 0) {
      value = Double.NaN;
      return minor;
    }
    device.copy(scores.sigma(), r);
    device.axpy(-1, target, r); // r = sigma(x) - target
    value = 0.5 * device.dot(r, r); // 0.5 ||r||^2
    return 0;
  }

  /** The loss at the point. */
  public double value() {
    return value;
  }

  /** r = sigma(x) - target, n; not to be written to. */
  public Vector residual() {
    return r;
  }

  /** The scores at the point. */
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

  /** to = -2 A^T W L r, d; three units at the first call for a point. */
  public void gradient(Vector to) {
    differentiate();
    device.multiply(scores.weights(), Lr, y); // W L r
    A.transposeTimes(y, to);
    device.scale(-2, to); // -2 A^T W L r
  }
}
