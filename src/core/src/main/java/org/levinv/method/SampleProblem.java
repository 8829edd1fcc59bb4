package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.pass.SignRule;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * The small problem that a sample of rows is: in the memory of one device, with row numbers,
 * offsets, feasible targets and how often each row counts. A row that counts q times behaves in the
 * first stages like a row sqrt(q) a_i with target q sigma_i.
 */
final class SampleProblem implements AutoCloseable {

  /** Targets of the small problem stay this far inside (0, 1), by what doubles can tell. */
  private static final double LEAST = 1e-300;

  private static final double MOST = 1 - 1e-15;

  private final Device device;
  private final Workspace space;
  private final Sampler.Drawn drawn;
  private final TallMatrix A;
  private final Vector b;
  private final Vector rowLength;
  private final double[] target;
  private final double[] counts;
  private final double[] prior;

  /**
   * Gathers the rows.
   *
   * @param noise how far all targets are from ones that some x has, relatively
   */
  SampleProblem(RowStore rows, Sampler.Drawn drawn, double noise) {
    device = rows.device();
    space = new Workspace(device);
    this.drawn = drawn;
    int d = rows.columns();
    A = rows.gather(drawn.numbers(), space);
    b = space.upload(rows.gather(Field.OFFSET, drawn.numbers()));
    prior =
        rows.has(Field.PRIOR)
            ? rows.gather(Field.PRIOR, drawn.numbers())
            : new double[drawn.numbers().length];
    rowLength = space.upload(rows.lengths(drawn.numbers()));
    counts = drawn.counts().clone();
    target = FeasibleTarget.of(drawn.target(), counts, d, noise);
    if (!drawn.whole()) {
      meetTotal(d);
    }
  }

  /** After a change of the store's coordinates. */
  void gatherAgain(RowStore rows) {
    try (Workspace own = new Workspace(device)) {
      Vector ones = own.vector(size());
      device.fill(1, ones);
      rows.gather(drawn.numbers(), own).gather(counted().rows(), ones, A);
    }
  }

  /** The counts of rows that were not certain are scaled so that the targets sum to d. */
  private void meetTotal(int d) {
    double sure = 0;
    double free = 0;
    for (int k = 0; k < counts.length; k++) {
      if (counts[k] > 1) {
        free += counts[k] * target[k];
      } else {
        sure += target[k];
      }
    }
    if (free > 0) {
      double factor = Math.max(0.5, (d - sure) / free);
      for (int k = 0; k < counts.length; k++) {
        counts[k] *= counts[k] > 1 ? factor : 1;
      }
    }
  }

  Device device() {
    return device;
  }

  /** Half the logarithms of their prior weights, m. */
  double[] prior() {
    return prior;
  }

  /** m, the rows of the sample. */
  int size() {
    return drawn.numbers().length;
  }

  /** Whether these are all rows with a positive target. */
  boolean isWhole() {
    return drawn.whole();
  }

  Sampler.Drawn drawn() {
    return drawn;
  }

  /** The rows in the coordinates of the store, m x d. */
  TallMatrix A() {
    return A;
  }

  /** b, m. */
  Vector b() {
    return b;
  }

  /** ||a_i|| in the original coordinates, m. */
  Vector rowLength() {
    return rowLength;
  }

  /** Feasible targets, m; not to be written to. */
  double[] target() {
    return target;
  }

  /** How often each row counts, m; not to be written to. */
  double[] counts() {
    return counts;
  }

  /** q o target, moved inside (0, 1). */
  double[] countedTargets() {
    double[] counted = new double[size()];
    Arrays.setAll(counted, k -> Math.max(LEAST, Math.min(counts[k] * target[k], MOST)));
    return counted;
  }

  /** The number of row k among all rows. */
  long number(int k) {
    return drawn.numbers()[k];
  }

  /** The signs of these rows, by a rule that knows some, to {@code signs} (m). */
  void signs(SignRule rule, RowStore rows, Vector signs) {
    if (rule.equalSign() != 0) {
      device.fill(rule.equalSign(), signs);
    } else if (rule.point() != null) {
      try (Workspace own = new Workspace(device)) {
        slack(own.upload(rule.point()), signs);
      }
      device.map(Formula.SIGN, 0, signs, null, null, signs);
    } else {
      device.upload(rows.gather(Field.SIGN, drawn.numbers()), signs);
    }
  }

  /** s = A x - b, m. */
  void slack(Vector x, Vector s) {
    A.times(x, s);
    device.axpy(-1, b, s); // s = A x - b
  }

  /**
   * |1 / s| at x for some rows, by their positions; the largest number whose square is one where a
   * slack is 0.
   */
  double[] magnitudesAt(Vector x, int[] positions) {
    double[] w;
    try (Workspace own = new Workspace(device)) {
      Vector s = own.vector(size());
      slack(x, s);
      w = device.pick(s, positions);
    }
    for (int k = 0; k < w.length; k++) {
      w[k] = w[k] == 0 ? 1 / Double.MIN_NORMAL : Math.abs(1 / w[k]);
    }
    return w;
  }

  /** All rows of the sample by their positions, and how often each counts. */
  Sample counted() {
    int[] all = new int[size()];
    Arrays.setAll(all, k -> k);
    return new Sample(all, counts);
  }

  @Override
  public void close() {
    space.close();
  }
}
