package org.levinv.solve;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Signs;
import org.levinv.Standing;
import org.levinv.Weights;
import org.levinv.device.Workspace;
import org.levinv.method.GlobalMethod;
import org.levinv.method.Steps;
import org.levinv.method.leastsquares.LeastSquares;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.method.leastsquares.StandardErrors;
import org.levinv.pass.Profile;
import org.levinv.pass.SignRule;
import org.levinv.pass.StartPass;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.MemoryBudget;
import org.levinv.rows.RowStore;
import org.levinv.rows.Units;

/**
 * The stages that look for x, on rows in the units of the solver. Their only caller is {@link
 * GlobalSolve}: x goes in and out in the units of the user.
 */
final class GlobalSearch {

  /**
   * Moves of the coordinates in one descent, at its start and where rounding ended it. More:
   * descents to wrong optima cost more.
   */
  private static final int MOST_MOVES = 2;

  /** The mismatch at which the global method stops: near rounding. */
  private static final double FINE = 3e-13;

  /** Vectors of all rows of a sample that its search has at once, about, and copies of the rows. */
  private static final int VECTORS = 60;

  private static final int COPIES = 3;

  /** Growth of the sample from one attempt to the next: each costs little beside the next. */
  private static final double GROWTH = 4;

  /** Steps of least squares, which costs some three readings each. */
  private static final int LEAST_SQUARES_STEPS = 100;

  /** Hears of candidates, whose scores it verifies. */
  @FunctionalInterface
  interface Candidates {
    VerifiedScores verify(double[] x);
  }

  /** Hears where the search could be taken up: x is in the units of the user, or null. */
  @FunctionalInterface
  interface Standings {
    void at(Standing.Stage stage, int attempts, double residual, Supplier<double[]> x);
  }

  /** Hands steps on, and tells of points in the units of the user. */
  private final class Heard implements Steps {
    private final Standing.Stage stage;
    private final UnaryOperator<double[]> toUser;
    private double residual = Double.NaN;

    Heard(Standing.Stage stage, UnaryOperator<double[]> toUser) {
      this.stage = stage;
      this.toUser = toUser;
    }

    @Override
    public void step(String name, int iteration, double reached) {
      residual = reached;
      watch.step(name, iteration, reached);
    }

    @Override
    public void attempt(int number, long sample) {
      watch.attempt(number, sample);
      boolean isHint = hint != null && number == passed + 1;
      attempts = number - 1 - (hint != null && !isHint ? 1 : 0);
      if (!isHint) {
        standings.at(Standing.Stage.ATTEMPT, attempts, Double.NaN, () -> null);
      }
    }

    @Override
    public void point(Supplier<double[]> x) {
      standings.at(stage, attempts, residual, () -> toUser.apply(x.get()));
    }
  }

  /**
   * Where a search begins.
   *
   * @param attempt searches before this one that noise does not explain: the next takes other draws
   *     and more of them
   * @param moreSearches on all rows after a first one that failed
   * @param hint a point in the units of the user that is tried first, or null
   * @param passed attempts of this search that an earlier run made
   */
  record Begin(int attempt, int moreSearches, double[] hint, int passed) {}

  private final RowStore rows;
  private final Options options;
  private final Watch watch;
  private final Standings standings;
  private final double[] hint;
  private final int passed;
  private final Workspace space;
  private final Candidates candidates;
  private final Units units;
  private final GlobalMethod method;
  private GlobalMethod.Outcome outcome;
  private double[] verifiedAt;
  private VerifiedScores verified;
  private int attempts;
  private double[] descending;
  private double[] suited;

  /**
   * @param rows in the units of the solver
   * @param profile of these rows
   * @param noise of the target
   */
  GlobalSearch(
      RowStore rows,
      Profile profile,
      Options options,
      TargetNoise noise,
      Begin begin,
      Candidates candidates,
      Standings standings,
      Watch watch,
      Workspace space) {
    this.rows = rows;
    this.options = options;
    this.candidates = candidates;
    this.standings = standings;
    this.watch = watch;
    hint = begin.hint();
    passed = begin.passed();
    attempts = passed;
    this.space = space;
    units = rows.units();
    method =
        new GlobalMethod(
            rows,
            profile,
            new GlobalMethod.Request(
                signs(options.signs()),
                options.signs().kind() == Signs.Kind.AUTO,
                units.fromUser(hint),
                passed,
                noise.exact(),
                noise.mostScore(),
                noise.floor(),
                FINE,
                options.maxIterations(),
                options.precision(),
                options.seed() + begin.attempt(),
                Math.pow(GROWTH, begin.attempt()),
                begin.moreSearches(),
                mostSampleRows()),
            this::verify,
            new Heard(Standing.Stage.REFINEMENT, units::toUser),
            space);
  }

  /** Rows of a sample that the memory beside the rows has room for. */
  private double mostSampleRows() {
    double free = rows.device().freeMemory().orElseGet(() -> MemoryBudget.ofHost(0));
    return free / (8.0 * (COPIES * rows.columns() + VECTORS));
  }

  /** The signs that slacks are said to have. */
  static SignRule signs(Signs signs) {
    return switch (signs.kind()) {
      case POSITIVE -> SignRule.equal(1);
      case NEGATIVE -> SignRule.equal(-1);
      case GIVEN -> SignRule.FIELD;
      default -> SignRule.NONE;
    };
  }

  /** Refuses a start point without the signs that are said, or without a sign; one reading. */
  void checkStart(Problem problem) {
    if (options.start() != null) {
      StartPass at = new StartPass(units.fromUser(options.start()), signs(options.signs()));
      Checks.start(rows.run(at), problem.A(), problem.b(), options.start());
    }
  }

  GlobalMethod.Outcome run() {
    outcome = method.run();
    return outcome;
  }

  private GlobalMethod.Verified verify(double[] scaled) {
    VerifiedScores found = candidates.verify(units.toUser(scaled));
    verifiedAt = scaled;
    verified = found;
    return new GlobalMethod.Verified(found.error(), found.positive(), found.negative());
  }

  /** The best x of the stages. */
  double[] solution() {
    return units.toUser(outcome.x());
  }

  /** What was verified there, or null. */
  VerifiedScores verifiedSolution() {
    return outcome.verified() == null || !Arrays.equals(verifiedAt, outcome.x()) ? null : verified;
  }

  /** Whether larger samples were called for and not tried, for want of memory. */
  boolean samplesCut() {
    return method.samplesCut();
  }

  /** The x of the last placement, before its refinement; or null. */
  double[] placed() {
    return units.toUser(method.placed());
  }

  /** A direction of the ray of solutions where b is in the range of A; else null. */
  double[] ray() {
    return units.toUser(outcome.ray());
  }

  /** Where least squares came to from a start. */
  record Descent(double[] x, Optimum optimum) {}

  /**
   * The least-squares optimum for the target as it was given.
   *
   * @param keepSigns whether all slacks keep their signs
   * @param knownLoss at the start, or infinity
   */
  Descent leastSquares(double[] start, boolean keepSigns, double knownLoss) {
    LeastSquares.Outcome found = descend(start, keepSigns, knownLoss, false);
    for (int k = 0; k < MOST_MOVES && found.isRough(); k++) {
      double[] reached = toUser(descending);
      moveCoordinatesTo(reached);
      found = descend(reached, keepSigns, knownLoss, true).after(found);
    }
    return new Descent(toUser(descending), Optimum.of(found));
  }

  private LeastSquares.Outcome descend(
      double[] start, boolean keepSigns, double knownLoss, boolean isSharp) {
    int limit = Math.min(LEAST_SQUARES_STEPS, options.maxIterations());
    try (Workspace own = new Workspace(rows.device())) {
      LeastSquares squares = new LeastSquares(rows, own, options.seed(), limit, keepSigns);
      descending = toLocal(start);
      return (isSharp ? squares.sharpened() : squares)
          .run(descending, new Heard(Standing.Stage.LEAST_SQUARES, this::toUser), knownLoss);
    }
  }

  /** The best point of a descent that was ended by a limit. */
  double[] reached() {
    return toUser(descending);
  }

  /**
   * Standard errors of x, the least-squares optimum; null where they cannot be had.
   *
   * @param deviation of a row's target, from it and the score
   * @param isShape whether the residuals tell how large these are
   */
  double[] standardErrors(double[] x, DoubleBinaryOperator deviation, boolean isShape) {
    return StandardErrors.of(
        toSuitable(x), rows, Weights.BARRIER, 0, deviation, isShape, this::toUser, options.seed());
  }

  /**
   * The mean of all x whose scores round to the targets, in the units of the user; null where there
   * is none near x.
   *
   * @param delta the largest error of a target
   */
  RoundedFit rounded(double[] x, DoubleUnaryOperator delta) {
    RoundedFit fit =
        RoundedFit.of(toSuitable(x), rows, Weights.BARRIER, 0, delta, this::toUser, options.seed());
    return fit == null ? null : new RoundedFit(toUser(fit.x()), fit.errors());
  }

  /** A point of the user in coordinates that suit it, once they were moved to suit another. */
  private double[] toSuitable(double[] x) {
    if (suited != null && !Arrays.equals(suited, x)) {
      moveCoordinatesTo(x);
    }
    return toLocal(x);
  }

  private void moveCoordinatesTo(double[] x) {
    method.moveCoordinatesTo(units.fromUser(x));
    suited = x.clone();
  }

  /** A point of the user in the coordinates of the method. */
  private double[] toLocal(double[] x) {
    return method.coordinates().fromOriginal(units.fromUser(x));
  }

  /** The way back. */
  private double[] toUser(double[] local) {
    return units.toUser(method.coordinates().toOriginal(local));
  }

  /**
   * Where least squares comes to from a point farther out on the ray of the slacks of x, in the
   * units of the user; null where their growth is not alike but for this share of it, or where it
   * comes back.
   */
  double[] optimumFartherThan(double[] x, double mostRest) {
    Outlook here = Outlook.at(toSuitable(x), rows);
    if (here.ray() == null || here.rest() > mostRest) {
      return null;
    }
    double[] there = leastSquares(toUser(here.farther()), true, Double.POSITIVE_INFINITY).x();
    return here.isFarther(toLocal(there)) ? there : null;
  }

  /** Whether other x near this one have the same scores. */
  Uniqueness.Finding uniqueness(double[] x, Uniqueness.Error error) {
    return Uniqueness.at(toSuitable(x), error, rows, this::toUser, options.seed());
  }
}
