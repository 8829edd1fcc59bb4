package org.levinv.method.local;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.model.Objective;

/**
 * The d x d Hessian of an objective, or a part of it, column by column: H = sum of (H e_k) e_k^T.
 */
public final class ExplicitHessian {
  private final Device device;
  private final Vector unit;
  private final Vector column;
  private final Matrix identity;
  private final Matrix work;
  private final Matrix zero;

  /** For d = {@code columns}. */
  public ExplicitHessian(int columns, Workspace space) {
    device = space.device();
    unit = space.vector(columns);
    column = space.vector(columns);
    identity = space.matrix(columns, columns);
    work = space.matrix(columns, columns);
    zero = space.matrix(columns, columns);
    device.addDiagonal(1, null, identity);
  }

  /** H = the Hessian; d products, six units or so each. */
  public void of(Objective at, Matrix H) {
    of(at, at::hessianTimes, H);
  }

  /** H = one part of the Hessian. */
  public void of(Objective at, HessianPart part, Matrix H) {
    of(at, (v, to) -> at.hessianTimes(part, v, to), H);
  }

  private interface Product {
    void times(Vector v, Vector to);
  }

  /** H = the Hessian without its curvature. */
  void gaussNewton(Objective at, Matrix H) {
    of(at, at::gaussNewtonTimes, H);
  }

  private void of(Objective at, Product product, Matrix H) {
    int d = H.columns();
    double[] one = {1};
    device.copy(zero, work);
    for (int k = 0; k < d; k++) {
      device.fill(0, unit);
      device.put(one, new int[] {k}, unit);
      product.times(unit, column); // H e_k
      device.rankOne(1, column, unit, work);
    }
    symmetrize(work, H);
  }

  /** to = (M + M^T) / 2. */
  void symmetrize(Matrix M, Matrix to) {
    device.multiply(M, true, identity, false, to); // M^T
    device.axpy(1, M, to);
    device.copy(to, M);
    device.axpy(-0.5, M, to);
  }

  /** The rows of a d x d matrix, on the host. */
  public static double[][] download(Matrix M, Device device) {
    int d = M.columns();
    double[] all = new double[d * d];
    device.download(M, all);
    double[][] rows = new double[d][];
    Arrays.setAll(rows, j -> Arrays.copyOfRange(all, j * d, (j + 1) * d));
    return rows;
  }
}
