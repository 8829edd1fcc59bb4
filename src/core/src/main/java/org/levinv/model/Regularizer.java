package org.levinv.model;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * 0.5 ||diag(omega) A x||^2 = 0.5 x^T Omega x with Omega = A^T diag(omega^2) A, d x d, and its
 * derivatives. Omega is the same at every x, so that all rows are read for it once and never again.
 */
public final class Regularizer {
  private final Device device;
  private final Matrix omega;
  private final Vector image;

  private Regularizer(Matrix omega, int columns, Workspace space) {
    device = space.device();
    this.omega = omega;
    image = space.vector(columns);
  }

  /** Without any: all is 0. */
  public static Regularizer none(int columns, Workspace space) {
    return new Regularizer(null, columns, space);
  }

  /**
   * @param omega Omega, which is copied
   */
  public static Regularizer of(Matrix omega, Workspace space) {
    int d = omega.columns();
    Matrix own = space.matrix(d, d);
    space.device().copy(omega, own);
    return new Regularizer(own, d, space);
  }

  /** Whether there is none. */
  public boolean isNone() {
    return omega == null;
  }

  /** 0.5 x^T Omega x. */
  public double value(Vector x) {
    if (omega == null) {
      return 0;
    }
    device.multiply(omega, false, x, image);
    return 0.5 * Math.max(0, device.dot(x, image));
  }

  /** to = to + Omega v: at x the gradient, for other v a product with the Hessian. */
  public void addTimes(Vector v, Vector to) {
    if (omega != null) {
      device.multiply(omega, false, v, image);
      device.axpy(1, image, to);
    }
  }

  /** H = H + Omega. */
  public void addTo(Matrix H) {
    if (omega != null) {
      device.axpy(1, omega, H);
    }
  }
}
