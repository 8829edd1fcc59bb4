package org.levinv.solve;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.AllRows;
import org.levinv.method.Determination;
import org.levinv.method.Identifiability;
import org.levinv.method.OffsetInRange;
import org.levinv.method.Sample;
import org.levinv.model.GramFactor;
import org.levinv.model.Scores;
import org.levinv.pass.Draws;
import org.levinv.pass.ScorePass;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Whether other x have the same scores, from rows drawn by their scores at x.
 *
 * @param jacobianRatio the smallest singular value of the Jacobian relative to the largest
 * @param isFree whether x is not unique
 * @param direction in which x can move, in the coordinates of the store, or null where it is not
 *     known
 */
record LocalUniqueness(double jacobianRatio, boolean isFree, double[] direction) {

  /** Nothing is known. */
  static final LocalUniqueness UNKNOWN = new LocalUniqueness(Double.NaN, false, null);

  /** A first estimate of the Jacobian's ratio below this calls for a closer look. */
  private static final double SMALL_RATIO = 1e-6;

  /** Tells this draw from others of the same seed. */
  private static final int PURPOSE = 1 << 15;

  /** At x (d values in the coordinates of the store); two readings. */
  static LocalUniqueness at(double[] x, RowStore store, long seed) {
    Device device = store.device();
    int d = store.columns();
    try (Workspace space = new Workspace(device)) {
      GramFactor factor = new GramFactor(d, space);
      if (!factor.of(store.run(SlackGramPass.at(x)).G())) {
        return UNKNOWN;
      }
      double[] inverse = new double[d * d];
      device.download(factor.inverseR(), inverse);
      double size = 20.0 * d + 500;
      double rate = size >= store.rows() ? Double.POSITIVE_INFINITY : size / d;
      long[] rows =
          store
              .run(new ScorePass(x, inverse, 0, false, new Draws(seed, PURPOSE, rate)))
              .drawn()
              .numbers();
      return of(rows, rate, x, store, factor, seed, space);
    }
  }

  private static LocalUniqueness of(
      long[] rows,
      double rate,
      double[] x,
      RowStore store,
      GramFactor factor,
      long seed,
      Workspace space) {
    Device device = store.device();
    TallMatrix few = store.gather(rows, space);
    store.toCoordinates(few);
    Vector b = space.upload(store.gather(Field.OFFSET, rows));
    Scores scores = new Scores(few, space);
    scores.ofRows(space.upload(x), b, factor.R(), factor.inverseR());
    double[] sigma = new double[rows.length];
    device.download(scores.sigma(), sigma);
    double[] counts = Arrays.stream(sigma).map(s -> 1 / Math.min(1, rate * s)).toArray();
    Sample sample = new Sample(IntStream.range(0, rows.length).toArray(), counts);
    double ratio =
        Determination.ratio(
            few, scores.weights(), factor.R(), factor.inverseR(), sample, sigma, device);
    if (OffsetInRange.holds(few, b, device) && isInRange(rows.length, store)) {
      return new LocalUniqueness(0, true, null);
    }
    if (ratio >= SMALL_RATIO) {
      return new LocalUniqueness(ratio, false, null);
    }
    Identifiability found = Identifiability.of(few, scores, sample, device, seed);
    return new LocalUniqueness(
        found.absolute(), found.isFree(), found.isFree() ? found.direction() : null);
  }

  /**
   * Whether b is in the range of A for all rows, once it is for some: where they are in memory all
   * are looked at, else the some that were drawn have to do.
   */
  private static boolean isInRange(int some, RowStore store) {
    if (some == store.rows() || store.passingRows() > 0) {
      return true;
    }
    return AllRows.offsetInRange(store);
  }
}
