package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.model.Objective;
import org.levinv.tall.TallMatrix;

/**
 * Gauss-Newton for the scores: Levenberg-Marquardt steps (J^T J + A^T diag(omega^2) A + lambda G) y
 * = -g, where lambda is what keeps the step in the trust region. J = -2 L W A is formed from pairs
 * of rows (4 n^2 d flops) or J^T J from its columns (6 n d^3), or neither: conjugate gradients on
 * its products. Needs no second derivatives; quadratic where the residual vanishes, linear
 * elsewhere.
 */
public final class GaussNewton implements LocalMethod {
  private final TrustRegion region;
  private final String choice;

  /** For two losses of the same problem, of which the second is scratch. */
  public GaussNewton(
      TallMatrix A,
      Objective here,
      Objective there,
      boolean regularized,
      Limits limits,
      Workspace space) {
    int d = A.columns();
    StepCost cost = StepCost.of(A.rows(), d, 4);
    QuadraticModel model;
    ExplicitHessian columns = new ExplicitHessian(d, space);
    switch (cost.cheapest()) {
      case PRODUCTS -> {
        model = new KrylovModel((at, v, to) -> at.gaussNewtonTimes(v, to), d, space);
        choice = cost.words("Jacobian products in truncated conjugate gradients");
      }
      case COLUMNS -> {
        model = new ExplicitModel(columns::gaussNewton, false, d, space);
        choice = cost.words("J^T J by columns, Cholesky");
      }
      default -> {
        model = new ExplicitModel(new ByPairs(A, columns, regularized, space)::at, false, d, space);
        choice = cost.words("explicit Jacobian by pairs of rows, Cholesky");
      }
    }
    region = new TrustRegion(A, here, there, model, limits, space);
  }

  /** J^T J + A^T diag(omega^2) A for the explicit J = -2 L U. */
  private static final class ByPairs {
    private final RowDraw all;
    private final RowSample rows;
    private final TallMatrix LU;
    private final ExplicitHessian columns;
    private final Matrix regularizer;
    private final Device device;
    private boolean regularizerKnown;

    ByPairs(TallMatrix A, ExplicitHessian columns, boolean regularized, Workspace space) {
      this.columns = columns;
      device = space.device();
      all = RowDraw.all(A.rows());
      rows = new RowSample(A, all.capacity(), space);
      LU = rows.tall(space);
      regularizer = regularized ? space.matrix(A.columns(), A.columns()) : null;
    }

    void at(Objective at, Matrix B) {
      rows.load(all, at.scores());
      rows.kernelTimes(rows, LU);
      rows.laplacianRows(rows, LU); // L U
      rows.gram(4, LU, B); // 4 U^T L L U
      if (regularizer != null) {
        if (!regularizerKnown) {
          columns.of(at, HessianPart.REGULARIZER, regularizer);
          regularizerKnown = true;
        }
        device.axpy(1, regularizer, B);
      }
    }
  }

  @Override
  public Outcome run(Vector x, Listener listener) {
    return region.run(x, listener);
  }

  @Override
  public Trace trace() {
    return region.trace();
  }

  @Override
  public String choice() {
    return choice;
  }
}
