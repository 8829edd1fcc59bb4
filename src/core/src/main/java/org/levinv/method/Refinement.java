package org.levinv.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.Anderson;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Stage 3, in x. The Gram matrix G(x) comes from all rows, one unit of work; the equations
 * sigma_i(x) = target_i are asked only of a few rows, since x has only d unknowns. The step is that
 * of {@link Jacobian}, Anderson-mixed, and cut so that no slack changes sign. When the next
 * residual is predicted to be below the tolerance, the next Gram matrix serves the verification on
 * all rows.
 */
final class Refinement {

  /** Of the way to the nearest pole. */
  private static final double WALL = 0.9;

  /**
   * Above this mismatch a step is checked for poles before it is taken; below, it hardly ever meets
   * one.
   */
  private static final double CHECK_BEFORE = 0.1;

  /** The explicit Jacobian is made where it costs at most this many units of n d^2. */
  private static final double JACOBIAN_UNITS = 10;

  /** Where the explicit Jacobian is worth making. */
  private static final double JACOBIAN_BELOW = 0.5;

  /**
   * A model made above this mismatch is renewed when the mismatch has gone down to 0.3 of what it
   * was.
   */
  private static final double RENEW_ABOVE = 0.03;

  /** An explicit Jacobian of at most this many units is always renewed. */
  private static final double CHEAP = 3;

  /** A dearer one that brings the mismatch down to this share is good enough. */
  private static final double FAST = 0.05;

  /** A mismatch below this that is not halved has met rounding. */
  private static final double AT_ROUNDING = 1e-8;

  /** Points checked: rounding alone makes some of them better than others. */
  private static final int CHECKS = 3;

  /** A mismatch below this is good enough where it does not go down. */
  private static final double GOOD = 1e-10;

  /** Three mismatches that differ by no more than this factor will not get smaller. */
  private static final double STATIONARY = 1.03;

  /**
   * Above this mismatch a step leaves more than single precision takes: about 1e-7, and steps lower
   * the mismatch to some hundredths.
   */
  private static final double SINGLE_ABOVE = 1e-3;

  /** cond(R) up to which single precision tells G(x): its error in scores is 1e-7 cond(R)^2. */
  private static final double SINGLE_CONDITION = 100;

  /** How a refinement ended. */
  enum End {
    /** All rows agree with the target within the tolerance or rounding. */
    TOLERANCE,
    /** The next point was predicted to agree, and the check found that it does. */
    PREDICTED,
    /** No further progress. */
    STALLED,
    /** The limit of iterations. */
    LIMIT,
    /** A Gram matrix could not be factored. */
    SINGULAR
  }

  /**
   * What was reached.
   *
   * @param mismatch on all rows, but for {@code PREDICTED}
   * @param floor what rounding of the slacks does to it
   * @param jacobianRatio the smallest singular value of the Jacobian relative to the largest, or
   *     NaN where it is not at hand
   */
  record Outcome(End end, double mismatch, double floor, int iterations, double jacobianRatio) {}

  /** Recomputes the scores at a point that is predicted to agree with the target. */
  @FunctionalInterface
  interface Check {
    /**
     * The mismatch on all rows that is left at x, or 0 where they agree.
     *
     * @param jacobianRatio of the outcome to be
     */
    double rest(Vector x, double jacobianRatio);
  }

  private final Device device;
  private final TallMatrix A;
  private final Vector b;
  private final Vector target;
  private final double[] importance;
  private final Vector signs;
  private final Vector rowLength;
  private final Matrix inverseC;
  private final double tolerance;
  private final Steps steps;
  private final int limit;
  private final Precision precision;

  private final GramFactor gram;
  private final Mismatch whole;
  private final Vector s;
  private final Vector w;
  private final Vector squaredWeights;
  private final Vector sigma;
  private final Vector moved;
  private final Vector original;

  /**
   * @param importance of each row, on the host: its target
   * @param signs +-1 for each row, or null where they are unknown
   * @param rowLength ||a_i|| of the original matrix
   * @param precision of the Gram matrices of the first steps
   * @param inverseC x in the original coordinates is C^-1 x, or null where the coordinates are the
   *     original ones
   */
  Refinement(
      TallMatrix A,
      Vector b,
      Vector target,
      double[] importance,
      Vector signs,
      Vector rowLength,
      Matrix inverseC,
      double tolerance,
      int limit,
      Precision precision,
      Steps steps,
      Workspace space) {
    device = space.device();
    this.A = A;
    this.b = b;
    this.target = target;
    this.importance = importance;
    this.signs = signs;
    this.rowLength = rowLength;
    this.inverseC = inverseC;
    this.tolerance = tolerance;
    this.limit = limit;
    this.precision = precision;
    this.steps = steps;
    gram = new GramFactor(A.columns(), space);
    Vector ones = space.vector(A.rows());
    device.fill(1, ones);
    whole = new Mismatch(target, ones, space);
    s = space.vector(A.rows());
    w = space.vector(A.rows());
    squaredWeights = space.vector(A.rows());
    sigma = space.vector(A.rows());
    moved = space.vector(A.rows());
    original = space.vector(A.columns());
  }

  /** The rows that ask equations, and the vectors that belong to them. */
  private final class Equations {
    final boolean all;
    final int[] rows;
    final double[] counts;
    final TallMatrix E;
    final Vector countVector;
    final Vector target;
    final Vector w;
    final Vector sigma;
    final Vector b;
    final Vector rowLength;
    final Mismatch mismatch;
    final Vector excess;

    Equations(Sample sample, Workspace own) {
      rows = sample.rows();
      counts = sample.counts();
      all = rows.length == A.rows();
      E = all ? A : A.rows(rows, own);
      countVector = own.upload(counts);
      target = gathered(Refinement.this.target, own);
      b = gathered(Refinement.this.b, own);
      rowLength = gathered(Refinement.this.rowLength, own);
      w = own.vector(rows.length);
      sigma = own.vector(rows.length);
      mismatch = new Mismatch(target, countVector, own);
      excess = own.vector(rows.length);
    }

    /** How often the sample counts each row beyond once. */
    void placeIn(Sample sample) {
      double[] counts = new double[(int) A.rows()];
      for (int k = 0; k < sample.size(); k++) {
        counts[sample.rows()[k]] = sample.counts()[k];
      }
      device.upload(Arrays.stream(rows).mapToDouble(row -> counts[row] - 1).toArray(), excess);
    }

    private Vector gathered(Vector from, Workspace own) {
      Vector to = own.vector(rows.length);
      device.gather(from, rows, to);
      return to;
    }

    /** Floating rows ask no equation. */
    void without(Floating floating) {
      double[] live = counts.clone();
      for (int k = 0; k < rows.length; k++) {
        live[k] = floating.members().contains(rows[k]) ? 0 : live[k];
      }
      device.upload(live, countVector);
      mismatch.countsChanged();
    }
  }

  /**
   * Refines x in place, up to the best point met.
   *
   * @param check asked where the next point is predicted to agree; null to go on and look
   */
  Outcome run(Vector x, Sample equations, Sample sample, Floating floating, Check check) {
    try (Workspace own = new Workspace(device)) {
      return run(x, new Equations(equations, own), sample, floating, check, own);
    }
  }

  private Outcome run(
      Vector x, Equations at, Sample sample, Floating floating, Check check, Workspace own) {
    int d = A.columns();
    double n = A.rows();
    double units = 4.0 * at.rows.length * sample.size() / (n * d); // of an explicit Jacobian
    boolean explicit = units <= JACOBIAN_UNITS;
    Jacobian jacobian = new Jacobian(at.E, explicit, own);
    Anderson mixing = new Anderson(8, d, d, own);
    if (explicit) {
      at.placeIn(sample);
    }
    Vector step = own.vector(d);
    Vector next = own.vector(d);
    Vector dx = own.vector(d);
    Vector before = own.vector(d);
    Vector best = own.vector(d);
    device.copy(x, best);
    double bestMismatch = Double.POSITIVE_INFINITY;
    double bestWhole = Double.POSITIVE_INFINITY;
    double bestFloor = 0;
    double lastWhole = Double.POSITIVE_INFINITY;
    double rejected = 0;
    int checks = 0;
    double ratio = Double.NaN;
    List<Double> history = new ArrayList<>();
    int start = 0;
    boolean verify = at.all;
    boolean slacksKnown = false;
    End end = End.LIMIT;
    int iteration = 0;
    if (!floating.isEmpty()) {
      at.without(floating);
    }
    for (; iteration < limit; iteration++) {
      // G(x) of all rows
      boolean regular;
      if (floating.isEmpty()) {
        device.copy(w, moved);
        regular = gramAt(x, history); // s = A x - b, G = A^T diag(s)^-2 A
        if (regular && slacksKnown) {
          double toward = device.max(shrinkage());
          if (toward > WALL * (1 + 1e-9)) { // beyond the wall after all
            device.copy(before, x);
            device.axpy(WALL / toward, dx, x);
            regular = gramAt(x, history);
          }
        }
        device.map(Formula.RECIPROCAL, 0, s, null, null, w); // w = 1 / s
      } else {
        A.times(x, s);
        device.axpy(-1, b, s); // s = A x - b
        if (floating.land(s, signs)) {
          mixing.forget();
          jacobian.forget();
          start = history.size();
          bestMismatch = Double.POSITIVE_INFINITY;
          at.without(floating);
        }
        device.map(Formula.RECIPROCAL, 0, s, null, null, w);
        floating.putWeights(w);
        device.map(Formula.SQUARE, 0, w, null, null, squaredWeights);
        regular = gram.ofSquaredWeights(A, squaredWeights); // G = A^T W^2 A
      }
      if (!regular) {
        end = End.SINGULAR;
        break;
      }
      slacksKnown = false;
      // scores and mismatch
      device.gather(w, at.rows, at.w);
      double everywhere = Double.POSITIVE_INFINITY;
      double floor;
      double lengthOfX = lengthOf(x);
      if (verify) {
        gram.scores(A, w, sigma);
        everywhere = whole.of(sigma);
        floor = whole.rounding(sigma, w, rowLength, b, lengthOfX);
        device.gather(sigma, at.rows, at.sigma);
      } else {
        gram.scores(at.E, at.w, at.sigma);
        floor = Double.NaN;
      }
      double mismatch = at.mismatch.of(at.sigma);
      if (!verify) {
        floor = at.mismatch.rounding(at.sigma, at.w, at.rowLength, at.b, lengthOfX);
      }
      history.add(mismatch);
      steps.step(
          verify ? "verification" : "refinement", iteration + 1, verify ? everywhere : mismatch);
      if (mismatch > 1.5 * bestMismatch) {
        mixing.forget();
        if (mismatch > 0.3) {
          jacobian.forget();
        }
      }
      if (mismatch < bestMismatch || everywhere < bestWhole) {
        bestMismatch = mismatch;
        device.copy(x, best);
        bestWhole = floating.isEmpty() ? everywhere : Double.POSITIVE_INFINITY;
        bestFloor = floor;
      }
      if (!floating.isEmpty()) {
        everywhere = Double.POSITIVE_INFINITY;
        floating.follow(gram, target);
      }
      // ends
      if (verify && everywhere <= Math.max(tolerance, floor)) {
        end = End.TOLERANCE;
        break;
      }
      if (verify && !at.all) {
        if (everywhere > 0.3 * lastWhole) {
          end = End.STALLED;
          break;
        }
        lastWhole = everywhere;
      }
      List<Double> recent = history.subList(start, history.size());
      boolean rounding =
          floating.isEmpty()
              && recent.size() > 3
              && mismatch < AT_ROUNDING
              && mismatch > 0.5 * least(recent.subList(0, recent.size() - 1));
      if (rejected > 0 && rejected < GOOD && mismatch > 0.5 * rejected) {
        end = End.STALLED; // these equations have nothing more to say
        break;
      }
      if (rounding || stalled(recent)) {
        if (!verify
            && bestMismatch
                < Math.max(1e-6, 30 * floor)) { // as good as it gets: what do all rows say?
          device.copy(best, x);
          verify = true;
          mixing.forget();
          floating.clear();
          at.without(floating);
          continue;
        }
        end = End.STALLED;
        break;
      }
      verify = at.all;
      // the model
      boolean worthIt = explicit && mismatch < JACOBIAN_BELOW;
      if (!jacobian.present()
          || (jacobian.madeAt() > RENEW_ABOVE
              && mismatch < 0.3 * jacobian.madeAt()
              && !(jacobian.explicit() && units > CHEAP && mismatch < FAST * before(history)))
          || (worthIt && !jacobian.explicit())) {
        if (worthIt) {
          jacobian.makeExplicit(
              mismatch,
              A,
              gram,
              w,
              at.w,
              at.sigma,
              at.mismatch.degrees(),
              at.excess,
              sample,
              floating.members());
        }
        if (!worthIt || !jacobian.present()) {
          jacobian.makeProjection(mismatch, at.w, at.mismatch.degrees());
        }
        if (!jacobian.present()) {
          end = End.SINGULAR;
          break;
        }
      }
      // the step
      jacobian.step(at.mismatch.step(), step);
      Matrix R = jacobian.explicit() ? gram.R() : jacobian.measure();
      BiConsumer<Vector, Vector> measure =
          (from, to) -> device.multiply(R, false, from, to); // ||R dx||
      mixing.next(x, step, measure, next);
      device.copy(next, dx);
      device.axpy(-1, x, dx);
      device.copy(x, before);
      double cut = 1;
      if (mismatch > CHECK_BEFORE || !floating.isEmpty()) {
        A.times(dx, moved);
        device.map(Formula.NEGATED_PRODUCT, 0, moved, w, null, moved); // -A dx / s
        floating.putZeros(moved);
        double toward = device.max(moved);
        cut = toward > WALL ? WALL / toward : 1;
      } else {
        slacksKnown = true;
      }
      device.axpy(cut, dx, x);
      double rate = history.size() > 1 ? mismatch / history.get(history.size() - 2) : 1;
      if (cut == 1
          && floating.isEmpty()
          && mismatch < 1e-5
          && mismatch * Math.min(rate, 1) <= Math.max(tolerance, floor)) {
        verify = true;
        if (check != null && checks < CHECKS) {
          ratio = ratio(jacobian, at, sample);
          rejected = check.rest(x, ratio);
          if (rejected == 0) {
            return new Outcome(End.PREDICTED, mismatch, floor, iteration + 1, ratio);
          }
          checks++;
          verify = at.all;
          device.copy(x, best);
          bestMismatch = Double.POSITIVE_INFINITY;
          bestWhole = rejected;
          bestFloor = floor;
          lastWhole = rejected;
        }
      }
    }
    if (end == End.TOLERANCE && Double.isNaN(ratio)) {
      ratio = ratio(jacobian, at, sample);
    }
    device.copy(best, x);
    if (bestWhole == Double.POSITIVE_INFINITY
        && end != End.SINGULAR
        && gram.ofPoint(A, x, b, s)) { // no verification was reached
      device.map(Formula.RECIPROCAL, 0, s, null, null, w);
      gram.scores(A, w, sigma);
      bestWhole = whole.of(sigma);
      bestFloor = whole.rounding(sigma, w, rowLength, b, lengthOf(x));
    }
    return new Outcome(end, bestWhole, bestFloor, Math.min(iteration + 1, limit), ratio);
  }

  /**
   * s = A x - b and the factor of G(x): where it may be, in single precision until the mismatch
   * shows that the next one has more digits.
   */
  private boolean gramAt(Vector x, List<Double> history) {
    boolean early = history.isEmpty() || history.get(history.size() - 1) > SINGLE_ABOVE;
    return (early
            && precision == Precision.SINGLE
            && gram.ofPoint(A, x, b, s, Precision.SINGLE)
            && gram.condition() <= SINGLE_CONDITION)
        || gram.ofPoint(A, x, b, s);
  }

  /** How well x is determined, at the Gram matrix of the moment. */
  private double ratio(Jacobian jacobian, Equations at, Sample sample) {
    boolean wholeSums = jacobian.present() && jacobian.explicit() && sample.size() == A.rows();
    return wholeSums
        ? jacobian.ratio(gram, at.sigma)
        : Determination.ratio(A, w, gram.R(), gram.inverseR(), sample, importance, device);
  }

  /** 1 - s / s_before for each row. */
  private Vector shrinkage() {
    device.map(Formula.SHRINKAGE, 0, s, moved, null, moved);
    return moved;
  }

  private double lengthOf(Vector x) {
    if (inverseC == null) {
      return Math.sqrt(device.dot(x, x));
    }
    device.multiply(inverseC, false, x, original);
    return Math.sqrt(device.dot(original, original));
  }

  private static boolean stalled(List<Double> recent) {
    int k = recent.size();
    double last = k == 0 ? 0 : recent.get(k - 1);
    return (k > 3 && Collections.max(recent.subList(k - 3, k)) <= STATIONARY * least(recent))
        || (k > 8 && last > 0.7 * least(recent.subList(k - 8, k - 4)))
        || (k > 5 && least(recent.subList(k - 3, k)) > 0.8 * least(recent.subList(0, k - 3)));
  }

  /** The last but one, or 0. */
  private static double before(List<Double> history) {
    return history.size() > 1 ? history.get(history.size() - 2) : 0;
  }

  private static double least(List<Double> values) {
    return Collections.min(values);
  }
}
