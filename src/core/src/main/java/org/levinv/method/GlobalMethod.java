package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.levinv.device.DeviceException;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.model.ScoreError;
import org.levinv.pass.Draws;
import org.levinv.pass.FactorPass;
import org.levinv.pass.Profile;
import org.levinv.pass.SignRule;
import org.levinv.pass.SlackGram;
import org.levinv.pass.SlackGramPass;
import org.levinv.pass.SlackWeights;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;

/**
 * From target scores to x with no start point. The target says which rows matter: a sample drawn by
 * it is a small problem of the same kind, whose solution (magnitudes, position) starts the
 * refinement on all rows. A start that fails is tried again with four times the rows, at last with
 * all.
 */
public final class GlobalMethod {

  /** Times that rows on the wrong side may join a sample. */
  private static final int JOINS = 5;

  /** Rows with a larger target are relaxed in the second chance of a refinement. */
  private static final double HEAVY = 0.7;

  /** Floating point may leave this much of the mismatch, in units of the rounding of the slacks. */
  private static final double FLOORS = 5;

  /**
   * Uncertain scores end a search up to this many of their floors: equations of few rows carry
   * their errors on to all. Least squares on all rows follows.
   */
  private static final double NOISE_FLOORS = 100;

  /** Where rounding does more than this to scores, they say nothing of x. */
  public static final double HOPELESS = 5e-4;

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

  /** cond(R) up to which other coordinates gain less than two digits. */
  private static final double ORTHONORMAL = 10;

  /** Other coordinates help where eps cond(R)^2 is at least this share of the mismatch. */
  private static final double SHARE_OF_ROUNDING = 0.01;

  /** A mismatch below this needs no other start. */
  private static final double GOOD = 1e-10;

  /** Searches on all rows after a first one that failed, each with finer magnitudes. */
  public static final int MORE_SEARCHES = 3;

  /** Iterations of a refinement. */
  private static final int ITERATIONS = 40;

  /**
   * What is asked for.
   *
   * @param signs what is known of them
   * @param maybeEqual whether they may be all the same, where nothing is known
   * @param start a hint, or null: an x that is refined before all else, in its cell of signs, and
   *     whose answer is taken where it agrees
   * @param attempts that were made before, in vain, and are not made again
   * @param exact whether some x has these scores, for all that is known; if not, one start suffices
   * @param largest score that a target may stand for, for all that is printed of it
   * @param noiseFloor what the uncertainty of the scores does to the mismatch of the right x
   * @param tolerance of the mismatch
   * @param limit on the steps of each stage
   * @param precision of the Gram matrices of the first steps of a refinement
   * @param sampleFactor how much larger the first sample is than it would be
   * @param moreSearches on all rows after a first one that failed, {@link #MORE_SEARCHES} or fewer
   * @param mostSampleRows that fit in the memory for samples
   */
  public record Request(
      SignRule signs,
      boolean maybeEqual,
      double[] start,
      int attempts,
      boolean exact,
      double largest,
      double noiseFloor,
      double tolerance,
      int limit,
      Precision precision,
      long seed,
      double sampleFactor,
      int moreSearches,
      double mostSampleRows) {}

  /**
   * What was reached.
   *
   * @param x the best one, in the units of the store
   * @param verified what was verified there, or null where it was not
   * @param mismatch on all rows: the larger of the relative residual and the mean logit error
   * @param floor what rounding of the slacks does to it
   * @param signs what is known of the signs now
   * @param ray where b = A x_b was found, so that every scale of A x - b has the same scores: x -
   *     x_b; else null
   * @param offsetInRange whether that is so
   * @param singularValues of the Jacobian, as far as they are known
   * @param placed the x of the last placement, before its refinement, or a guess, or null
   */
  public record Outcome(
      double[] x,
      Verified verified,
      double mismatch,
      double floor,
      boolean limitReached,
      SignRule signs,
      boolean offsetInRange,
      double[] ray,
      SingularValues singularValues,
      double[] placed,
      int iterations) {}

  /** Recomputes the scores at an x in the units of the store from the original data. */
  @FunctionalInterface
  public interface Verifier {
    Verified at(double[] x);
  }

  /**
   * What was recomputed from the original data.
   *
   * @param error of all scores
   * @param positive slacks above 0 of rows with a positive target
   * @param negative slacks below 0 of such rows
   */
  public record Verified(ScoreError error, long positive, long negative) {}

  private final RowStore rows;
  private final Request request;
  private final Verifier verifier;
  private final Steps steps;
  private final Sampler sampler;
  private final double noise;
  private final Coordinates coordinates;
  private final Vector x;
  private final SplittableRandom random;

  private SignRule signs;
  private boolean maybeEqual;
  private int attempts;
  private boolean conditioned;
  private int iterations;
  private boolean crawls;
  private boolean limitReached;
  private boolean offsetInRange;
  private double[] ray;
  private SingularValues singularValues = SingularValues.UNKNOWN;
  private double[] start;
  private double[] best;
  private Verified bestVerified;
  private double bestMismatch = Double.POSITIVE_INFINITY;
  private double bestFloor;
  private boolean accepted;
  private boolean samplesCut;
  private double[] placed;

  /**
   * @param rows with offsets and targets, in their units
   * @param profile of these rows, of a survey with {@link #draws}
   */
  public GlobalMethod(
      RowStore rows,
      Profile profile,
      Request request,
      Verifier verifier,
      Steps steps,
      Workspace space) {
    this.rows = rows;
    this.request = request;
    this.verifier = verifier;
    this.steps = steps;
    sampler = new Sampler(rows, profile);
    int d = rows.columns();
    noise = FeasibleTarget.noise(request.exact() ? d : profile.targetSum(), request.largest(), d);
    coordinates = new Coordinates(rows, space);
    x = space.vector(d);
    random = new SplittableRandom(request.seed());
    signs = request.signs();
    maybeEqual = request.maybeEqual();
    start = request.start();
  }

  /** What the survey of n x d rows should draw for this method. */
  public static Draws draws(long seed, long n, int d) {
    return Sampler.ahead(seed, n, d, SearchSchedule.firstSize(n, d));
  }

  /**
   * The mismatch up to which scores agree with the target, where rounding of the slacks does {@code
   * floor} to it.
   */
  public static double effectiveTolerance(double tolerance, double floor) {
    return Math.max(tolerance, Math.min(rounding(floor), HOPELESS));
  }

  /** The mismatch that rounding may leave, where it does {@code floor} to it, however much. */
  public static double rounding(double floor) {
    return FLOORS * floor;
  }

  /** The mismatch from which least squares finds the right x, for uncertain scores. */
  public static double near(double noiseFloor) {
    return NOISE_FLOORS * noiseFloor;
  }

  /**
   * After the search: R of diag(A x - b)^-1 A at a point, d numbers in the units of the store,
   * becomes the coordinates of all rows, in which G(x) is the identity and rounds the least; 2 n
   * d^2 flops. Nothing changes where it all but is.
   */
  public void moveCoordinatesTo(double[] point) {
    try (Workspace own = new Workspace(rows.device())) {
      GramFactor factor = new GramFactor(rows.columns(), own);
      SlackWeights weights = new SlackWeights(coordinates.fromOriginal(point));
      if (factor.ofTriangle(rows.run(new FactorPass(weights, false)))
          && factor.condition() > ORTHONORMAL) {
        coordinates.rebase(factor);
      }
    }
  }

  /** The coordinates in which the store's blocks are now. */
  public Coordinates coordinates() {
    return coordinates;
  }

  /** The x of the last placement, or a first guess before, in the units of the store; or null. */
  public double[] placed() {
    return placed == null ? null : placed.clone();
  }

  /** Whether larger samples were called for and not tried, for want of memory. */
  public boolean samplesCut() {
    return samplesCut;
  }

  /** Searches until the scores agree, or nothing is left to be tried. */
  public Outcome run() {
    long n = rows.rows();
    int d = rows.columns();
    SearchSchedule schedule =
        new SearchSchedule(
            n,
            request.sampleFactor() * SearchSchedule.firstSize(n, d),
            request.mostSampleRows(),
            request.moreSearches());
    while (attempts < request.attempts()) {
      pass(schedule);
    }
    boolean found = start != null && search(schedule) && !offsetInRange;
    if (!found && start != null) {
      forgetStart();
    }
    while (!found) {
      found = search(schedule) || isForOthers() || !(schedule.next() || otherSigns(schedule));
    }
    samplesCut = schedule.isCut();
    if (best == null) {
      best = new double[d];
    }
    if (request.maybeEqual() && signs.isKnown()) {
      lookAtSigns();
    }
    return new Outcome(
        best,
        bestVerified,
        bestMismatch,
        bestFloor,
        limitReached,
        signs,
        offsetInRange,
        ray,
        singularValues,
        placed,
        iterations);
  }

  /**
   * Whether weakly coupled rows are why a sample failed: all rows would fail as well, at many times
   * the cost, and a search by groups follows.
   */
  private boolean isForOthers() {
    return hasOthers() && crawls;
  }

  private boolean hasOthers() {
    return request.moreSearches() == 0;
  }

  /** Leaves an attempt out, as if it had led nowhere. */
  private void pass(SearchSchedule schedule) {
    attempts++;
    if (!schedule.next()) {
      signs = SignRule.NONE;
      maybeEqual = false;
      schedule.again();
    }
  }

  /**
   * The hint led nowhere: its best x stays until a better one is found, and its signs count no
   * more.
   */
  private void forgetStart() {
    start = null;
    signs = request.signs();
    limitReached = false;
  }

  /** They looked equal, and that led nowhere. */
  private boolean otherSigns(SearchSchedule schedule) {
    if (schedule.isCut() || !maybeEqual || !signs.isKnown()) {
      return false;
    }
    signs = SignRule.NONE;
    maybeEqual = false;
    schedule.again();
    return true;
  }

  /** One sample, and what comes of it; true where no other is called for. */
  private boolean search(SearchSchedule schedule) {
    steps.attempt(++attempts, Math.round(schedule.size()));
    Sampler.Drawn drawn = sampler.draw(schedule.size());
    boolean wasPlaced = false;
    for (int join = 0; join < JOINS && !wasPlaced; join++) {
      try (SampleProblem sample = new SampleProblem(rows, drawn, noise);
          Workspace own = new Workspace(rows.device())) {
        RelaxedRows relaxed =
            start != null ? startAt(sample, own) : place(sample, schedule.search(), own);
        if (relaxed == null || offsetInRange) {
          break;
        }
        PointGram gram = new PointGram(rows, sample, own);
        long[] outside = wrongSideOutside(gram, relaxed, drawn);
        if (outside.length > 0 && join < JOINS - 1) {
          drawn = drawn.with(outside, rows.gather(Field.TARGET, outside));
          continue;
        }
        wasPlaced = true;
        placed = coordinates.toOriginal(x);
        refine(sample, gram, relaxed);
      }
    }
    if (offsetInRange && start == null) {
      keep(coordinates.toOriginal(x), null, Double.POSITIVE_INFINITY, 0);
    }
    return offsetInRange
        || bestMismatch <= Math.max(good(), FLOORS * bestFloor)
        || (start == null && (limitReached || (wasPlaced && !request.exact())));
  }

  // ---- start

  private RelaxedRows startAt(SampleProblem sample, Workspace own) {
    Placement placement = placement(sample, own);
    condition(sample, placement);
    coordinates.fromOriginal(start, x);
    signs = SignRule.at(values(x));
    return RelaxedRows.none(sample);
  }

  /** x by the sample; null where the rows do not determine it, or on the ray of solutions. */
  private RelaxedRows place(SampleProblem sample, int search, Workspace own) {
    Placement placement = placement(sample, own);
    boolean factored = condition(sample, placement);
    if (offsetInRange) {
      Vector y = placement.placeOnRay(signs, x);
      ray = y == null ? null : coordinates.toOriginal(y);
      return null;
    }
    Placement.Start found;
    try {
      found = placement.find(factored, signs, maybeEqual, search, random.split(), x);
    } catch (RuntimeException e) {
      guess(placement);
      throw e;
    }
    crawls |= placement.crawls();
    iterations += placement.evaluations();
    if (found == null) {
      return null;
    }
    signs = found.signs();
    return found.relaxed();
  }

  /** Something to show of a search that is ended before anything else. */
  private void guess(Placement placement) {
    try {
      if (placed == null && placement.guess(x)) {
        double[] guess = coordinates.toOriginal(x);
        placed = Arrays.stream(guess).allMatch(Double::isFinite) ? guess : null;
      }
    } catch (DeviceException e) {
      // it was that which ended the search
    }
  }

  private Placement placement(SampleProblem sample, Workspace own) {
    return new Placement(
        rows, sample, coordinates, request.exact(), hasOthers(), request.limit(), steps, own);
  }

  /** Once, by the first sample; whether its factor belongs to the start weights. */
  private boolean condition(SampleProblem sample, Placement placement) {
    if (conditioned) {
      return false;
    }
    conditioned = true;
    Conditioning conditioning = new Conditioning(rows, sample, coordinates);
    boolean factored = placement.condition(conditioning);
    offsetInRange = conditioning.offsetInRange();
    return factored;
  }

  /**
   * Rows on the wrong side of the signs that are known, which are not in the sample: the first
   * reading of the refinement tells.
   */
  private long[] wrongSideOutside(PointGram gram, RelaxedRows relaxed, Sampler.Drawn drawn) {
    if (!signs.isKnown() || start != null) {
      return new long[0];
    }
    gram.goTo(x, null, relaxed, signs, request.precision());
    return Arrays.stream(gram.wrongSide().numbers())
        .filter(number -> drawn.position(number) < 0)
        .toArray();
  }

  // ---- refinement

  /** The mismatch that needs no more steps, where rounding and uncertain scores leave their own. */
  private double enough(double tolerance, double floor) {
    return Math.max(effectiveTolerance(tolerance, floor), FLOORS * request.noiseFloor());
  }

  private double good() {
    return Math.max(effectiveTolerance(GOOD, bestFloor), near(request.noiseFloor()));
  }

  private void refine(SampleProblem sample, PointGram gram, RelaxedRows relaxed) {
    double n = rows.rows();
    int d = rows.columns();
    double many = 4.0 * d + 40;
    double cheap = 0.4 * n * d / sample.size();
    double few = Math.max(1.2 * d + 4, Math.min(many, Math.min(n / 40.0, cheap)));
    refine(sample, gram, few, relaxed);
    if (start != null || !request.exact() || limitReached) {
      return;
    }
    refineFromRounding(sample, gram, few);
    if (bestMismatch > good()) { // a narrow row with the wrong sign? relax all heavy rows
      int[] heavy =
          IntStream.range(0, sample.size()).filter(k -> sample.target()[k] > HEAVY).toArray();
      if (heavy.length > 0) {
        refine(sample, gram, many, new RelaxedRows(sample, heavy, sample.magnitudesAt(x, heavy)));
        refineFromRounding(sample, gram, few);
      }
    }
  }

  /** Where rounding of G(x) may be what is left: goes on with R at the best x as coordinates. */
  private void refineFromRounding(SampleProblem sample, PointGram gram, double wanted) {
    if (bestMismatch > enough(VERIFIED, bestFloor)
        && bestMismatch < ROUNDING
        && !accepted
        && rebaseAtBest(sample)) {
      gram.forget();
      refine(sample, gram, wanted, RelaxedRows.none(sample));
    }
  }

  /** False where the coordinates are good enough as they are. */
  private boolean rebaseAtBest(SampleProblem sample) {
    try (Workspace own = new Workspace(rows.device())) {
      coordinates.fromOriginal(best, x);
      GramFactor factor = new GramFactor(rows.columns(), own);
      double[] weights = sample.magnitudesAt(x, sample.counted().rows());
      for (int k = 0; k < weights.length; k++) {
        weights[k] *= Math.sqrt(sample.counts()[k]);
      }
      boolean regular = factor.ofRows(sample.A(), own.upload(weights));
      double loss = Math.ulp(1.0) * factor.condition() * factor.condition();
      if (!regular || (bestMismatch > SURELY_ROUNDING && loss < SHARE_OF_ROUNDING * bestMismatch)) {
        return false;
      }
      coordinates.rebase(factor, sample);
      coordinates.fromOriginal(best, x);
      return true;
    }
  }

  private void refine(SampleProblem sample, PointGram gram, double wanted, RelaxedRows relaxed) {
    try (Workspace own = new Workspace(rows.device())) {
      Refinement refinement =
          new Refinement(
              rows,
              sample,
              new Equations(sample, equations(sample, wanted + relaxed.count()), own),
              relaxed,
              signs,
              coordinates,
              gram,
              new Refinement.Limits(
                  request.tolerance(), Math.min(request.limit(), ITERATIONS), request.precision()),
              request.exact() ? this::check : null,
              steps,
              x,
              own);
      Refinement.Outcome outcome = refinement.run();
      iterations += outcome.iterations();
      singularValues =
          outcome.singularValues().isKnown() ? outcome.singularValues() : singularValues;
      if (outcome.end() == Refinement.End.PREDICTED) {
        return;
      }
      limitReached |= request.limit() < ITERATIONS && outcome.end() == Refinement.End.LIMIT;
      keep(coordinates.toOriginal(x), null, outcome.mismatch(), outcome.floor());
    }
  }

  /** The rows of the sample that ask equations, about {@code wanted}; relaxed ones ask none. */
  private Sample equations(SampleProblem sample, double wanted) {
    if (sample.isWhole() && 1.5 * wanted >= sample.size()) {
      double[] once = new double[sample.size()];
      Arrays.fill(once, 1);
      return new Sample(sample.counted().rows(), once);
    }
    return sample.counted().thinned(sample.target(), wanted, random);
  }

  /** Verifies a point that is predicted to agree, and keeps it. */
  private double check(Vector at, double ratio) {
    double[] candidate = coordinates.toOriginal(at);
    Verified there = verifier.at(candidate);
    double mismatch = there.error().mismatch();
    double floor = there.error().floor();
    steps.step("verification", iterations, mismatch);
    keep(candidate, there, mismatch, floor);
    accepted = mismatch <= enough(Math.max(VERIFIED, Math.min(GOOD, SLACKS_KNOWN * ratio)), floor);
    return accepted ? 0 : mismatch;
  }

  private void keep(double[] solution, Verified verified, double mismatch, double floor) {
    if (mismatch < bestMismatch || best == null) {
      bestMismatch = mismatch;
      bestFloor = floor;
      best = solution;
      bestVerified = verified;
    }
  }

  // ---- signs

  /** Equal signs were a guess, which may end at equal signs of the other kind, or at others. */
  private void lookAtSigns() {
    long positive;
    long negative;
    if (bestVerified != null) {
      positive = bestVerified.positive();
      negative = bestVerified.negative();
    } else {
      coordinates.fromOriginal(best, x);
      SlackGram there =
          rows.run(
              new SlackGramPass(
                  values(x), null, new long[0], new long[0], SignRule.equal(1), Precision.DOUBLE));
      negative = there.wrongSide().offered();
      positive =
          rows.run(
                  new SlackGramPass(
                      values(x),
                      null,
                      new long[0],
                      new long[0],
                      SignRule.equal(-1),
                      Precision.DOUBLE))
              .wrongSide()
              .offered();
    }
    signs = positive > 0 && negative > 0 ? SignRule.NONE : SignRule.equal(negative > 0 ? -1 : 1);
  }

  private double[] values(Vector v) {
    double[] values = new double[rows.columns()];
    rows.device().download(v, values);
    return values;
  }
}
