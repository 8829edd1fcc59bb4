package org.levinv;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Determination;
import org.levinv.method.FeasibleTarget;
import org.levinv.method.GlobalMethod;
import org.levinv.method.GlobalMethod.Knowledge;
import org.levinv.method.Identifiability;
import org.levinv.method.LeastSquares;
import org.levinv.method.RankDeficientException;
import org.levinv.method.Sample;
import org.levinv.model.Scores;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * One solve from problem to result: the global method, least squares where no x has the target
 * scores, verification, verdict.
 */
final class Solve {

  /**
   * The sum of exact scores is d up to rounding; further off than this, relatively, they carry
   * noise.
   */
  private static final double EXACT_SUM = 1e-10;

  /** The mismatch at which the global method stops: near rounding. */
  private static final double FINE = 3e-13;

  /** A first estimate of the Jacobian's ratio below this calls for a closer look. */
  private static final double SMALL_RATIO = 1e-6;

  /** A score this close to 1 is 1. */
  private static final double LONE = 1e-13;

  /**
   * Where all that is known of a target looks exact, a relative residual above this is no noise but
   * a failed search.
   */
  private static final double NO_NOISE = 0.05;

  /** Loud noise, likewise. */
  private static final double LOUD = 0.02;

  /** Few rows for each column: least squares starts from more than one point. */
  private static final double FEW_ROWS = 5;

  private final Device device;
  private final Problem problem;
  private final Options options;
  private final long started = System.nanoTime();
  private final List<String> warnings = new ArrayList<>();
  private Scaling scaling;
  private TallMatrix A;
  private Verification verification;
  private GlobalMethod method;
  private GlobalMethod.Outcome outcome;
  private int iterations;

  private double[] x;
  private GlobalMethod.Verified verified;
  private String stages = "global: sample, magnitudes, position, refinement";
  private LeastSquares.Outcome optimum;
  private double jacobianRatio;
  private double[] freeDirection;

  private record Verdict(Status status, String message) {}

  Solve(Device device, Problem problem, Options options) {
    this.device = device;
    this.problem = problem;
    this.options = options;
  }

  Result run() {
    options.requireShape(problem.A());
    try (Workspace space = new Workspace(device)) {
      scaling = new Scaling(problem.A());
      A = ResidentMatrix.upload(scaling, space);
      scaling.apply(A, space);
      verification = new Verification(device, problem.A(), problem.b());
      return run(space);
    } catch (DeviceException e) {
      if (x == null && method != null) {
        x = method.placed(); // not refined yet
      }
      throw x == null ? e : new InterruptedSolveException(e, reached(e));
    } catch (RankDeficientException e) {
      throw InvalidInputException.dependentColumns(problem.A(), e.rank(), e);
    }
  }

  private Result run(Workspace space) {
    boolean exact = looksExact();
    double[] target = exact ? problem.sigma() : FeasibleTarget.of(problem.sigma(), A.columns());
    method =
        new GlobalMethod(
            A,
            scaling.rowLengths(A, space),
            scaling.offset(problem.b()),
            target,
            exact,
            this::verifyCandidate,
            FINE,
            options.maxIterations(),
            options.precision(),
            options.seed(),
            this::report,
            space);
    outcome = method.run(knowledge(), knownSigns(), scaling.fromUser(options.start()));
    iterations = outcome.iterations();
    jacobianRatio = outcome.jacobianRatio();
    double[] solution = method.solution();
    GlobalMethod.Verified last = method.verified();
    verified = last == null ? verify(solution) : last;
    x = solution;
    Verdict verdict = verdict(exact, space);
    return new Result(
        scaling.toUser(x),
        verified.scores(),
        verdict.status(),
        verdict.message(),
        stages,
        device.name(),
        null,
        A.rows(),
        A.columns(),
        signsFound(),
        iterations,
        relativeResidual(),
        loss(verified),
        A.meter().work() + verification.work(),
        A.meter().passes() + verification.passes(),
        seconds(),
        jacobianRatio,
        freeDirection,
        List.copyOf(warnings),
        null,
        null);
  }

  /** What a solve has to show when its device fails. */
  private Result reached(DeviceException e) {
    boolean known = verified != null;
    return new Result(
        scaling.toUser(x),
        known ? verified.scores() : new double[0],
        Status.STALLED,
        "the device failed, and this is the best x so far: " + e.getMessage(),
        stages,
        device.name(),
        null,
        A.rows(),
        A.columns(),
        outcome == null ? options.signs().toString() : signsFound(),
        iterations,
        known ? relativeResidual() : Double.NaN,
        known ? loss(verified) : Double.NaN,
        A.meter().work() + verification.work(),
        A.meter().passes() + verification.passes(),
        seconds(),
        Double.NaN,
        null,
        List.copyOf(warnings),
        null,
        null);
  }

  /** Verifies a candidate of the global method, and keeps the best one in case the device fails. */
  private GlobalMethod.Verified verifyCandidate(double[] scaled) {
    if (x == null) {
      x = scaled.clone();
    }
    GlobalMethod.Verified found = verify(scaled);
    if (verified == null || loss(found) < loss(verified)) {
      x = scaled.clone();
      verified = found;
    }
    return found;
  }

  /**
   * Scores from the original data; all 0 at an x where diag(A x - b)^-1 A is singular, which agrees
   * with no target.
   */
  private GlobalMethod.Verified verify(double[] scaled) {
    try {
      double[] scores = verification.scores(scaling.toUser(scaled));
      return new GlobalMethod.Verified(scores, verification.slacks(), verification.slackErrors());
    } catch (SingularException e) {
      double[] none = new double[(int) A.rows()];
      return new GlobalMethod.Verified(none, none, none);
    }
  }

  /** Scores between 0 and 1 that sum to d; others carry noise, and the user is told. */
  private boolean looksExact() {
    int d = A.columns();
    double sum = 0;
    int outside = 0;
    for (double value : problem.sigma()) {
      sum += value;
      outside += value < 0 || value > 1 ? 1 : 0;
    }
    if (outside > 0) {
      warnings.add(outside + " of the scores are outside [0, 1]: taken as noise");
    }
    if (Math.abs(sum - d) > EXACT_SUM * d) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the scores sum to %.12g, not to d = %d: taken as noise, no x has them exactly",
              sum,
              d));
    }
    return warnings.isEmpty();
  }

  // ---- verdict

  private Verdict verdict(boolean exact, Workspace space) {
    if (outcome.offsetInRange()) {
      freeDirection = rayDirection();
      jacobianRatio = 0;
      return new Verdict(
          Status.NOT_IDENTIFIABLE,
          "b is in the range of A: every scale of A x - b has the same scores, and x is one point of a ray of solutions at best");
    }
    double[] judged =
        method.verified() == null
            ? method.judge(verified)
            : new double[] {outcome.mismatch(), outcome.floor()};
    double bound = GlobalMethod.agreement(options.tolerance(), judged[1]);
    if (exact && judged[0] > bound) {
      leastSquares(space);
      judged = method.judge(verified);
      bound = GlobalMethod.agreement(options.tolerance(), judged[1]);
    }
    if (judged[0] <= bound && relativeResidual() <= bound) {
      int wrong = method.rowOnWrongSide(verified);
      if (wrong >= 0) {
        return new Verdict(
            Status.STALLED,
            "the scores agree with the target, but the slack of row "
                + wrong
                + " has not the sign that was asked for");
      }
      if ((outcome.jacobianRatio() >= SMALL_RATIO && !hasLoneRow()) || !isFree(space)) {
        return new Verdict(
            Status.CONVERGED,
            String.format(
                Locale.ROOT,
                "the scores agree with the target on all rows: mismatch %.2e <= %.2e",
                judged[0],
                bound));
      }
      return notIdentifiable();
    }
    if (!exact) {
      leastSquares(space);
    }
    return inconsistent(exact, judged[0], bound, space);
  }

  private Verdict notIdentifiable() {
    return new Verdict(
        Status.NOT_IDENTIFIABLE,
        String.format(
            Locale.ROOT,
            "other x have the same scores: the Jacobian's smallest singular value is %.1e of the largest, and x can move along the free direction",
            jacobianRatio));
  }

  private Verdict inconsistent(boolean exact, double mismatch, double bound, Workspace space) {
    double residual = relativeResidual();
    if (exact && residual <= bound && hasLoneRow() && isFree(space)) {
      return notIdentifiable();
    }
    if (optimum == null) {
      return new Verdict(
          Status.STALLED,
          String.format(Locale.ROOT, "no progress: mismatch %.2e > %.2e", mismatch, bound));
    }
    switch (optimum.status()) {
      case ITERATION_LIMIT:
        return new Verdict(
            Status.ITERATION_LIMIT,
            String.format(
                Locale.ROOT,
                "least squares took %d iterations: relative residual %.2e",
                optimum.iterations(),
                residual));
      case STALLED:
        if (optimum.wallRow() < 0 && optimum.predictedDecrease() > 1e-3 * optimum.loss()) {
          return new Verdict(
              Status.STALLED,
              String.format(
                  Locale.ROOT,
                  "no step lowers the loss: relative residual %.2e, predicted decrease %.1e of the loss",
                  residual,
                  optimum.predictedDecrease() / optimum.loss()));
        }
        break;
      default:
        break;
    }
    if (exact && residual <= bound) {
      return new Verdict(
          Status.STALLED,
          String.format(
              Locale.ROOT,
              "the scores agree to %.2e, but the small ones among them only to %.2e > %.2e",
              residual,
              mismatch,
              bound));
    }
    if (exact && residual > NO_NOISE) {
      return new Verdict(
          Status.STALLED,
          String.format(
              Locale.ROOT,
              "a local optimum with relative residual %.2e, more than noise: the search failed, or no x has such scores",
              residual));
    }
    if (isFree(space)) {
      return notIdentifiable();
    }
    String wall =
        optimum.wallRow() < 0 ? "" : ", where the slack of row " + optimum.wallRow() + " goes to 0";
    return new Verdict(
        Status.INCONSISTENT_TARGET,
        String.format(
            Locale.ROOT,
            "no x has the target scores: least-squares optimum reached, relative residual %.2e > %.2e%s",
            residual,
            bound,
            wall));
  }

  /**
   * Looks at the Jacobian at x, closely where a first estimate is small; true where x is not
   * unique.
   */
  private boolean isFree(Workspace space) {
    if (hasLoneRow()) {
      findFreeSlack();
      return true;
    }
    Scores scores = new Scores(A, space);
    Vector at = space.vector(A.columns());
    method.fromOriginal(x, at);
    if (scores.atPoint(at, method.offset()) != 0) {
      return false;
    }
    Sample sample =
        Sample.draw(
            verified.scores(), 20.0 * A.columns() + 500, new SplittableRandom(options.seed()));
    jacobianRatio =
        Determination.ratio(
            A, scores.weights(), scores.R(), scores.inverseR(), sample, verified.scores(), device);
    if (jacobianRatio >= SMALL_RATIO) {
      return false;
    }
    Identifiability found = Identifiability.of(A, scores, device, options.seed());
    jacobianRatio = found.absolute();
    if (!found.isFree()) {
      if (found.isIllDetermined()) {
        warnings.add(
            String.format(
                Locale.ROOT,
                "x is ill-determined: rounding of the scores moves slacks by about %.0e of themselves",
                Math.ulp(1.0) / found.absolute()));
      }
      return false;
    }
    Vector direction = space.upload(found.direction());
    freeDirection = normalized(scaling.toUser(method.toOriginal(direction)));
    return true;
  }

  /** Whether a score is 1, for all that doubles can tell: only that row knows its slack. */
  private boolean hasLoneRow() {
    return Arrays.stream(verified.scores()).anyMatch(score -> score >= 1 - LONE);
  }

  /** The direction in which only the slack of a row moves that has the score 1. */
  private void findFreeSlack() {
    int lone = 0;
    for (int i = 0; i < verified.scores().length; i++) {
      lone = verified.scores()[i] > verified.scores()[lone] ? i : lone;
    }
    jacobianRatio = 0;
    freeDirection =
        normalized(verification.directionOfRow(lone, verified.slacks(), verified.slackErrors()));
  }

  /** x - x_b, up to length, for b = A x_b. */
  private double[] rayDirection() {
    double[] direction = method.ray();
    return direction == null ? null : normalized(scaling.toUser(direction));
  }

  private static double[] normalized(double[] v) {
    double length = 0;
    for (double value : v) {
      length = Math.hypot(length, value);
    }
    double scale = length > 0 ? 1 / length : 1;
    return Arrays.stream(v).map(value -> value * scale).toArray();
  }

  // ---- least squares

  /**
   * The least-squares optimum for the target as it was given, from the refined x and, with few
   * rows, from the placed one.
   */
  private void leastSquares(Workspace space) {
    stages += ", least squares";
    Vector target = space.upload(problem.sigma());
    boolean keepSigns = outcome.signsKnown();
    improve(x, target, keepSigns);
    if (relativeResidual() > options.tolerance()
        && method.placed() != null
        && (!keepSigns || A.rows() <= FEW_ROWS * A.columns() || relativeResidual() > LOUD)) {
      improve(method.placed(), target, keepSigns);
    }
  }

  private void improve(double[] start, Vector target, boolean keepSigns) {
    try (Workspace own = new Workspace(device)) {
      Vector at = own.vector(A.columns());
      method.fromOriginal(start, at);
      LeastSquares squares =
          new LeastSquares(
              A,
              method.offset(),
              target,
              own,
              options.seed(),
              Math.min(100, options.maxIterations()),
              keepSigns);
      LeastSquares.Outcome found =
          squares.run(at, (k, residual) -> report("least squares", k, residual));
      iterations += found.iterations();
      double[] solution = method.toOriginal(at);
      GlobalMethod.Verified there = verify(solution);
      boolean better = loss(there) <= loss(verified);
      if (optimum == null || better) {
        optimum = found;
      }
      if (better) {
        x = solution;
        verified = there;
      }
    }
  }

  // ---- words and numbers

  private Knowledge knowledge() {
    return switch (options.signs().kind()) {
      case AUTO -> Knowledge.MAYBE_EQUAL;
      case UNKNOWN -> Knowledge.UNKNOWN;
      default -> Knowledge.KNOWN;
    };
  }

  /** n signs, or null where they are not known. */
  private double[] knownSigns() {
    double[] signs = new double[(int) A.rows()];
    switch (options.signs().kind()) {
      case POSITIVE -> Arrays.fill(signs, 1);
      case NEGATIVE -> Arrays.fill(signs, -1);
      case GIVEN -> {
        byte[] given = options.signs().values();
        Arrays.setAll(signs, i -> given[i]);
      }
      default -> {
        return null;
      }
    }
    return signs;
  }

  private String signsFound() {
    if (outcome.equalSign() != 0) {
      return outcome.equalSign() > 0 ? "positive" : "negative";
    }
    return options.signs().kind() == Signs.Kind.AUTO ? "unknown" : options.signs().toString();
  }

  private void report(String stage, int iteration, double residual) {
    options
        .progress()
        .step(new Progress.Step(stage, iteration, residual, A.meter().work(), seconds()));
  }

  private double seconds() {
    return (System.nanoTime() - started) * 1e-9;
  }

  private double loss(GlobalMethod.Verified at) {
    double sum = 0;
    for (int i = 0; i < at.scores().length; i++) {
      double r = at.scores()[i] - problem.sigma()[i];
      sum += r * r;
    }
    return 0.5 * sum;
  }

  private double relativeResidual() {
    double square = 0;
    for (double value : problem.sigma()) {
      square += value * value;
    }
    return Math.sqrt(2 * loss(verified) / square);
  }
}
