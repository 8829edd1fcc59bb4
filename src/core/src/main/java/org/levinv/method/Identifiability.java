package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * How well the scores determine x. L is the Laplacian of the graph of rows with weights P_ij^2, and
 * D its degrees. Another x has the same scores exactly when L W A v = 0 for some v, that is when
 * the indicator of a connected component lies in range(W A).
 *
 * @param gap the least ||D^-1/2 L u|| / ||D^1/2 u|| over u = W A v: the change of the log scores by
 *     the most hidden move; from 0 to 2, whatever the coordinates, the scales of rows and the sizes
 *     of slacks
 * @param jacobian the singular values of J R^-1
 * @param direction the most hidden move v, d entries of norm 1
 */
public record Identifiability(double gap, SingularValues jacobian, double[] direction) {

  /** Up to this, x is not unique for all that doubles can tell. */
  public static final double NULL = 2e-13;

  /** A score this close to 1: the row may be tied to no other; the others tell. */
  private static final double NEARLY_ALONE = 1e-6;

  /**
   * Rows of W A R^-1 at an angle with a smaller cosine are orthogonal for all that doubles can
   * tell. Near a vertex scores are 1 as well, but rows with small scores see those slacks.
   */
  private static final double ORTHOGONAL = 1e-7;

  /** A move that changes logits by less, relatively, may be one that changes no score at all. */
  private static final double HIDDEN = 1e-10;

  /** Nothing changes a score. */
  private static final SingularValues NOTHING = new SingularValues(0, 1);

  private static final double ILL_DETERMINED = 1e-8;
  private static final int MOST_STEPS = 100;
  private static final int LEAST_STEPS = 20;
  private static final double SETTLED = 1e-3;

  /**
   * The smallest singular value of J R^-1 divided by the largest: rounding of the scores causes a
   * relative error of the slacks of about eps / absolute.
   */
  public double absolute() {
    return jacobian.ratio();
  }

  /** True where other x have the same scores. */
  public boolean isFree() {
    return absolute() <= NULL && gap <= HIDDEN;
  }

  /** True where rounding of the scores moves slacks by 1e-8 or more of themselves. */
  public boolean isIllDetermined() {
    return absolute() < ILL_DETERMINED;
  }

  /**
   * Estimates from a sample of the rows at the point of {@code scores}, with the degrees of the
   * sample, so that an exact null vector stays exact.
   *
   * @param A n x d
   * @param scores evaluated at x
   */
  public static Identifiability of(TallMatrix A, Scores scores, Device device, long seed) {
    try (Workspace space = new Workspace(device)) {
      int alone = alone(A, scores, space);
      if (alone >= 0) {
        return new Identifiability(0, NOTHING, slackOf(alone, A, scores, space));
      }
      int d = A.columns();
      Identifiability quick = of(A, scores, 3 * d + 20, 1.5 * d + 10, device, seed);
      return quick.isFree() ? of(A, scores, 20 * d + 500, 20 * d + 500, device, seed) : quick;
    }
  }

  /** The estimate from so many neighbours and equations; all rows where they are hardly more. */
  static Identifiability of(
      TallMatrix A, Scores scores, double neighbours, double equations, Device device, long seed) {
    double[] sigma = new double[Math.toIntExact(A.rows())];
    device.download(scores.sigma(), sigma);
    SplittableRandom random = new SplittableRandom(seed);
    double size = 1.5 * neighbours < sigma.length ? neighbours : sigma.length;
    double asked = equations < neighbours ? equations : size;
    try (Workspace space = new Workspace(device)) {
      Sample drawn = Sample.draw(sigma, size, random);
      return of(A, scores, drawn, sigma, size, asked, random, space);
    }
  }

  /**
   * The same for rows that were drawn by their scores from a larger matrix: from few of them, or
   * from all where those do not settle it.
   *
   * @param few the rows
   * @param scores of these rows, with R of all rows
   * @param drawn every row of {@code few}, and how often it counts
   * @param isSettled whether an estimate from few of the rows will do
   */
  public static Identifiability of(
      TallMatrix few,
      Scores scores,
      Sample drawn,
      Predicate<Identifiability> isSettled,
      Device device,
      long seed) {
    int d = few.columns();
    double[] sigma = new double[drawn.size()];
    device.download(scores.sigma(), sigma);
    try (Workspace space = new Workspace(device)) {
      int alone = alone(few, scores, space);
      if (alone >= 0) {
        return new Identifiability(0, NOTHING, slackOf(alone, few, scores, space));
      }
      SplittableRandom random = new SplittableRandom(seed);
      double neighbours = 3 * d + 20;
      double size = 1.5 * neighbours < sigma.length ? neighbours : sigma.length;
      double asked = Math.min(1.5 * d + 10, size);
      Identifiability quick = of(few, scores, drawn, sigma, size, asked, random, space);
      return isSettled.test(quick)
          ? quick
          : of(few, scores, drawn, sigma, sigma.length, sigma.length, random, space);
    }
  }

  private static Identifiability of(
      TallMatrix A,
      Scores scores,
      Sample drawn,
      double[] importance,
      double neighbours,
      double equations,
      SplittableRandom random,
      Workspace space) {
    Coupling coupling =
        new Coupling(
            A,
            scores.weights(),
            scores.inverseR(),
            drawn,
            importance,
            neighbours,
            equations,
            random,
            space);
    return of(coupling, scores, space);
  }

  /** A row with the score 1 that is tied to no other: only its slack moves along G^-1 a; or -1. */
  private static int alone(TallMatrix A, Scores scores, Workspace space) {
    double[] sigma = new double[Math.toIntExact(A.rows())];
    space.device().download(scores.sigma(), sigma);
    return IntStream.range(0, sigma.length)
        .filter(i -> 1 - sigma[i] <= NEARLY_ALONE && isAlone(i, sigma, A, scores, space.device()))
        .findFirst()
        .orElse(-1);
  }

  private static boolean isAlone(
      int row, double[] sigma, TallMatrix A, Scores scores, Device device) {
    double[] tied = new double[sigma.length];
    try (Workspace own = new Workspace(device)) {
      Vector p = own.vector(sigma.length);
      A.times(move(row, A, scores, own), p);
      device.multiply(scores.weights(), p, p); // P e_row = W A G^-1 w a
      device.download(p, tied);
    }
    return IntStream.range(0, tied.length)
        .noneMatch(i -> i != row && Math.abs(tied[i]) > ORTHOGONAL * Math.sqrt(sigma[i]));
  }

  /** The move of x that changes the slack of one row with a score of 1 alone. */
  private static double[] slackOf(int row, TallMatrix A, Scores scores, Workspace space) {
    return unit(move(row, A, scores, space), space.device());
  }

  /** G^-1 (w a) of a row. */
  private static Vector move(int row, TallMatrix A, Scores scores, Workspace space) {
    Device device = space.device();
    Vector w = space.upload(device.pick(scores.weights(), new int[] {row}));
    Vector one = space.upload(new double[] {1});
    Vector z = space.vector(A.columns());
    A.rows(new int[] {row}, w, space).transposeTimes(one, z); // w a
    device.solve(scores.R(), z);
    return z;
  }

  private static double[] unit(Vector v, Device device) {
    device.scale(1 / norm(v, device), v);
    double[] direction = new double[(int) v.length()];
    device.download(v, direction);
    return direction;
  }

  private static double norm(Vector v, Device device) {
    return Math.sqrt(device.dot(v, v));
  }

  private static Identifiability of(Coupling coupling, Scores scores, Workspace space) {
    Device device = space.device();
    int d = scores.R().columns();
    Matrix hidden = space.matrix(d, d);
    Matrix whole = space.matrix(d, d);
    Vector v = space.vector(d);
    coupling.factor(whole, space);
    SingularValues jacobian = singularValues(whole, v, space);
    coupling.relativeFactors(hidden, whole, space);
    double gap = smallest(hidden, whole, v, space);
    Vector x = space.vector(d);
    device.multiply(scores.inverseR(), false, v, x); // back from V to A
    return new Identifiability(gap, jacobian, unit(x, device));
  }

  /** Those of J, from the factor R of half of it, and the direction of the smallest. */
  static SingularValues singularValues(Matrix R, Vector hidden, Workspace space) {
    Vector v = space.vector(R.columns());
    return new SingularValues(2 * smallest(R, null, hidden, space), 2 * largest(R, v, space));
  }

  /**
   * The least ||R y|| / ||S y|| and its y, by inverse iteration y = (R^T R)^-1 S^T S y; S null for
   * the identity.
   */
  private static double smallest(Matrix R, Matrix S, Vector y, Workspace space) {
    Device device = space.device();
    Vector z = space.vector(y.length());
    startAnywhere(y, device);
    double least = Double.POSITIVE_INFINITY;
    for (int step = 0; step < MOST_STEPS; step++) {
      if (S != null) {
        device.multiply(S, false, y, z);
        device.multiply(S, true, z, y); // S^T S y
      }
      device.scale(1 / norm(y, device), y);
      device.solve(R, y); // (R^T R)^-1 S^T S y
      device.scale(1 / norm(y, device), y);
      device.multiply(R, false, y, z);
      double ratio = norm(z, device);
      if (S != null) {
        device.multiply(S, false, y, z);
        ratio /= norm(z, device);
      }
      boolean settled = !(ratio < least * (1 - SETTLED));
      least = Math.min(ratio, least);
      if (settled && step >= LEAST_STEPS) {
        return least;
      }
    }
    return least;
  }

  /** The largest singular value of R, by power iteration. */
  private static double largest(Matrix R, Vector y, Workspace space) {
    Device device = space.device();
    Vector z = space.vector(y.length());
    startAnywhere(y, device);
    double most = 0;
    for (int step = 0; step < MOST_STEPS; step++) {
      device.scale(1 / norm(y, device), y);
      device.multiply(R, false, y, z);
      double value = norm(z, device);
      device.multiply(R, true, z, y);
      boolean settled = !(value > most * (1 + SETTLED));
      most = Math.max(value, most);
      if (settled && step >= LEAST_STEPS) {
        return most;
      }
    }
    return most;
  }

  /** A start that is orthogonal to nothing in particular. */
  private static void startAnywhere(Vector y, Device device) {
    SplittableRandom random = new SplittableRandom(17);
    double[] start = new double[(int) y.length()];
    Arrays.setAll(start, j -> random.nextDouble() - 0.5);
    device.upload(start, y);
  }
}
