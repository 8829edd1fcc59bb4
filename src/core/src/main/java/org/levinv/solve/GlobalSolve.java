package org.levinv.solve;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.ScoreNoise;
import org.levinv.ScoreNoise.Source;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Workspace;
import org.levinv.method.GlobalMethod;
import org.levinv.method.RankDeficientException;
import org.levinv.method.SingularValues;
import org.levinv.pass.Profile;
import org.levinv.pass.SurveyPass;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Field;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.Stores;
import org.levinv.rows.Units;

/**
 * One solve without a start point: first reading, global method, least squares where no x has the
 * target scores, verification, verdict.
 */
public final class GlobalSolve {

  /**
   * Above this relative residual, noise is so loud that one start of least squares is not enough.
   */
  private static final double LOUD = 0.02;

  private static final String LEAST_SQUARES = ", least squares";

  /** With fewer rows for each column least squares starts from more than one point. */
  private static final double FEW_ROWS = 5;

  /**
   * Searches for noisy scores, each with other draws and a larger sample, as long as noise does not
   * explain what the last one left.
   */
  private static final int ATTEMPTS = 4;

  private final Function<ProblemRows, Stores.Pair> places;
  private final Device device;
  private final Problem problem;
  private final Options options;
  private final ProblemRows rows;
  private final Watch watch;
  private RowStore held;
  private RowStore original;
  private Profile profile;
  private TargetNoise noise;
  private Verification verification;
  private GlobalSearch search;
  private GlobalMethod.Outcome outcome;
  private Optimum optimum;
  private double[] xError;
  private SingularValues jacobian = SingularValues.UNKNOWN;
  private Uniqueness.Finding uniqueness;
  private double[] x;
  private VerifiedScores verified;
  private String stages = "global: sample, magnitudes, position, refinement";
  private int iterations;
  private int judgedSign;
  private RowGroups groups = RowGroups.ONE;
  private boolean signsByGroup;
  private double groupWork;

  /** On some devices, of which the first has what is small. */
  public GlobalSolve(List<Device> devices, Problem problem, Options options) {
    this(
        rows -> Stores.openPair(rows, devices, options.memory()), devices.get(0), problem, options);
  }

  /**
   * With rows wherever they are.
   *
   * @param places finds the place for them
   * @param device has what is small
   */
  public GlobalSolve(
      Function<ProblemRows, Stores.Pair> places, Device device, Problem problem, Options options) {
    this.places = places;
    this.device = device;
    this.problem = problem;
    this.options = options;
    rows =
        ProblemRows.of(problem.A())
            .with(Field.OFFSET, problem.b())
            .with(Field.TARGET, problem.sigma())
            .with(Field.SIGN, options.signs().values());
    watch = new Watch(options, this::work, Options.GLOBAL_WORK);
  }

  /**
   * The result; of a solve that was ended from outside with the best x so far.
   *
   * @throws org.levinv.InvalidInputException if the input cannot be used
   * @throws DeviceException if the device fails before there is an x
   */
  public Result run() {
    Checks.shapes(options, problem.A());
    try (Stores.Pair stores = openStores()) {
      return run(stores);
    }
  }

  /** Memory for the rows of this problem. */
  Stores.Pair openStores() {
    return places.apply(rows);
  }

  /** The rows with their numbers. */
  ProblemRows rows() {
    return rows;
  }

  /** The same with rows that are in memory for other solves too, and in the state of new ones. */
  Result run(Stores.Pair stores) {
    try (Workspace space = new Workspace(device)) {
      held = stores.held();
      original = stores.original();
      watch.over(held);
      watch.over(original);
      Evidence evidence;
      try {
        evidence = solve(space);
      } catch (RankDeficientException e) {
        throw Checks.dependentColumns(problem.A(), e.rank(), e);
      } catch (RuntimeException e) {
        evidence = stopped(watch.reason(e), e);
      }
      return result(evidence);
    }
  }

  private Evidence solve(Workspace space) {
    int d = problem.A().columns();
    long n = problem.A().rows();
    profile = held.run(new SurveyPass(n, d, GlobalMethod.draws(options.seed(), n, d)));
    Checks.scores(problem.sigma(), problem.A(), profile);
    noise = TargetNoise.of(profile, n, d, options);
    judgedSign = equalSign();
    verification =
        new Verification(rows, original, Units.NONE)
            .withTargetSquare(profile.targetSquares())
            .withUncertainty(noise.uncertainty())
            .withSign(judgedSign);
    if (noise.exact()) {
      searchExact(space);
    } else {
      searchNoisy(space);
    }
    if (outcome.offsetInRange()) {
      uniqueness = Uniqueness.Finding.along(search.ray());
      return evidence();
    }
    if (Verdict.asksUniqueness(evidence(), options)) {
      uniqueness = uniqueness();
    }
    Evidence evidence = evidence();
    xError = standardErrors(evidence);
    return evidence;
  }

  /** Of an optimum for scores that are known to carry errors; else null. */
  private double[] standardErrors(Evidence evidence) {
    boolean isOptimum = optimum != null && Verdict.of(evidence, options).status().usable();
    DoubleBinaryOperator deviation = Verdict.deviation(evidence, options);
    if (!isOptimum || deviation == null) {
      return null;
    }
    boolean isEstimated = Verdict.noise(evidence, options).source() == Source.ESTIMATED;
    return search.standardErrors(x, deviation, isEstimated);
  }

  /**
   * For scores that some x has: samples; group by group, where rows are few enough for that, since
   * designs that decouple or nearly do are all that samples miss; finer magnitudes; and the nearest
   * x at last.
   */
  private void searchExact(Workspace space) {
    boolean byGroups = GroupSearch.isPossible(problem);
    search(0, byGroups ? 0 : GlobalMethod.MORE_SEARCHES, space);
    if (outcome.offsetInRange()) {
      return;
    }
    if (byGroups && mayGoOn() && (!isFound() || isLoose())) {
      searchGroups();
    }
    if (byGroups && mayGoOn() && !isFound()) {
      search(1, GlobalMethod.MORE_SEARCHES, space);
    }
    if (!outcome.offsetInRange() && !Verdict.agrees(evidence(), options)) {
      leastSquares(x, outcome);
    }
  }

  /** For scores that no x has: searches with least squares, until noise explains what is left. */
  private void searchNoisy(Workspace space) {
    for (int k = 0; k < ATTEMPTS; k++) {
      GlobalMethod.Outcome found = search(k, GlobalMethod.MORE_SEARCHES, space);
      if (found.offsetInRange()) {
        return;
      }
      if (!Verdict.agrees(evidence(), options)) {
        leastSquares(search.solution(), found);
      }
      if (!mayGoOn() || Verdict.isExplained(evidence(), options)) {
        return;
      }
    }
  }

  /** One search, whose x is kept where it is the best so far. */
  private GlobalMethod.Outcome search(int attempt, int moreSearches, Workspace space) {
    search =
        new GlobalSearch(
            held, profile, options, noise, attempt, moreSearches, this::candidate, watch, space);
    if (attempt == 0) {
      search.checkStart(problem);
    }
    GlobalMethod.Outcome found = search.run();
    iterations += found.iterations();
    VerifiedScores there = search.verifiedSolution();
    double[] at = search.solution();
    there = there == null ? verification.at(at) : there;
    if (outcome == null || found.offsetInRange() || there.loss() <= verified.loss()) {
      x = at;
      verified = there;
      outcome = found;
      jacobian = found.singularValues();
      uniqueness = null;
      signsByGroup = false;
    }
    return found;
  }

  /** Whether the scores agree, or so nearly that least squares finds the right x. */
  private boolean isFound() {
    return isMet() || verified.error().mismatch() <= GlobalMethod.near(noise.floor());
  }

  private boolean isMet() {
    return Verdict.agrees(evidence(), options) || Verdict.agreesAsPrinted(evidence());
  }

  /**
   * Whether the scores agree at a point that they do not determine, one at infinity, say: a first
   * look at the Jacobian, and a closer one where that does not settle it.
   */
  private boolean isLoose() {
    if (verified.lone() > 0
        || !Verdict.agrees(evidence(), options)
        || Verdict.isDetermined(evidence())) {
      return false;
    }
    if (uniqueness == null) {
      uniqueness = uniqueness();
    }
    return uniqueness.free();
  }

  private boolean agrees(VerifiedScores there) {
    double bound = GlobalMethod.effectiveTolerance(options.tolerance(), there.error().floor());
    return there.error().mismatch() <= bound;
  }

  private boolean mayGoOn() {
    return !outcome.limitReached();
  }

  /** The sign that was asked for of all slacks, or 0. */
  private int equalSign() {
    return GlobalSearch.signs(options.signs()).equalSign();
  }

  /** Verifies a candidate, and keeps the best one in case the solve is ended. */
  private VerifiedScores candidate(double[] at) {
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

  /** Group by group on all rows. */
  private void searchGroups() {
    GroupSearch byGroups = new GroupSearch(problem, options, device, watch);
    double[] found = byGroups.run();
    groupWork = byGroups.work();
    if (found == null) {
      return;
    }
    VerifiedScores there = verification.at(found);
    boolean finite = isLoose() && agrees(there);
    if (finite || there.loss() < verified.loss()) {
      jacobian = SingularValues.UNKNOWN;
      uniqueness = null;
      signsByGroup = true;
      stages += ", groups";
      groups = byGroups.groups();
      x = found;
      verified = there;
    }
  }

  /**
   * The least-squares optimum for the target as it was given, from the refined x and, with few rows
   * or loud noise, from the placed one.
   */
  private void leastSquares(double[] start, GlobalMethod.Outcome from) {
    if (!stages.endsWith(LEAST_SQUARES)) {
      stages += LEAST_SQUARES;
    }
    boolean keepSigns = from.signs().isKnown();
    improve(start, keepSigns, from);
    double residual = verified.error().relativeResidual();
    boolean few = problem.A().rows() <= FEW_ROWS * problem.A().columns();
    if (residual > options.tolerance()
        && !Verdict.agreesAsPrinted(evidence())
        && search.placed() != null
        && (!keepSigns || few || residual > LOUD)) {
      improve(search.placed(), keepSigns, from);
    }
  }

  private void improve(double[] start, boolean keepSigns, GlobalMethod.Outcome from) {
    GlobalSearch.Descent descent = search.leastSquares(start, keepSigns);
    iterations += descent.optimum().iterations();
    VerifiedScores there = verification.at(descent.x());
    boolean better = there.loss() <= verified.loss();
    if (optimum == null || better) {
      optimum = descent.optimum();
    }
    if (better) {
      x = descent.x();
      verified = there;
      outcome = from;
    }
  }

  private Uniqueness.Finding uniqueness() {
    if (verified.lone() > 0) {
      return Uniqueness.Finding.along(
          verification.directionOfRow(verified.largestRow(), x, verified.slackError()));
    }
    // the errors of an optimum for noisy scores are told by its standard errors
    boolean agrees = Verdict.agrees(evidence(), options);
    return search.uniqueness(x, agrees ? Uniqueness.error(verified.error()) : 0);
  }

  private Evidence evidence() {
    return new Evidence(
        Evidence.Search.GLOBAL,
        false,
        noise,
        problem.A().rows(),
        verified.error().mismatch(),
        verified.error().floor(),
        verified.profile(),
        verified.error().relativeResidual(),
        outcome.offsetInRange(),
        wrongRow(),
        verified.lone(),
        jacobian,
        Uniqueness.error(verified.error()),
        optimum,
        uniqueness,
        null);
  }

  /** A row on the wrong side of a sign that was given, or found to be that of all. */
  private long wrongRow() {
    int found = signsByGroup ? 0 : outcome.signs().equalSign();
    long others = found > 0 ? verified.negative() : verified.positive();
    if (found != 0 && found != judgedSign && others > 0) {
      judgedSign = found;
      verified = verification.withSign(found).at(x);
    }
    return verified.wrongRow();
  }

  // ---- the end of a solve from outside

  /** What is known of the best x so far; a failure where there is none. */
  private Evidence stopped(Stopped reason, RuntimeException e) {
    watch.off();
    if (x == null && search != null) {
      x = search.placed(); // not refined yet
    }
    if (x == null && reason.status() == Status.DEVICE_FAILED) {
      throw e;
    }
    boolean mayVerify =
        reason.status() == Status.TIME_LIMIT || reason.status() == Status.WORK_LIMIT;
    if (x != null && verified == null && mayVerify) {
      verified = verification.at(x);
    }
    if (x == null) {
      x = options.start();
    }
    double residual = verified == null ? Double.NaN : verified.error().relativeResidual();
    return Evidence.of(Evidence.Search.GLOBAL, residual, reason);
  }

  // ---- words and numbers

  /** The verdict on a search that found no x, with what may help. */
  private Verdict hinted(Verdict verdict, Evidence evidence) {
    if (x == null) {
      return new Verdict(
          verdict.status(), evidence.stopped().getMessage() + "; no x was found by then");
    }
    if (verdict.status() != Status.STALLED || outcome == null) {
      return verdict;
    }
    String hint =
        SearchHints.of(
            !outcome.signs().isKnown(),
            search.samplesCut(),
            profile.largestTarget(),
            profile.positive(),
            problem.A().columns());
    return new Verdict(verdict.status(), verdict.message() + hint);
  }

  private Result result(Evidence evidence) {
    return new ResultBuilder(problem.A(), device.name())
        .x(x)
        .verdict(hinted(Verdict.of(evidence, options), evidence))
        .method(stages)
        .signs(signsFound())
        .iterations(iterations)
        .verified(verified)
        .cost(work(), passes(), watch.seconds())
        .jacobianRatio(jacobian.ratio())
        .uniqueness(uniqueness)
        .noise(scoreNoise(evidence))
        .warnings(noise == null ? List.of() : noise.warnings())
        .groups(groups)
        .xError(xError)
        .deviceNote(held.note())
        .build();
  }

  private ScoreNoise scoreNoise(Evidence evidence) {
    boolean isStopped = noise != null && evidence.noise() == null;
    return isStopped ? noise.asKnown() : Verdict.noise(evidence, options);
  }

  private String signsFound() {
    if (outcome == null) {
      return options.signs().toString();
    }
    int sign = signsByGroup ? equalSign() : outcome.signs().equalSign();
    if (sign != 0) {
      return sign > 0 ? "positive" : "negative";
    }
    return options.signs().kind() == Signs.Kind.AUTO ? "unknown" : options.signs().toString();
  }

  private double work() {
    return held == null ? 0 : held.counter().work() + original.counter().work() + groupWork;
  }

  private double passes() {
    return held.counter().passes() + original.counter().passes();
  }
}
