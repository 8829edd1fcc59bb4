package org.levinv.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Supplier;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Orientation;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.ScoreNoise.Source;
import org.levinv.Standing;
import org.levinv.Status;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Workspace;
import org.levinv.method.LinkMethod;
import org.levinv.method.SingularValues;
import org.levinv.method.Steps;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.Profile;
import org.levinv.pass.ResponsePass;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Field;
import org.levinv.rows.Places;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Stores;
import org.levinv.rows.Units;

/**
 * One solve without a start point for weights that are a function of A x - b, as those of a
 * generalised linear model: first reading, method, least squares where no x has the target scores,
 * verification, verdict.
 */
public final class WeightsSolve {

  /** The mismatch at which the refinement stops: near rounding. */
  private static final double FINE = 1e-12;

  /** Searches more on all rows where no x was found whose scores round to the printed ones. */
  private static final int MORE_SEARCHES = 4;

  /** A sum is 0 where it is this small beside its terms: rounding of some 1e4 of them. */
  private static final double ROUNDING = 1e-12;

  /** With fewer rows for each column all searches are made: residuals tell little of noise. */
  private static final double FEW_ROWS = 5;

  /** Searches ended at the same optimum where their losses differ by less than this part. */
  private static final double SAME_LOSS = 1e-3;

  private final Places places;
  private final Problem problem;
  private final Options options;
  private final Weights weights;
  private final ProblemRows rows;
  private final Frame frame;
  private final ScoreUncertainty known;
  private Units units;
  private TargetNoise noise;
  private Verification verification;
  private LinkMethod method;
  private boolean homogeneous;
  private double[] x;
  private VerifiedScores verified;
  private Optimum optimum;
  private double[] xError;
  private RoundedFit rounded;
  private final List<String> warnings = new ArrayList<>();
  private final Standing begin;
  private final Heard heard = new Heard();
  private SingularValues determined = SingularValues.UNKNOWN;
  private double leastLoss = Double.POSITIVE_INFINITY;
  private double settledLoss = Double.NaN;
  private int agreeing;
  private Uniqueness.Finding uniqueness = Uniqueness.Finding.UNIQUE;
  private WeightsGroups several;
  private String stages = "global: sample, magnitudes, fit, refinement";

  /** On some devices, of which the first has what is small. */
  public WeightsSolve(List<Device> devices, Problem problem, Options options) {
    this(Places.on(devices, options.memory()), problem, options);
  }

  /** With rows wherever they are. */
  public WeightsSolve(Places places, Problem problem, Options options) {
    this(places, problem, options, null);
  }

  /**
   * For a group of the rows of another solve.
   *
   * @param known what the scores of all rows show of their errors; null for all rows
   */
  WeightsSolve(Places places, Problem problem, Options options, ScoreUncertainty known) {
    this.places = places;
    this.known = known;
    this.problem = problem;
    this.options = options;
    weights = problem.weights();
    rows =
        ProblemRows.of(problem.model())
            .with(Field.TARGET, problem.sigma())
            .with(Field.SIGN, options.signs().values())
            .withResponses(options.orientation().response());
    frame = new Frame(options, Options.GLOBAL_WORK);
    begin =
        options.standing() == null
            ? new Standing(Standing.Stage.ATTEMPT, 0, 0, null, 0, 0)
            : options.standing();
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
        frame.watch().standing(Standing.Stage.LEAST_SQUARES, 0, attempts - 1, () -> x);
      } else if (attempts > begin.attempts() || begin.stage() == Standing.Stage.ATTEMPT) {
        frame.watch().standing(Standing.Stage.ATTEMPT, 0, attempts, () -> x);
      }
    }

    /** Of descents, and once there is an optimum, only one that is the best so far. */
    @Override
    public void point(Supplier<double[]> at) {
      boolean isFirst = optimum == null && stage != Standing.Stage.LEAST_SQUARES;
      boolean isBest = isFirst || residual <= verified.error().relativeResidual();
      if (isBest) {
        frame.watch().standing(stage, 0, attempts, () -> units.toUser(at.get()));
      }
    }
  }

  /**
   * The result; of a solve that was ended from outside with the best x so far.
   *
   * @throws InvalidInputException if the input cannot be used
   * @throws DeviceException if the device fails before there is an x
   */
  public Result run() {
    check();
    try (Stores.Pair stores = openStores()) {
      return run(stores);
    }
  }

  /**
   * Refuses what does not fit.
   *
   * @throws InvalidInputException if the options cannot be used
   */
  void check() {
    Checks.shapes(options, problem.A());
    if (options.start() != null) {
      throw new InvalidInputException(
          "start: expected method gradient, newton or gauss-newton with it for the weights "
              + weights.name()
              + ": method auto needs none, and takes no hint");
    }
  }

  /** Memory for the rows of this problem. */
  Stores.Pair openStores() {
    return places.openPair(rows);
  }

  /** The rows with their numbers. */
  ProblemRows rows() {
    return rows;
  }

  /** The same with rows that are in memory for other solves too, and in the state of new ones. */
  Result run(Stores.Pair stores) {
    try (Workspace space = new Workspace(places.home())) {
      return result(frame.run(stores, problem.A(), space, this::solve, this::stopped));
    }
  }

  private Evidence solve(Workspace space) {
    FirstReading first =
        known == null
            ? FirstReading.of(frame.held(), problem, options)
            : FirstReading.of(frame.held(), options, known);
    Profile profile = first.profile();
    noise = first.noise();
    homogeneous = profile.largestOffset() == 0;
    verification =
        new Verification(rows, frame.original())
            .with(weights)
            .withTargetSquare(profile.targetSquares())
            .withUncertainty(noise.uncertainty())
            .withSign(equalSign());
    units = new Units(profile.units().columns(), 1); // f is no function of another unit of A x - b
    frame.setUnits(units);
    boolean isTakenUp = begin.stage() != Standing.Stage.ATTEMPT;
    if (begin.x() != null && !isTakenUp) {
      offer(begin.x()); // the best one before
    }
    method =
        new LinkMethod(
            frame.held(),
            profile,
            new LinkMethod.Request(
                weights,
                GlobalSearch.signs(options.signs()),
                homogeneous,
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
    method.run(this::isEnough);
    if (method.mayDecouple() && !searchGroups()) {
      method.takeAsOne();
      method.run(this::isEnough);
    }
    if (x != null && optimum == null && !isMet()) {
      leastSquares(units.fromUser(x)); // the best of what was found
    }
    determine();
    orient();
    Evidence evidence = evidence();
    if (known == null) {
      xError = rounded == null ? standardErrors(evidence) : rounded.errors();
    }
    return evidence;
  }

  /** Solves one group of rows after the other; false where all rows are one problem. */
  private boolean searchGroups() {
    several =
        new WeightsGroups(problem, options, places.home(), noise.uncertainty(), frame.watch());
    frame.countWork(several::work);
    if (!several.split()) {
      return false;
    }
    several.run();
    stages = "global: groups";
    if (several.stopped() != null) {
      x = several.x();
      throw several.stopped();
    }
    isEnough(units.fromUser(several.x()));
    return true;
  }

  /** eta of gamma and inverse Gaussian models is positive; else what the user asks for. */
  private int equalSign() {
    return weights.shape() == Weights.Shape.POWER
        ? 1
        : GlobalSearch.signs(options.signs()).equalSign();
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
    if (isSame(settled, settledLoss)) {
      agreeing++; // and at the same optimum
    } else {
      count(leastSquares(found).loss(), settled);
    }
    if (Verdict.asksInside(evidence(), options) && RoundedFit.isPossible(rows.rows(), x.length)) {
      return isRounded();
    }
    boolean isLooked = noise.isKnown() || rows.rows() > FEW_ROWS * x.length;
    return isMet() || (!noise.exact() && isLooked && Verdict.isExplained(evidence(), options));
  }

  /**
   * Goes on to the least-squares optimum.
   *
   * @param from in the units of the store; the optimum takes its place
   */
  private VerifiedScores leastSquares(double[] from) {
    if (!stages.endsWith("squares")) {
      stages += ", least squares";
    }
    heard.stage = Standing.Stage.LEAST_SQUARES;
    Optimum ended = Optimum.of(method.leastSquares(from), method.iterations());
    VerifiedScores there = offer(units.toUser(from));
    optimum = optimum == null || there == verified ? ended : optimum;
    return there;
  }

  /** Whether one search alone ended there; groups of rows were searched for on their own. */
  private boolean isAlone() {
    return agreeing < 2 && (several == null || !several.areSeveral());
  }

  private static boolean isSame(double loss, double other) {
    return Math.abs(loss - other) <= SAME_LOSS * other;
  }

  /**
   * Counts the searches that ended at the least loss so far.
   *
   * @param settled the loss where their logit errors no longer decreased, or NaN
   */
  private void count(double loss, double settled) {
    if (loss < (1 - SAME_LOSS) * leastLoss) {
      leastLoss = loss;
      settledLoss = settled;
      agreeing = 1;
    } else if (isSame(loss, leastLoss)) {
      agreeing++;
    }
  }

  /**
   * Whether all scores round to the targets at some x near the best one. The mean of all such x
   * takes its place where the decimals were given, or least squares left scores too far from them.
   */
  private boolean isRounded() {
    if (options.digits() < 0 && noise.agrees(verified.profile())) {
      return method.mayRound(units.fromUser(x)); // least squares it is
    }
    determine();
    RoundedFit mean = method.rounded(units.fromUser(x), units::toUser);
    boolean isKnown = mean != null && (mean.errors() != null || uniqueness.free());
    VerifiedScores there = isKnown ? verification.at(units.toUser(mean.x())) : null;
    if (there == null || !Verdict.isInside(there.profile())) {
      return false;
    }
    rounded = mean;
    x = units.toUser(mean.x());
    verified = there;
    return true;
  }

  private boolean isMet() {
    return Verdict.agrees(evidence(), options);
  }

  private VerifiedScores offer(double[] at) {
    if (x == null) {
      x = at;
    }
    VerifiedScores found = verification.at(at);
    if (verified == null || found.loss() < verified.loss()) {
      x = at;
      verified = found;
    }
    return found;
  }

  /** Whether a family of x has the scores, by the equations of the last refinement. */
  private void determine() {
    if (x == null) {
      return;
    }
    if (several != null && several.areSeveral()) {
      uniqueness = several.uniqueness();
      return;
    }
    double[] direction = new double[x.length];
    determined = method.determine(units.fromUser(x), direction);
    uniqueness = Uniqueness.Finding.of(determined, units.toUser(direction));
  }

  /** Of an optimum for scores that are known to carry errors; else null. */
  private double[] standardErrors(Evidence evidence) {
    DoubleBinaryOperator deviation = Verdict.errorsOf(evidence, options);
    boolean isEstimated = Verdict.noise(evidence, options).source() == Source.ESTIMATED;
    return deviation == null
        ? null
        : method.standardErrors(units.fromUser(x), deviation, isEstimated, units::toUser);
  }

  /** Takes -x for x where that is known to be the right one of two with the same scores. */
  private void orient() {
    Orientation asked = options.orientation();
    if (!hasMirror() || asked.isAny() || x == null) {
      return;
    }
    double along = asked.sign();
    if (asked.response() == null) {
      along *= x[asked.column()];
    } else {
      ResponsePass.Sum sum = frame.original().run(new ResponsePass(units.fromUser(x)));
      along = Math.abs(sum.value()) > ROUNDING * sum.size() ? sum.value() : 0;
    }
    if (along == 0) {
      warnings.add(
          "orient: what was given tells x and -x, which have the same scores, not apart: "
              + (asked.response() == null
                  ? "the coefficient is 0"
                  : "the sum of (2 y_i - 1) a_i.x is 0"));
    }
    if (along < 0) {
      x = Arrays.stream(x).map(v -> -v).toArray();
      verified = verification.at(x);
    }
  }

  private boolean hasMirror() {
    return weights.hasMirror() && homogeneous;
  }

  private Evidence evidence() {
    if (verified == null) {
      x = new double[problem.A().columns()];
      verified = verification.at(x);
    }
    return new Evidence(
        Evidence.Search.GLOBAL,
        false,
        noise,
        problem.A().rows(),
        verified.error().mismatch(),
        verified.error().floor(),
        verified.profile(),
        verified.error().relativeResidual(),
        false,
        verified.wrongRow(),
        verified.lone(),
        uniqueness.free() ? SingularValues.UNKNOWN : determined,
        Uniqueness.Error.of(verified.error()).norm(),
        optimum == null ? null : optimum.alone(isAlone()),
        uniqueness,
        null);
  }

  /** What is known of the best x so far; a failure where there is none. */
  private Evidence stopped(Stopped reason, RuntimeException e) {
    if (x == null && method != null && method.placed() != null) {
      x = units.toUser(method.placed()); // not refined yet
    }
    if (x == null && reason.status() == Status.DEVICE_FAILED) {
      throw e;
    }
    if (x != null && verified == null && reason.mayVerify()) {
      verified = verification.at(x);
    }
    return Evidence.of(Evidence.Search.GLOBAL, verified, reason);
  }

  private List<String> roundedWarnings() {
    return options.digits() < 0 || known != null
        ? List.of()
        : RoundedFit.warnings(problem.A().rows(), problem.A().columns());
  }

  private int iterations() {
    return (method == null ? 0 : method.iterations())
        + (several == null ? 0 : several.iterations());
  }

  private List<String> warnings() {
    List<String> all = new ArrayList<>(noise == null ? List.of() : noise.warnings());
    if (several != null) {
      all.addAll(several.warnings());
    }
    all.addAll(roundedWarnings());
    all.addAll(warnings);
    return all;
  }

  private Result result(Evidence evidence) {
    return new ResultBuilder(problem.A(), places.home().name())
        .x(x)
        .verdict(Verdict.of(evidence, x, options))
        .method(rounded == null ? stages : stages + ", rounding")
        .signs(options.signs().toString())
        .iterations(iterations())
        .verified(verified)
        .cost(frame)
        .jacobianRatio(determined.ratio())
        .uniqueness(uniqueness.free() ? uniqueness : null)
        .noise(Verdict.noise(evidence, options))
        .warnings(warnings())
        .groups(several == null ? RowGroups.ONE : several.groups())
        .xError(xError)
        .weights(weights, hasMirror())
        .deviceNote(frame.held().note())
        .build();
  }
}
