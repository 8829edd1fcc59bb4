package org.levinv.method.scatter;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.method.Steps;
import org.levinv.method.common.Termination;
import org.levinv.pass.RowTargets;
import org.levinv.pass.TargetPass;
import org.levinv.pass.TargetSums;
import org.levinv.pass.TargetWeights;
import org.levinv.pass.WeightsPass;
import org.levinv.rows.RowStore;

/**
 * Tyler's estimator for rows that are few: the fixed point of S = (1 - rho) (d/n) sum of a a^T /
 * (a^T S^-1 a) + rho I, scaled to trace d in every round; it exists for any rows and 0 < rho < 1.
 * Yilun Chen, Ami Wiesel and Alfred Hero, "Robust shrinkage estimation of high-dimensional
 * covariance matrices", 2011, doi:10.1109/TSP.2011.2138698.
 */
public final class RegularizedScatter {
  private final RowStore rows;
  private final int d;
  private final Device device;
  private final long count;
  private final RowTargets targets;
  private final double[] directions;
  private final ScatterIteration iteration;
  private double rho;

  /** Looks at all rows, in the user's units: the identity has them too. */
  public RegularizedScatter(RowStore rows, Workspace space) {
    this.rows = rows;
    d = rows.columns();
    device = space.device();
    TargetSums sums = rows.run(new TargetPass(Double.MAX_VALUE, 0));
    count = sums.positive();
    targets = new RowTargets((double) d / Math.max(1, count), sums.zeros() > 0, 0);
    directions = new double[d * d];
    device.download(sums.gram(), directions);
    iteration = new ScatterIteration(d, space);
  }

  /** Rows other than zeros. */
  public long count() {
    return count;
  }

  /**
   * The rho with the least expected error, if the scatter of the directions of the rows were the
   * right one: formula (17) of the paper.
   */
  public double bestShrinkage() {
    double p = d;
    double n = count;
    double square = Arrays.stream(directions).map(g -> g * g).sum() * p * p / (n * n);
    double above = p * p + (1 - 2 / p) * square;
    double below = p * p - n * p - 2 * n + (n + 1 + 2 * (n - 1) / p) * square;
    return Math.min(above / below, 1 - 1e-3); // 1 is the identity, which no row changes
  }

  /**
   * Finds S for a shrinkage above 0.
   *
   * @param from the numbers of a point that an earlier run told, d^2; or null for S = I
   */
  public Termination run(
      double shrinkage, double[] from, double tolerance, int limit, Steps steps) {
    rho = shrinkage;
    ScatterIteration.State start = ScatterIteration.State.start(0, d, from);
    return iteration.run(start, this::round, tolerance, limit, steps, "scale");
  }

  private ScatterIteration.State round(ScatterIteration.State state, double[] inverseR) {
    double[] S = new double[d * d];
    Matrix gram = rows.run(new WeightsPass(weights(inverseR))).gram();
    device.download(gram, S);
    double trace = 0;
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < d; k++) {
        S[j * d + k] = (1 - rho) * S[j * d + k] + (j == k ? rho : 0);
      }
      trace += S[j * d + j];
    }
    double factor = d / trace;
    Arrays.setAll(S, k -> factor * S[k]);
    return new ScatterIteration.State(state.v(), S);
  }

  /** d/n / (a^T S^-1 a), 0 for rows of zeros. */
  private TargetWeights weights(double[] inverseR) {
    return new TargetWeights(inverseR, targets, new long[0], new double[0]);
  }

  /** S with trace d, d x d row by row; the best one met. */
  public double[] scatter() {
    return iteration.best().S().clone();
  }

  /** R^-1 with R^T R = S. */
  public double[] inverseR() {
    return iteration.inverseR().clone();
  }

  /** u = d/n / (a^T S^-1 a): S is {@link #share} A^T diag(u) A and a multiple of I. */
  public TargetWeights weights() {
    return weights(iteration.inverseR());
  }

  /** What the trace, which is d for S^-1 S, makes of 1 - rho. */
  public double share() {
    double inverseTrace = Arrays.stream(iteration.inverseR()).map(r -> r * r).sum();
    return (1 - rho) * d / ((1 - rho) * d + rho * inverseTrace);
  }

  public int rounds() {
    return iteration.rounds();
  }
}
