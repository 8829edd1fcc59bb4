package org.levinv.solve;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.pass.OutwardPass;
import org.levinv.rows.RowStore;

/**
 * How far out x lies, where b no longer counts and all slacks of A x - b can grow alike without a
 * change of the scores. With W = diag(A x - b)^-1:
 *
 * @param x d values in the coordinates of the store, as all others
 * @param rest the least ||W A y - 1|| / sqrt(n) of all y: 1 where slacks have nothing in common, 0
 *     at infinity and where b is in the range of A
 * @param ray that y, d values; null where it cannot be had
 * @param R d x d row by row with R^T R = A^T W^2 A
 * @param rows n
 */
record Outlook(double[] x, double rest, double[] ray, double[] R, double rows) {

  /** How many times as far out one looks. */
  private static final double FARTHER = 1e3;

  /** A share of that is farther still. */
  private static final double STAYS = 0.1;

  /** One reading. */
  static Outlook at(double[] x, RowStore store) {
    Device device = store.device();
    int d = store.columns();
    try (Workspace space = new Workspace(device)) {
      OutwardPass.Answer found = store.run(new OutwardPass(x));
      GramFactor factor = new GramFactor(d, space);
      Vector sum = space.vector(d);
      Vector y = space.vector(d);
      device.copy(found.sum(), sum);
      device.copy(sum, y);
      if (!factor.of(found.G())) {
        return new Outlook(x, 1, null, null, found.rows());
      }
      factor.solve(y); // G^-1 A^T W 1
      double rest = 1 - device.dot(sum, y) / found.rows(); // 1^T (I - P) 1 / n
      double[] ray = new double[d];
      double[] R = new double[d * d];
      device.download(y, ray);
      device.download(factor.R(), R);
      return new Outlook(x, Math.sqrt(Math.max(0, rest)), ray, R, found.rows());
    }
  }

  /** A point farther out on the ray. */
  double[] farther() {
    double[] far = x.clone();
    Arrays.setAll(far, j -> far[j] + FARTHER * ray[j]);
    return far;
  }

  /** Whether slacks at a point are about as far from those at x as they are farther out. */
  boolean isFarther(double[] point) {
    int d = x.length;
    double squares = 0;
    for (int i = 0; i < d; i++) {
      double sum = 0; // of R (point - x)
      for (int j = i; j < d; j++) {
        sum += R[i * d + j] * (point[j] - x[j]);
      }
      squares += sum * sum;
    }
    return Math.sqrt(squares / rows) >= STAYS * FARTHER; // ||W A (point - x)|| / sqrt(n)
  }
}
