package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Orientation;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.Standing;
import org.levinv.Status;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Workspace;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.ResponsePass;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Field;
import org.levinv.rows.Places;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Stores;

/**
 * One solve without a start point for weights that are a function of A x - b, as those of a
 * generalised linear model: first reading, method, least squares where no x has the target scores,
 * verification, verdict.
 */
public final class WeightsSolve {

  /** A sum is 0 where it is this small beside its terms: rounding of some 1e4 of them. */
  private static final double ROUNDING = 1e-12;

  private final Places places;
  private final Problem problem;
  private final Options options;
  private final Weights weights;
  private final ProblemRows rows;
  private final Frame frame;
  private final ScoreUncertainty known;
  private final Standing begin;
  private final List<String> warnings = new ArrayList<>();
  private FirstReading first;
  private WeightsAttempts attempts;
  private WeightsGroups several;
  private double[] xError;

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
    first =
        known == null
            ? FirstReading.of(frame.held(), problem, options)
            : FirstReading.of(frame.held(), options, known);
    Verification verification =
        new Verification(rows, frame.original())
            .with(weights)
            .withTargetSquare(first.profile().targetSquares())
            .withUncertainty(first.noise().apparent())
            .withSign(equalSign());
    attempts = new WeightsAttempts(frame, problem, options, first, verification, begin, space);
    attempts.run();
    if (attempts.mayDecouple()) {
      searchGroups();
    }
    attempts.finish();
    orient();
    Evidence evidence = attempts.evidence();
    if (known == null) {
      xError = attempts.xError(evidence);
    }
    return evidence;
  }

  /** Solves one group of rows after the other where they are several problems. */
  private void searchGroups() {
    several =
        new WeightsGroups(
            problem, options, places.home(), first.noise().uncertainty(), frame.watch());
    frame.countWork(several::work);
    if (several.split()) {
      several.run();
      attempts.take(several);
    } else {
      attempts.runAsOne();
    }
  }

  /** eta of gamma and inverse Gaussian models is positive; else what the user asks for. */
  private int equalSign() {
    return weights.needsPositive() ? 1 : GlobalSearch.signs(options.signs()).equalSign();
  }

  /** Takes -x for x where that is known to be the right one of two with the same scores. */
  private void orient() {
    Orientation asked = options.orientation();
    double[] x = attempts.x();
    if (!hasMirror() || asked.isAny() || x == null) {
      return;
    }
    double along = asked.sign();
    if (asked.response() == null) {
      along *= x[asked.column()];
    } else {
      ResponsePass pass = new ResponsePass(attempts.units().fromUser(x));
      ResponsePass.Sum sum = frame.original().run(pass);
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
      attempts.reverse();
    }
  }

  private boolean hasMirror() {
    return weights.hasMirror() && first != null && first.profile().largestOffset() == 0;
  }

  /** What is known of the best x so far; a failure where there is none. */
  private Evidence stopped(Stopped reason, RuntimeException e) {
    if (attempts != null) {
      attempts.settle(reason.mayVerify());
    }
    if (x() == null && reason.status() == Status.DEVICE_FAILED) {
      throw e;
    }
    return Evidence.of(Evidence.Search.GLOBAL, verified(), reason);
  }

  private double[] x() {
    return attempts == null ? null : attempts.x();
  }

  private VerifiedScores verified() {
    return attempts == null ? null : attempts.verified();
  }

  private List<String> roundedWarnings() {
    return options.digits() < 0 || known != null
        ? List.of()
        : RoundedFit.warnings(problem.A().rows(), problem.A().columns());
  }

  private List<String> warnings() {
    List<String> all = new ArrayList<>(first == null ? List.of() : first.noise().warnings());
    if (several != null) {
      all.addAll(several.warnings());
    }
    all.addAll(roundedWarnings());
    if (attempts != null) {
      all.addAll(attempts.warnings());
    }
    all.addAll(warnings);
    return all;
  }

  private Verdict verdict(Evidence evidence) {
    Verdict verdict = Verdict.of(evidence, x(), options);
    boolean mayBeOne = attempts != null && attempts.suspect() == null;
    return mayBeOne ? Outlier.named(verdict, verified(), first.noise(), problem.sigma()) : verdict;
  }

  private Result result(Evidence evidence) {
    ResultBuilder result =
        new ResultBuilder(problem.A(), places.home().name())
            .verdict(verdict(evidence))
            .method(WeightsAttempts.STAGES)
            .signs(options.signs().toString())
            .cost(frame)
            .noise(attempts == null ? null : attempts.scoreNoise(evidence))
            .groups(several == null ? RowGroups.ONE : several.groups())
            .xError(xError)
            .weights(weights, hasMirror())
            .deviceNote(frame.held().note());
    if (attempts != null) {
      attempts.addTo(result);
    }
    return result.warnings(warnings()).build();
  }
}
