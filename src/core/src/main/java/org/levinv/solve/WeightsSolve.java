package org.levinv.solve;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import org.levinv.InvalidInputException;
import org.levinv.LocalOptions;
import org.levinv.Options;
import org.levinv.Orientation;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.ScoreNoise.Source;
import org.levinv.Status;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Workspace;
import org.levinv.method.GlobalMethod;
import org.levinv.method.LinkMethod;
import org.levinv.method.SingularValues;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.pass.Profile;
import org.levinv.pass.ResponsePass;
import org.levinv.pass.SurveyPass;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Field;
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
  private static final double FINE = 3e-13;

  /** Searches more on all rows where no x was found whose scores round to the printed ones. */
  private static final int MORE_SEARCHES = 4;

  /** With fewer rows for each column all searches are made: residuals tell little of noise. */
  private static final double FEW_ROWS = 5;

  /** Searches ended at the same optimum where their losses differ by less than this part. */
  private static final double SAME_LOSS = 1e-3;

  private final List<Device> devices;
  private final Problem problem;
  private final Options options;
  private final Weights weights;
  private final ProblemRows rows;
  private final Frame frame;
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
  private SingularValues determined = SingularValues.UNKNOWN;
  private double leastLoss = Double.POSITIVE_INFINITY;
  private int agreeing;
  private Uniqueness.Finding uniqueness = Uniqueness.Finding.UNIQUE;
  private String stages = "global: sample, magnitudes, fit, refinement";

  /** On some devices, of which the first has what is small. */
  public WeightsSolve(List<Device> devices, Problem problem, Options options) {
    this.devices = devices;
    this.problem = problem;
    this.options = options;
    weights = problem.weights();
    rows =
        ProblemRows.of(problem.model())
            .with(Field.TARGET, problem.sigma())
            .with(Field.SIGN, options.signs().values())
            .with(Field.RESPONSE, options.orientation().response());
    frame = new Frame(options, Options.GLOBAL_WORK);
  }

  /**
   * The result; of a solve that was ended from outside with the best x so far.
   *
   * @throws InvalidInputException if the input cannot be used
   * @throws DeviceException if the device fails before there is an x
   */
  public Result run() {
    Checks.shapes(options, problem.A());
    if (!options.local().equals(LocalOptions.NONE) || options.start() != null) {
      throw new InvalidInputException(
          "weights "
              + weights.name()
              + ": expected the global method without a start point, a regulariser or a certificate,"
              + " which are there for the weights barrier alone");
    }
    try (Stores.Pair stores = Stores.openPair(rows, devices, options.memory());
        Workspace space = new Workspace(devices.get(0))) {
      return result(frame.run(stores, problem.A(), space, this::solve, this::stopped));
    }
  }

  private Evidence solve(Workspace space) {
    int d = problem.A().columns();
    long n = problem.A().rows();
    Profile profile =
        frame.held().run(new SurveyPass(n, d, GlobalMethod.draws(options.seed(), n, d)));
    Checks.scores(problem.sigma(), problem.A(), profile);
    noise = TargetNoise.of(profile, n, d, options).rounded(RoundedFit.isPossible(n, d));
    Checks.informative(problem.sigma(), noise);
    homogeneous = profile.largestOffset() == 0;
    verification =
        new Verification(rows, frame.original(), Units.NONE)
            .with(weights)
            .withTargetSquare(profile.targetSquares())
            .withUncertainty(noise.uncertainty())
            .withSign(equalSign());
    units = new Units(profile.units().columns(), 1); // f is no function of another unit of A x - b
    frame.held().setUnits(units);
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
            frame.watch(),
            space);
    method.run(this::isEnough);
    determine();
    orient();
    Evidence evidence = evidence();
    xError = rounded == null ? standardErrors(evidence) : rounded.errors();
    return evidence;
  }

  /** eta of gamma and inverse Gaussian models is positive; else what the user asks for. */
  private int equalSign() {
    return weights.shape() == Weights.Shape.POWER
        ? 1
        : GlobalSearch.signs(options.signs()).equalSign();
  }

  /** Verifies a candidate, and where scores are noisy goes on to their optimum. */
  private boolean isEnough(double[] found) {
    offer(units.toUser(found));
    if (isMet()) {
      return true;
    }
    if (!stages.endsWith("squares")) {
      stages += ", least squares";
    }
    Optimum ended = Optimum.of(method.leastSquares(found), method.iterations());
    VerifiedScores there = offer(units.toUser(found));
    optimum = optimum == null || there == verified ? ended : optimum;
    count(there.loss());
    if (Verdict.asksInside(evidence(), options) && RoundedFit.isPossible(rows.rows(), x.length)) {
      return isRounded();
    }
    boolean isLooked = noise.isKnown() || rows.rows() > FEW_ROWS * x.length;
    return isMet() || (!noise.exact() && isLooked && Verdict.isExplained(evidence(), options));
  }

  /** Counts the searches that ended at the least loss so far. */
  private void count(double loss) {
    if (loss < (1 - SAME_LOSS) * leastLoss) {
      leastLoss = loss;
      agreeing = 1;
    } else if (loss <= (1 + SAME_LOSS) * leastLoss) {
      agreeing++;
    }
  }

  /**
   * Whether all scores round to the targets at some x near the best one; the mean of all such x is
   * kept where the decimals were given.
   */
  private boolean isRounded() {
    determine();
    if (uniqueness.free()) {
      return true;
    }
    rounded = method.rounded(units.fromUser(x), units::toUser);
    VerifiedScores there = rounded == null ? null : verification.at(units.toUser(rounded.x()));
    if (there == null || !Verdict.isInside(there.profile())) {
      rounded = null;
      return false;
    }
    if (options.digits() < 0 && noise.agrees(verified.profile())) {
      rounded = null; // least squares it is
      return true;
    }
    x = units.toUser(rounded.x());
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
    double[] direction = new double[x.length];
    determined = method.determine(units.fromUser(x), direction);
    if (determined.ratio() < Uniqueness.SMALL_RATIO) {
      uniqueness = Uniqueness.Finding.along(units.toUser(direction));
    }
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
    double along =
        asked.response() == null
            ? asked.sign() * x[asked.column()]
            : frame.original().run(new ResponsePass(x));
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
        determined,
        Uniqueness.error(verified.error()),
        optimum == null ? null : optimum.alone(agreeing < 2),
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

  private Result result(Evidence evidence) {
    return new ResultBuilder(problem.A(), devices.get(0).name())
        .x(x)
        .verdict(Verdict.of(evidence, x, options))
        .method(rounded == null ? stages : stages + ", rounding")
        .signs(options.signs().toString())
        .iterations(method == null ? 0 : method.iterations())
        .verified(verified)
        .cost(frame)
        .jacobianRatio(determined.ratio())
        .uniqueness(uniqueness.free() ? uniqueness : null)
        .noise(Verdict.noise(evidence, options))
        .warnings(noise == null ? List.of() : noise.warnings())
        .xError(xError)
        .weights(weights, hasMirror())
        .deviceNote(frame.held().note())
        .build();
  }
}
