package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.method.leastsquares.StandardErrors;
import org.levinv.model.GramFactor;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.Profile;
import org.levinv.pass.SignRule;
import org.levinv.rows.RowStore;

/**
 * From target scores to x with no start point for weights that are a function of A x - b: on a
 * sample of rows weights up to one factor, then x; on all rows the refinement. What is found is
 * judged by its caller; a sample that led nowhere is followed by one of four times the rows.
 */
public final class LinkMethod {

  /** Log weights are found up to this: a start is told from a wrong one by its misfit. */
  private static final double MAGNITUDES = 1e-5;

  /** Evaluations of the scores of the sample for that. */
  private static final int EVALUATIONS = 60;

  /** A start is right where its misfit is this many times what noise leads one to expect, ... */
  private static final double RIGHT_NOISY = 1.3;

  /** ... or what was left of the magnitudes, or the share of a sample in the scores of its rows. */
  private static final double RIGHT = 3;

  /**
   * Where noise is not known, one up to this is right that two starts find; 1 is no fit at all. Of
   * a sample, whose magnitudes are rough, any that tells something: all rows are asked next.
   */
  private static final double FAIR = 0.1;

  /** A misfit above this says little of a start: all are tried, and the least is taken. */
  private static final double TELLING = 0.5;

  private static final int ITERATIONS = 60;

  /** Least squares ends where another step promises less than this part of the loss. */
  public static final double PROMISES_NOTHING = LinkRefinement.TOLERANCE;

  /**
   * What is asked for.
   *
   * @param signs of A x - b, as far as they are known; of a peaked f, of A x - b less the peak
   * @param homogeneous whether b is 0
   * @param uncertainty of the targets
   * @param searches on all rows, with other starts, as long as the judge has not enough
   * @param isNoiseKnown whether that is all that keeps them from scores that some x has
   */
  public record Request(
      Weights weights,
      SignRule signs,
      boolean homogeneous,
      ScoreUncertainty uncertainty,
      int searches,
      boolean isNoiseKnown,
      double noise,
      double tolerance,
      int limit,
      long seed) {}

  /**
   * Where the search begins.
   *
   * @param passed attempts that an earlier run made
   * @param x where the next one is taken up, in the units of the store, or null
   * @param isRefined whether that has been refined
   */
  public record Begin(int passed, double[] x, boolean isRefined) {}

  /**
   * Where least squares ended.
   *
   * @param predicted the decrease of the loss, relative to it, that another step promises
   * @param isLimit whether the limit of iterations ended it
   */
  public record Descent(double predicted, boolean isLimit) {}

  /** Judges an x in the units of the store: whether another search is called for. */
  @FunctionalInterface
  public interface Judge {
    boolean isEnough(double[] x);
  }

  private final RowStore rows;
  private final Request request;
  private final Weights weights;
  private final Steps steps;
  private final Sampler sampler;
  private final double infeasible;
  private final Coordinates coordinates;
  private final Begin begin;
  private boolean conditioned;
  private boolean isOne;
  private int iterations;
  private double unit;
  private double[] placed;
  private boolean settled;

  /**
   * @param profile of these rows, of a survey with {@link GlobalMethod#draws}
   */
  public LinkMethod(
      RowStore rows, Profile profile, Request request, Begin begin, Steps steps, Workspace space) {
    this.rows = rows;
    this.request = request;
    this.begin = begin;
    this.steps = steps;
    weights = request.weights();
    infeasible =
        Math.max(
            request.noise(),
            FeasibleTarget.noise(profile.targetSum(), profile.largestTarget(), rows.columns()));
    sampler = new Sampler(rows, profile);
    coordinates = new Coordinates(rows, space);
  }

  /** Steps of all stages. */
  public int iterations() {
    return iterations;
  }

  /** The x of the last placement, before its refinement, in the units of the store; or null. */
  public double[] placed() {
    return placed;
  }

  /**
   * Whether the last x of {@link #run} is where logit errors no longer decrease: least squares ends
   * nearby.
   */
  public boolean isSettled() {
    return settled;
  }

  /**
   * Whether rows seem to be several problems, which is why {@link #run} ended: each has a factor of
   * its own, for which one fit has no room.
   */
  public boolean mayDecouple() {
    return !isOne && conditioned;
  }

  /** Rows are one problem, whatever they seem to be. */
  public void takeAsOne() {
    isOne = true;
  }

  /**
   * Searches until the judge has enough, or nothing is left to be tried; not where rows seem to be
   * several problems.
   */
  public void run(Judge judge) {
    long n = rows.rows();
    int d = rows.columns();
    SearchSchedule schedule =
        new SearchSchedule(
            n, SearchSchedule.firstSize(n, d), Double.POSITIVE_INFINITY, request.searches());
    SplittableRandom random = new SplittableRandom(request.seed());
    int number = 1;
    for (; number <= begin.passed() && schedule.next(); number++) {
      random.split(); // its draws were made
    }
    boolean found;
    double[] takenUp = begin.x();
    isOne |= begin.passed() > 0 || takenUp != null; // as it was found before
    do {
      double[] x = search(schedule, number++, random.split(), takenUp);
      takenUp = null;
      found = x != null && judge.isEnough(x);
    } while (!found && isOne && schedule.next());
  }

  private double[] search(
      SearchSchedule schedule, int number, SplittableRandom draws, double[] takenUp) {
    Sampler.Drawn drawn = sampler.draw(schedule.size());
    steps.attempt(number, drawn.numbers().length);
    try (SampleProblem sample = new SampleProblem(rows, drawn, infeasible);
        Workspace own = new Workspace(rows.device())) {
      Vector x = own.vector(rows.columns());
      Start start = start(sample, own);
      if (takenUp != null) {
        coordinates.fromOriginal(takenUp, x);
      } else if (!place(sample, start, schedule.search() > 0, draws, x, own)) {
        return null;
      }
      placed = coordinates.toOriginal(x);
      unit = unitAt(sample, x, own);
      settled = false;
      if (takenUp != null && begin.isRefined()) {
        return placed;
      }
      LinkRefinement.End end =
          refinement(own).run(x, request.tolerance(), Math.min(request.limit(), ITERATIONS));
      iterations += end.iterations();
      settled = end.isSettled();
      return coordinates.toOriginal(x);
    }
  }

  private LinkRefinement refinement(Workspace own) {
    return new LinkRefinement(rows, weights, unit, heard(), own);
  }

  /** Tells of points in the units of the store. */
  private Steps heard() {
    return new Steps() {
      @Override
      public void step(String stage, int iteration, double residual) {
        steps.step(stage, iteration, residual);
      }

      @Override
      public void point(Supplier<double[]> x) {
        steps.point(() -> coordinates.toOriginal(x.get()));
      }
    };
  }

  /** The largest log f of the sample, so that weights of all rows are of order 1. */
  private double unitAt(SampleProblem sample, Vector x, Workspace own) {
    Vector s = own.vector(sample.size());
    sample.slack(x, s);
    rows.device().map(weights.log(), weights.parameter(), s, null, null, s);
    rows.device().axpy(1, own.upload(sample.prior()), s);
    double largest = rows.device().max(s);
    return Double.isFinite(largest) ? largest : 0;
  }

  /**
   * Log weights to begin with.
   *
   * @param counted targets
   * @param gram with their Gram matrix where it is factored
   */
  private record Start(Vector t, Vector counted, GramFactor gram, boolean isFactored) {}

  /** Sets the coordinates, once, by a first sample. */
  private Start start(SampleProblem sample, Workspace own) {
    Vector counted = own.upload(sample.countedTargets());
    Vector t = own.vector(sample.size());
    GramFactor gram = new GramFactor(rows.columns(), own);
    Conditioning.startWeights(sample, counted, t);
    boolean factored = false;
    if (!conditioned) {
      conditioned = true;
      Conditioning conditioning = new Conditioning(rows, sample, coordinates).withoutOffset();
      factored = conditioning.improve(counted, gram, t);
    }
    return new Start(t, counted, gram, factored);
  }

  private boolean place(
      SampleProblem sample,
      Start start,
      boolean again,
      SplittableRandom draws,
      Vector x,
      Workspace own) {
    Device device = rows.device();
    Vector counted = start.counted();
    Vector t = start.t();
    GramFactor gram = start.gram();
    boolean factored = start.isFactored();
    if (!isOne) {
      factored = factored || factor(sample, t, gram);
      isOne = factored && isOne(sample, t, gram);
      if (!isOne) {
        return false;
      }
    }
    Magnitudes magnitudes = new Magnitudes(sample.A(), counted, sample.isWhole(), false, gram, own);
    boolean placed =
        magnitudes.run(t, factored, MAGNITUDES, Math.min(request.limit(), EVALUATIONS), steps);
    iterations += magnitudes.evaluations();
    if (!placed) {
      return false;
    }
    double[] once = new double[sample.size()];
    device.download(t, once);
    double[] prior = sample.prior();
    Arrays.setAll(once, k -> once[k] - prior[k] - 0.5 * Math.log(sample.counts()[k]));
    LinkPlacement placement =
        new LinkPlacement(
            sample.A(), sample.b(), once, counted, weights, request.homogeneous(), own);
    double right = right(sample, magnitudes.reached()) / placement.spread() + 1e-8;
    right = right <= TELLING ? right : 0;
    double fair = !sample.isWhole() ? TELLING : request.isNoiseKnown() ? 0 : FAIR;
    double misfit = placement.find(signs(sample, own), draws, again, right, fair, x);
    steps.step("placement", iterations, misfit);
    return misfit < Double.POSITIVE_INFINITY;
  }

  /** The factor of the sample's Gram matrix at t; false where that is singular. */
  private boolean factor(SampleProblem sample, Vector t, GramFactor gram) {
    try (Workspace own = new Workspace(rows.device())) {
      Vector squares = own.vector(sample.size());
      return Magnitudes.factor(gram, sample.A(), weights(t, own), squares, rows.device());
    }
  }

  /** Whether the sample shows that no rows are problems of their own; its factor is that at t. */
  private boolean isOne(SampleProblem sample, Vector t, GramFactor gram) {
    SplittableRandom own = new SplittableRandom(request.seed());
    try (Workspace space = new Workspace(rows.device())) {
      return RowCoupling.isOne(sample.A(), weights(t, space), gram, own, rows.device());
    }
  }

  /** e^{t - max t}. */
  private static Vector weights(Vector t, Workspace space) {
    Vector w = space.vector(t.length());
    space.device().map(Formula.EXP, space.device().max(t), t, null, null, w);
    return w;
  }

  /** On which branch each row of the sample is, or null where that is not known. */
  private Vector signs(SampleProblem sample, Workspace own) {
    if (!request.signs().isKnown()) {
      return null;
    }
    Vector signs = own.vector(sample.size());
    sample.signs(request.signs(), rows, signs);
    return signs;
  }

  /** The error of t up to which a fit to it may be right, a root mean square weighted by D. */
  private double right(SampleProblem sample, double reached) {
    double[] target = sample.countedTargets();
    double degrees = 0;
    double variance = 0;
    for (int k = 0; k < target.length; k++) {
      double s = sample.counts()[k] * request.uncertainty().deviation(sample.target()[k]);
      double D = target[k] * (1 - target[k]);
      degrees += D;
      variance += D > 0 ? s * s / (4 * D) : 0; // t moves by s / (2 D), weighted by D
    }
    double noise = RIGHT_NOISY * Math.sqrt(variance / degrees);
    double share = sample.isWhole() ? 0 : Math.sqrt(rows.columns() / (double) sample.size());
    return noise + RIGHT * (reached + 0.1 * share);
  }

  /**
   * The least-squares optimum for the target as it was given, from an x in the units of the store.
   *
   * @param x d entries, which the optimum takes the place of
   * @return how it ended
   */
  public Descent leastSquares(double[] x) {
    try (Workspace own = new Workspace(rows.device())) {
      Vector at = own.vector(rows.columns());
      coordinates.fromOriginal(x, at);
      LinkRefinement.End end =
          refinement(own).leastSquares(at, Math.min(request.limit(), ITERATIONS));
      iterations += end.iterations();
      System.arraycopy(coordinates.toOriginal(at), 0, x, 0, x.length);
      return new Descent(end.predicted(), end.isLimit());
    }
  }

  /**
   * Standard errors of x, the least-squares optimum; null where they cannot be had.
   *
   * @param x in the units of the store
   * @param deviation of a row's target, from it and the score
   * @param isShape whether the residuals tell how large these are
   * @param toUser from the units of the store
   */
  public double[] standardErrors(
      double[] x, DoubleBinaryOperator deviation, boolean isShape, UnaryOperator<double[]> toUser) {
    return StandardErrors.of(
        coordinates.fromOriginal(x),
        rows,
        weights,
        unit,
        deviation,
        isShape,
        move -> toUser.apply(coordinates.toOriginal(move)),
        request.seed());
  }

  /**
   * The mean of all x whose scores round to the targets, and their spread; null where there is none
   * near x, without errors where scores leave x free to move.
   *
   * @param x in the units of the store
   * @param toUser from the units of the store
   */
  public RoundedFit rounded(double[] x, UnaryOperator<double[]> toUser) {
    RoundedFit fit =
        RoundedFit.of(
            coordinates.fromOriginal(x),
            rows,
            weights,
            unit,
            request.uncertainty()::delta,
            move -> toUser.apply(coordinates.toOriginal(move)),
            request.seed());
    return fit == null ? null : new RoundedFit(coordinates.toOriginal(fit.x()), fit.errors());
  }

  /**
   * Whether there is an x whose scores round to the targets near this one.
   *
   * @param x in the units of the store
   */
  public boolean mayRound(double[] x) {
    double[] at = coordinates.fromOriginal(x);
    return RoundedFit.exists(at, rows, weights, unit, request.uncertainty()::delta);
  }

  /**
   * How well the scores determine x.
   *
   * @param x d entries, in the coordinates of the store
   * @param direction takes the direction in which they do so the least, likewise
   */
  public static SingularValues determine(
      RowStore rows, Weights weights, double[] x, double[] direction) {
    try (Workspace own = new Workspace(rows.device())) {
      Vector least = own.vector(rows.columns());
      LinkRefinement at = new LinkRefinement(rows, weights, 0, (stage, step, residual) -> {}, own);
      SingularValues found = at.determine(own.upload(x), least);
      rows.device().download(least, direction);
      return found;
    }
  }

  /**
   * How well the scores determine x, in the units of the store.
   *
   * @param direction takes the direction in which they do so the least, d entries
   */
  public SingularValues determine(double[] x, double[] direction) {
    try (Workspace own = new Workspace(rows.device())) {
      Vector at = own.vector(rows.columns());
      Vector least = own.vector(rows.columns());
      coordinates.fromOriginal(x, at);
      SingularValues found = refinement(own).determine(at, least);
      System.arraycopy(coordinates.toOriginal(least), 0, direction, 0, direction.length);
      return found;
    }
  }
}
