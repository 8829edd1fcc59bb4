package org.levinv.method.local;

import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.model.Objective;

/** The regulariser's part of a Hessian, which is the same at every x and so is made once. */
final class RegularizerMatrix {
  private final Workspace space;
  private final ExplicitHessian columns;
  private final Matrix matrix;
  private boolean known;

  /**
   * @param regularized false where the objective has no regulariser
   */
  RegularizerMatrix(ExplicitHessian columns, int d, boolean regularized, Workspace space) {
    this.space = space;
    this.columns = columns;
    matrix = regularized ? space.matrix(d, d) : null;
  }

  /** H = H + A^T diag(omega^2) A. */
  void addTo(Objective at, Matrix H) {
    if (matrix == null) {
      return;
    }
    if (!known) {
      columns.of(at, HessianPart.REGULARIZER, matrix);
      known = true;
    }
    space.device().axpy(1, matrix, H);
  }
}
