package org.levinv.solve;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Determination;
import org.levinv.method.Identifiability;
import org.levinv.method.OffsetInRange;
import org.levinv.method.Sample;
import org.levinv.method.SingularValues;
import org.levinv.model.GramFactor;
import org.levinv.model.ScoreError;
import org.levinv.model.Scores;
import org.levinv.pass.Draws;
import org.levinv.pass.ScorePass;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/** Whether other x near a solution have the same scores. */
final class Uniqueness {

  /** A smallest singular value below this, of 1: other weights do not determine x. */
  private static final double SMALL = 1e-6;

  /**
   * Scores as near to their targets as they are leave this root mean square change of the slacks
   * open, relative to themselves, where x is not determined: as it grows to infinity, say, and b no
   * longer counts. Larger: points on the way to infinity pass for answers.
   */
  static final double LOOSE = 0.1;

  /** Rounding of scores that are met exactly, in units of eps. */
  private static final double ROUNDINGS = 4;

  /**
   * Up to so many times the rows of a sample all are taken: near a vertex a draw by scores has
   * those rows alone whose scores are 1, and the others tell.
   */
  private static final double FEW = 5;

  /** Tells this draw from others of the same seed. */
  private static final int PURPOSE = 1 << 15;

  private Uniqueness() {}

  /**
   * What was found.
   *
   * @param free whether x can move without a change of the scores
   * @param ratio the Jacobian's smallest singular value relative to the largest
   * @param direction in which it can, of length 1; null where it cannot, or that is not known
   * @param looseness how much slacks may change, of themselves, with scores as near to the targets;
   *     NaN where that is not known
   * @param warning of an x that is unique but ill-determined, or null
   */
  record Finding(boolean free, double ratio, double looseness, double[] direction, String warning) {
    /** Whether x can move with no change of the scores at all, for all that doubles can tell. */
    boolean isExact() {
      return free && !(looseness > LOOSE && !(ratio <= Identifiability.NULL));
    }

    /** With one more warning. */
    Finding with(String more) {
      String both = warning == null ? more : warning + "; " + more;
      return new Finding(free, ratio, looseness, direction, both);
    }

    static final Finding UNIQUE = new Finding(false, Double.NaN, Double.NaN, null, null);
    static final Finding FREE = new Finding(true, 0, Double.NaN, null, null);

    /**
     * For weights other than the barrier's, from the equations of their refinement.
     *
     * @param jacobian of unit weights: its smallest singular value is one of 1, and the ratio says
     *     nothing if d = 1
     * @param direction in which the scores determine x the least
     */
    static Finding of(SingularValues jacobian, double[] direction) {
      return jacobian.smallest() < SMALL ? along(direction) : UNIQUE;
    }

    /** Scores as near to the targets let x go to infinity, in a direction of any length. */
    static Finding atInfinity(double[] direction) {
      return new Finding(true, Double.NaN, Double.POSITIVE_INFINITY, normalized(direction), null);
    }

    /** A direction of any length in which x can move. */
    static Finding along(double[] direction) {
      return new Finding(
          true, 0, Double.NaN, direction == null ? null : normalized(direction), null);
    }
  }

  /**
   * How far scores may be off that agree with targets: what is left, or rounding.
   *
   * @param norm of all errors
   * @param logits the root mean square of half the errors of the logits, row i weighted by D_i =
   *     sigma_i (1 - sigma_i)
   */
  record Error(double norm, double logits) {

    /** Where any x is the answer that is a minimum. */
    static final Error NONE = new Error(0, 0);

    static Error of(ScoreError error) {
      double target = Math.sqrt(error.targetSquare());
      double rounding = Math.max(error.floor(), ROUNDINGS * Math.ulp(1.0));
      double degrees = Math.max(error.degrees(), Double.MIN_NORMAL);
      return new Error(
          Math.max(Math.sqrt(error.residualSquare()), rounding * target),
          Math.max(Math.sqrt(error.logitSquare() / degrees), rounding / 2));
    }
  }

  /**
   * The root mean square change of n slacks, relative to themselves, that scores allow which are
   * off by an error with this norm: ||W A dx|| <= error / smallest, and ||W s|| = sqrt(n).
   */
  private static double looseness(SingularValues jacobian, double error, double n) {
    return error / (jacobian.smallest() * Math.sqrt(n));
  }

  static boolean isLoose(SingularValues jacobian, double error, double n) {
    return looseness(jacobian, error, n) > LOOSE;
  }

  /**
   * The same, or what the errors of the logits allow, if that is less: ||D^1/2 W A dx|| <= ||D^1/2
   * f|| / gap for errors f. That counts where slacks span decades: near a vertex scores are within
   * 1e-12 of 0 or 1, all of J is as small, and the small scores determine x by their own digits.
   */
  private static double looseness(Identifiability found, Error error, double n) {
    return Math.min(looseness(found.jacobian(), error.norm(), n), error.logits() / found.gap());
  }

  /**
   * Looks at the Jacobian at x (d values in the coordinates of the store), closely where a first
   * estimate is small: from rows drawn by their scores at x; two readings.
   *
   * @param error how far the scores at x may be off
   * @param toUser maps a direction of these coordinates to those of the user
   */
  static Finding at(
      double[] x, Error error, RowStore store, UnaryOperator<double[]> toUser, long seed) {
    Device device = store.device();
    int d = store.columns();
    try (Workspace space = new Workspace(device)) {
      GramFactor factor = new GramFactor(d, space);
      if (!factor.of(store.run(SlackGramPass.at(x)).G())) {
        return Finding.UNIQUE;
      }
      double[] inverse = new double[d * d];
      device.download(factor.inverseR(), inverse);
      double size = 20.0 * d + 500;
      double rate = FEW * size >= store.rows() ? Double.POSITIVE_INFINITY : size / d;
      List<Draws> draws = List.of(new Draws(seed, PURPOSE, rate));
      long[] rows = store.run(ScorePass.withDraws(x, inverse, false, draws)).drawn().numbers();
      return of(rows, rate, x, error, store, factor, toUser, seed, space);
    }
  }

  private static Finding of(
      long[] rows,
      double rate,
      double[] x,
      Error error,
      RowStore store,
      GramFactor factor,
      UnaryOperator<double[]> toUser,
      long seed,
      Workspace space) {
    Device device = store.device();
    TallMatrix few = store.gather(rows, space);
    Vector b = space.upload(store.gather(Field.OFFSET, rows));
    Scores scores = new Scores(few, space);
    scores.ofRows(space.upload(x), b, factor.R(), factor.inverseR());
    double[] sigma = new double[rows.length];
    device.download(scores.sigma(), sigma);
    double[] counts = Arrays.stream(sigma).map(s -> 1 / Math.min(1, rate * s)).toArray();
    Sample sample = new Sample(IntStream.range(0, rows.length).toArray(), counts);
    SingularValues jacobian =
        Determination.of(few, scores.weights(), factor.inverseR(), sample, sigma, device);
    boolean some = OffsetInRange.holds(few, b, device); // if not, nor for all rows
    if (some && (rows.length == store.rows() || OffsetInRange.holds(store))) {
      return Finding.FREE;
    }
    double n = store.rows();
    double looseness = looseness(jacobian, error.norm(), n);
    if (jacobian.isClear() && !(looseness > LOOSE)) {
      return new Finding(false, jacobian.ratio(), looseness, null, null);
    }
    Identifiability found =
        Identifiability.of(
            few,
            scores,
            sample,
            quick -> !quick.isIllDetermined() && !(looseness(quick, error, n) > LOOSE),
            device,
            seed);
    return finding(found, looseness(found, error, n), toUser);
  }

  /** In words of the user. */
  private static Finding finding(
      Identifiability found, double looseness, Function<double[], double[]> toUser) {
    if (found.isFree() || looseness > LOOSE) {
      double[] direction = normalized(toUser.apply(found.direction()));
      return new Finding(true, found.absolute(), looseness, direction, null);
    }
    String warning =
        found.isIllDetermined()
            ? String.format(
                Locale.ROOT,
                "x is ill-determined: rounding of the scores moves slacks by about %.0e of"
                    + " themselves",
                Math.ulp(1.0) / found.absolute())
            : null;
    return new Finding(false, found.absolute(), looseness, null, warning);
  }

  private static double[] normalized(double[] v) {
    double length = 0;
    for (double value : v) {
      length = Math.hypot(length, value);
    }
    double scale = length > 0 ? 1 / length : 1;
    return Arrays.stream(v).map(value -> value * scale).toArray();
  }
}
