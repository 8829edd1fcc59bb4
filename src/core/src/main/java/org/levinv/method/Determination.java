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
 * L W A, from the {@link Coupling} of few rows. Equations that are left out can only take from what
 * holds x, so an estimate from few of them may clear x and never condemns it: where it is small it
 * is made again from twice as many, drawn from where all rows refute it, until these hardly hold x
 * in its direction either. Some 10 d^3 flops where the first one is clear.
 */
public final class Determination {

  /** Equations and neighbours of the first estimate, in columns. */
  private static final double EQUATIONS = 1.15;

  private static final double NEIGHBOURS = 1.6;

  /** Each estimate is made from so many times the rows of the last one. */
  private static final int MORE = 2;

  /**
   * All rows bear a direction out where it changes their scores by no more than so many times as
   * much, the order of magnitude. Smaller: estimates are nearer, from more rows.
   */
  private static final double ALIKE = 10;

  /** Enough for two digits. */
  private static final int POWER_STEPS = 12;

  private Determination() {}

  /**
   * A first estimate for the weights w of all rows.
   *
   * @param sample rows drawn by their scores
   * @param importance a number for each row of A, such as its score
   */
  static SingularValues quick(
      TallMatrix A, Vector w, Matrix inverseR, Sample sample, double[] importance, Device device) {
    try (Workspace own = new Workspace(device)) {
      Vector hidden = own.vector(A.columns());
      return of(1, A, w, inverseR, sample, importance, hidden, own);
    }
  }

  /**
   * The same, and where that is small the estimate from as few rows as are clear, between theirs
   * and what all rows of the sample show in the direction that they hardly hold, or as have found
   * one in which all rows hardly hold x either.
   */
  public static SingularValues of(
      TallMatrix A, Vector w, Matrix inverseR, Sample sample, double[] importance, Device device) {
    try (Workspace own = new Workspace(device)) {
      Vector hidden = own.vector(A.columns());
      SingularValues few = of(1, A, w, inverseR, sample, importance, hidden, own);
      SampleLaplacian all = new SampleLaplacian(A, w, inverseR, sample, own);
      double[] likely = importance;
      double most = Double.POSITIVE_INFINITY;
      for (int times = 1; !few.isClear() && equations(times, A) < sample.size(); ) {
        most = Math.min(most, all.change(hidden));
        if (most <= ALIKE * few.smallest()) {
          break;
        }
        likely = all.towardsChange(likely);
        times *= MORE;
        few = of(times, A, w, inverseR, sample, likely, hidden, own);
      }
      return few.isClear() && few.smallest() < most && most < Double.POSITIVE_INFINITY
          ? new SingularValues(Math.sqrt(few.smallest() * most), few.largest())
          : few;
    }
  }

  private static double equations(int times, TallMatrix A) {
    return times * (EQUATIONS * A.columns() + 2);
  }

  private static SingularValues of(
      int times,
      TallMatrix A,
      Vector w,
      Matrix inverseR,
      Sample sample,
      double[] importance,
      Vector hidden,
      Workspace space) {
    int d = A.columns();
    double neighbours = times * (NEIGHBOURS * d + 4);
    double equations = equations(times, A);
    SplittableRandom random = new SplittableRandom(1);
    try (Workspace own = new Workspace(space.device())) {
      Coupling coupling =
          new Coupling(A, w, inverseR, sample, importance, neighbours, equations, random, own);
      Matrix factor = own.matrix(d, d);
      coupling.factor(factor, own);
      return Identifiability.singularValues(factor, hidden, own);
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
