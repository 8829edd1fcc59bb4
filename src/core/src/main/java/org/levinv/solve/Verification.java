package org.levinv.solve;

import org.levinv.Accuracy;
import org.levinv.RowSink;
import org.levinv.VectorSink;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.method.Rank;
import org.levinv.method.RankDeficientException;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.SharedRounding;
import org.levinv.pass.VerifiedScores;
import org.levinv.pass.VerifyFactor;
import org.levinv.pass.VerifyFactorPass;
import org.levinv.pass.VerifyScoresPass;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.Units;
import org.levinv.small.Triangle;

/**
 * The leverage scores at a given x, recomputed from the rows as they were read: slacks in twice the
 * working precision, the triangular factor R of diag(s)^-1 A, and sigma_i = ||R^-T a_i||^2 / s_i^2.
 * No coordinates, samples or stages of the solver are used; its units may be, which are powers of
 * two and round nothing. Two readings of all rows, three where R is ill-conditioned.
 *
 * <p>R comes from a Householder QR by leaves, merged in a tree (2 n d^2 flops). Large problems take
 * it from the Gram matrix instead (n d^2 flops, several times faster), and keep it only where its
 * condition number is so small that this loses nothing that counts.
 */
final class Verification {

  /** Up to this many multiplications, n d^2, Householder QR is always affordable. */
  private static final double MODERATE = 5e7;

  /** cond(R) up to which scores from a Gram matrix are as good as eps cond(R)^2 = 1e-11. */
  private static final double WELL_CONDITIONED = 200;

  /** cond(R) up to which a triangular solution leaves nothing that a second one mends, ... */
  private static final double ONCE_IS_ENOUGH = 1e4;

  /**
   * ... and where rows are few scores near 1 lose digits of 1 - sigma above it, which may make
   * right answers look wrong.
   */
  private static final double ONCE_IS_SHARP = 100;

  /** A mismatch up to this shows that no digits were lost that count. */
  private static final double AGREES = 1e-11;

  /** Rounding of A's entries does this times eps cond(A) to scores, as collinear designs show. */
  private static final double SHARE = 0.3;

  private static final double EPS = Math.ulp(1.0);

  /** cond(R) beyond which the rank of A is looked at. */
  private static final double SUSPICIOUS = 1e10;

  /** Exponents of two beyond this are far from 0: squares would leave the range of doubles. */
  private static final int FAR = 200;

  private final ProblemRows rows;
  private final RowStore store;
  private final int d;
  private Weights weights = Weights.BARRIER;
  private int equalSign;
  private double targetSquare;
  private ScoreUncertainty uncertainty = ScoreUncertainty.ROUNDING;

  /**
   * @param rows as the user has them
   * @param store the same rows, in any units
   */
  Verification(ProblemRows rows, RowStore store) {
    this.rows = rows;
    this.store = store;
    d = rows.columns();
  }

  /** The sign that all slacks should have, or 0 for those of the rows, where they have any. */
  Verification withSign(int sign) {
    equalSign = sign;
    return this;
  }

  /** Weights of the rows other than 1 / s. */
  Verification with(Weights value) {
    weights = value;
    return this;
  }

  /** The sum of the squared targets, which counts where an x has no scores. */
  Verification withTargetSquare(double value) {
    targetSquare = value;
    return this;
  }

  /** How far targets may be from exact ones. */
  Verification withUncertainty(ScoreUncertainty value) {
    uncertainty = value;
    return this;
  }

  /** What there is to say of sigma(x); x in the units of the user. */
  VerifiedScores at(double[] x) {
    return at(x, false, null);
  }

  /**
   * The same; a row with s_i = 0, where the scores have no value, is left out and has 0.
   *
   * @param withGradient whether A^T (sigma / s) is asked for
   * @param sink takes all scores, or null
   */
  VerifiedScores at(double[] x, boolean withGradient, VectorSink sink) {
    try {
      double[] at = store.units().fromUser(x);
      Factor factor = factor(at);
      if (factor.isBlunt && !withGradient && sink == null) {
        VerifiedScores found = scores(at, factor, false, null);
        if (found.error().mismatch() <= AGREES) {
          return inUserUnits(found);
        }
      }
      return inUserUnits(scores(at, sharp(at, factor), withGradient, sink));
    } catch (SingularException e) {
      return VerifiedScores.none(targetSquare, d);
    }
  }

  private void requireFullRank() {
    Rank rank = Rank.of(store);
    if (rank.rank() < d) {
      throw new RankDeficientException(rank);
    }
  }

  private VerifiedScores scores(double[] at, Factor factor, boolean withGradient, VectorSink sink) {
    return store.run(
        new VerifyScoresPass(
                at,
                factor.unit,
                factor.inverseR,
                factor.second,
                equalSign,
                withGradient,
                sink,
                uncertainty,
                factor.shared)
            .with(weights));
  }

  /**
   * Hands the slacks, in the units of the store, and the scores of all rows to a sink.
   *
   * @param strict whether each row must have a score: at a slack of 0 there is none, nor has a
   *     model one below 0 where its weights need positive slacks
   * @return how exact the scores are
   * @throws SingularException if there are no scores at x
   * @throws RankDeficientException if the columns of A depend on each other
   */
  Accuracy hand(double[] x, boolean strict, RowSink sink) {
    double[] at = store.units().fromUser(x);
    Factor factor;
    try {
      factor = sharp(at, factor(at));
    } catch (SingularException e) {
      requireFullRank();
      throw e;
    }
    if (strict && factor.noSlack >= 0) {
      throw new SingularException(factor.noSlack);
    }
    if (strict && factor.negative >= 0) {
      throw new SingularException(weights, factor.negative);
    }
    double condition = Triangle.condition(factor.R, factor.inverseR, d);
    if (condition > SUSPICIOUS) {
      requireFullRank();
    }
    store.run(plain(at, factor).handing(sink));
    return new Accuracy(condition);
  }

  /** Slacks and scores alone. */
  private VerifyScoresPass plain(double[] at, Factor factor) {
    return rowsAt(at, factor).pass().with(weights);
  }

  private static RowsAt rowsAt(double[] at, Factor factor) {
    return new RowsAt(at, factor.unit, factor.inverseR, factor.second);
  }

  /**
   * What finds the slacks and scores of any row at x, as those of the rows of the store are.
   *
   * @throws SingularException if there are no scores at x
   */
  RowsAt rowsAt(double[] x) {
    double[] at = store.units().fromUser(x);
    return rowsAt(at, sharp(at, factor(at)));
  }

  /** A gradient in the user's units; omega has those of the rows, and A x that of b. */
  private VerifiedScores inUserUnits(VerifiedScores v) {
    Units units = store.units();
    if (units.isNone()) {
      return v;
    }
    double u = units.offset();
    return v.inUnits(u * u, j -> units.columns() == null ? u : u / units.columns()[j]);
  }

  /**
   * Rows whose scores are 1, or nearly so, beside the others; two readings.
   *
   * @param numbers of the rows, few
   * @param x in the units of the user
   * @param typicalError of slacks, in units of eps, relatively
   */
  LoneRows loneRows(long[] numbers, double[] x, double typicalError) {
    double[] at = store.units().fromUser(x);
    double unit = unit(at, VerifyFactorPass.triangle(at, 1, null)).unit;
    return LoneRows.at(numbers, x, unit, typicalError, rows, store);
  }

  /**
   * x where rows whose slacks are so near to 0 that rounding hides their signs have those that they
   * have at another point; x itself where there are none.
   */
  double[] onTheSideOf(double[] other, double[] x, VerifiedScores found) {
    long[] hidden = LoneRows.hidden(found.loneRows().numbers(), x, rows);
    return hidden.length == 0 ? x : loneRows(hidden, x, found.slackError()).onTheSideOf(other, x);
  }

  /**
   * The factor of diag(w) A.
   *
   * @param R d x d
   * @param inverseR R^-1
   * @param second the inverse of the factor of diag(w) A R^-1 where that is needed, else null
   * @param isBlunt whether scores near 1 lose digits without a second factor
   * @param unit of w
   * @param shared what rounding of rows does to the scores of others
   * @param noSlack the first row that is not zero and has a slack of 0, or -1
   * @param negative the first row with a slack below 0 where weights need positive ones, or -1
   */
  private record Factor(
      double[] R,
      double[] inverseR,
      double[] second,
      boolean isBlunt,
      double unit,
      SharedRounding shared,
      long noSlack,
      long negative) {}

  private Factor factor(double[] at) {
    Device device = store.device();
    boolean moderate = (double) store.rows() * d * d <= MODERATE;
    try (Workspace space = new Workspace(device)) {
      Matrix R = space.matrix(d, d);
      Matrix inverseR = space.matrix(d, d);
      Scaled first =
          unit(
              at,
              (moderate ? VerifyFactorPass.triangle(at, 1, null) : VerifyFactorPass.gram(at, 1))
                  .with(weights));
      double unit = first.unit;
      if (moderate || !fromGram(first.found, R, inverseR)) {
        VerifyFactor found =
            moderate
                ? first.found
                : store.run(VerifyFactorPass.triangle(at, unit, null).with(weights));
        try {
          invert(found.R(), R, inverseR);
        } catch (SingularException e) {
          throw first.found.noSlack() < 0 || !weights.isBarrier()
              ? e
              : new SingularException(first.found.noSlack());
        }
      }
      double[] inverse = download(inverseR);
      double[] triangle = download(R);
      VerifyFactor found = first.found;
      SharedRounding shared =
          new SharedRounding(SHARE * EPS * condition(triangle, inverse), Double.POSITIVE_INFINITY);
      double spread = device.norm(R) * device.norm(inverseR) / d;
      boolean isBlunt = moderate && spread > ONCE_IS_SHARP;
      Factor once =
          new Factor(
              triangle, inverse, null, isBlunt, unit, shared, found.noSlack(), found.negative());
      return spread > ONCE_IS_ENOUGH ? withSecond(at, once) : once;
    }
  }

  /** With a second factor where scores near 1 lose digits without one. */
  private Factor sharp(double[] at, Factor factor) {
    return factor.isBlunt ? withSecond(at, factor) : factor;
  }

  /** Rows of diag(w) A R^-1 are only nearly orthonormal: their own factor makes them so. */
  private Factor withSecond(double[] at, Factor once) {
    try (Workspace space = new Workspace(store.device())) {
      Matrix R = space.matrix(d, d);
      Matrix inverse = space.matrix(d, d);
      VerifyFactorPass pass = VerifyFactorPass.triangle(at, once.unit, once.inverseR);
      VerifyFactor found = store.run(pass.with(weights));
      invert(found.R(), R, inverse);
      return new Factor(
          once.R,
          once.inverseR,
          download(inverse),
          false,
          once.unit,
          new SharedRounding(SHARE * EPS * Math.sqrt(found.moves() / d), EPS * found.slackMoves()),
          once.noSlack,
          once.negative);
    }
  }

  /**
   * ||D R^-1||_F / sqrt(d) with D the norms of R's columns: the condition number that no units of
   * columns change, at least 1.
   */
  private double condition(double[] R, double[] inverse) {
    double sum = 0;
    for (int j = 0; j < d; j++) {
      double column = 0;
      double row = 0;
      for (int k = 0; k < d; k++) {
        column = Math.hypot(column, R[k * d + j]);
        row = Math.hypot(row, inverse[j * d + k]);
      }
      sum = Math.hypot(sum, column * row);
    }
    return sum / Math.sqrt(d);
  }

  private record Scaled(VerifyFactor found, double unit) {}

  /** Runs a pass again in another unit where the weighted rows are far from order 1. */
  private Scaled unit(double[] at, VerifyFactorPass pass) {
    VerifyFactor found = store.run(pass);
    int exponent = Math.getExponent(found.largest());
    if (!(found.largest() > 0) || Math.abs(exponent) <= FAR) {
      return new Scaled(found, 1);
    }
    double unit = Math.scalb(1.0, -Math.max(-1000, Math.min(1000, exponent)));
    VerifyFactorPass again =
        found.G() == null
            ? VerifyFactorPass.triangle(at, unit, null)
            : VerifyFactorPass.gram(at, unit);
    return new Scaled(store.run(again.with(weights)), unit);
  }

  private boolean fromGram(VerifyFactor found, Matrix R, Matrix inverseR) {
    Device device = store.device();
    if (device.cholesky(found.G(), R) != 0) { // G = R^T R
      return false;
    }
    device.invertTriangular(R, inverseR);
    return device.norm(R) * device.norm(inverseR) <= WELL_CONDITIONED * d;
  }

  private void invert(Matrix found, Matrix R, Matrix inverseR) {
    for (double diagonal : store.device().diagonal(found)) {
      double entry = Math.abs(diagonal);
      if (!(entry > 0 && entry < Double.POSITIVE_INFINITY)) {
        throw new SingularException(weights);
      }
    }
    store.device().copy(found, R);
    store.device().invertTriangular(R, inverseR);
  }

  private double[] download(Matrix M) {
    double[] values = new double[d * d];
    store.device().download(M, values);
    return values;
  }
}
