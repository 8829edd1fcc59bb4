package org.levinv.method.groups;

import org.levinv.device.Device;

/**
 * Places x for magnitudes and signs: linear least squares with a factor for each weak direction.
 */
final class Placement {
  private final GroupProblem group;
  private final Device device;
  private final Effort effort;

  Placement(GroupProblem group, Device device, Effort effort) {
    this.group = group;
    this.device = device;
    this.effort = effort;
  }

  /**
   * The x of min || diag(trust) (diag(e^t) (A x - b) - diag(signs) U alpha) || over x and alpha.
   *
   * @param t minus the logarithm of |s|, of any mean
   * @param U m x p, the constant first
   */
  double[] of(double[] t, double[] signs, HostMatrix U, double[] trust) {
    int m = group.rows();
    int d = group.columns();
    int p = U.columns();
    double[] centered = LogWeightsNewton.centered(t);
    HostMatrix M = HostMatrix.zeros(m, d + p);
    double[] y = new double[m];
    for (int i = 0; i < m; i++) {
      double e = trust[i] * Math.exp(centered[i]);
      for (int j = 0; j < d; j++) {
        M.set(i, j, e * group.A().get(i, j));
      }
      for (int j = 0; j < p; j++) {
        M.set(i, d + j, -trust[i] * signs[i] * U.get(i, j));
      }
      y[i] = e * group.b()[i];
    }
    double[] z = OrthogonalFit.solve(M, y, device, effort);
    return java.util.Arrays.copyOf(z, d);
  }
}
