package org.levinv.solve;

import java.util.List;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Standing;
import org.levinv.Status;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Workspace;
import org.levinv.method.GlobalMethod;
import org.levinv.rows.Field;
import org.levinv.rows.Places;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Stores;

/**
 * One solve without a start point: first reading, then stage after stage until the best x is an
 * answer, or no stage is left. Which stage comes when is said here; what it does, in {@link Stages}
 * and {@link GroupStage}; what they found, and how far that is from an answer, in {@link
 * Incumbent}.
 */
public final class GlobalSolve {

  /**
   * Searches for noisy scores, each with other draws and a larger sample, as long as noise does not
   * explain what the last one left.
   */
  private static final int ATTEMPTS = 4;

  /**
   * Of the work, that groups may take before others had a try: where errors are not known, groups
   * do not see that they are done.
   */
  private static final double FIRST_SHARE = 0.5;

  private final Places places;
  private final Device device;
  private final Problem problem;
  private final Options options;
  private final ProblemRows rows;
  private final Frame frame;
  private final Standing begin;
  private final Incumbent best;
  private FirstReading first;
  private TargetNoise noise;
  private Stages stages;
  private GroupStage groups;
  private MendedSearch mended;
  private double[] xError;

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
    best = new Incumbent(problem, options);
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
    first = FirstReading.of(frame.held(), problem, options);
    noise = first.noise();
    best.judgeBy(
        noise,
        new Verification(rows, frame.original())
            .withTargetSquare(first.profile().targetSquares())
            .withUncertainty(noise.apparent()));
    stages = new Stages(frame, problem, options, first.profile(), begin, best, space);
    GroupSearch search = new GroupSearch(problem, options, device, frame.watch());
    frame.countWork(search::work);
    groups = new GroupStage(frame, problem, options, search, best, stages);
    mended = new MendedSearch(problem, options, search, first.profile(), best);
    try {
      if (noise.exact()) {
        searchExact();
        searchAgain();
      } else {
        searchNoisy(Math.min(begin.searches(), ATTEMPTS - 1));
      }
      return concluded();
    } catch (Stopped limit) {
      if (!mayStand(limit)) {
        throw limit;
      }
      return concluded();
    }
  }

  /** What there is to say of the best x: one or two more readings. */
  private Evidence concluded() {
    if (best.wrong() != null) {
      return best.evidence();
    }
    if (best.outcome().offsetInRange()) {
      best.setUniqueness(stages.ray());
      return best.evidence();
    }
    if (Verdict.asksUniqueness(best.evidence(), options)) {
      best.setUniqueness(stages.uniqueness());
    }
    stages.shortenFree();
    if (best.rounded() == null) {
      stages.takeRounded();
    }
    Evidence evidence = best.evidence();
    xError = best.rounded() == null ? stages.standardErrors(evidence) : best.rounded().errors();
    return evidence;
  }

  /** Whether a limit ended no more than looks at an x whose scores agree, or its polishing. */
  private boolean mayStand(Stopped limit) {
    boolean stands =
        limit.mayVerify() && best.outcome() != null && best.verified() != null && best.isMet();
    if (stands) {
      frame.watch().off(); // little is left to do
    }
    return stands;
  }

  /**
   * For scores that some x has: samples; group by group; finer magnitudes; and the nearest x at
   * last.
   */
  private void searchExact() {
    boolean byGroups = groups.isPossible();
    boolean isSecond = begin.searches() > 0;
    if (!isSecond) {
      stages.search(0, byGroups ? 0 : GlobalMethod.MORE_SEARCHES);
      if (isOver() || isNoisy()) {
        return;
      }
      if (byGroups && best.mayGoOn() && (!best.isFound() || stages.isLoose())) {
        groups.search(1);
      }
    }
    if (isSecond || (byGroups && best.mayGoOn() && !best.isFound())) {
      stages.search(1, GlobalMethod.MORE_SEARCHES);
    }
    if (!best.outcome().offsetInRange() && !best.agreesInCell()) {
      boolean isNear = best.isFound();
      stages.leastSquares();
      stages.lookAcross();
      if (byGroups && (isNear || best.isAtRounding() || best.leaves())) {
        groups.searchNearby();
      }
    }
  }

  /**
   * Whether the scores look exact and are only printed, or have errors that their sum shows or
   * rounding of A and b may explain, for all that the nearest x tells.
   */
  private boolean isNoisy() {
    boolean mayBe =
        noise.looksPrinted() || noise.showsErrors(best.residual()) || best.suspect() != null;
    if (!mayBe || !best.mayGoOn() || best.isFound()) {
      return false;
    }
    stages.leastSquares();
    return best.isExplained() || best.asksSecond();
  }

  /** Where their sum looked exact, and what is left is noise of which only residuals tell. */
  private void searchAgain() {
    if (best.mayGoOn() && !best.outcome().offsetInRange() && !best.isMet() && best.asksSecond()) {
      best.recurrence().count(best.verified().loss(), Double.NaN);
      searchNoisy(stages.searches() + 1);
    }
  }

  /**
   * For scores that no x has: searches with least squares, until noise explains what is left.
   * Groups follow the first one where it is known how far scores may be off; they come before least
   * squares where that would have to search itself.
   *
   * @param from the number of the first one
   */
  private void searchNoisy(int from) {
    for (int k = from; k < ATTEMPTS; k++) {
      stages.search(k, GlobalMethod.MORE_SEARCHES);
      if (isOver()) {
        return;
      }
      if (mended.provesLargest()) {
        return;
      }
      boolean isFirst = k == 0 && groups.isPossible();
      boolean isBefore = isFirst && (best.isFar() || noise.hidesRows());
      if (isBefore) {
        groups.search(noise.isKnown() ? 1 : FIRST_SHARE);
      }
      if (isBefore && isStillFar()) {
        stages.leastSquares();
      } else if (!isBefore && !best.agreesInCell()) {
        stages.leastSquaresFromSearch();
      }
      if (mended.provesSuspect()) {
        return;
      }
      stages.takeRounded();
      if (isFirst && noise.uncertainty().isCoarse()) {
        groups.searchNoisy(!isBefore);
        stages.takeRounded();
      } else if (isFirst && !isBefore && !best.looksExplained()) {
        groups.search(FIRST_SHARE);
      }
      stages.lookAcross();
      groups.lookAtNoise();
      groups.lookNextDoor();
      if (best.isSettled() || best.agreesButForOne()) {
        return;
      }
    }
  }

  /** Whether no stage finds more than the last search. */
  private boolean isOver() {
    return best.outcome().offsetInRange() || agreesButForInputs();
  }

  /** Whether a search by groups leaves as much to do. */
  private boolean isStillFar() {
    return best.mayGoOn() && !best.isMet() && (best.optimum() == null || best.isFar());
  }

  /**
   * Whether scores do not agree, and would with A and b as they were before they were rounded: no x
   * has them now, the nearest is the optimum of least squares, and no search finds a better one.
   */
  private boolean agreesButForInputs() {
    if (best.isMet()) {
      return false;
    }
    InputRounding inputs = best.look();
    if (!inputs.isSeen()) {
      return false;
    }
    best.allow(inputs);
    double bound = Verdict.bound(best.evidence(), options);
    boolean isNear = best.verified().error().mismatch() <= InputRounding.NEARLY * bound;
    if (isNear && best.optimum() == null) {
      stages.leastSquaresFromSearch();
    }
    boolean agrees = best.agrees() && !best.agreesAsPrinted();
    best.allow(agrees ? inputs : null);
    return agrees;
  }

  /** What is known of the best x so far; a failure where there is none. */
  private Evidence stopped(Stopped reason, RuntimeException e) {
    best.settle(stages == null ? null : stages.placed(), reason.mayVerify()); // not refined yet
    if (best.x() == null && reason.status() == Status.DEVICE_FAILED) {
      throw e;
    }
    best.settle(options.start(), false);
    return Evidence.of(Evidence.Search.GLOBAL, best.verified(), reason);
  }

  private Result result(Evidence evidence) {
    ResultBuilder result = new ResultBuilder(problem.A(), device.name());
    boolean samplesCut = stages != null && stages.samplesCut();
    new GlobalResult(problem, options, best, first).addTo(result, evidence, xError, samplesCut);
    return result.cost(frame).deviceNote(frame.held().note()).build();
  }
}
