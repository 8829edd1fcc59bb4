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
 * A cheap estimate of how well x is determined: the smallest singular value of the Jacobian J = -2
 * L W A relative to the largest, in the coordinates in which W A has orthonormal columns, from few
 * rows. Row i of L u is the sum over j of P_ij^2 (u_i - u_j); the sum runs over sampled j, so that
 * a move that changes no score (u constant on every group of coupled rows) stays one in the sample.
 * Some 9 d^3 flops. Below 1e-7 or so the estimate only says that the ratio is small: {@link
 * Identifiability} tells.
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
  public static double ratio(
      TallMatrix A,
      Vector w,
      Matrix R,
      Matrix inverseR,
      Sample sample,
      double[] importance,
      Device device) {
    int d = A.columns();
    SplittableRandom random = new SplittableRandom(1);
    Sample equations = sample.thinned(importance, 1.1 * d + 4, random);
    Sample neighbours = sample.thinned(importance, 2.0 * d + 10, random);
    try (Workspace own = new Workspace(device)) {
      Vector wE = gathered(w, equations, own);
      Vector wS = gathered(w, neighbours, own);
      TallMatrix E = A.rows(equations.rows(), own);
      TallMatrix S = A.rows(neighbours.rows(), own);
      TallMatrix X = E.allocate(d, own);
      TallMatrix Y = S.allocate(d, own);
      E.scaledTriangular(wE, inverseR, X); // X X^T = P on the equations
      S.scaledTriangular(wS, inverseR, Y);
      Vector counts = own.upload(neighbours.counts());
      Vector degrees = degrees(X, Y, counts, own);
      device.multiply(counts, wS, wS);
      S.scaledTimes(wS, null, S); // Q W A of the neighbours
      TallMatrix sums = X.allocate(d, own);
      X.hadamardTimes(Y, X, Y, false, S, sums); // sum over j of q_j P_ij^2 w_j a_j
      device.multiply(degrees, wE, wE);
      E.scaledTimes(wE, null, E);
      sums.addTo(-1, E); // K_i = sum over j of q_j P_ij^2 (w_i a_i - w_j a_j)
      GramFactor JtJ = new GramFactor(d, own);
      return JtJ.ofSquaredWeights(E, own.upload(equations.counts()))
          ? singularRatio(JtJ, R, inverseR, own)
          : 0;
    }
  }

  private static Vector gathered(Vector from, Sample sample, Workspace own) {
    Vector to = own.vector(sample.size());
    own.device().gather(from, sample.rows(), to);
    return to;
  }

  /** sum over j of q_j P_ij^2. */
  private static Vector degrees(TallMatrix X, TallMatrix Y, Vector counts, Workspace own) {
    TallMatrix column = Y.columnOf(counts, own);
    TallMatrix sums = X.allocate(1, own);
    X.hadamardTimes(Y, X, Y, false, column, sums);
    Vector degrees = own.vector(X.rows());
    sums.times(one(own), degrees);
    return degrees;
  }

  private static Vector one(Workspace own) {
    return own.upload(new double[] {1});
  }

  /** sqrt of the smallest over the largest eigenvalue of R^-T (J^T J) R^-1, by power iterations. */
  static double singularRatio(GramFactor JtJ, Matrix R, Matrix inverseR, Workspace own) {
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
    return 1 / Math.sqrt(largest * inverse);
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
