package org.levinv;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * The leverage scores at a given x, recomputed from the source of A: slacks in twice the working precision, R by Householder QR of
 * diag(s)^-1 A, block by block, and sigma_i = ||R^-T a_i||^2 / s_i^2. No coordinates, samples, Gram matrices or stages of the
 * solver are used. A is read twice; 3 n d^2 flops.
 */
final class Verification {

  /** About this many numbers of A at a time. */
  private static final int BLOCK = 1 << 20;

  /** Flops in units of n d^2. */
  static final double WORK = 3;

  /** Times that A is read. */
  static final double PASSES = 2;

  private Verification() {}

  /** sigma(x), n values; a row with s_i = 0 has the score 1 if it is not zero, as its limit. */
  static double[] scores(Device device, RowSource A, double[] b, double[] x) {
    int n = (int) A.rows();
    int d = A.columns();
    int most = Math.min(n, Math.max(4 * d, BLOCK / d));
    double[] block = new double[Math.multiplyExact(most, d)];
    double[] slack = new double[n];
    double[] sigma = new double[n];
    try (Workspace space = new Workspace(device)) {
      Matrix R = space.matrix(d, d);
      Matrix inverseR = space.matrix(d, d);
      Rows rows = space.rows((long) most + d, d);
      Vector ones = space.vector((long) most + d);
      device.fill(1, ones);
      double[] top = new double[d * d];
      for (int first = 0; first < n; first += most) {
        int count = Math.min(most, n - first);
        A.read(first, count, block);
        for (int i = 0; i < count; i++) {
          slack[first + i] = ExactDot.minus(block, i * d, x, b[first + i]);
          double w = slack[first + i] == 0 ? 0 : 1 / slack[first + i];
          for (int j = i * d; j < (i + 1) * d; j++) {
            block[j] *= w;
          }
        }
        java.util.Arrays.fill(block, count * d, most * d, 0);
        device.upload(top, d, rows, 0); // R of the blocks so far
        device.upload(block, most, rows, d);
        device.triangularFactor(rows, ones, R);
        device.download(R, top);
      }
      requireRegular(device.diagonal(R));
      device.invertTriangular(R, inverseR);
      Rows part = space.rows(most, d);
      Vector norms = space.vector(most);
      double[] q = new double[most];
      for (int first = 0; first < n; first += most) {
        int count = Math.min(most, n - first);
        A.read(first, count, block);
        java.util.Arrays.fill(block, count * d, most * d, 0);
        device.upload(block, most, part, 0);
        device.squaredNorms(part, inverseR, norms); // ||R^-T a_i||^2
        device.download(norms, q);
        for (int i = 0; i < count; i++) {
          double s = slack[first + i];
          sigma[first + i] = s != 0 ? Math.min(1, q[i] / (s * s)) : q[i] > 0 ? 1 : 0;
        }
      }
    }
    return sigma;
  }

  private static void requireRegular(double[] diagonal) {
    for (double value : diagonal) {
      if (!(Math.abs(value) > 0 && Math.abs(value) < Double.POSITIVE_INFINITY)) {
        throw new InvalidInputException("matrix: expected independent columns, but diag(Ax - b)^-1 A is singular at this x");
      }
    }
  }
}
