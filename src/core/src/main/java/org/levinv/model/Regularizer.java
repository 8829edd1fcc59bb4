package org.levinv.model;

import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/** 0.5 ||diag(omega) A x||^2 and its derivatives; omega null for none, and then all are 0. */
final class Regularizer {
  private final TallMatrix A;
  private final Vector b;
  private final Device device;
  private final Vector squaredOmega;
  private final Vector y;
  private final Vector z;

  /**
   * @param omega n entries, or null
   * @param space gives two n-vectors where omega is not null
   */
  Regularizer(TallMatrix A, Vector b, Vector omega, Workspace space) {
    this.A = A;
    this.b = b;
    device = space.device();
    boolean none = omega == null;
    squaredOmega = none ? null : space.vector(A.rows());
    y = none ? null : space.vector(A.rows());
    z = none ? null : space.vector(A.columns());
    if (!none) {
      device.multiply(omega, omega, squaredOmega); // omega^2
    }
  }

  private void slackPlusOffset(Scores at) {
    device.copy(at.slack(), y);
    device.axpy(1, b, y); // A x = s + b
  }

  /** 0.5 ||diag(omega) A x||^2 at the point of the scores. */
  double value(Scores at) {
    if (squaredOmega == null) {
      return 0;
    }
    slackPlusOffset(at);
    return 0.5 * device.dot(squaredOmega, y, y);
  }

  /** to = to + A^T diag(omega^2) A x at the point of the scores. */
  void addGradient(Scores at, Vector to) {
    if (squaredOmega != null) {
      slackPlusOffset(at);
      addTransposed(to);
    }
  }

  /** to = to + A^T diag(omega^2) A v. */
  void addTimes(Vector v, Vector to) {
    if (squaredOmega != null) {
      A.times(v, y);
      addTransposed(to);
    }
  }

  /** to = A^T diag(omega^2) A v. */
  void times(Vector v, Vector to) {
    device.fill(0, to);
    addTimes(v, to);
  }

  /** to = to + omega^2, n. */
  void addSquaredWeights(Vector to) {
    if (squaredOmega != null) {
      device.axpy(1, squaredOmega, to);
    }
  }

  /** to = to + A^T diag(omega^2) y. */
  private void addTransposed(Vector to) {
    device.multiply(squaredOmega, y, y);
    A.transposeTimes(y, z);
    device.axpy(1, z, to);
  }
}
