package org.levinv.solve;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
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

/** Whether other x have the same scores, from rows drawn by their scores at x. */
final class LocalUniqueness {

  /** Tells this draw from others of the same seed. */
  private static final int PURPOSE = 1 << 15;

  private LocalUniqueness() {}

  /**
   * At x (d values in the coordinates of the store); two readings.
   *
   * @param toUser maps a direction of these coordinates to those of the user
   */
  static Uniqueness.Finding at(
      double[] x, RowStore store, UnaryOperator<double[]> toUser, long seed) {
    Device device = store.device();
    int d = store.columns();
    try (Workspace space = new Workspace(device)) {
      GramFactor factor = new GramFactor(d, space);
      if (!factor.of(store.run(SlackGramPass.at(x)).G())) {
        return Uniqueness.Finding.UNIQUE;
      }
      double[] inverse = new double[d * d];
      device.download(factor.inverseR(), inverse);
      double size = 20.0 * d + 500;
      double rate = size >= store.rows() ? Double.POSITIVE_INFINITY : size / d;
      List<Draws> draws = List.of(new Draws(seed, PURPOSE, rate));
      long[] rows = store.run(ScorePass.withDraws(x, inverse, false, draws)).drawn().numbers();
      return of(rows, rate, x, store, factor, toUser, seed, space);
    }
  }

  private static Uniqueness.Finding of(
      long[] rows,
      double rate,
      double[] x,
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
    double ratio =
        Determination.ratio(
            few, scores.weights(), factor.R(), factor.inverseR(), sample, sigma, device);
    boolean some = OffsetInRange.holds(few, b, device); // if not, nor for all rows
    if (some && (rows.length == store.rows() || OffsetInRange.holds(store))) {
      return Uniqueness.Finding.FREE;
    }
    return ratio >= Uniqueness.SMALL_RATIO
        ? new Uniqueness.Finding(false, ratio, null, null)
        : Uniqueness.finding(Identifiability.of(few, scores, sample, device, seed), toUser);
  }
}
