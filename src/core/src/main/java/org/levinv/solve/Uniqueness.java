package org.levinv.solve;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Determination;
import org.levinv.method.Identifiability;
import org.levinv.method.OffsetInRange;
import org.levinv.method.Sample;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/** Whether other x near a solution have the same scores. */
final class Uniqueness {

  /**
   * A first estimate of the Jacobian's ratio below this calls for a closer look. Larger: more
   * solves pay for that look.
   */
  static final double SMALL_RATIO = 1e-6;

  private Uniqueness() {}

  /**
   * What was found.
   *
   * @param free whether x can move without a change of the scores
   * @param ratio the Jacobian's smallest singular value relative to the largest
   * @param direction in which it can, of length 1; null where it cannot, or that is not known
   * @param warning of an x that is unique but ill-determined, or null
   */
  record Finding(boolean free, double ratio, double[] direction, String warning) {
    static final Finding UNIQUE = new Finding(false, Double.NaN, null, null);
    static final Finding FREE = new Finding(true, 0, null, null);

    /** A direction of any length in which x can move. */
    static Finding along(double[] direction) {
      return new Finding(true, 0, direction == null ? null : normalized(direction), null);
    }
  }

  /**
   * Looks at the Jacobian at a point, closely where a first estimate is small.
   *
   * @param at the point, in the coordinates of A
   * @param askRange whether b may be in range(A), which makes a ray of solutions
   * @param toUser maps a direction of these coordinates to those of the user
   */
  static Finding at(
      TallMatrix A,
      Vector b,
      Vector at,
      boolean askRange,
      Function<double[], double[]> toUser,
      long seed,
      Workspace space) {
    Device device = space.device();
    Scores scores = new Scores(A, space);
    if (scores.atPoint(at, b) != 0) {
      return Finding.UNIQUE;
    }
    double[] sigma = new double[Math.toIntExact(A.rows())];
    device.download(scores.sigma(), sigma);
    Sample sample = Sample.draw(sigma, 20.0 * A.columns() + 500, new SplittableRandom(seed));
    double ratio =
        Determination.ratio(
            A, scores.weights(), scores.R(), scores.inverseR(), sample, sigma, device);
    if (askRange && OffsetInRange.holds(A, b, device)) {
      return Finding.FREE;
    }
    if (ratio >= SMALL_RATIO) {
      return new Finding(false, ratio, null, null);
    }
    Identifiability found = Identifiability.of(A, scores, device, seed);
    if (found.isFree()) {
      double[] direction = normalized(toUser.apply(found.direction()));
      return new Finding(true, found.absolute(), direction, null);
    }
    String warning =
        found.isIllDetermined()
            ? String.format(
                Locale.ROOT,
                "x is ill-determined: rounding of the scores moves slacks by about %.0e of"
                    + " themselves",
                Math.ulp(1.0) / found.absolute())
            : null;
    return new Finding(false, found.absolute(), null, warning);
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
