package org.levinv.method.leastsquares;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.method.common.SampledRows;
import org.levinv.method.common.ScoreJacobian;
import org.levinv.model.GramFactor;
import org.levinv.rows.RowStore;

/**
 * The mean of all x whose scores round to the printed ones, near the least-squares optimum. A
 * rounding error is bounded, not normal: with many rows far fewer x are left than least squares
 * leaves open.
 *
 * @param x d, in the coordinates of the store
 * @param errors standard deviations of what is left open, d, in those of the user; null where
 *     scores leave x free to move
 */
public record RoundedFit(double[] x, double[] errors) {

  /** Entries of the Jacobian, which is on the heap: 32 MB. */
  public static final double MOST_ENTRIES = 1 << 22;

  /** Times the scores are made linear on the way to a point inside. */
  private static final int ROUNDS = 5;

  /**
   * The largest residual, in units of what rounding can do, that passes for none beyond it: scores
   * are linear in x only nearly.
   */
  public static final double INSIDE = 1.05;

  /** Whether the Jacobian of so many rows is small enough for the heap. */
  public static boolean isPossible(long rows, int columns) {
    return (double) rows * columns <= MOST_ENTRIES;
  }

  /** Why given decimals do not lead to the mean; empty where they may. */
  public static List<String> warnings(long rows, int columns) {
    return isPossible(rows, columns)
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "x is the least-squares optimum: the mean of all x whose scores round to the given"
                    + " ones is for up to %.0f numbers in A, of which there are %.0f",
                MOST_ENTRIES,
                (double) rows * columns));
  }

  /**
   * From the optimum; a reading and 3 n d^3 flops for each time that the scores are made linear,
   * and some 2,000 n d flops of the host. Moves that change no score are not made.
   *
   * @param x d entries, in the coordinates of the store
   * @param unit logarithm of the unit of f
   * @param delta the largest error of a target
   * @param toUser maps a move in these coordinates to one in those of the user
   * @return null where no x near has scores that round to the targets, or J is too large for the
   *     heap; without errors where scores do not determine x
   */
  public static RoundedFit of(
      double[] x,
      RowStore rows,
      Weights weights,
      double unit,
      DoubleUnaryOperator delta,
      UnaryOperator<double[]> toUser,
      long seed) {
    double[] point = x.clone();
    RoundingPolytope polytope = inside(point, rows, weights, unit, delta);
    if (polytope == null) {
      return null;
    }
    RoundingPolytope.Spread spread = polytope.sample(seed);
    add(spread.mean(), point);
    return new RoundedFit(point, polytope.hasFreeMoves() ? null : errors(spread.errors(), toUser));
  }

  /** Whether there is an x near the optimum whose scores round to the targets; likewise. */
  public static boolean exists(
      double[] x, RowStore rows, Weights weights, double unit, DoubleUnaryOperator delta) {
    return inside(x.clone(), rows, weights, unit, delta) != null;
  }

  /** What is open around such a point, which takes the place of the one given; null for none. */
  private static RoundingPolytope inside(
      double[] point, RowStore rows, Weights weights, double unit, DoubleUnaryOperator delta) {
    if (!isPossible(rows.rows(), rows.columns())) {
      return null;
    }
    try (Workspace space = new Workspace(rows.device())) {
      SampledRows all = SampledRows.all(rows, space).with(weights, unit);
      RoundingPolytope polytope = at(point, all, rows, weights, unit, delta);
      for (int round = 1; round < ROUNDS && polytope != null && polytope.largest() > 1; round++) {
        polytope.center();
        add(polytope.move(), point);
        polytope = at(point, all, rows, weights, unit, delta);
      }
      return polytope != null && polytope.largest() <= INSIDE ? polytope : null;
    }
  }

  private static void add(double[] move, double[] to) {
    for (int j = 0; j < to.length; j++) {
      to[j] += move[j];
    }
  }

  /** What is open around a point; null where scores have no derivative. */
  private static RoundingPolytope at(
      double[] point,
      SampledRows all,
      RowStore rows,
      Weights weights,
      double unit,
      DoubleUnaryOperator delta) {
    Device device = rows.device();
    try (Workspace own = new Workspace(device)) {
      GramFactor gram = new GramFactor(point.length, own);
      if (!gram.of(StandardErrors.gram(point, rows, weights, unit))) {
        return null;
      }
      all.moveTo(own.upload(point), gram.inverseR());
    }
    double[] targets = all.targets();
    double[] v = all.scores();
    double[][] M = ScoreJacobian.of(all);
    for (int i = 0; i < v.length; i++) {
      double most = delta.applyAsDouble(targets[i]);
      v[i] = (v[i] - targets[i]) / most;
      for (double[] column : M) {
        column[i] /= most;
      }
    }
    return RoundingPolytope.of(M, v);
  }

  /** Square roots of the diagonal of a covariance C^T C, d x d, in the coordinates of the user. */
  public static double[] errors(double[][] C, UnaryOperator<double[]> toUser) {
    double[] errors = new double[C.length];
    for (double[] row : C) {
      double[] move = toUser.apply(row);
      Arrays.setAll(errors, j -> Math.hypot(errors[j], move[j]));
    }
    return errors;
  }
}
