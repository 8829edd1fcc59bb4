package org.levinv.method.local;

import java.util.Locale;
import org.levinv.device.Workspace;
import org.levinv.rows.RowStore;

/**
 * Newton's method with the Hessian's sums over rows taken over a sample, drawn with probability
 * proportional to the leverage scores and counted 1 / probability times: the approximate Newton
 * method of arXiv:2404.13785 and arXiv:2408.11267, within a trust region, with exact gradients. A
 * fresh sample of m = d log(2 d / 0.01) / accuracy^2 rows in every step; with a fixed accuracy the
 * convergence is linear. The mean of the estimate is the Hessian; it need not be positive
 * semidefinite ({@link SampledLossHessian}, {@link SampledGradientHessian}).
 *
 * <p>Sampling is justified where the estimate is within the accuracy of the Hessian in every
 * direction, which takes a Hessian that the regulariser keeps away from zero. Two samples at the
 * start point show whether that holds; where it does not, a warning says so and names a weight that
 * would do.
 */
public final class SampledNewton {
  private static final double FAILURE = 0.01;

  /** Draws that an estimate needs. */
  private static final int DRAWS = 3;

  private SampledNewton() {}

  /**
   * How large samples are.
   *
   * @param rows of a sample in expectation, m = d log(2 d / 0.01) / accuracy^2
   * @param accuracy relative error of the sampled Hessian that is aimed at, above 0
   */
  public record Size(double rows, double accuracy) {

    /** For d columns. */
    public static Size of(int columns, double accuracy) {
      double rows = columns * Math.log(2 * columns / FAILURE) / (accuracy * accuracy);
      return new Size(Math.ceil(rows), accuracy);
    }

    /** Whether a sample would have as many rows as there are, or more. */
    public boolean isAll(RowStore store) {
      return rows >= store.rows();
    }

    /** The draws of objectives for {@link SampledNewton#of}. */
    public DrawPlan plan(RowStore store, long seed) {
      return isAll(store) ? DrawPlan.NONE : new DrawPlan(seed, DRAWS, rows / store.columns());
    }

    String words(long n) {
      return String.format(
          Locale.ROOT,
          "samples of about %.0f of %d rows in every step, for accuracy %.2g",
          rows,
          n,
          accuracy);
    }
  }

  /**
   * For two objectives of the same problem with the plan of {@link Size#plan} and with their
   * diagonals, of which the second is scratch. Where samples would have all rows, all are taken
   * once, in pairs.
   */
  public static LocalMethod of(
      RowStore store,
      RowsObjective here,
      RowsObjective there,
      HessianEstimate estimate,
      Size size,
      LocalMethod.Limits limits,
      Workspace space) {
    if (!size.isAll(store)) {
      return new TrustRegion(
          here, there, new SampledModel(store, estimate, size, space), limits, space);
    }
    RowSample all = RowSample.all(store, space);
    String choice =
        String.format(
            Locale.ROOT,
            "all %d rows: a sample for accuracy %.2g would have %.0f",
            store.rows(),
            size.accuracy(),
            size.rows());
    QuadraticModel model =
        new ExplicitModel(
            (at, H) -> {
              all.load((RowsObjective) at, Double.POSITIVE_INFINITY);
              estimate.evaluate((RowsObjective) at, all, all, all, H);
            },
            choice,
            store.columns(),
            space);
    return new TrustRegion(here, there, model, limits, space);
  }
}
