package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Gauss-Newton for the scores: Levenberg-Marquardt steps (J^T J + A^T diag(omega^2) A + lambda G) y
 * = -g, where lambda is what keeps the step in the trust region. J = -2 L W A is formed from pairs
 * of rows (4 n^2 d flops) where all rows are in memory, or J^T J from its columns (8 n d^3), or
 * neither: conjugate gradients on its products. Needs no second derivatives; quadratic where the
 * residual vanishes, linear elsewhere.
 */
public final class GaussNewton {
  private GaussNewton() {}

  /** For two losses of the same problem, of which the second is scratch. */
  public static LocalMethod of(
      RowStore store, RowsLoss here, RowsLoss there, LocalMethod.Limits limits, Workspace space) {
    return new TrustRegion(here, there, model(store, here, space), limits, space);
  }

  private static StepCost cost(RowStore store, RowsLoss loss) {
    return StepCost.of(store, loss.weights, 4);
  }

  private static QuadraticModel model(RowStore store, RowsLoss loss, Workspace space) {
    int d = store.columns();
    Device device = space.device();
    StepCost cost = cost(store, loss);
    return switch (cost.cheapest()) {
      case PRODUCTS ->
          new KrylovModel(
              HessianPart.SEMIDEFINITE,
              cost.words("Jacobian products in truncated conjugate gradients"),
              d,
              space);
      case COLUMNS ->
          new ExplicitModel(
              (at, B) -> ExplicitHessian.of(at, HessianPart.SEMIDEFINITE, B, device),
              cost.words("J^T J by columns, Cholesky"),
              d,
              space);
      case PAIRS -> {
        RowSample all = RowSample.all(store, space);
        TallMatrix LU = all.tall(space);
        yield new ExplicitModel(
            (at, B) -> {
              all.load((RowsObjective) at, Double.POSITIVE_INFINITY);
              all.kernelTimes(all, LU);
              all.laplacianRows(all, LU); // L U
              all.gram(4, LU, B); // 4 U^T L L U
              loss.regularizer.addTo(B);
            },
            cost.words("explicit Jacobian by pairs of rows, Cholesky"),
            d,
            space);
      }
    };
  }
}
