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
import org.levinv.device.Formula;
import org.levinv.method.AllRows;
import org.levinv.method.Determination;
import org.levinv.method.GlobalMethod;
import org.levinv.method.Identifiability;
import org.levinv.method.LeastSquares;
import org.levinv.method.RankDeficientException;
import org.levinv.method.Sample;
import org.levinv.model.ScoreError;
import org.levinv.model.Scores;
import org.levinv.pass.Profile;
import org.levinv.pass.SignRule;
import org.levinv.pass.SurveyPass;
import org.levinv.rows.Field;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.Stores;
import org.levinv.rows.Units;
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

  private final List<Device> devices;
  private final Device device;
  private final Problem problem;
  private final Options options;
  private final long started = System.nanoTime();
  private final List<String> warnings = new ArrayList<>();
  private RowStore store;
  private Profile profile;
  private Units scaling;
  private TallMatrix A;
  private Vector offset;
  private Verification verification;
  private GlobalMethod method;
  private GlobalMethod.Outcome outcome;
  private int iterations;

  private double[] x;
  private Checked verified;
  private String stages = "global: sample, magnitudes, position, refinement";
  private LeastSquares.Outcome optimum;
  private double jacobianRatio;
  private double[] freeDirection;

  private record Verdict(Status status, String message) {}

  Solve(List<Device> devices, Problem problem, Options options) {
    this.devices = devices;
    this.device = devices.get(0);
    this.problem = problem;
    this.options = options;
  }

  Result run() {
    options.requireShape(problem.A());
    try (Workspace space = new Workspace(device)) {
      store = Stores.open(source(), devices, 0);
      profile =
          store.run(
              new SurveyPass(
                  store.rows(),
                  store.columns(),
                  GlobalMethod.draws(options.seed(), store.rows(), store.columns())));
      scaling = profile.units();
      store.setUnits(scaling);
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

  private ProblemRows source() {
    ProblemRows rows =
        ProblemRows.of(problem.A())
            .with(Field.OFFSET, VectorSource.of("offset", problem.b()))
            .with(Field.TARGET, VectorSource.of("scores", problem.sigma()));
    if (options.signs().kind() == Signs.Kind.GIVEN) {
      byte[] given = options.signs().values();
      double[] signs = new double[given.length];
      Arrays.setAll(signs, i -> given[i]);
      rows = rows.with(Field.SIGN, VectorSource.of("signs", signs));
    }
    return rows;
  }

  /** All rows on the device, for what still needs them there. */
  private TallMatrix allRows(Workspace space) {
    if (A == null) {
      long[] all = AllRows.numbers(store);
      A = store.gather(all, space);
      offset = space.upload(store.gather(Field.OFFSET, all));
    }
    return A;
  }

  private Result run(Workspace space) {
    boolean exact = looksExact();
    method =
        new GlobalMethod(
            store,
            profile,
            new GlobalMethod.Request(
                signs(),
                options.signs().kind() == Signs.Kind.AUTO,
                scaling.fromUser(options.start()),
                exact,
                FINE,
                options.maxIterations(),
                options.precision(),
                options.seed(),
                Double.POSITIVE_INFINITY),
            this::verifyCandidate,
            this::report,
            space);
    outcome = method.run();
    iterations = outcome.iterations();
    jacobianRatio = outcome.singularRatio();
    if (!Arrays.equals(x, outcome.x())) {
      x = outcome.x();
      verified = verify(x);
    }
    Verdict verdict = verdict(exact, space);
    return new Result(
        scaling.toUser(x),
        verified.scores(),
        verdict.status(),
        verdict.message(),
        stages,
        device.name(),
        store.note(),
        store.rows(),
        store.columns(),
        signsFound(),
        iterations,
        relativeResidual(),
        loss(verified),
        store.counter().work() + verification.work(),
        store.counter().passes() + verification.passes(),
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
        store.rows(),
        store.columns(),
        outcome == null ? options.signs().toString() : signsFound(),
        iterations,
        known ? relativeResidual() : Double.NaN,
        known ? loss(verified) : Double.NaN,
        store.counter().work() + verification.work(),
        store.counter().passes() + verification.passes(),
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
    Checked found = verify(scaled);
    if (verified == null || loss(found) < loss(verified)) {
      x = scaled.clone();
      verified = found;
    }
    long positive = 0;
    long negative = 0;
    for (int i = 0; i < found.slacks().length; i++) {
      positive += found.slacks()[i] > 0 && problem.sigma()[i] > 0 ? 1 : 0;
      negative += found.slacks()[i] < 0 && problem.sigma()[i] > 0 ? 1 : 0;
    }
    return new GlobalMethod.Verified(judge(found), positive, negative);
  }

  private ScoreError judge(Checked at) {
    double[] n = new double[6];
    for (int i = 0; i < at.scores().length; i++) {
      double s = at.scores()[i];
      double t = problem.sigma()[i];
      double D = s * (1 - s);
      double f = Formula.LOGIT_STEP.apply(1, s, t, 0);
      double e = Formula.ADD_SCORE_ERROR.apply(0, s, at.slackErrors()[i], 0);
      n[0] += (s - t) * (s - t);
      n[1] += t * t;
      n[2] += D * f * f;
      n[3] += D;
      n[4] += D * e * e;
      n[5] += 4 * D * e * D * e;
    }
    return new ScoreError(n[0], n[1], n[2], n[3], n[4], n[5]);
  }

  private record Checked(double[] scores, double[] slacks, double[] slackErrors) {}

  /**
   * Scores from the original data; all 0 at an x where diag(A x - b)^-1 A is singular, which agrees
   * with no target.
   */
  private Checked verify(double[] scaled) {
    try {
      double[] scores = verification.scores(scaling.toUser(scaled));
      return new Checked(scores, verification.slacks(), verification.slackErrors());
    } catch (SingularException e) {
      double[] none = new double[problem.b().length];
      return new Checked(none, none, none);
    }
  }

  /** Scores between 0 and 1 that sum to d; others carry noise, and the user is told. */
  private boolean looksExact() {
    int d = store.columns();
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
    double[] judged = judged();
    double bound = GlobalMethod.effectiveTolerance(options.tolerance(), judged[1]);
    if (exact && judged[0] > bound) {
      leastSquares(space);
      judged = judged();
      bound = GlobalMethod.effectiveTolerance(options.tolerance(), judged[1]);
    }
    if (judged[0] <= bound && relativeResidual() <= bound) {
      int wrong = rowOnWrongSide();
      if (wrong >= 0) {
        return new Verdict(
            Status.STALLED,
            "the scores agree with the target, but the slack of row "
                + wrong
                + " has not the sign that was asked for");
      }
      if ((outcome.singularRatio() >= SMALL_RATIO && !hasLoneRow()) || !isFree(space)) {
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

  private double[] judged() {
    ScoreError error = judge(verified);
    return new double[] {error.mismatch(), error.floor()};
  }

  private int rowOnWrongSide() {
    double[] sign = new double[problem.b().length];
    if (outcome.signs().equalSign() != 0) {
      Arrays.fill(sign, outcome.signs().equalSign());
    } else if (options.signs().kind() == Signs.Kind.GIVEN) {
      byte[] given = options.signs().values();
      Arrays.setAll(sign, i -> given[i]);
    }
    for (int i = 0; i < sign.length; i++) {
      boolean known = verified.slackErrors()[i] * Math.ulp(1.0) < 0.1;
      if (sign[i] * verified.slacks()[i] < 0
          && problem.sigma()[i] > 0
          && problem.sigma()[i] < 1 - LONE
          && known) {
        return i;
      }
    }
    return -1;
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
    Scores scores = new Scores(allRows(space), space);
    Vector at = space.vector(A.columns());
    method.coordinates().fromOriginal(x, at);
    if (scores.atPoint(at, offset) != 0) {
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
    freeDirection = normalized(scaling.toUser(method.coordinates().toOriginal(direction)));
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
    double[] direction = outcome.ray();
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
    boolean keepSigns = outcome.signs().isKnown();
    allRows(space);
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
      method.coordinates().fromOriginal(start, at);
      LeastSquares squares =
          new LeastSquares(
              A,
              offset,
              target,
              own,
              options.seed(),
              Math.min(100, options.maxIterations()),
              keepSigns);
      LeastSquares.Outcome found =
          squares.run(at, (k, residual) -> report("least squares", k, residual));
      iterations += found.iterations();
      double[] solution = method.coordinates().toOriginal(at);
      Checked there = verify(solution);
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

  private SignRule signs() {
    return switch (options.signs().kind()) {
      case POSITIVE -> SignRule.equal(1);
      case NEGATIVE -> SignRule.equal(-1);
      case GIVEN -> SignRule.FIELD;
      default -> SignRule.NONE;
    };
  }

  private String signsFound() {
    if (options.signs().kind() == Signs.Kind.AUTO && outcome.signs().equalSign() != 0) {
      return outcome.signs().equalSign() > 0 ? "positive" : "negative";
    }
    return options.signs().kind() == Signs.Kind.AUTO ? "unknown" : options.signs().toString();
  }

  private void report(String stage, int iteration, double residual) {
    options
        .progress()
        .step(new Progress.Step(stage, iteration, residual, store.counter().work(), seconds()));
  }

  private double seconds() {
    return (System.nanoTime() - started) * 1e-9;
  }

  private double loss(Checked at) {
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
