package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Looks at a sample once: whether the columns of A are independent, whether b is in their range,
 * and whether other coordinates are called for. All rows are asked only where the sample is
 * suspicious.
 */
final class Conditioning {

  /**
   * Above this estimate of cond(R), rows are put in other coordinates: eps cond(R)^2 is the loss of
   * a Gram matrix.
   */
  static final double WELL_CONDITIONED = 100;

  /** Up to this one, R of a Gram matrix will do for that. */
  static final double ILL_CONDITIONED = 1e6;

  /** Above this one, the rank of A is looked at. */
  private static final double NEARLY_DEPENDENT = 1e11;

  /**
   * Where a sample leaves no more than this of b, relatively, all rows are asked whether b is in
   * range(A).
   */
  private static final double SUSPICIOUS = 1e-5;

  private final RowStore rows;
  private final Device device;
  private final SampleProblem sample;
  private final Coordinates coordinates;
  private boolean offsetInRange;
  private boolean asksOffset = true;

  Conditioning(RowStore rows, SampleProblem sample, Coordinates coordinates) {
    this.rows = rows;
    device = rows.device();
    this.sample = sample;
    this.coordinates = coordinates;
  }

  /** Not asking whether b is in range(A), which only the weights 1 / (A x - b) care about. */
  Conditioning withoutOffset() {
    asksOffset = false;
    return this;
  }

  /** Whether b = A x_b for some x_b, for all that doubles can tell. */
  boolean offsetInRange() {
    return offsetInRange;
  }

  /**
   * t = logit(target) / 2 - log ||a_i||: where each row alone would have its score.
   *
   * @param counted targets
   */
  static void startWeights(SampleProblem sample, Vector counted, Vector t) {
    sample.A().squaredRowNorms(t);
    sample.device().map(Formula.HALF_LOGIT_RATIO, 0, counted, t, null, t);
  }

  /**
   * Puts all rows in coordinates where those of the sample with weights e^t are well conditioned.
   *
   * @param gram whose factor is left at e^t where nothing had to change
   * @param t start weights, made anew where coordinates changed
   * @return whether the factor belongs to t
   * @throws RankDeficientException if the columns of A are dependent
   */
  boolean improve(Vector counted, GramFactor gram, Vector t) {
    TallMatrix few = sample.A();
    try (Workspace own = new Workspace(device)) {
      Vector w = own.vector(t.length());
      Vector squares = own.vector(t.length());
      device.map(Formula.EXP, device.max(t), t, null, null, w);
      device.map(Formula.SQUARE, 0, w, null, null, squares);
      boolean regular = gram.ofSquaredWeights(few, squares);
      if (regular && gram.condition() <= WELL_CONDITIONED) {
        lookAtOffset(gram, w);
        return true;
      }
      if (!regular || gram.condition() > ILL_CONDITIONED) {
        regular = gram.ofRows(few, w);
      }
      if (!regular || gram.condition() > NEARLY_DEPENDENT) {
        requireFullRank();
      }
      if (regular) {
        lookAtOffset(gram, w);
        coordinates.rebase(gram, sample);
        startWeights(sample, counted, t);
      }
      return false;
    }
  }

  /** A sample with full rank shows that A has full rank; a deficient one shows nothing. */
  private void requireFullRank() {
    int d = rows.columns();
    if (sample.size() >= d && Rank.of(sample.A(), device).rank() == d) {
      return;
    }
    Rank rank = Rank.of(rows);
    if (rank.rank() < d) {
      throw new RankDeficientException(rank);
    }
  }

  private void lookAtOffset(GramFactor gram, Vector w) {
    offsetInRange = asksOffset && explains(gram, w) && OffsetInRange.holds(rows);
  }

  /**
   * Whether the rows of the sample are consistent with b in range(A), row by row, to a few digits.
   */
  private boolean explains(GramFactor gram, Vector w) {
    TallMatrix few = sample.A();
    try (Workspace own = new Workspace(device)) {
      Vector rest = own.vector(few.rows());
      Vector fitted = own.vector(few.rows());
      Vector fit = own.vector(few.columns());
      device.multiply(w, sample.b(), fitted);
      device.multiply(w, fitted, fitted);
      few.transposeTimes(fitted, fit);
      gram.solve(fit); // fit = G^-1 A^T W^2 b
      few.times(fit, fitted);
      device.copy(sample.b(), rest);
      device.axpy(-1, fitted, rest);
      device.map(Formula.RELATIVE_SQUARE, 0, rest, sample.b(), fitted, rest);
      return device.sum(rest) <= SUSPICIOUS * SUSPICIOUS * few.rows();
    }
  }
}
