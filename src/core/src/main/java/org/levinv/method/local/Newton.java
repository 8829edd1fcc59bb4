package org.levinv.method.local;

import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Objective;
import org.levinv.tall.TallMatrix;

/**
 * Newton's method with the exact Hessian, the second-order method of arXiv:2404.13785, within a
 * trust region. The Hessian is formed and factored by Cholesky where that is cheap, from its
 * columns (6 n d^3 flops) or from pairs of rows (8 n^2 d); beyond, its products alone are used.
 * Quadratic convergence near a minimum with a positive definite Hessian.
 */
public final class Newton implements LocalMethod {
  private final TrustRegion region;
  private final String choice;

  /**
   * For two objectives of the same problem, of which the second is scratch.
   *
   * @param pairs the Hessian from pairs of rows
   */
  public Newton(
      TallMatrix A,
      Objective here,
      Objective there,
      HessianEstimate pairs,
      Limits limits,
      Workspace space) {
    int d = A.columns();
    StepCost cost = StepCost.of(A.rows(), d, 8);
    QuadraticModel model;
    switch (cost.cheapest()) {
      case PRODUCTS -> {
        model = new KrylovModel((at, v, to) -> at.hessianTimes(v, to), d, space);
        choice = cost.words("Hessian products in truncated conjugate gradients");
      }
      case COLUMNS -> {
        ExplicitHessian hessian = new ExplicitHessian(d, space);
        model = new ExplicitModel(hessian::of, false, d, space);
        choice = cost.words("explicit Hessian by columns, Cholesky");
      }
      default -> {
        RowDraw all = RowDraw.all(A.rows());
        model = new ExplicitModel((at, H) -> pairs.evaluate(at, all, all, all, H), false, d, space);
        choice = cost.words("explicit Hessian by pairs of rows, Cholesky");
      }
    }
    region = new TrustRegion(A, here, there, model, limits, space);
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
