package org.levinv.method.local;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.rows.RowStore;

/**
 * Newton's method with the exact Hessian, the second-order method of arXiv:2404.13785, within a
 * trust region. The Hessian is formed and factored by Cholesky where that is cheap, from its
 * columns (8 n d^3 flops) or, where all rows are in memory, from pairs of rows (8 n^2 d); beyond,
 * its products alone are used. Quadratic convergence near a minimum with a positive definite
 * Hessian.
 */
public final class Newton {
  private Newton() {}

  /**
   * For two objectives of the same problem, of which the second is scratch.
   *
   * @param pairs the Hessian from pairs of rows
   */
  public static LocalMethod of(
      RowStore store,
      RowsObjective here,
      RowsObjective there,
      HessianEstimate pairs,
      LocalMethod.Limits limits,
      Workspace space) {
    StepCost cost = cost(store, here.weights);
    return new TrustRegion(here, there, model(store, cost, pairs, space), limits, space);
  }

  /** Whether the diagonals of the objectives are asked for. */
  public static boolean needsDiagonals(RowStore store, Weights weights) {
    return cost(store, weights).cheapest() == StepCost.Way.PAIRS;
  }

  private static StepCost cost(RowStore store, Weights weights) {
    return StepCost.of(store, weights, 8);
  }

  private static QuadraticModel model(
      RowStore store, StepCost cost, HessianEstimate pairs, Workspace space) {
    int d = store.columns();
    Device device = space.device();
    return switch (cost.cheapest()) {
      case PRODUCTS ->
          new KrylovModel(
              HessianPart.ALL,
              cost.words("Hessian products in truncated conjugate gradients"),
              d,
              space);
      case COLUMNS ->
          new ExplicitModel(
              (at, H) -> ExplicitHessian.of(at, HessianPart.ALL, H, device),
              cost.words("explicit Hessian by columns, Cholesky"),
              d,
              space);
      case PAIRS -> {
        RowSample all = RowSample.all(store, space);
        yield new ExplicitModel(
            (at, H) -> {
              all.load((RowsObjective) at, Double.POSITIVE_INFINITY);
              pairs.evaluate((RowsObjective) at, all, all, all, H);
            },
            cost.words("explicit Hessian by pairs of rows, Cholesky"),
            d,
            space);
      }
    };
  }
}
