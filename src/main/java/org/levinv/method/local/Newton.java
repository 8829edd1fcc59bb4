package org.levinv.method.local;

import java.util.Locale;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Sample;
import org.levinv.model.Objective;
import org.levinv.tall.TallMatrix;

/**
 * Newton's method with the exact Hessian, the second-order method of arXiv:2404.13785, within a
 * trust region. The Hessian is formed and factored by Cholesky where that is cheap, from its
 * columns (6 n d^3 flops) or from pairs of rows (8 n^2 d); beyond, its products alone are used.
 * Quadratic convergence near a minimum with a positive definite Hessian.
 */
public final class Newton implements LocalMethod {

  /** Products that the conjugate gradients of a step take, about. */
  static final double INNER_STEPS = 30;

  /** Units of work (n d^2 flops) of a product with a second-order or Gauss-Newton matrix. */
  static final double PRODUCT = 6;

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
    double byColumns = PRODUCT * d;
    double byPairs = 8.0 * A.rows() / d;
    double byProducts = PRODUCT * INNER_STEPS;
    QuadraticModel model;
    if (byProducts < Math.min(byColumns, byPairs)) {
      model = new KrylovModel((at, v, to) -> at.hessianTimes(v, to), d, space);
      choice = words("Hessian products in truncated conjugate gradients", byColumns, byPairs);
    } else if (byColumns <= byPairs) {
      ExplicitHessian hessian = new ExplicitHessian(d, space);
      model = new ExplicitModel(hessian::of, false, d, space);
      choice = words("explicit Hessian by columns, Cholesky", byColumns, byPairs);
    } else {
      Sample all = RowSample.all(A.rows());
      model = new ExplicitModel((at, H) -> pairs.evaluate(at, all, all, all, H), false, d, space);
      choice = words("explicit Hessian by pairs of rows, Cholesky", byColumns, byPairs);
    }
    region = new TrustRegion(A, here, there, model, limits, space);
  }

  private static String words(String what, double byColumns, double byPairs) {
    return String.format(
        Locale.ROOT,
        "%s: a step takes %.0f units of n d^2 by columns (6 n d^3 flops), %.0f by pairs of rows (8 n^2 d), about %.0f by products",
        what,
        byColumns,
        byPairs,
        PRODUCT * INNER_STEPS);
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
