package org.levinv.method.local;

import java.util.Arrays;
import java.util.Set;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.model.HessianPart;
import org.levinv.model.Objective;

/** The d x d Hessian of an objective, or parts of it, from its products with the unit vectors. */
public final class ExplicitHessian {
  private ExplicitHessian() {}

  /**
   * H = parts of the Hessian; d products of six to eight units, in as few readings as memory
   * allows: three or four where d^3 numbers are few.
   */
  public static void of(Objective at, Set<HessianPart> parts, Matrix H, Device device) {
    int d = at.columns();
    double[][] units = new double[d][d];
    for (int k = 0; k < d; k++) {
      units[k][k] = 1;
    }
    Symmetric.upload(at.hessianTimes(parts, units), H, device);
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
