package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.pass.SignRule;
import org.levinv.pass.SlackGram;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.RowList;
import org.levinv.rows.RowStore;

/**
 * The factored Gram matrix G(x) of all rows at a point: one reading, and none where it is asked for
 * the same point again.
 */
final class PointGram {

  /** cond(R) up to which single precision tells G(x): its error in scores is 1e-7 cond(R)^2. */
  private static final double SINGLE_CONDITION = 100;

  private final RowStore rows;
  private final Device device;
  private final SampleProblem sample;
  private final GramFactor factor;
  private final Matrix G;
  private double[] at;
  private long[] without = {};
  private boolean regular;
  private double shrinkage;
  private RowList wrongSide;
  private double[] slacks;

  PointGram(RowStore rows, SampleProblem sample, Workspace space) {
    this.rows = rows;
    this.sample = sample;
    device = rows.device();
    factor = new GramFactor(rows.columns(), space);
    G = space.matrix(rows.columns(), rows.columns());
  }

  /** R and R^-1 of the last point. */
  GramFactor factor() {
    return factor;
  }

  /** The largest 1 - s / s(before) at the last point. */
  double shrinkage() {
    return shrinkage;
  }

  /** Rows on the wrong side of the signs that were given, at the last point. */
  RowList wrongSide() {
    return wrongSide;
  }

  /** Slacks of the rows of the sample at the last point, as they went into G. */
  double[] slacks() {
    return slacks;
  }

  /** What was found is worth nothing in other coordinates, or with other weights. */
  void forget() {
    at = null;
  }

  /**
   * Goes to x; false where G is not positive definite.
   *
   * @param before a point to compare slacks with, or null
   * @param signs that slacks should have
   * @param precision of G; single is taken where the condition number allows it
   */
  boolean goTo(Vector x, Vector before, RelaxedRows relaxed, SignRule signs, Precision precision) {
    double[] point = values(x);
    long[] numbers = relaxed.numbers();
    if (before == null && Arrays.equals(point, at) && Arrays.equals(numbers, without)) {
      return regular;
    }
    double[] earlier = before == null ? null : values(before);
    regular =
        (precision == Precision.SINGLE
                && read(point, earlier, relaxed, signs, Precision.SINGLE)
                && factor.condition() <= SINGLE_CONDITION)
            || read(point, earlier, relaxed, signs, Precision.DOUBLE);
    at = point;
    without = numbers;
    return regular;
  }

  private boolean read(
      double[] x, double[] before, RelaxedRows relaxed, SignRule signs, Precision precision) {
    SlackGram found =
        rows.run(
            new SlackGramPass(
                    x, before, relaxed.numbers(), sample.drawn().numbers(), signs, precision)
                .withCrossing(relaxed.released()));
    shrinkage = found.shrinkage();
    wrongSide = found.wrongSide();
    slacks = found.slacks();
    device.copy(found.G(), G);
    relaxed.addTo(G);
    return factor.of(G); // G = R^T R
  }

  private double[] values(Vector x) {
    double[] values = new double[(int) x.length()];
    device.download(x, values);
    return values;
  }
}
