package org.levinv.method.leastsquares;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.FractionToBoundary;
import org.levinv.pass.Bounds;
import org.levinv.pass.BoundsPass;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;
import org.levinv.small.Dot2;
import org.levinv.tall.TallMatrix;

/**
 * The rows whose slacks steps have been seen to shrink too far, and the bounds that they set at a
 * point: u_i = w_i a_i.y >= -tau, or 0 for a row that stands at the boundary. What is known of them
 * serves in later steps too, so that most steps need no look at all rows.
 */
final class SlackBounds {

  /** Rows that one look at all rows names. Larger: fewer looks where many slacks go to 0. */
  static final int NAMED = 64;

  /** Rows that are kept in mind; beyond, those that bind no step are forgotten. */
  private static final int MOST = 4 * NAMED;

  /**
   * A slack that is less than this part of what is left of the scores, relatively, counts as 0: as
   * it goes there, no other changes by more. Larger: noise of the scores is not all that an optimum
   * leaves. Smaller: loud noise drives slacks to where G(x) loses digits of the other scores.
   */
  private static final double UNSEEN = 0.03;

  /** But no smaller than this, where 1 - sigma is some roundings, ... */
  private static final double SMALLEST = 3e-8;

  /** ... and no larger, whatever is left. */
  private static final double LARGEST = 1e-4;

  private final RowStore rows;
  private final FractionToBoundary rule;
  private final List<Suspect> suspects = new ArrayList<>();

  private record Suspect(long row, double[] a, double b) {}

  SlackBounds(RowStore rows, FractionToBoundary rule) {
    this.rows = rows;
    this.rule = rule;
  }

  /** 1 - sigma of a row that stands at the boundary, at most: the square of such a slack. */
  private static double boundary(LossPoint point) {
    double slack = Math.max(SMALLEST, Math.min(LARGEST, UNSEEN * point.relativeResidual()));
    return slack * slack;
  }

  /** Whether some row stands there, so that its slack may not shrink at all. */
  static boolean isAtBoundary(LossPoint point) {
    return 1 - point.largestScore() <= boundary(point);
  }

  /** The bounds of the rows known so far, at a point. */
  List<DualActiveSet.Bound> at(LossPoint point) {
    double boundary = boundary(point);
    boolean some = isAtBoundary(point);
    List<DualActiveSet.Bound> bounds = new ArrayList<>();
    for (Suspect suspect : suspects) {
      double slack = Dot2.minus(suspect.a(), point.x(), suspect.b());
      double w = slack == 0 ? 0 : 1 / slack;
      double[] v = Arrays.stream(suspect.a()).map(entry -> w * entry).toArray(); // w_i a_i
      boolean held = some && 1 - score(v, point.hostInverse()) <= boundary;
      bounds.add(new DualActiveSet.Bound(suspect.row(), v, held ? 0 : -rule.tau()));
    }
    return bounds;
  }

  /** ||R^-T v||^2. */
  private static double score(double[] v, double[] inverseR) {
    int d = v.length;
    double square = 0;
    for (int k = 0; k < d; k++) {
      double sum = 0;
      for (int j = 0; j <= k; j++) {
        sum += v[j] * inverseR[j * d + k];
      }
      square += sum * sum;
    }
    return square;
  }

  /**
   * Looks at all rows for those that a step takes beyond their bounds: one reading, 4 d flops a
   * row, and d^2 more where a row stands at the boundary. True where there are some that were not
   * known.
   */
  boolean look(LossPoint point, double[] step, DualActiveSet solved) {
    Bounds found =
        rows.run(
            new BoundsPass(
                point.x(),
                isAtBoundary(point) ? point.hostInverse() : null,
                step,
                rule.tau(),
                boundary(point),
                DualActiveSet.SLOPPINESS,
                NAMED));
    long[] unknown =
        Arrays.stream(found.beyond().numbers())
            .filter(row -> suspects.stream().noneMatch(suspect -> suspect.row() == row))
            .toArray();
    if (suspects.size() + unknown.length > MOST) {
      suspects.removeIf(suspect -> !solved.isActive(suspect.row()));
    }
    add(unknown);
    return unknown.length > 0;
  }

  private void add(long[] numbers) {
    if (numbers.length == 0) {
      return;
    }
    double[] b = rows.gather(Field.OFFSET, numbers);
    Device device = rows.device();
    try (Workspace own = new Workspace(device)) {
      TallMatrix some = rows.gather(numbers, own);
      Vector a = own.vector(rows.columns());
      for (int k = 0; k < numbers.length; k++) {
        double[] row = new double[rows.columns()];
        some.rowTo(k, a);
        device.download(a, row);
        suspects.add(new Suspect(numbers[k], row, b[k]));
      }
    }
  }
}
