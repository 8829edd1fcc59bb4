package org.levinv.method.scatter;

import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.method.Steps;
import org.levinv.method.common.Termination;
import org.levinv.pass.LocationPass;
import org.levinv.pass.LocationSums;
import org.levinv.rows.RowStore;

/**
 * The affine equivariant median mu with Tyler's scatter S about it: with r = sqrt((a - mu)^T S^-1
 * (a - mu)), the sum of (a - mu) / r is 0, and S is d/n times that of (a - mu)(a - mu)^T / r^2.
 * Thomas Hettmansperger and Ronald Randles, "A practical affine equivariant multivariate median",
 * 2002. One reading a round gives the spatial median's step and that of the scatter.
 */
public final class AffineMedian {
  private final RowStore rows;
  private final int d;
  private final Device device;
  private final ScatterIteration iteration;

  /**
   * @param rows (1, a) of which a is about 0 and of order 1, by columns
   */
  public AffineMedian(RowStore rows, Workspace space) {
    this.rows = rows;
    d = rows.columns() - 1;
    device = space.device();
    iteration = new ScatterIteration(d, space);
  }

  /**
   * Finds mu and S.
   *
   * @param from the numbers of a point that an earlier run told, d + d^2; or null for mu = 0, S = I
   */
  public Termination run(double[] from, double tolerance, int limit, Steps steps) {
    ScatterIteration.State start = ScatterIteration.State.start(d, d, from);
    return iteration.run(start, this::round, tolerance, limit, steps, "location");
  }

  private ScatterIteration.State round(ScatterIteration.State state, double[] inverseR) {
    int wide = d + 1;
    double[] mu = state.v();
    double[] M = new double[wide * wide]; // (1, a) M = (0, (a - mu)^T R^-1)
    for (int i = 0; i < d; i++) {
      for (int j = i; j < d; j++) {
        M[(i + 1) * wide + j + 1] = inverseR[i * d + j];
        M[j + 1] -= mu[i] * inverseR[i * d + j];
      }
    }
    LocationSums sums = rows.run(new LocationPass(M));
    double[] sum = new double[wide];
    double[] gram = new double[wide * wide];
    device.download(sums.sum(), sum);
    device.download(sums.gram(), gram);
    double[] next = new double[d];
    double[] S = new double[d * d];
    for (int i = 0; i < d; i++) {
      next[i] = sum[i + 1] / sum[0];
      for (int j = 0; j < d; j++) { // d/n times the sum of (a - mu)(a - mu)^T / r^2
        double moment =
            gram[(i + 1) * wide + j + 1]
                - mu[i] * gram[j + 1]
                - gram[i + 1] * mu[j]
                + mu[i] * mu[j] * gram[0];
        S[i * d + j] = d / sums.count() * moment;
      }
    }
    return new ScatterIteration.State(next, S);
  }

  /** mu; null where the rows span too little. */
  public double[] location() {
    return iteration.best() == null ? null : iteration.best().v().clone();
  }
}
