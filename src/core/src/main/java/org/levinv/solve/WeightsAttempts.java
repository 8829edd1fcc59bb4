package org.levinv.solve;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Supplier;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.ScoreNoise;
import org.levinv.ScoreNoise.Source;
import org.levinv.Standing;
import org.levinv.device.Workspace;
import org.levinv.method.LinkMethod;
import org.levinv.method.SingularValues;
import org.levinv.method.Steps;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.model.RowwiseError;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Units;
import org.levinv.solve.Incumbent.Point;

/**
 * The attempts of a search for weights that are a function of A x - b, and the best x of them, in
 * the units of the user: what another attempt is called for, least squares and the mean of all x
 * that round to the targets, and all that is known of the best one.
 */
final class WeightsAttempts {

  /** The mismatch at which the refinement stops: near rounding. */
  private static final double FINE = 1e-12;

  /** Searches more on all rows where no x was found whose scores round to the printed ones. */
  private static final int MORE_SEARCHES = 4;

  /** With fewer rows for each column all searches are made: residuals tell little of noise. */
  private static final double FEW_ROWS = 5;

  /** What runs before all else, in words. */
  static final String STAGES = "global: sample, magnitudes, fit, refinement";

  private static final String LEAST_SQUARES = ", least squares";

  private final Frame frame;
  private final Options options;
  private final TargetNoise noise;
  private final Verification verification;
  private final Standing begin;
  private final Units units;
  private final Heard heard = new Heard();
  private final LinkMethod method;
  private final Recurrence recurrence = new Recurrence();
  private final boolean signsSought;
  private final Problem problem;
  private final double largest;
  private final long rows;
  private final int columns;
  private Point best;
  private Optimum optimum;
  private RoundedFit rounded;
  private InputRounding rounding;
  private InputRounding inputs;
  private SingularValues determined = SingularValues.UNKNOWN;
  private Uniqueness.Finding uniqueness = Uniqueness.Finding.UNIQUE;
  private WeightsGroups several;
  private String stages = STAGES;

  /**
   * @param begin where an earlier run stood
   */
  WeightsAttempts(
      Frame frame,
      Problem problem,
      Options options,
      FirstReading first,
      Verification verification,
      Standing begin,
      Workspace space) {
    this.frame = frame;
    this.options = options;
    this.verification = verification;
    this.begin = begin;
    noise = first.noise();
    signsSought = problem.weights().leavesSigns() && !GlobalSearch.signs(options.signs()).isKnown();
    this.problem = problem;
    largest = first.profile().largestTarget();
    rows = problem.A().rows();
    columns = problem.A().columns();
    // f is no function of another unit of A x - b
    units = new Units(first.profile().units().columns(), 1);
    frame.setUnits(units);
    boolean isTakenUp = begin.stage() != Standing.Stage.ATTEMPT;
    method =
        new LinkMethod(
            frame.held(),
            first.profile(),
            new LinkMethod.Request(
                problem.weights(),
                GlobalSearch.signs(options.signs()),
                first.profile().largestOffset() == 0,
                noise.uncertainty(),
                MORE_SEARCHES,
                noise.exact() || noise.uncertainty().isCoarse(),
                noise.floor(),
                FINE,
                options.maxIterations(),
                options.seed()),
            new LinkMethod.Begin(
                begin.attempts(),
                isTakenUp ? units.fromUser(begin.x()) : null,
                begin.stage() == Standing.Stage.LEAST_SQUARES),
            heard,
            space);
  }

  /** Hands steps on, and tells where the search could be taken up, in the units of the user. */
  private final class Heard implements Steps {
    private Standing.Stage stage = Standing.Stage.REFINEMENT;
    private int attempts;
    private double residual;

    @Override
    public void step(String name, int iteration, double reached) {
      residual = reached;
      frame.watch().step(name, iteration, reached);
    }

    @Override
    public void attempt(int number, long sample) {
      frame.watch().attempt(number, sample);
      attempts = number - 1;
      stage = Standing.Stage.REFINEMENT;
      if (optimum != null) { // which another search may confirm
        frame
            .watch()
            .standing(Standing.Stage.LEAST_SQUARES, 0, attempts - 1, WeightsAttempts.this::x);
      } else if (attempts > begin.attempts() || begin.stage() == Standing.Stage.ATTEMPT) {
        frame.watch().standing(Standing.Stage.ATTEMPT, 0, attempts, WeightsAttempts.this::x);
      }
    }

    /** Of descents, and once there is an optimum, only one that is the best so far. */
    @Override
    public void point(Supplier<double[]> at) {
      boolean isFirst = optimum == null && stage != Standing.Stage.LEAST_SQUARES;
      boolean isBest = isFirst || residual <= best.verified().error().relativeResidual();
      if (isBest) {
        frame.watch().standing(stage, 0, attempts, () -> units.toUser(at.get()));
      }
    }
  }

  /** Searches until an x is good enough, or no attempt is left; not where rows may decouple. */
  void run() {
    if (begin.x() != null && begin.stage() == Standing.Stage.ATTEMPT) {
      offer(begin.x()); // the best one before
    }
    method.run(this::isEnough);
  }

  /** Whether that ended since rows seem to be several problems. */
  boolean mayDecouple() {
    return method.mayDecouple();
  }

  /** The same with rows that are one problem, whatever they seem to be. */
  void runAsOne() {
    method.takeAsOne();
    method.run(this::isEnough);
  }

  /** Takes what was found one group of rows after the other. */
  void take(WeightsGroups groups) {
    several = groups;
    stages = "global: groups";
    if (groups.stopped() != null) {
      best = new Point(groups.x(), null);
      throw groups.stopped();
    }
    isEnough(units.fromUser(groups.x()));
  }

  /** Descends from the best of what was found where that is no answer, and looks at it closely. */
  void finish() {
    if (best != null && optimum == null && !isMet()) {
      leastSquares(units.fromUser(best.x()));
      allowForInputs();
    }
    determine();
  }

  /** Verifies a candidate, and where scores are noisy goes on to their optimum. */
  private boolean isEnough(double[] found) {
    VerifiedScores there = offer(units.toUser(found));
    if (isMet()) {
      return true;
    }
    double settled = method.isSettled() ? there.loss() : Double.NaN;
    if (method.isSettled() && noise.isFar(there.error().relativeResidual())) {
      return false; // least squares would only end at another wrong x
    }
    if (!recurrence.repeats(settled)) {
      recurrence.count(leastSquares(found).loss(), settled);
      allowForInputs();
    }
    if (Verdict.asksInside(evidence(), options) && RoundedFit.isPossible(rows, columns)) {
      return isRounded();
    }
    boolean isLooked = noise.isKnown() || rows > FEW_ROWS * columns;
    boolean mayBeNoise = !noise.exact() || suspect() != null;
    return isMet() || (mayBeNoise && isLooked && Verdict.isExplained(evidence(), options));
  }

  /**
   * Goes on to the least-squares optimum.
   *
   * @param from in the units of the store; the optimum takes its place
   */
  private VerifiedScores leastSquares(double[] from) {
    if (!stages.endsWith(LEAST_SQUARES)) {
      stages += LEAST_SQUARES;
    }
    heard.stage = Standing.Stage.LEAST_SQUARES;
    Optimum ended = Optimum.of(method.leastSquares(from), method.iterations());
    VerifiedScores there = offer(units.toUser(from));
    optimum = optimum == null || there == best.verified() ? ended : optimum;
    return there;
  }

  /**
   * Whether all scores round to the targets at some x near the best one. The mean of all such x
   * takes its place where the decimals were given, or least squares left scores too far from them.
   */
  private boolean isRounded() {
    double[] at = units.fromUser(best.x());
    if (options.digits() < 0 && noise.agrees(best.verified().profile())) {
      return method.mayRound(at); // least squares it is
    }
    RoundedFit mean = method.rounded(at, units::toUser);
    boolean isKnown = mean != null && (mean.errors() != null || isFree());
    Point there = isKnown ? verify(units.toUser(mean.x())) : null;
    if (there == null || !Verdict.isInside(there.verified().profile())) {
      return false;
    }
    rounded = mean;
    best = there;
    return true;
  }

  private boolean isFree() {
    determine();
    return uniqueness.free();
  }

  private boolean isMet() {
    return Verdict.agrees(evidence(), options);
  }

  /** Scores may be those of A and b as they were before they were rounded. */
  private void allowForInputs() {
    if (isMet()) {
      return;
    }
    rounding = rounding == null ? InputRounding.of(problem) : rounding;
    if (rounding.isSeen()) {
      inputs = rounding;
      inputs = isMet() ? rounding : null;
    }
  }

  /** Rounding of A and b that may be why scores do not agree, or null. */
  InputRounding suspect() {
    return InputRounding.suspect(rounding, verified(), noise);
  }

  /** What rounding of A, b and the predictors does to the mismatch. */
  private double floor() {
    double ofDoubles = best.verified().error().floor();
    return inputs == null ? ofDoubles : inputs.floor(ofDoubles);
  }

  /** What is to be said of the answer. */
  List<String> warnings() {
    if (inputs != null) {
      return List.of(inputs.warning(floor()));
    }
    InputRounding found = suspect();
    return found == null ? List.of() : List.of(found.blame(found.floor(floor())));
  }

  /** How far the scores were from exact ones, for all that is known in the end. */
  ScoreNoise scoreNoise(Evidence evidence) {
    return inputs != null && !noise.uncertainty().isCoarse()
        ? InputRounding.noise(floor(), largest)
        : Verdict.noise(evidence, options);
  }

  private Point verify(double[] at) {
    return new Point(at, verification.at(at));
  }

  private VerifiedScores offer(double[] at) {
    if (best == null) {
      best = new Point(at, null);
    }
    Point found = verify(at);
    if (best.verified() == null || found.verified().loss() < best.verified().loss()) {
      best = found;
    }
    return found.verified();
  }

  /** Whether a family of x has the scores, by the equations of the last refinement. */
  private void determine() {
    if (best == null) {
      return;
    }
    if (several != null) {
      uniqueness = several.uniqueness();
      return;
    }
    double[] direction = new double[columns];
    determined = method.determine(units.fromUser(best.x()), direction);
    uniqueness = Uniqueness.Finding.of(determined, units.toUser(direction));
  }

  /** Takes -x, which has the same scores. */
  void reverse() {
    best = verify(Arrays.stream(best.x()).map(v -> -v).toArray());
  }

  /** Of an answer whose scores are known to carry errors; else null. */
  double[] xError(Evidence evidence) {
    if (rounded != null) {
      return rounded.errors();
    }
    if (inputs != null) {
      double[] at = units.fromUser(best.x());
      return method.standardErrors(at, InputRounding::deviation, true, units::toUser);
    }
    DoubleBinaryOperator deviation = Verdict.errorsOf(evidence, options);
    boolean isEstimated = Verdict.noise(evidence, options).source() == Source.ESTIMATED;
    return deviation == null
        ? null
        : method.standardErrors(units.fromUser(best.x()), deviation, isEstimated, units::toUser);
  }

  /** All that was measured of the best x; where there is none, of x = 0. */
  Evidence evidence() {
    if (best == null) {
      best = verify(new double[columns]);
    }
    VerifiedScores there = best.verified();
    boolean isAlone = several == null && recurrence.isAlone();
    return new Evidence(
        Evidence.Search.GLOBAL,
        false,
        noise,
        rows,
        there.error().mismatch(),
        floor(),
        inputs == null ? there.rowwise() : RowwiseError.NONE,
        there.profile(),
        there.error().relativeResidual(),
        false,
        there.wrongRow(),
        signsSought,
        there.lone(),
        uniqueness.free() ? SingularValues.UNKNOWN : determined,
        Uniqueness.Error.of(there.error()).norm(),
        optimum == null ? null : optimum.alone(isAlone),
        uniqueness,
        null);
  }

  /** What there is of a search that was ended: unverified, where that would take too long. */
  void settle(boolean mayVerify) {
    if (best == null && method.placed() != null) {
      best = new Point(units.toUser(method.placed()), null); // not refined yet
    }
    if (best != null && best.verified() == null && mayVerify) {
      best = verify(best.x());
    }
  }

  /** Null before there is one. */
  double[] x() {
    return best == null ? null : best.x();
  }

  VerifiedScores verified() {
    return best == null ? null : best.verified();
  }

  /** Adds all that is known of it. */
  void addTo(ResultBuilder result) {
    result
        .x(x())
        .method(rounded == null ? stages : stages + ", rounding")
        .iterations(iterations())
        .verified(verified())
        .jacobianRatio(determined.ratio())
        .uniqueness(uniqueness.free() ? uniqueness : null);
  }

  /** Those of the store. */
  Units units() {
    return units;
  }

  /** Those of groups of rows, too. */
  private int iterations() {
    return method.iterations() + (several == null ? 0 : several.iterations());
  }
}
