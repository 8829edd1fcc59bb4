package org.levinv.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * From target scores to x with no start point. The target says which rows matter: a sample drawn by
 * it is a small problem of the same kind, whose solution (magnitudes, position) starts the
 * refinement on all rows. A start that fails is tried again with four times the rows, at last with
 * all.
 */
public final class GlobalMethod {

  /** Above this estimate of cond(R), A is re-based: eps cond(R)^2 is the loss of a Gram matrix. */
  private static final double WELL_CONDITIONED = 100;

  /** Up to this one, R of a Gram matrix will do for that. */
  private static final double ILL_CONDITIONED = 1e6;

  /** Above this one, the rank of A is looked at. */
  private static final double NEARLY_DEPENDENT = 1e11;

  /**
   * Where a sample leaves no more than this of b, relatively, all rows are asked whether b is in
   * range(A).
   */
  private static final double SUSPICIOUS = 1e-5;

  /** Samples tried, each four times the last. */
  private static final int ATTEMPTS = 5;

  /**
   * Starts on all rows after a first one that failed, each with magnitudes a hundred times more
   * exact.
   */
  private static final int MORE_SEARCHES = 3;

  /** Times that rows on the wrong side may join a sample. */
  private static final int JOINS = 5;

  /**
   * Stage 1 ends at this mismatch: signs known, and signs unknown, where the right signs have to be
   * found by magnitude.
   */
  private static final double MAGNITUDES_KNOWN = 1e-2;

  private static final double MAGNITUDES_UNKNOWN = 3e-3;

  /** Narrow rows call for more exact ones on all rows, down to this. */
  private static final double FINEST_KNOWN = 1e-6;

  private static final double FINEST_UNKNOWN = 1e-5;

  /**
   * Settled signs are right where the placement has less than this relative misfit; the magnitudes
   * of a sample carry its sampling errors.
   */
  private static final double SETTLED = 1e-2;

  private static final double SETTLED_SAMPLE = 4e-2;

  /** A fit of equal signs with a smaller relative residual than this says that they are equal. */
  private static final double EQUAL_SIGNS = 0.5;

  /** Rows with a larger target float in the second chance of a refinement. */
  private static final double HEAVY = 0.7;

  /** Floating point may leave this much of the mismatch, in units of the rounding of the slacks. */
  private static final double FLOORS = 5;

  /** Where rounding does more than this to scores, they say nothing of x. */
  private static final double HOPELESS = 5e-4;

  /**
   * A predicted end is accepted where the verification finds this mismatch, or what rounding
   * leaves.
   */
  private static final double VERIFIED = 1e-11;

  /** So is one up to {@link #GOOD} where this relative error of the slacks is all it can mean. */
  private static final double SLACKS_KNOWN = 1e-9;

  /** A mismatch below this that does not go down is a matter of rounding. */
  private static final double ROUNDING = 1e-5;

  /** One below this, whatever the condition number. */
  private static final double SURELY_ROUNDING = 1e-8;

  /** The sign of a slack is known where rounding changes it by less than this share. */
  private static final double SIGN_KNOWN = 0.1;

  /** A score this close to 1 is 1. */
  private static final double LONE = 1e-13;

  /** A mismatch below this needs no other start. */
  private static final double GOOD = 1e-10;

  /** What is known of the signs of A x - b. */
  public enum Knowledge {
    /** One sign for each row. */
    KNOWN,
    /** Nothing. */
    UNKNOWN,
    /** They may be all the same. */
    MAYBE_EQUAL
  }

  /**
   * What was reached.
   *
   * @param mismatch on all rows: the larger of the relative residual and the mean logit error
   * @param floor what rounding of the slacks does to it
   * @param equalSign +1 or -1 where equal signs were found, else 0
   * @param signsKnown whether x was sought for given or equal signs
   * @param offsetInRange b is in range(A): every scale of A x - b has the same scores, and x is one
   *     of many
   * @param jacobianRatio an estimate of the smallest singular value of the Jacobian relative to the
   *     largest, or NaN
   */
  public record Outcome(
      double mismatch,
      double floor,
      boolean limitReached,
      int equalSign,
      boolean signsKnown,
      boolean offsetInRange,
      double jacobianRatio,
      int iterations) {}

  /** Recomputes the scores at an x of the original coordinates from the original data. */
  @FunctionalInterface
  public interface Verifier {
    Verified at(double[] x);
  }

  /**
   * Scores that were recomputed from the original data.
   *
   * @param scores sigma(x)
   * @param slacks A x - b, up to a positive factor for each row
   * @param slackErrors of each row: the relative error of its slack by rounding, in units of eps
   */
  public record Verified(double[] scores, double[] slacks, double[] slackErrors) {}

  private final Device device;
  private final Verifier verifier;
  private final TallMatrix A;
  private final double[] target;
  private final Vector b;
  private final Vector targetVector;
  private final double tolerance;
  private final int limit;
  private final Precision precision;
  private final Steps steps;
  private final Workspace space;
  private final Coordinates coordinates;
  private final Vector rowLength;
  private final Vector x;
  private final boolean exact;
  private final SplittableRandom random;
  private boolean conditionKnown;
  private int iterations;
  private boolean limitReached;
  private int searches;
  private boolean offsetInRange;
  private double[] ray;
  private double jacobianRatio = Double.NaN;
  private double[] bestX;
  private double bestMismatch = Double.POSITIVE_INFINITY;
  private double bestFloor;
  private Verified bestVerified;
  private boolean accepted;
  private double[] placedX;
  private Vector signs;
  private int equalSign;

  /**
   * @param A n x d; re-based in place where that is called for
   * @param rowLength ||a_i||
   * @param target feasible: entries in [0, 1], sum d
   * @param exact whether some x has these scores, for all that is known; if not, one start suffices
   * @param tolerance of the mismatch
   * @param limit on the steps of each stage
   * @param precision of the Gram matrices of the first steps of a refinement
   */
  public GlobalMethod(
      TallMatrix A,
      Vector rowLength,
      double[] b,
      double[] target,
      boolean exact,
      Verifier verifier,
      double tolerance,
      int limit,
      Precision precision,
      long seed,
      Steps steps,
      Workspace space) {
    device = space.device();
    this.verifier = verifier;
    this.exact = exact;
    this.A = A;
    this.target = target;
    this.b = space.upload(b);
    targetVector = space.upload(target);
    this.tolerance = tolerance;
    this.limit = limit;
    this.precision = precision;
    this.steps = steps;
    this.space = space;
    coordinates = new Coordinates(A.columns(), space);
    random = new SplittableRandom(seed);
    this.rowLength = rowLength;
    x = space.vector(A.columns());
  }

  /** {mismatch, floor} of verified scores, on all rows. */
  public double[] judge(Verified verified) {
    try (Workspace own = new Workspace(device)) {
      Vector ones = own.vector(A.rows());
      device.fill(1, ones);
      Mismatch all = new Mismatch(targetVector, ones, own);
      Vector sigma = own.upload(verified.scores());
      double mismatch = all.of(sigma);
      return new double[] {mismatch, all.rounding(sigma, own.upload(verified.slackErrors()))};
    }
  }

  /**
   * The mismatch up to which scores agree with the target, where rounding of the slacks does {@code
   * floor} to it.
   */
  public static double agreement(double tolerance, double floor) {
    return Math.max(tolerance, Math.min(FLOORS * floor, HOPELESS));
  }

  /** The best x, in the original coordinates. */
  public double[] solution() {
    return bestX.clone();
  }

  /** What was verified at the best x, or null where it was not. */
  public Verified verified() {
    return bestVerified;
  }

  /** The x of the last placement, before its refinement, in the original coordinates; or null. */
  public double[] placed() {
    return placedX == null ? null : placedX.clone();
  }

  /**
   * Where b = A x_b was found: x - x_b for the solution x, in the original coordinates; else null.
   */
  public double[] ray() {
    return ray == null ? null : ray.clone();
  }

  /**
   * A row whose slack at a verified x has not the sign that was asked for, beyond rounding; or -1.
   * The scores do not see a slack whose row has the score 1.
   */
  public int rowOnWrongSide(Verified verified) {
    if (signs == null) {
      return -1;
    }
    double[] sign = new double[target.length];
    device.download(signs, sign);
    for (int i = 0; i < sign.length; i++) {
      boolean known = verified.slackErrors()[i] * Math.ulp(1.0) < SIGN_KNOWN;
      boolean wrong = sign[i] * verified.slacks()[i] < 0;
      if (wrong && target[i] > 0 && target[i] < 1 - LONE && known) {
        return i;
      }
    }
    return -1;
  }

  /** The slacks at a point, times the signs that were asked for or found. */
  private double[] sides(Vector at) {
    double[] side = new double[target.length];
    try (Workspace own = new Workspace(device)) {
      Vector s = own.vector(A.rows());
      A.times(at, s);
      device.axpy(-1, b, s); // s = A x - b
      device.multiply(s, signs, s);
      device.download(s, side);
    }
    return side;
  }

  /** Equal signs were a guess, which may end at equal signs of the other kind, or at others. */
  private void lookAtSigns() {
    coordinates.fromOriginal(bestX, x);
    double[] side = sides(x);
    int[] rows = IntStream.range(0, side.length).filter(i -> target[i] > 0).toArray();
    if (Arrays.stream(rows).allMatch(i -> side[i] < 0)) {
      equalSign = -equalSign;
      device.fill(equalSign, signs);
    } else if (Arrays.stream(rows).anyMatch(i -> side[i] < 0)) {
      equalSign = 0;
      signs = null;
    }
  }

  /** Maps a vector of original coordinates to those of A as it is now. */
  public void fromOriginal(double[] values, Vector to) {
    coordinates.fromOriginal(values, to);
  }

  /** Maps a vector to the original coordinates. */
  public double[] toOriginal(Vector from) {
    return coordinates.toOriginal(from);
  }

  /** The offset on the device. */
  public Vector offset() {
    return b;
  }

  /**
   * Runs the stages.
   *
   * @param known n signs where {@code knowledge} is {@code KNOWN}, else null
   * @param start an x of the right signs, which takes the place of the first stages, or null
   */
  public Outcome run(Knowledge knowledge, double[] known, double[] start) {
    long n = A.rows();
    int d = A.columns();
    signs = known == null ? null : space.upload(known);
    equalSign = 0;
    boolean maybeEqual = knowledge == Knowledge.MAYBE_EQUAL;
    double size = Math.max(8.0 * d + 50, Math.min(40.0 * d + 1000, n / 30.0));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (n <= 1.5 * size) {
        size = n;
      }
      Attempt one = new Attempt(size);
      boolean placed = start != null ? one.startAt(start) : one.place(maybeEqual);
      if (offsetInRange) {
        keep(coordinates.toOriginal(x), null, Double.POSITIVE_INFINITY, 0);
        break;
      }
      if (placed) {
        one.refine(start == null && exact);
      }
      if (bestMismatch <= Math.max(good(), FLOORS * bestFloor)
          || limitReached
          || start != null
          || (placed && !exact)) {
        break;
      }
      if (size < n) {
        size *= 4;
      } else if (searches < MORE_SEARCHES) { // better magnitudes, or another search for signs
        searches++;
        attempt = 0;
      } else if (equalSign != 0) { // they looked equal, and that led nowhere
        signs = null;
        equalSign = 0;
        maybeEqual = false;
        searches = 0;
        attempt = 0;
      } else {
        break;
      }
    }
    if (bestX == null) {
      bestX = new double[d];
    }
    if (equalSign != 0) {
      lookAtSigns();
    }
    return new Outcome(
        bestMismatch,
        bestFloor,
        limitReached,
        equalSign,
        signs != null,
        offsetInRange,
        jacobianRatio,
        iterations);
  }

  private void keep(double[] solution, Verified verified, double mismatch, double floor) {
    if (mismatch < bestMismatch || bestX == null) {
      bestMismatch = mismatch;
      bestFloor = floor;
      bestX = solution;
      bestVerified = verified;
    }
  }

  private double good() {
    return agreement(GOOD, bestFloor);
  }

  /** One sample, and what comes of it. */
  private final class Attempt {
    private final double size;
    private Sample sample;
    private int[] floatingRows = new int[0];
    private double[] omega = new double[0];

    Attempt(double size) {
      this.size = size;
      sample = Sample.draw(target, size, random);
    }

    private boolean isWhole() {
      return sample.size() == A.rows();
    }

    private TallMatrix gathered(Workspace own) {
      return isWhole() ? A : A.rows(sample.rows(), own);
    }

    /** The targets of the small problem, moved inside (0, 1) by what doubles can tell. */
    private double[] countedTargets() {
      double[] counted = new double[sample.size()];
      for (int k = 0; k < counted.length; k++) {
        counted[k] =
            Math.max(1e-300, Math.min(sample.counts()[k] * target[sample.rows()[k]], 1 - 1e-15));
      }
      return counted;
    }

    boolean startAt(double[] start) {
      try (Workspace own = new Workspace(device)) {
        TallMatrix few = gathered(own);
        condition(
            few,
            own.upload(countedTargets()),
            new GramFactor(A.columns(), own),
            own.vector(sample.size()),
            own);
      }
      coordinates.fromOriginal(start, x);
      Vector s = space.vector(A.rows());
      A.times(x, s);
      device.axpy(-1, b, s); // s = A x - b
      device.map(Formula.SIGN, 0, s, null, null, s);
      signs = s;
      return true;
    }

    /**
     * t = logit(target) / 2 - log ||a_i||: where each row alone would have its score; re-bases A
     * where it is ill-conditioned.
     */
    private boolean condition(
        TallMatrix few, Vector counted, GramFactor gram, Vector t, Workspace own) {
      Vector w = own.vector(t.length());
      Vector work = own.vector(t.length());
      startMagnitudes(few, counted, t);
      device.map(Formula.EXP, device.max(t), t, null, null, w);
      if (conditionKnown) {
        return false;
      }
      conditionKnown = true;
      device.map(Formula.SQUARE, 0, w, null, null, work);
      boolean regular = gram.ofSquaredWeights(few, work);
      if (regular && gram.condition() <= WELL_CONDITIONED) {
        offsetInRange = explains(few, gram, w, own) && OffsetInRange.holds(A, b, device);
        return true;
      }
      if (!regular || gram.condition() > ILL_CONDITIONED) {
        regular = gram.ofRows(few, w);
      }
      if (!regular || gram.condition() > NEARLY_DEPENDENT) {
        requireFullRank(few);
      }
      if (regular) {
        offsetInRange = explains(few, gram, w, own) && OffsetInRange.holds(A, b, device);
        coordinates.rebase(gram, A, few);
        startMagnitudes(few, counted, t);
      }
      return false;
    }

    /** A sample with full rank shows that A has full rank; a deficient one shows nothing. */
    private void requireFullRank(TallMatrix few) {
      int d = A.columns();
      if (few.rows() >= d && Rank.of(few, device).rank() == d) {
        return;
      }
      int rank = Rank.of(A, device).rank();
      if (rank < d) {
        throw new RankDeficientException(rank);
      }
    }

    /**
     * Whether the rows of the sample are consistent with b in range(A), row by row, to a few
     * digits.
     */
    private boolean explains(TallMatrix few, GramFactor gram, Vector w, Workspace own) {
      Vector offset = own.vector(few.rows());
      Vector rest = own.vector(few.rows());
      Vector fitted = own.vector(few.rows());
      Vector fit = own.vector(few.columns());
      device.gather(b, sample.rows(), offset);
      device.multiply(w, offset, fitted);
      device.multiply(w, fitted, fitted);
      few.transposeTimes(fitted, fit);
      gram.solve(fit); // fit = G^-1 A^T W^2 b
      few.times(fit, fitted);
      device.copy(offset, rest);
      device.axpy(-1, fitted, rest);
      device.map(Formula.RELATIVE_SQUARE, 0, rest, offset, fitted, rest);
      return device.sum(rest) <= SUSPICIOUS * SUSPICIOUS * few.rows();
    }

    private void startMagnitudes(TallMatrix few, Vector counted, Vector t) {
      few.squaredRowNorms(t);
      device.map(Formula.HALF_LOGIT_RATIO, 0, counted, t, null, t);
    }

    /** Finds x, and the signs where they are unknown; false where the rows do not determine x. */
    boolean place(boolean maybeEqual) {
      for (int join = 0; join < JOINS; join++) {
        try (Workspace own = new Workspace(device)) {
          int[] outside = place(maybeEqual, own);
          if (outside == null || offsetInRange) {
            return false;
          }
          if (outside.length == 0) {
            break;
          }
          sample = sample.with(outside); // rows on the wrong side of a known sign
        }
      }
      placedX = coordinates.toOriginal(x);
      return true;
    }

    /**
     * The rows outside of the sample that are on the wrong side; null where the rows do not
     * determine x.
     */
    private int[] place(boolean maybeEqual, Workspace own) {
      int m = sample.size();
      TallMatrix few = gathered(own);
      double[] targets = countedTargets();
      Vector counted = own.upload(targets);
      Vector counts = own.upload(sample.counts());
      Vector offset = own.vector(m);
      device.gather(b, sample.rows(), offset);
      Vector t = own.vector(m);
      Vector w = own.vector(m);
      GramFactor gram = new GramFactor(A.columns(), own);
      boolean factored = condition(few, counted, gram, t, own);
      if (offsetInRange) {
        return placeOnRay(few, offset, own);
      }
      Magnitudes magnitudes = new Magnitudes(few, counted, isWhole(), gram, own);
      boolean mayBeKnown = signs != null || maybeEqual;
      if (!magnitudes(
          magnitudes, t, factored, tolerance(mayBeKnown ? MAGNITUDES_KNOWN : MAGNITUDES_UNKNOWN))) {
        return null;
      }
      if (gram.condition()
          > WELL_CONDITIONED) { // narrow slacks: the Gram matrices to come look like this one
        device.map(Formula.EXP, device.max(t), t, null, null, w);
        if (gram.condition() <= ILL_CONDITIONED || gram.ofRows(few, w)) {
          coordinates.rebase(gram, A, few);
          gram.setIdentity();
        }
      }
      Position position = new Position(few, offset, gram, own);
      Groups groups = Groups.of(few, hostWeights(t), targets, gram, device);
      position.setGroups(groups.member(), groups.count());
      Settlement settlement = new Settlement(few, offset, gram, position, own);
      Vector sampleSigns = own.vector(m);
      if (signs == null && maybeEqual) {
        findEqualSigns(position, t, counts, sampleSigns);
        if (signs == null && !magnitudes(magnitudes, t, true, tolerance(MAGNITUDES_UNKNOWN))) {
          return null;
        }
      }
      return signs == null
          ? retrieve(
              few, offset, gram, magnitudes, t, targets, counts, settlement, sampleSigns, own)
          : placeKnown(magnitudes, t, targets, counts, settlement, sampleSigns);
    }

    /**
     * b = A x_b: x = x_b + y for some y, to have slacks at all; every multiple of y does as well.
     */
    private int[] placeOnRay(TallMatrix few, Vector offset, Workspace own) {
      GramFactor gram = new GramFactor(A.columns(), own);
      Vector w = own.vector(few.rows());
      Vector sum = own.vector(few.rows());
      Vector y = own.vector(A.columns());
      few.squaredRowNorms(w);
      device.map(Formula.ROOT, 0, w, null, null, w);
      device.map(Formula.RECIPROCAL, 0, w, null, null, w); // rows of length 1
      if (!Magnitudes.factor(gram, few, w, sum, device)) {
        return null;
      }
      device.multiply(w, offset, sum);
      device.multiply(w, sum, sum);
      few.transposeTimes(sum, x);
      gram.solve(x); // x_b = G^-1 A^T W^2 b
      if (signs == null) {
        device.fill(1, sum);
      } else {
        device.gather(signs, sample.rows(), sum);
      }
      device.multiply(w, sum, sum);
      few.transposeTimes(sum, y);
      gram.solve(y); // y = G^-1 A^T W signs
      device.axpy(1, y, x);
      ray = coordinates.toOriginal(y);
      return new int[0];
    }

    private double tolerance(double first) {
      return first * Math.pow(0.01, searches);
    }

    /** Where narrow rows could be told from exact magnitudes: makes these so; else false. */
    private boolean moreExact(Magnitudes magnitudes, Settlement settlement, Vector t) {
      double wanted = settlement.wanted();
      double finest = signs == null ? FINEST_UNKNOWN : FINEST_KNOWN;
      if (!isWhole() || !exact || settlement.misfit() <= wanted || wanted < finest) {
        return false;
      }
      boolean found = magnitudes.resume(t, true, 0.5 * wanted, Math.min(limit, 30), steps);
      iterations += magnitudes.evaluations();
      return found;
    }

    /** e^{t - max t}, on the host. */
    private double[] hostWeights(Vector t) {
      double[] weights = new double[(int) t.length()];
      device.download(t, weights);
      double largest = device.max(t);
      for (int k = 0; k < weights.length; k++) {
        weights[k] = Math.exp(weights[k] - largest);
      }
      return weights;
    }

    private boolean magnitudes(
        Magnitudes magnitudes, Vector t, boolean factored, double tolerance) {
      boolean done = magnitudes.run(t, factored, tolerance, Math.min(limit, 60), steps);
      iterations += magnitudes.evaluations();
      return done;
    }

    /**
     * A row that counts q times has e^t as its weight in the small problem, and e^t / sqrt(q) where
     * it counts once.
     */
    private double[] uncounted(double[] weights) {
      double[] once = new double[weights.length];
      Arrays.setAll(once, k -> weights[k] / Math.sqrt(sample.counts()[k]));
      return once;
    }

    /**
     * One placement tells: the scale comes out positive or negative, and the fit is good, where all
     * signs are equal.
     */
    private void findEqualSigns(Position position, Vector t, Vector counts, Vector ones) {
      device.fill(1, ones);
      double c = position.place(t, ones, counts, x);
      if (Double.isNaN(c) || position.misfit(x) > EQUAL_SIGNS) {
        return;
      }
      equalSign = c > 0 ? 1 : -1;
      signs = space.vector(A.rows());
      device.fill(equalSign, signs);
    }

    private int[] placeKnown(
        Magnitudes magnitudes,
        Vector t,
        double[] targets,
        Vector counts,
        Settlement settlement,
        Vector sampleSigns) {
      device.gather(signs, sample.rows(), sampleSigns);
      double[] sign = new double[sample.size()];
      device.download(sampleSigns, sign);
      double[] counted = hostWeights(t);
      if (Double.isNaN(settlement.predict(t, counted, targets, sign, counts, x, sampleSigns))) {
        return null;
      }
      if (moreExact(magnitudes, settlement, t)) {
        counted = hostWeights(t);
        if (Double.isNaN(settlement.predict(t, counted, targets, sign, counts, x, sampleSigns))) {
          return null;
        }
      }
      double[] weights = uncounted(counted);
      List<Integer> doubt = new ArrayList<>();
      for (int k = 0; k < sign.length; k++) {
        if (settlement.inDoubt(k, sign[k]) && sample.counts()[k] == 1 && targets[k] > 0.5) {
          doubt.add(k);
        }
      }
      letFloat(doubt, weights, settlement.scale());
      return wrongSideOutside();
    }

    private int[] wrongSideOutside() {
      double[] side = sides(x);
      boolean[] inside = new boolean[side.length];
      for (int row : sample.rows()) {
        inside[row] = true;
      }
      return IntStream.range(0, side.length)
          .filter(i -> side[i] <= 0 && target[i] > 0 && !inside[i])
          .toArray();
    }

    private int[] retrieve(
        TallMatrix few,
        Vector offset,
        GramFactor gram,
        Magnitudes magnitudes,
        Vector t,
        double[] targets,
        Vector counts,
        Settlement settlement,
        Vector sampleSigns,
        Workspace own) {
      double[] counted = hostWeights(t);
      double[] weights = uncounted(counted);
      double[] norms = new double[weights.length];
      double[] slacks = new double[weights.length];
      for (int k = 0; k < norms.length; k++) {
        norms[k] = targets[k] / (counted[k] * counted[k]); // ||R^-T a_k||^2
        slacks[k] = 1 / weights[k];
      }
      double[] sign = new double[weights.length];
      double misfit =
          new Retrieval(few, offset, gram, own)
              .run(
                  own.upload(counted),
                  own.upload(norms),
                  own.upload(slacks),
                  random.split(),
                  searches == 0,
                  isWhole() ? SETTLED : SETTLED_SAMPLE,
                  steps,
                  found -> {
                    device.download(found, sign);
                    return settlement.settle(t, counted, targets, sign, counts, x, 8, sampleSigns);
                  });
      if (Double.isNaN(misfit)) {
        return null;
      }
      if (moreExact(magnitudes, settlement, t)) {
        double[] exactly = hostWeights(t);
        settlement.settle(t, exactly, targets, sign, counts, x, 8, sampleSigns);
        weights = uncounted(exactly);
      }
      List<Integer> doubt = new ArrayList<>();
      for (int k = 0; k < sign.length; k++) {
        if (settlement.isUncertain(k, sign[k])) {
          doubt.add(k);
        }
      }
      letFloat(doubt, weights, settlement.scale());
      return new int[0];
    }

    private void letFloat(List<Integer> doubt, double[] weights, double[] c) {
      floatingRows = doubt.stream().mapToInt(k -> sample.rows()[k]).toArray();
      omega = doubt.stream().mapToDouble(k -> Math.abs(weights[k] / c[k])).toArray();
    }

    /** The rows that ask equations. */
    private Sample equations(double wanted) {
      int n = (int) A.rows();
      if (1.5 * wanted >= n) {
        double[] once = new double[n];
        Arrays.fill(once, 1);
        return new Sample(IntStream.range(0, n).toArray(), once);
      }
      return sample.thinned(target, wanted, random);
    }

    void refine(boolean secondChance) {
      int d = A.columns();
      double many = 4.0 * d + 40;
      double cheap = 0.4 * A.rows() * d / sample.size();
      double few = Math.max(1.2 * d + 4, Math.min(many, Math.min(A.rows() / 40.0, cheap)));
      refine(equations(few), new Floating(A, floatingRows, omega, device));
      if (!secondChance || limitReached) {
        return;
      }
      refineFromRounding(few);
      if (bestMismatch > good()) { // a narrow row with the wrong sign? let all heavy rows float
        int[] heavy = Arrays.stream(sample.rows()).filter(i -> target[i] > HEAVY).toArray();
        if (heavy.length > 0) {
          refine(equations(many), new Floating(A, heavy, weightsOf(heavy), device));
          refineFromRounding(few);
        }
      }
    }

    /** Where rounding of G(x) may be what is left: goes on with R at the best x as coordinates. */
    private void refineFromRounding(double wanted) {
      if (bestMismatch > agreement(VERIFIED, bestFloor)
          && bestMismatch < ROUNDING
          && !accepted
          && rebaseAtBest()) {
        refine(equations(wanted), new Floating(A, new int[0], new double[0], device));
      }
    }

    /** False where the coordinates are good enough as they are. */
    private boolean rebaseAtBest() {
      try (Workspace own = new Workspace(device)) {
        coordinates.fromOriginal(bestX, x);
        TallMatrix rows = A.rows(sample.rows(), own);
        GramFactor gram = new GramFactor(A.columns(), own);
        double[] weights = weightsOf(sample.rows());
        for (int k = 0; k < weights.length; k++) {
          weights[k] *= Math.sqrt(sample.counts()[k]);
        }
        boolean regular = gram.ofRows(rows, own.upload(weights));
        double loss = Math.ulp(1.0) * gram.condition() * gram.condition();
        if (!regular || (bestMismatch > SURELY_ROUNDING && loss < 0.01 * bestMismatch)) {
          return false;
        }
        coordinates.rebase(gram, A, A);
        coordinates.fromOriginal(bestX, x);
        return true;
      }
    }

    private double[] weightsOf(int[] rows) {
      try (Workspace own = new Workspace(device)) {
        Vector s = own.vector(rows.length);
        Vector offset = own.vector(rows.length);
        A.rows(rows, own).times(x, s);
        device.gather(b, rows, offset);
        device.axpy(-1, offset, s); // s = A x - b
        double[] w = new double[rows.length];
        device.download(s, w);
        for (int k = 0; k < w.length; k++) {
          w[k] = w[k] == 0 ? 1 / Double.MIN_NORMAL : Math.abs(1 / w[k]);
        }
        return w;
      }
    }

    private void refine(Sample equations, Floating floating) {
      try (Workspace own = new Workspace(device)) {
        Refinement refinement =
            new Refinement(
                A,
                b,
                targetVector,
                target,
                signs,
                rowLength,
                coordinates.inverseOrNull(),
                tolerance,
                Math.min(limit, 40),
                precision,
                steps,
                own);
        Refinement.Outcome outcome =
            refinement.run(x, equations, sample, floating, exact ? this::check : null);
        iterations += outcome.iterations();
        jacobianRatio =
            Double.isNaN(outcome.jacobianRatio()) ? jacobianRatio : outcome.jacobianRatio();
        if (outcome.end() == Refinement.End.PREDICTED) {
          return;
        }
        limitReached |= limit < 40 && outcome.end() == Refinement.End.LIMIT;
        keep(coordinates.toOriginal(x), null, outcome.mismatch(), outcome.floor());
      }
    }

    /** Verifies a point that is predicted to agree, and keeps it. */
    private double check(Vector at, double ratio) {
      double[] candidate = coordinates.toOriginal(at);
      Verified there = verifier.at(candidate);
      double[] verdict = judge(there);
      steps.step("verification", iterations, verdict[0]);
      keep(candidate, there, verdict[0], verdict[1]);
      double enough = Math.max(VERIFIED, Math.min(GOOD, SLACKS_KNOWN * ratio));
      accepted = verdict[0] <= agreement(enough, verdict[1]);
      return accepted ? 0 : verdict[0];
    }
  }
}
