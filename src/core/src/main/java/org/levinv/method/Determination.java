package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * A cheap estimate of how well x is determined: the extreme singular values of the Jacobian J = -2
 * L W A, from the {@link Coupling} of few rows; some 10 d^3 flops.
 */
public final class Determination {

  /** Enough for two digits. */
  private static final int POWER_STEPS = 12;

  private Determination() {}

  /**
   * The estimate for the weights w of all rows.
   *
   * @param sample rows drawn by their scores
   * @param importance a number for each row of A, such as its score
   */
  public static SingularValues of(
      TallMatrix A,
      Vector w,
      Matrix R,
      Matrix inverseR,
      Sample sample,
      double[] importance,
      Device device) {
    int d = A.columns();
    try (Workspace own = new Workspace(device)) {
      Coupling coupling =
          new Coupling(
              A,
              w,
              inverseR,
              sample,
              importance,
              1.6 * d + 4,
              1.15 * d + 2,
              new SplittableRandom(1),
              own);
      Matrix factor = own.matrix(d, d);
      coupling.factor(factor, own);
      return Identifiability.singularValues(factor, own);
    }
  }

  /** Square roots of eigenvalues of R^-T (J^T J) R^-1, by power iterations, from J^T J / 4. */
  static SingularValues of(GramFactor JtJ, Matrix R, Matrix inverseR, Workspace own) {
    Device device = own.device();
    Vector v = own.vector(R.columns());
    Vector y = own.vector(R.columns());
    device.upload(start(R.columns()), v);
    double largest = 0;
    for (int k = 0; k < POWER_STEPS; k++) { // v = R^-T (J^T J) R^-1 v
      normalize(v, device);
      device.multiply(inverseR, false, v, y);
      device.multiply(JtJ.R(), false, y, v);
      device.multiply(JtJ.R(), true, v, y);
      device.multiply(inverseR, true, y, v);
      largest = length(v, device);
    }
    device.upload(start(R.columns()), v);
    double inverse = 0;
    for (int k = 0; k < POWER_STEPS; k++) { // v = R (J^T J)^-1 R^T v
      normalize(v, device);
      device.multiply(R, true, v, y);
      JtJ.solve(y);
      device.multiply(R, false, y, v);
      inverse = length(v, device);
    }
    return new SingularValues(2 / Math.sqrt(inverse), 2 * Math.sqrt(largest));
  }

  private static double length(Vector v, Device device) {
    return Math.sqrt(device.dot(v, v));
  }

  private static void normalize(Vector v, Device device) {
    device.scale(1 / length(v, device), v);
  }

  /** A vector that is not likely to miss an eigenvector. */
  private static double[] start(int length) {
    double[] v = new double[length];
    Arrays.setAll(v, j -> 1 + 0.5 * Math.sin(1 + 7.0 * j));
    return v;
  }
}
