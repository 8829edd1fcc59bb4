package org.levinv.method.common;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/** The Jacobian of the scores of few rows, whole: J = -2 L U = 2 (Sigma - P o P) S A. */
public final class ScoreJacobian {
  /** What is left of sigma o u by L u where it cancels: some hundreds of roundings. */
  private static final double ROUNDING = 1e-13;

  private ScoreJacobian() {}

  /**
   * J by its columns, d of n numbers on the host; d Laplacian products, 3 n d^3 flops. A column
   * that is rounding is 0.
   *
   * @param rows all of a problem, at a point
   */
  public static double[][] of(SampledRows rows) {
    int d = rows.U.columns();
    double[][] J = new double[d][rows.size()];
    Device device = rows.device();
    try (Workspace space = new Workspace(device)) {
      Vector unit = space.vector(d);
      Vector u = space.vector(rows.size());
      Vector Lu = space.vector(rows.size());
      Matrix M = space.matrix(d, d);
      for (int j = 0; j < d; j++) {
        double[] e = new double[d];
        e[j] = 1;
        device.upload(e, unit);
        rows.U.times(unit, u); // column j of U
        rows.V.weightedGram(u, M);
        rows.V.quadraticForms(M, Lu); // (P o P) u
        device.multiply(rows.sigma, u, u);
        device.axpy(-1, u, Lu);
        if (device.dot(Lu, Lu) > ROUNDING * ROUNDING * device.dot(u, u)) {
          device.scale(2, Lu); // -2 L u
          device.download(Lu, J[j]);
        }
      }
    }
    return J;
  }
}
