package org.levinv.pass;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.levinv.RowSink;
import org.levinv.VectorSink;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.RowwiseError;
import org.levinv.model.ScoreError;
import org.levinv.model.ScoreUncertainty;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;
import org.levinv.small.Dot2;

/**
 * The scores at x, sigma_i = w_i^2 ||R^-T a_i||^2 with w = unit / (A x - b), from the rows as they
 * were read and slacks in twice the working precision, and all that is asked of them; d^2 flops a
 * row, and d^2 more with a second factor. A row with a slack of 0, where the scores have no value,
 * has 0.
 */
public final class VerifyScoresPass implements Pass<VerifiedScores> {

  /** Rows that are listed at most. */
  public static final int NAMED = 64;

  /** A score this close to 1 is 1: some tens of roundings. */
  private static final double LONE = 1e-13;

  /** The sign of a slack is known where rounding changes it by less than this share. */
  private static final double SIGN_KNOWN = 0.1;

  private static final double EPS = Math.ulp(1.0);

  /**
   * A triangular factor is that of rows whose entries are off by so many roundings at the most. 17
   * / 3 were seen. Larger: scores of collinear rows are said to agree with targets that they do not
   * have. One is usual.
   */
  private static final double ROUNDINGS = 8;

  /**
   * Half a difference of logits is at most this, whatever rounding does to it: {@link ScoreError}.
   */
  private static final double MOST_LOGIT = 2;

  /** A row whose rounding does more than this to half its logit says nothing of x. */
  private static final double TELLS = 5e-4;

  private static final int RESIDUAL = 0;
  private static final int TARGET = 1;
  private static final int LOGIT = 2;
  private static final int DEGREES = 3;
  private static final int LOGIT_ROUNDING = 4;
  private static final int SCORE_ROUNDING = 5;
  private static final int SCORE = 6;
  private static final int LONE_ROWS = 7;
  private static final int WRONG_SIDE = 8;
  private static final int POSITIVE = 9;
  private static final int NEGATIVE = 10;
  private static final int SLACK_ERRORS = 11;
  private static final int REGULARIZER = 12;
  private static final int BEYOND = 13;
  private static final int TELLING = 14;
  private static final int ENTRY_ROUNDING = 15;
  private static final int PROFILE = 16;
  private static final int NUMBERS = PROFILE + ResidualProfile.NUMBERS;

  private RowSink rows;
  private Weights weights = Weights.BARRIER;
  private final double[] x;
  private final double unit;
  private final double[] inverseR;
  private final double[] second;
  private final int equalSign;
  private final boolean withGradient;
  private final VectorSink sink;
  private final ScoreUncertainty uncertainty;
  private final SharedRounding shared;

  /**
   * @param x d entries, in the units of the store
   * @param unit of all weights, a power of two
   * @param inverseR R^-1, d x d row by row, R of {@link VerifyFactorPass} with the same unit
   * @param second the inverse of the factor of diag(w) A R^-1, or null where that is orthonormal
   *     enough
   * @param equalSign the sign that all slacks should have, or 0 for that of each row's own {@link
   *     Field#SIGN}, where it has one
   * @param withGradient whether A^T (sigma / s) is asked for
   * @param sink takes all scores, in any order; or null
   * @param uncertainty of the targets
   * @param shared what rounding of other rows does to the scores
   */
  public VerifyScoresPass(
      double[] x,
      double unit,
      double[] inverseR,
      double[] second,
      int equalSign,
      boolean withGradient,
      VectorSink sink,
      ScoreUncertainty uncertainty,
      SharedRounding shared) {
    this.x = x.clone();
    this.unit = unit;
    this.inverseR = inverseR.clone();
    this.second = second == null ? null : second.clone();
    this.equalSign = equalSign;
    this.withGradient = withGradient;
    this.sink = sink;
    this.uncertainty = uncertainty;
    this.shared = shared;
  }

  /** The same pass, which also hands slacks, in the units of the store, and scores to a sink. */
  public VerifyScoresPass handing(RowSink to) {
    VerifyScoresPass pass = copy();
    pass.rows = to;
    return pass;
  }

  /** The same pass for other weights than 1 / s. */
  public VerifyScoresPass with(Weights others) {
    VerifyScoresPass pass = copy();
    pass.weights = others;
    return pass;
  }

  private VerifyScoresPass copy() {
    VerifyScoresPass pass =
        new VerifyScoresPass(
            x, unit, inverseR, second, equalSign, withGradient, sink, uncertainty, shared);
    pass.rows = rows;
    pass.weights = weights;
    return pass;
  }

  @Override
  public SumShape shape() {
    return SumShape.none()
        .withNumbers(NUMBERS + (withGradient ? 2 * x.length : 0))
        .withExtremes(1 + ResidualProfile.EXTREMES)
        .withLists(2);
  }

  @Override
  public double flopsPerRow(int d) {
    return (second == null ? 1.0 : 2.0) * d * d;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    return new Work(device, space)::of;
  }

  @Override
  public VerifiedScores answer(Sums total) {
    double regular = total.number(POSITIVE) + total.number(NEGATIVE);
    double degrees = Math.max(total.number(DEGREES), 1e-300);
    return new VerifiedScores(
        new ScoreError(
            total.number(RESIDUAL),
            total.number(TARGET),
            total.number(LOGIT),
            total.number(DEGREES),
            total.number(LOGIT_ROUNDING),
            total.number(SCORE_ROUNDING),
            shared.entries()),
        new RowwiseError(
            2 * Math.sqrt(total.number(BEYOND) / degrees),
            2 * Math.max(shared.slacks(), EPS * Math.sqrt(total.number(ENTRY_ROUNDING) / degrees)),
            total.number(TELLING) / degrees),
        ResidualProfile.of(total, PROFILE, 1),
        total.number(SCORE),
        total.extreme(0),
        total.extremeRow(0),
        (long) total.number(LONE_ROWS),
        total.list(0),
        (long) total.number(WRONG_SIDE),
        total.list(1),
        (long) total.number(POSITIVE),
        (long) total.number(NEGATIVE),
        regular == 0 ? 0 : Math.exp(total.number(SLACK_ERRORS) / regular),
        0.5 * total.number(REGULARIZER),
        withGradient ? numbers(total, NUMBERS) : null,
        withGradient ? numbers(total, NUMBERS + x.length) : null);
  }

  private double[] numbers(Sums total, int first) {
    double[] values = new double[x.length];
    Arrays.setAll(values, j -> total.number(first + j));
    return values;
  }

  /** The pass on one device, for one thread; its arrays are used again from leaf to leaf. */
  private final class Work {
    /** What rounding of sums of d squares does to a score, in units of eps. */
    private final double sumRounding = Math.sqrt(x.length);

    /** What moves of other rows do to a score, relatively, in units of eps. */
    private final double otherMoves = shared.entries() / EPS;

    private final Device device;
    private final AccurateSlacks slacks;
    private final VerifyFactorPass.Moved moved;
    private final Matrix factor;
    private double[] sigma = new double[0];
    private double[] target = new double[0];
    private double[] sign = new double[0];
    private final EntryMoves moves;

    Work(Device device, Workspace space) {
      this.device = device;
      int d = x.length;
      slacks = new AccurateSlacks(device, x, weights);
      moved = second == null ? null : new VerifyFactorPass.Moved(device, space, inverseR, d);
      factor = space.matrix(d, d);
      device.upload(second == null ? inverseR : second, factor);
      moves = second == null ? null : new EntryMoves(inverseR, d);
    }

    void of(RowBlock block, Sums sums) {
      if (sigma.length != block.count()) {
        sigma = new double[block.count()];
        target = new double[block.count()];
        sign = new double[block.count()];
      }
      slacks.of(block, unit);
      findScores(block);
      write(block);
      boolean hasTarget = download(block.field(Field.TARGET), target);
      double[] move = hasTarget && moves != null ? moves.of(slacks, block) : null;
      boolean hasSign = download(block.field(Field.SIGN), sign);
      sums.list(0).keepLargest(NAMED);
      sums.list(1).keepLargest(NAMED);
      for (int i = 0; i < sigma.length; i++) {
        long row = block.first() + i;
        addScore(i, row, sums);
        if (hasTarget) {
          addError(i, row, move == null ? 0 : move[i], sums);
        }
        double known = equalSign != 0 ? equalSign : hasSign ? sign[i] : 0;
        if (isWrong(i, known, hasTarget)) {
          sums.add(WRONG_SIDE, 1);
          sums.list(1).add(row, sigma[i]);
        }
      }
      addRegularizer(block, sums);
      if (withGradient) {
        addGradient(block, sums);
      }
    }

    /** sigma_i = ||R2^-T R^-T a_i||^2 w_i^2, at most 1. */
    private void findScores(RowBlock block) {
      Vector q = block.scratch(0);
      Rows rows = moved == null ? block.original() : moved.of(block);
      device.squaredNorms(rows, factor, q);
      device.download(q, sigma);
      for (int i = 0; i < sigma.length; i++) {
        double w = slacks.weight()[i];
        sigma[i] = Math.min(1, w * w * sigma[i]);
      }
    }

    private void write(RowBlock block) {
      try {
        if (sink != null) {
          sink.write(block.first(), block.count(), sigma);
        }
        if (rows != null) {
          rows.write(block.first(), block.count(), inUserUnits(block), sigma);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The slacks of rows as they were before they came in units of their own. */
    private double[] inUserUnits(RowBlock block) {
      double[] units = block.rowUnits();
      if (units == null) {
        return slacks.slack();
      }
      double[] own = new double[units.length];
      Arrays.setAll(own, i -> slacks.slack()[i] / units[i]);
      return own;
    }

    private boolean download(Vector from, double[] to) {
      if (from == null) {
        return false;
      }
      device.download(from, to);
      return true;
    }

    private void addScore(int i, long row, Sums sums) {
      double score = sigma[i];
      sums.add(SCORE, score);
      sums.offer(0, score, row);
      if (score >= 1 - LONE) {
        sums.add(LONE_ROWS, 1);
        sums.list(0).add(row, score);
      }
      double s = slacks.slack()[i];
      if (s != 0) {
        sums.add(s > 0 ? POSITIVE : NEGATIVE, 1);
        sums.add(SLACK_ERRORS, Math.log(slacks.error()[i]));
      }
    }

    /**
     * As {@link ScoreError} has them, e being what rounding does to the slack, to the score as a
     * number, and by moves of other rows.
     *
     * @param m what {@link EntryMoves} says of the row
     */
    private void addError(int i, long row, double m, Sums sums) {
      double score = sigma[i];
      double r = score - target[i];
      double f = Formula.LOGIT_STEP.apply(1, score, target[i], 0);
      double rest = Math.max(1 - score, 1e-16);
      double D = score * (1 - score);
      double others = otherMoves * (moves == null ? 1 : Math.sqrt(Math.min(1, rest / score)));
      double e =
          Math.min(slacks.error()[i] + Math.max(sumRounding, others) / rest, MOST_LOGIT / EPS);
      sums.add(RESIDUAL, r * r);
      sums.add(TARGET, target[i] * target[i]);
      sums.add(LOGIT, D * f * f);
      double open = score == 0 ? MOST_LOGIT : ROUNDINGS * EPS * (e + m / Math.sqrt(score));
      double beyond = Math.max(0, Math.abs(f) - open);
      sums.add(BEYOND, D * beyond * beyond);
      sums.add(TELLING, open <= TELLS ? D : 0);
      sums.add(ENTRY_ROUNDING, (1 - score) * m * m);
      sums.add(DEGREES, D);
      sums.add(LOGIT_ROUNDING, D * e * e + (1 - score) * m * m);
      sums.add(SCORE_ROUNDING, 4 * D * (D * e * e + m * m));
      double blur = 2 * ROUNDINGS * Math.sqrt(score) * rest * m;
      double rounding = EPS * Math.hypot(2 * D * e, blur);
      double delta = uncertainty.delta(target[i]);
      double deviation = uncertainty.deviationFor(delta);
      ResidualProfile.add(
          row, score, r, delta + rounding, Math.hypot(deviation, rounding), sums, PROFILE, 1);
    }

    /** Scores do not see the sign of a slack whose row has no target. */
    private boolean isWrong(int i, double known, boolean hasTarget) {
      return known * slacks.slack()[i] < 0
          && (!hasTarget || target[i] > 0)
          && slacks.error()[i] * EPS < SIGN_KNOWN;
    }

    private void addRegularizer(RowBlock block, Sums sums) {
      Vector omega = block.field(Field.OMEGA);
      if (omega == null) {
        return;
      }
      device.download(omega, sign);
      double[] square = {0};
      slacks.forRows(
          block,
          (i, rows, at) -> {
            double entry = sign[i] * Dot2.minus(rows, at, x, 0); // omega_i a_i.x
            square[0] += entry * entry;
          });
      sums.add(REGULARIZER, square[0]);
    }

    /** Rows come to the host once more, since all scores of a block are found at once. */
    private void addGradient(RowBlock block, Sums sums) {
      int d = x.length;
      slacks.forRows(
          block,
          (i, rows, at) -> {
            double s = slacks.slack()[i];
            double factor = s == 0 ? 0 : sigma[i] / s;
            double errors = 3 * slacks.error()[i] + 1;
            for (int j = 0; j < d; j++) {
              double term = rows[at + j] * factor;
              sums.add(NUMBERS + j, term);
              sums.add(NUMBERS + d + j, Math.abs(term) * errors);
            }
          });
    }
  }
}
