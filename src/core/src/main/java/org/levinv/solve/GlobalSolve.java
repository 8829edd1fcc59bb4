package org.levinv.solve;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Supplier;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.ScoreNoise;
import org.levinv.ScoreNoise.Source;
import org.levinv.Signs;
import org.levinv.Standing;
import org.levinv.Status;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Workspace;
import org.levinv.method.GlobalMethod;
import org.levinv.method.SingularValues;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.pass.Profile;
import org.levinv.pass.ResidualProfile;
import org.levinv.pass.SignRule;
import org.levinv.pass.SurveyPass;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Field;
import org.levinv.rows.Places;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Stores;

/**
 * One solve without a start point: first reading, global method, least squares where no x has the
 * target scores, verification, verdict.
 */
public final class GlobalSolve {

  /**
   * Above this relative residual, noise is so loud that one start of least squares is not enough.
   */
  private static final double LOUD = 0.02;

  /** Proportional noise alone leaves a relative residual as large as itself, and never a third. */
  private static final double LOUDER = 3;

  /** Times that noise is looked at, each time by what was seen last, ... */
  private static final int NOISE_ROUNDS = 5;

  /** ... while it becomes less than this part of itself. */
  private static final double FEWER = 0.5;

  private static final String LEAST_SQUARES = ", least squares";

  /** With fewer rows for each column least squares starts from more than one point. */
  private static final double FEW_ROWS = 5;

  /**
   * Searches for noisy scores, each with other draws and a larger sample, as long as noise does not
   * explain what the last one left.
   */
  private static final int ATTEMPTS = 4;

  /**
   * Slacks that grow along a ray, alike but for so much of themselves, may go on to infinity.
   * Larger: more solves pay for a look there.
   */
  private static final double MAY_GROW = 0.1;

  /**
   * Of what a relative error may do to the mismatch, rounding of numbers that come as they are does
   * so much: 0.03 to 0.25 were seen at optima, and five times this is allowed.
   */
  private static final double ROUNDED_SHARE = 0.2;

  /** Times the mismatch that rounding of A and b leaves, from which least squares may get there. */
  private static final double ROUNDED_NEARLY = 100;

  /** Numbers of A up to which all is searched once more for the sake of some signs. */
  private static final double MOST_SIGNS = 1e5;

  /** A mismatch from which steps in the cell lead to the scores, mostly. */
  private static final double NEARLY = 1e-2;

  /** Of the work, that groups may take before others had a try. */
  private static final double FIRST_SHARE = 0.5;

  private final Places places;
  private final Device device;
  private final Problem problem;
  private final Options options;
  private final ProblemRows rows;
  private final Frame frame;
  private final Standing begin;
  private int searches;
  private Profile profile;
  private TargetNoise noise;
  private Verification verification;
  private GlobalSearch search;
  private GlobalMethod.Outcome outcome;
  private Optimum optimum;
  private RoundedFit rounded;
  private double[] roundedAt;
  private double[] xError;
  private SingularValues jacobian = SingularValues.UNKNOWN;
  private InputRounding inputs;
  private boolean areInputsRounded;
  private Uniqueness.Finding uniqueness;
  private double[] x;
  private VerifiedScores verified;
  private Point refined;
  private String stages = "global: sample, magnitudes, position, refinement";
  private int iterations;
  private int judgedSign;
  private RowGroups groups = RowGroups.ONE;
  private boolean signsByGroup;
  private GroupSearch groupSearch;
  private Weighted weighted;

  /** An x in the units of the user, and what was verified there. */
  private record Point(double[] x, VerifiedScores verified) {}

  /** Residuals of the x near this one that suits the noise best, with the same signs. */
  private record Weighted(double[] x, ResidualProfile residuals) {}

  /** On some devices, of which the first has what is small. */
  public GlobalSolve(List<Device> devices, Problem problem, Options options) {
    this(Places.on(devices, options.memory()), problem, options);
  }

  /** With rows wherever they are. */
  public GlobalSolve(Places places, Problem problem, Options options) {
    this.places = places;
    device = places.home();
    this.problem = problem;
    this.options = options;
    rows =
        ProblemRows.of(problem.A())
            .with(Field.OFFSET, problem.b())
            .with(Field.TARGET, problem.sigma())
            .with(Field.SIGN, options.signs().values());
    frame = new Frame(options, Options.GLOBAL_WORK);
    begin = begin(options);
  }

  /** A start point is tried as a refinement is taken up: with it everything else is still to do. */
  private static Standing begin(Options options) {
    if (options.standing() != null) {
      return options.standing();
    }
    return options.start() == null
        ? new Standing(Standing.Stage.ATTEMPT, 0, 0, null, 0, 0)
        : new Standing(Standing.Stage.REFINEMENT, 0, 0, options.start(), 0, 0);
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
    return places.openPair(rows);
  }

  /** The rows with their numbers. */
  ProblemRows rows() {
    return rows;
  }

  /** The same with rows that are in memory for other solves too, and in the state of new ones. */
  Result run(Stores.Pair stores) {
    try (Workspace space = new Workspace(device)) {
      return result(frame.run(stores, problem.A(), space, this::solve, this::stopped));
    }
  }

  private Evidence solve(Workspace space) {
    int d = problem.A().columns();
    long n = problem.A().rows();
    profile = frame.held().run(new SurveyPass(n, d, GlobalMethod.draws(options.seed(), n, d)));
    Checks.scores(problem.sigma(), problem.A(), profile);
    noise = TargetNoise.of(profile, n, d, options).rounded(RoundedFit.isPossible(n, d));
    Checks.informative(problem.sigma(), noise);
    judgedSign = equalSign();
    verification =
        new Verification(rows, frame.original())
            .withTargetSquare(profile.targetSquares())
            .withUncertainty(noise.apparent())
            .withSign(judgedSign);
    try {
      if (noise.exact()) {
        searchExact(space);
      } else {
        searchNoisy(space);
      }
    } catch (Stopped limit) {
      if (!mayStand(limit)) {
        throw limit;
      }
    }
    if (outcome.offsetInRange()) {
      uniqueness = Uniqueness.Finding.along(search.ray());
      return evidence();
    }
    if (Verdict.asksUniqueness(evidence(), options)) {
      uniqueness = uniqueness();
    }
    if (rounded == null) {
      takeRounded();
    }
    Evidence evidence = evidence();
    xError = rounded == null ? standardErrors(evidence) : rounded.errors();
    return evidence;
  }

  /** Whether a limit ended no more than the polishing of an x whose scores agree. */
  private boolean mayStand(Stopped limit) {
    boolean stands = limit.mayVerify() && outcome != null && verified != null && isMet();
    if (stands) {
      frame.watch().off(); // little is left to do
    }
    return stands;
  }

  /** Of an optimum for scores that are known to carry errors; else null. */
  private double[] standardErrors(Evidence evidence) {
    if (areInputsRounded) { // which moves logits of scores alike, about
      return search.standardErrors(x, (target, score) -> score * (1 - score), true);
    }
    DoubleBinaryOperator deviation = Verdict.errorsOf(evidence, options);
    if (deviation == null) {
      return null;
    }
    boolean isEstimated = Verdict.noise(evidence, options).source() == Source.ESTIMATED;
    return search.standardErrors(x, deviation, isEstimated);
  }

  /**
   * Of scores with a known number of decimals the mean of all x that round to them takes the place
   * of the least-squares optimum, with its own errors.
   */
  private void takeRounded() {
    if (x == roundedAt || !Verdict.asksRounded(evidence(), options)) {
      return;
    }
    roundedAt = x;
    RoundedFit fit = search.rounded(x, noise.uncertainty()::delta);
    VerifiedScores there = fit == null || fit.errors() == null ? null : verification.at(fit.x());
    if (there != null && there.wrongRow() < 0 && Verdict.isInside(there.profile())) {
      x = fit.x();
      roundedAt = x;
      verified = there;
      rounded = fit;
      stages += ", rounding";
    }
  }

  /**
   * For scores that some x has: samples; group by group, where rows are few enough for that, since
   * designs that decouple or nearly do are all that samples miss; finer magnitudes; and the nearest
   * x at last.
   */
  private void searchExact(Workspace space) {
    boolean byGroups = GroupSearch.isPossible(problem);
    boolean isSecond = begin.searches() > 0;
    if (!isSecond) {
      search(0, byGroups ? 0 : GlobalMethod.MORE_SEARCHES, space);
      if (outcome.offsetInRange() || agreesButForInputs()) {
        return;
      }
      if (noise.looksPrinted() && mayGoOn() && !isFound()) {
        leastSquares(new Point(x, verified), outcome);
        if (Verdict.isExplained(evidence(), options)) {
          return;
        }
      }
      if (byGroups && mayGoOn() && (!isFound() || isLoose())) {
        searchGroups(false, 1);
      }
    }
    if (isSecond || (byGroups && mayGoOn() && !isFound())) {
      search(1, GlobalMethod.MORE_SEARCHES, space);
    }
    if (!outcome.offsetInRange() && !Verdict.agrees(evidence(), options)) {
      boolean isNear = isFound();
      leastSquares(new Point(x, verified), outcome);
      if (byGroups && (isNear || leaves())) {
        searchNearby();
      }
    }
  }

  /**
   * For scores that no x has: searches with least squares, until noise explains what is left.
   * Groups follow the first one where it is known how far scores may be off; they come before least
   * squares where that would have to search itself.
   */
  private void searchNoisy(Workspace space) {
    boolean byGroups = GroupSearch.isPossible(problem);
    for (int k = Math.min(begin.searches(), ATTEMPTS - 1); k < ATTEMPTS; k++) {
      GlobalMethod.Outcome found = search(k, GlobalMethod.MORE_SEARCHES, space);
      if (found.offsetInRange() || agreesButForInputs()) {
        return;
      }
      boolean isFirst = k == 0 && byGroups;
      boolean isBefore = isFirst && (isFar() || noise.hidesRows());
      if (isBefore) {
        searchGroups(false, FIRST_SHARE);
      }
      if (isBefore ? isStillFar() : !Verdict.agrees(evidence(), options)) {
        leastSquares(refined, found);
        takeRounded();
      }
      if (isFirst && noise.uncertainty().isCoarse()) {
        searchNoisyGroups(!isBefore);
        takeRounded();
      }
      lookAtNoise();
      if (isSettled()) {
        return;
      }
    }
  }

  private boolean isSettled() {
    return !mayGoOn() || Verdict.isExplained(evidence(), options);
  }

  /** Whether the scores are further off than any errors that they show. */
  private boolean isFar() {
    return !Verdict.agrees(evidence(), options)
        && noise.rulesOut(verified.error().relativeResidual());
  }

  /** Whether a search by groups leaves as much to do. */
  private boolean isStillFar() {
    return mayGoOn() && !isMet() && (optimum == null || isFar());
  }

  /**
   * Whether scores do not agree, and would with A and b as they were before they were rounded: no x
   * has them now, the nearest is the optimum of least squares, and no search finds a better one.
   */
  private boolean agreesButForInputs() {
    if (isMet()) {
      return false;
    }
    inputs = inputs == null ? InputRounding.of(problem) : inputs;
    if (!inputs.isSeen()) {
      return false;
    }
    areInputsRounded = true;
    boolean isNear =
        verified.error().mismatch() <= ROUNDED_NEARLY * Verdict.bound(evidence(), options);
    if (isNear && optimum == null) {
      leastSquares(refined, outcome);
    }
    areInputsRounded = Verdict.agrees(evidence(), options) && !Verdict.agreesAsPrinted(evidence());
    return areInputsRounded;
  }

  /** What rounding of A, b and the slacks does to the mismatch at x. */
  private double floor() {
    return verified.error().floor() * (areInputsRounded ? ROUNDED_SHARE * inputs.factor() : 1);
  }

  /**
   * For scores whose errors are known: nearby, then everywhere.
   *
   * @param everywhere whether that was not done yet
   */
  private void searchNoisyGroups(boolean everywhere) {
    if (leaves()) {
      searchNearby();
      takeRounded();
    }
    if (everywhere && !isSettled()) {
      searchGroups(false, 1);
    }
    if (mayGoOn() && mayHaveOtherSigns()) {
      searchGroups(null, false, 1);
    }
  }

  /**
   * Whether signs were found, and not given, with which not all scores round to those that are
   * printed: others of tiny slacks may do better.
   */
  private boolean mayHaveOtherSigns() {
    return !outcome.signs().isKnown()
        && (double) problem.A().rows() * problem.A().columns() <= MOST_SIGNS
        && noise.isKnown()
        && noise.uncertainty().isBounded()
        && verified.profile().largestRatio() > 1;
  }

  /**
   * Where x is near, but errors do not explain residuals row by row, small scores with small errors
   * do not agree, which least squares hardly sees, or rounding of its coordinates is in the way:
   * with the signs of x, and slacks of the rows as they are, all have their say.
   */
  private void searchNearby() {
    if (mayGoOn() && !Verdict.isExplained(evidence(), options)) {
      searchGroups(true, 1);
    }
  }

  /** Whether known errors leave as large a residual, whatever its single rows say. */
  private boolean leaves() {
    return noise.leaves(verified.error().relativeResidual());
  }

  /** One search, whose x is kept where it is the best so far. */
  private GlobalMethod.Outcome search(int attempt, int moreSearches, Workspace space) {
    boolean isFirst = outcome == null;
    // a hint never ends a search for noisy scores: one that was taken up would only cost more
    boolean hasHint =
        isFirst
            && begin.stage() == Standing.Stage.REFINEMENT
            && (noise.exact() || options.standing() == null);
    searches = attempt;
    frame.setUnits(profile.units());
    search =
        new GlobalSearch(
            frame.held(),
            profile,
            options,
            noise,
            new GlobalSearch.Begin(
                attempt, moreSearches, hasHint ? begin.x() : null, isFirst ? begin.attempts() : 0),
            this::candidate,
            this::standing,
            frame.watch(),
            space);
    if (isFirst) {
      search.checkStart(problem);
    }
    GlobalMethod.Outcome found = search.run();
    iterations += found.iterations();
    VerifiedScores there = search.verifiedSolution();
    double[] at = search.solution();
    there = there == null ? verification.at(at) : there;
    refined = new Point(at, there);
    if (outcome == null || found.offsetInRange() || isBetter(there)) {
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

  /** Tells where the search stands; of descents only one that is the best so far. */
  private void standing(
      Standing.Stage stage, int attempts, double residual, Supplier<double[]> at) {
    if (stage == Standing.Stage.ATTEMPT) {
      frame.watch().standing(stage, searches, attempts, () -> x == null ? begin.x() : x);
    } else if (stage != Standing.Stage.LEAST_SQUARES
        || residual <= verified.error().relativeResidual()) {
      frame.watch().standing(stage, searches, attempts, at);
    }
  }

  /** Verifies a candidate, and keeps the best one in case the solve is ended. */
  private VerifiedScores candidate(double[] at) {
    if (x == null) {
      x = at;
    }
    VerifiedScores found = verification.at(at);
    if (isBetter(found)) {
      x = at;
      verified = found;
    }
    return found;
  }

  /**
   * Group by group on all rows, and least squares from there for noisy scores.
   *
   * @param keepSigns whether those of x are kept
   * @param share of the work that is left which it may take
   */
  private void searchGroups(boolean keepSigns, double share) {
    boolean isNear = keepSigns || verified.error().mismatch() <= NEARLY;
    searchGroups(isNear ? x : null, keepSigns, share);
  }

  /** The same from a point, or from none. */
  private void searchGroups(double[] near, boolean keepSigns, double share) {
    double most = share * frame.watch().workLeft();
    double[] found = groupSearch().run(near, keepSigns, most, noise::deviation);
    if (found == null) {
      return;
    }
    VerifiedScores there = verification.at(found);
    boolean finite = isLoose() && agrees(there);
    boolean better = finite || isBetter(there);
    if (better) {
      jacobian = SingularValues.UNKNOWN;
      uniqueness = null;
      signsByGroup = true;
      stages += ", groups";
      groups = groupSearch.groups();
      x = found;
      verified = there;
    }
    boolean ends = noise.exact() || (noise.isKnown() && noise.hidesRows());
    if (better && !ends && !Verdict.agrees(evidence(), options)) {
      descend(new Point(x, verified), outcome);
    }
  }

  private GroupSearch groupSearch() {
    if (groupSearch == null) {
      groupSearch = new GroupSearch(problem, options, device, frame.watch());
      frame.countWork(groupSearch::work);
    }
    return groupSearch;
  }

  /**
   * Errors in proportion to the scores tell least squares little beside the largest ones: what an
   * optimum leaves of small scores is then what errors of large ones did to x, more than their own.
   * So where only residuals tell of noise, and it would be louder than all of them together or does
   * not explain them, they are looked at where x suits such noise best. That may cost as much as
   * all before.
   */
  private void lookAtNoise() {
    double residual = verified.error().relativeResidual();
    if (!mayGoOn()
        || optimum == null
        || noise.isKnown()
        || Verdict.agrees(evidence(), options)
        || residual > LOUD
        || !GroupSearch.isPossible(problem)) {
      return;
    }
    NoiseFit fit = noise.fits().of(verified.profile());
    if (fit.proportional() <= LOUDER * residual && Verdict.isExplained(evidence(), options)) {
      return;
    }
    double[] at = x;
    for (int round = 0; round < NOISE_ROUNDS && mayGoOn(); round++) {
      at = groupSearch().run(at, true, frame.work(), fit::deviation);
      VerifiedScores there = at == null ? verified : verification.at(at);
      if (at == null || !(there.error().relativeResidual() <= LOUD)) {
        return;
      }
      weighted = new Weighted(x, there.profile());
      NoiseFit next = noise.fits().of(there.profile());
      if (next.proportional() > FEWER * fit.proportional()) {
        return;
      }
      fit = next;
    }
  }

  /**
   * Than the best x: for noisy scores its slacks have the signs that were asked for; all scores
   * agree as they are printed, which errors that no score exceeds leave certain; or the loss is
   * smaller.
   */
  private boolean isBetter(VerifiedScores there) {
    if (verified == null) {
      return true;
    }
    boolean isRight = there.wrongRow() < 0;
    if (!noise.exact() && isRight != verified.wrongRow() < 0) {
      return isRight;
    }
    boolean agrees = agreesAsPrinted(there);
    return agrees == agreesAsPrinted(verified) ? there.loss() <= verified.loss() : agrees;
  }

  private boolean agreesAsPrinted(VerifiedScores there) {
    return noise.uncertainty().isBounded() && noise.agrees(there.profile());
  }

  /**
   * The least-squares optimum for the target as it was given, from the refined x and, with few rows
   * or loud noise, from the placed one.
   */
  private void leastSquares(Point start, GlobalMethod.Outcome from) {
    descend(furtherDown(start), from);
    boolean keepSigns = from.signs().isKnown();
    double residual = verified.error().relativeResidual();
    if (residual > options.tolerance()
        && !Verdict.agreesAsPrinted(evidence())
        && search.placed() != null
        && (!keepSigns || hasFewRows() || residual > LOUD)) {
      improve(point(search.placed()), keepSigns, from);
    }
  }

  private void descend(Point start, GlobalMethod.Outcome from) {
    if (!stages.endsWith(LEAST_SQUARES)) {
      stages += LEAST_SQUARES;
    }
    improve(start, from.signs().isKnown(), from);
  }

  private boolean hasFewRows() {
    return problem.A().rows() <= FEW_ROWS * problem.A().columns();
  }

  private Point point(double[] at) {
    return new Point(at, verification.at(at));
  }

  /** Where an earlier run had descended to, if that is better. */
  private Point furtherDown(Point start) {
    if (begin.stage() != Standing.Stage.LEAST_SQUARES || optimum != null) {
      return start;
    }
    Point there = point(begin.x());
    return there.verified.loss() < verified.loss() ? there : start;
  }

  /** Slacks that have the signs that are known keep them; a wrong one has to pass through 0. */
  private void improve(Point start, boolean keepSigns, GlobalMethod.Outcome from) {
    boolean isInside = keepSigns && isInside(start.verified, from.signs());
    GlobalSearch.Descent descent = search.leastSquares(start.x, isInside);
    iterations += descent.optimum().iterations();
    VerifiedScores there = verification.at(descent.x());
    boolean better = isBetter(there);
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
    // the errors of an optimum for noisy scores are told by its standard errors
    boolean agrees = Verdict.agrees(evidence(), options);
    Uniqueness.Error error = agrees ? Uniqueness.Error.of(verified.error()) : Uniqueness.Error.NONE;
    Uniqueness.Finding found = search.uniqueness(x, error);
    double[] outward = found.free() || agrees || verified.lone() > 0 ? null : wayToInfinity();
    if (outward != null) {
      return Uniqueness.Finding.atInfinity(outward);
    }
    // no look was possible where such a row's slack is far from the others'
    boolean mayBeAlone = found.free() || found == Uniqueness.Finding.UNIQUE;
    return mayBeAlone && verified.lone() > 0
        ? Uniqueness.Finding.along(
            verification.directionOfRow(verified.largestRow(), x, verified.slackError()))
        : found;
  }

  /**
   * The direction in which x can go to infinity with scores as near to the target, or null: from a
   * point farther out on the ray of its slacks least squares does not come back, and ends no worse.
   */
  private double[] wayToInfinity() {
    double[] far = search.optimumFartherThan(x, MAY_GROW);
    VerifiedScores there = far == null ? null : verification.at(far);
    boolean isAsNear =
        there != null && (there.loss() <= verified.loss() || noise.agrees(there.profile()));
    if (!isAsNear) {
      return null;
    }
    double[] way = far.clone();
    Arrays.setAll(way, j -> far[j] - x[j]);
    return way;
  }

  private Evidence evidence() {
    return new Evidence(
        Evidence.Search.GLOBAL,
        false,
        noise,
        problem.A().rows(),
        verified.error().mismatch(),
        floor(),
        weighted != null && weighted.x == x ? weighted.residuals : verified.profile(),
        verified.error().relativeResidual(),
        outcome.offsetInRange(),
        wrongRow(),
        verified.lone(),
        jacobian,
        Uniqueness.Error.of(verified.error()).norm(),
        optimum,
        uniqueness,
        null);
  }

  /** A row on the wrong side of a sign that was given, or found to be that of all. */
  private long wrongRow() {
    int found = signsByGroup ? 0 : outcome.signs().equalSign();
    found = found == 0 ? equalSign() : found;
    if (found != judgedSign) {
      judgedSign = found;
      verification.withSign(found);
      if (others(verified, found) > 0 || verified.wrongSide() > 0) {
        verified = verification.at(x);
      }
    }
    return verified.wrongRow();
  }

  /** Slacks that have not a sign that is said to be that of all. */
  private static long others(VerifiedScores there, int sign) {
    return sign > 0 ? there.negative() : sign < 0 ? there.positive() : 0;
  }

  /** Whether slacks have the signs that were given, or found to be those of all. */
  private boolean isInside(VerifiedScores there, SignRule signs) {
    int found = signs.equalSign();
    return found == 0 || found == judgedSign ? there.wrongRow() < 0 : others(there, found) == 0;
  }

  // ---- the end of a solve from outside

  /** What is known of the best x so far; a failure where there is none. */
  private Evidence stopped(Stopped reason, RuntimeException e) {
    if (x == null && search != null) {
      x = search.placed(); // not refined yet
    }
    if (x == null && reason.status() == Status.DEVICE_FAILED) {
      throw e;
    }
    if (x != null && verified == null && reason.mayVerify()) {
      verified = verification.at(x);
    }
    if (x == null) {
      x = options.start();
    }
    return Evidence.of(Evidence.Search.GLOBAL, verified, reason);
  }

  // ---- words and numbers

  /** The verdict on a search that found no x, with what may help. */
  private Verdict hinted(Verdict verdict) {
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
        .verdict(hinted(Verdict.of(evidence, x, options)))
        .method(stages)
        .signs(signsFound())
        .iterations(iterations)
        .verified(verified)
        .cost(frame)
        .jacobianRatio(jacobian.ratio())
        .uniqueness(uniqueness)
        .noise(scoreNoise(evidence))
        .warnings(noise == null ? List.of() : noise.warnings())
        .warnings(otherSigns())
        .warnings(inputWarnings())
        .warnings(roundedWarnings())
        .groups(groups)
        .xError(xError)
        .deviceNote(frame.held().note())
        .build();
  }

  /** What standard errors leave out where signs were found, and not given. */
  private List<String> otherSigns() {
    if (xError == null || outcome.signs().isKnown()) {
      return List.of();
    }
    double residual = verified.error().relativeResidual();
    boolean isTelling = residual <= LOUD && !hasFewRows();
    return isTelling
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "x_error holds for the signs of A x - b that were found: the scores, %.1g%% off, may"
                    + " have other signs that explain them as well, at an x further off;"
                    + " --signs settles it",
                100 * residual));
  }

  private List<String> inputWarnings() {
    return areInputsRounded
        ? List.of(
            String.format(
                Locale.ROOT,
                "%s, which leaves the scores open by about %.0e of themselves: they agree as far as"
                    + " that tells",
                inputs.words(),
                floor()))
        : List.of();
  }

  private List<String> roundedWarnings() {
    return options.digits() < 0
        ? List.of()
        : RoundedFit.warnings(problem.A().rows(), problem.A().columns());
  }

  private ScoreNoise scoreNoise(Evidence evidence) {
    if (areInputsRounded && !noise.uncertainty().isCoarse()) {
      return new ScoreNoise(floor() * profile.largestTarget(), Source.ROUNDING);
    }
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
}
