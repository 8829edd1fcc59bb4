package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.levinv.Certificate;
import org.levinv.Derivatives;
import org.levinv.GradientProblem;
import org.levinv.InvalidInputException;
import org.levinv.LocalReport;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.local.ExplicitHessian;
import org.levinv.method.local.GaussNewton;
import org.levinv.method.local.GradientDescent;
import org.levinv.method.local.HessianEstimate;
import org.levinv.method.local.LocalCurvature;
import org.levinv.method.local.LocalMethod;
import org.levinv.method.local.LocalMethod.Limits;
import org.levinv.method.local.LocalMethod.Outcome;
import org.levinv.method.local.Newton;
import org.levinv.method.local.SampledGradientHessian;
import org.levinv.method.local.SampledLossHessian;
import org.levinv.method.local.SampledNewton;
import org.levinv.method.local.Trace;
import org.levinv.model.GradientLoss;
import org.levinv.model.HessianPart;
import org.levinv.model.Loss;
import org.levinv.model.Objective;
import org.levinv.pass.Profile;
import org.levinv.pass.SurveyPass;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Units;
import org.levinv.tall.TallMatrix;

/**
 * One solve by a local method, from start point to result, for scores or for the gradient problem:
 * setup, method, verification from the original data, verdict.
 */
public final class LocalSolve {

  /** How far below the tolerance a method goes on. */
  private static final double MARGIN = 0.01;

  private static final double EPS = Math.ulp(1.0);

  private final Device device;
  private final RowSource source;
  private final double[] b;
  private final double[] sigma;
  private final double[] gradient;
  private final double[] omega;
  private final Options options;
  private final Method kind;
  private final ProblemRows rows;
  private final Watch watch;

  private LeafStore store;
  private LocalSetup setup;
  private TallMatrix A;
  private LocalMethod method;
  private Verification verification;
  private double[] x;
  private VerifiedScores verified;
  private TargetNoise noise;
  private Optimum optimum;
  private Uniqueness.Finding uniqueness;
  private double size;
  private double localSize;
  private double relativeResidual = Double.NaN;
  private double rounding;
  private double earlierWork;
  private double earlierPasses;

  private LocalSolve(
      Device device,
      RowSource source,
      VectorSource offset,
      VectorSource target,
      double[] gradient,
      Options options,
      Method kind) {
    this.device = device;
    this.source = source;
    this.b = HostVectors.read(offset);
    this.sigma = target == null ? null : HostVectors.read(target);
    this.gradient = gradient;
    this.options = options;
    this.kind = kind;
    this.omega = Checks.omega(options.local(), source.rows());
    checkStart();
    rows =
        ProblemRows.of(source)
            .with(Field.OFFSET, offset)
            .with(Field.TARGET, target)
            .with(Field.OMEGA, omega == null ? null : VectorSource.of("regularization", omega));
    watch = new Watch(options, this::work);
  }

  private LocalSolve(Device device, Problem problem, Options options, Method kind) {
    this(device, problem.A(), problem.b(), problem.sigma(), null, options, kind);
  }

  /** For scores, by the local method that the options name. */
  public static LocalSolve of(Device device, Problem problem, Options options) {
    return new LocalSolve(device, problem, options, options.local().method());
  }

  /** For the gradient problem. */
  public static LocalSolve of(Device device, GradientProblem problem, Options options) {
    Method kind = options.local().method();
    if (kind != Method.AUTO && kind != Method.NEWTON && kind != Method.SAMPLED_NEWTON) {
      throw new InvalidInputException(
          "method: expected newton or sampled-newton for the gradient problem, got " + kind);
    }
    return new LocalSolve(
        device,
        problem.A(),
        problem.b(),
        null,
        problem.gradient(),
        options,
        kind == Method.AUTO ? Method.NEWTON : kind);
  }

  /** What the options ask for beyond the answer of the global method. */
  public static Result continued(Device device, Problem problem, Options options, Result global) {
    Result result = global;
    if (Checks.omega(options.local(), problem.A().rows()) != null) {
      Options next = options.withStart(global.x()).withSigns(Signs.auto()).withCertificate(false);
      LocalSolve solve = new LocalSolve(device, problem, next, Method.NEWTON);
      solve.earlierWork = global.work();
      solve.earlierPasses = global.passes();
      solve.watch.after(global.seconds());
      result = solve.run(global.method() + ", then ", global);
    }
    if (!options.local().certificate() || result.status().stopped()) {
      return result;
    }
    Options at = options.withStart(result.x()).withSigns(Signs.auto());
    LocalSolve solve = new LocalSolve(device, problem, at, Method.NEWTON);
    return solve.certified(result, options.start(), List.of());
  }

  /** The result with its certificate, or without where that is stopped: x stays what it is. */
  private Result certified(Result result, double[] start, List<double[]> path) {
    ResultBuilder more = new ResultBuilder(result);
    try {
      return more.certificate(certificate(result.x(), start, path)).build();
    } catch (RuntimeException e) {
      Stopped reason = watch.reason(e);
      Evidence evidence = Evidence.of(search(), result.relativeResidual(), reason);
      return more.verdict(Verdict.of(evidence, options)).build();
    }
  }

  private void checkStart() {
    if (options.start() == null) {
      throw new InvalidInputException(
          "start: expected a start point for method "
              + kind
              + ", with the signs of A x - b at the answer and near it (a local method finds no"
              + " other); method auto needs none");
    }
    Checks.shapes(options, source);
  }

  // ---- running

  /**
   * The result; of a solve that was ended from outside with the best x so far.
   *
   * @throws InvalidInputException if the input cannot be used
   * @throws DeviceException if the device fails before there is an x
   */
  public Result run() {
    return run("", null);
  }

  private Result run(String before, Result global) {
    Result result;
    try (LeafStore all = openStore();
        Workspace space = new Workspace(device)) {
      store = all;
      Evidence evidence;
      try {
        evidence = solve(space);
      } catch (RuntimeException e) {
        evidence = stopped(watch.reason(e), e, global);
      }
      result = result(before, evidence, global);
    }
    return options.local().certificate() && !result.status().stopped()
        ? certified(result, options.start(), lastPoints())
        : result;
  }

  /** The rows for readings; the setup holds them for the method. */
  private LeafStore openStore() {
    LeafStore all = new LeafStore(rows, device, Partition.of(source.rows(), source.columns()), 0);
    all.setCheck(watch::check);
    return all;
  }

  private Evidence solve(Workspace space) {
    int d = source.columns();
    Profile profile = store.run(new SurveyPass(source.rows(), d, null));
    if (sigma != null) {
      Checks.scores(rows.field(Field.TARGET), profile, d);
      noise = TargetNoise.of(profile, d);
    }
    verification =
        new Verification(rows, store, Units.NONE).withTargetSquare(profile.targetSquares());
    Vector at = setUp(options.start(), space);
    checkSigns();
    Supplier<Objective> objectives = objectives(space);
    size = size();
    localSize = localSize(space);
    method = method(objectives.get(), objectives.get(), space);
    Outcome outcome =
        method.run(
            at, (iteration, residual) -> watch.step(kind.word(), iteration, residual / localSize));
    optimum = Optimum.of(kind.word(), outcome);
    x = setup.toUser(at);
    verify();
    if (Verdict.asksUniqueness(evidence(), options)) {
      Vector point = space.vector(A.columns());
      setup.fromUser(x, point);
      uniqueness =
          Uniqueness.at(A, setup.offset(), point, true, setup::toUser, options.seed(), space);
    }
    return evidence();
  }

  private Evidence.Search search() {
    return sigma == null ? Evidence.Search.GRADIENT : Evidence.Search.LOCAL;
  }

  private Evidence evidence() {
    return new Evidence(
        search(),
        omega != null,
        noise,
        relativeResidual,
        rounding,
        relativeResidual,
        false,
        -1,
        verified.lone(),
        Double.NaN,
        optimum,
        uniqueness,
        null);
  }

  /** What is known of the best x so far: no step of a method makes x worse. */
  private Evidence stopped(Stopped reason, RuntimeException e, Result global) {
    watch.off();
    List<double[]> points = method == null ? List.of() : method.trace().lastPoints();
    if (x == null && !points.isEmpty()) {
      x = setup.toUser(points.get(points.size() - 1));
    }
    if (x == null && global == null && reason.status() == Status.DEVICE_FAILED) {
      throw e;
    }
    if (x == null) {
      x = options.start();
      relativeResidual = global == null ? Double.NaN : global.relativeResidual();
    }
    boolean mayVerify =
        reason.status() == Status.TIME_LIMIT || reason.status() == Status.WORK_LIMIT;
    if (mayVerify && verification != null && verified == null && size > 0) {
      verify();
    }
    return Evidence.of(search(), relativeResidual, reason);
  }

  private List<double[]> lastPoints() {
    List<double[]> points = new ArrayList<>();
    for (double[] point : method.trace().lastPoints()) {
      points.add(setup.toUser(point));
    }
    return points;
  }

  private void checkSigns() {
    if (options.signs().kind() == Signs.Kind.AUTO || options.signs().kind() == Signs.Kind.UNKNOWN) {
      return;
    }
    VectorSource signs = options.signs().values();
    double[] given = signs == null ? null : HostVectors.read(signs);
    for (int i = 0; i < setup.slacks().length; i++) {
      double sign =
          given != null ? given[i] : options.signs().kind() == Signs.Kind.POSITIVE ? 1 : -1;
      if (setup.slacks()[i] * sign < 0) {
        throw new InvalidInputException(
            "start, row "
                + i
                + ": expected a "
                + (sign > 0 ? "positive" : "negative")
                + " a_i.x - b_i, as the signs say, got "
                + setup.slacks()[i]);
      }
    }
  }

  /** Puts the problem on the device, in coordinates around a point; that point in them. */
  private Vector setUp(double[] point, Workspace space) {
    setup = new LocalSetup(device, source, b, point, space);
    A = setup.matrix();
    Vector at = space.vector(A.columns());
    setup.fromUser(point, at);
    return at;
  }

  /** Objectives of the problem, each with a point of its own. */
  private Supplier<Objective> objectives(Workspace space) {
    Vector weights = omega == null ? null : space.upload(omega);
    if (sigma != null) {
      Vector target = space.upload(sigma);
      return () -> new Loss(A, setup.offset(), target, weights, space);
    }
    Vector target = localGradient(space);
    Matrix metric = metric(space);
    return () -> new GradientLoss(A, setup.offset(), target, metric, weights, space);
  }

  /** The target gradient in the coordinates: g of A R^-1 is R^-T g. */
  private Vector localGradient(Workspace space) {
    Vector target = space.vector(A.columns());
    device.multiply(setup.factor().inverseR(), true, space.upload(gradient), target);
    return target;
  }

  /**
   * R R^T, so that lengths of the gradient are those of the original coordinates; null without a
   * regulariser, where the answer does not depend on them but cond(A) would count.
   */
  private Matrix metric(Workspace space) {
    if (omega == null) {
      return null;
    }
    Matrix S = space.matrix(A.columns(), A.columns());
    device.multiply(setup.factor().R(), false, setup.factor().R(), true, S);
    return S;
  }

  private LocalMethod method(Objective here, Objective there, Workspace space) {
    boolean regularized = omega != null;
    double margin = sigma != null ? MARGIN : MARGIN * MARGIN; // the user's norm is another
    double enough = regularized ? 0 : margin * options.tolerance() * localSize;
    Limits limits = new Limits(enough, options.maxIterations());
    HessianEstimate pairs =
        sigma != null
            ? new SampledLossHessian(A, regularized, space)
            : new SampledGradientHessian(A, metric(space), regularized, space);
    return switch (kind) {
      case GRADIENT -> new GradientDescent(A, (Loss) here, (Loss) there, limits, space);
      case GAUSS_NEWTON -> new GaussNewton(A, here, there, regularized, limits, space);
      case SAMPLED_NEWTON ->
          new SampledNewton(
              A, here, there, pairs, options.local().accuracy(), options.seed(), limits, space);
      default -> new Newton(A, here, there, pairs, limits, space);
    };
  }

  /** What the residuals of the method are measured by: those of the gradient in its coordinates. */
  private double localSize(Workspace space) {
    if (sigma != null || omega != null) {
      return size;
    }
    Vector target = localGradient(space);
    double length = Math.sqrt(device.dot(target, target));
    return length > 0 ? length : 1;
  }

  // ---- verification

  /**
   * What residuals are measured by: ||target||; for g = 0 the terms that cancel in it at the start.
   */
  private double size() {
    double length = length(sigma == null ? gradient : sigma);
    return length > 0
        ? length
        : length(verification.at(options.start(), true, null).gradientTerms());
  }

  /** Scores, and where asked for the gradient, from the original data. */
  private void verify() {
    verified = verification.at(x, sigma == null, null);
    if (sigma != null) {
      relativeResidual = verified.error().relativeResidual();
      rounding = EPS * Math.sqrt(verified.error().scoreRounding()) / size;
      return;
    }
    double off = 0;
    for (int j = 0; j < gradient.length; j++) {
      off = Math.hypot(off, verified.gradient()[j] - gradient[j]);
    }
    relativeResidual = off / size;
    rounding = EPS * length(verified.gradientTerms()) / size;
  }

  // ---- words and numbers

  private Result result(String before, Evidence evidence, Result global) {
    ResultBuilder result =
        global == null ? new ResultBuilder(source, device.name()) : new ResultBuilder(global);
    Trace trace = method == null ? null : method.trace();
    int steps = trace == null ? 0 : Math.max(0, trace.points().size() - 1);
    if (trace != null) {
      List<Trace.Point> points = trace.points();
      double last = points.isEmpty() ? Double.NaN : points.get(points.size() - 1).gradient();
      result
          .local(new LocalReport(method.choice(), trace.linearRate(), trace.order(), last))
          .warnings(method.warnings());
    }
    if (global == null) {
      result.signs(setup == null ? options.signs().toString() : signs()).noise(noise);
    }
    return result
        .x(x)
        .verdict(Verdict.of(evidence, options))
        .method(before + kind.word())
        .iterations(
            (optimum == null ? steps : optimum.iterations())
                + (global == null ? 0 : global.iterations()))
        .residual(relativeResidual, loss())
        .cost(work(), passes(), watch.seconds())
        .uniqueness(uniqueness)
        .build();
  }

  /**
   * 0.5 ||F||^2 + 0.5 ||diag(omega) A x||^2, from the original data; NaN where that is not known.
   */
  private double loss() {
    double off = relativeResidual * size;
    return verified == null ? Double.NaN : 0.5 * off * off + verified.regularizer();
  }

  private double work() {
    return (store == null ? 0 : store.counter().work())
        + (A == null ? 0 : A.meter().work())
        + earlierWork;
  }

  private double passes() {
    return store.counter().passes() + (A == null ? 0 : A.meter().passes()) + earlierPasses;
  }

  private String signs() {
    boolean positive = false;
    boolean negative = false;
    for (double slack : setup.slacks()) {
      positive |= slack > 0;
      negative |= slack < 0;
    }
    return positive && negative ? "given" : positive ? "positive" : "negative";
  }

  private static double length(double[] v) {
    double length = 0;
    for (double value : v) {
      length = Math.hypot(length, value);
    }
    return length;
  }

  // ---- certificate and derivatives

  /** At a solution, with the start point (or null) and points near the solution. */
  private Certificate certificate(double[] solution, double[] start, List<double[]> path) {
    try (Workspace space = new Workspace(device)) {
      Vector at = setUp(solution, space);
      Supplier<Objective> objectives = objectives(space);
      LocalCurvature curvature = new LocalCurvature(objectives.get(), objectives.get(), at, space);
      double lipschitz = curvature.probedLipschitz();
      for (double[] point : path) {
        lipschitz = Math.max(lipschitz, curvature.lipschitz(local(point, space)));
      }
      double smallest = curvature.smallestEigenvalue();
      return new Certificate(
          smallest,
          curvature.largestEigenvalue(),
          lipschitz,
          smallest > 0 ? Math.min(1, 2 * smallest / (3 * lipschitz)) : 0,
          curvature.newtonStep(),
          start == null ? Double.NaN : curvature.distance(local(start, space)));
    }
  }

  private double[] local(double[] point, Workspace space) {
    Vector at = space.vector(A.columns());
    setup.fromUser(point, at);
    double[] values = new double[A.columns()];
    device.download(at, values);
    return values;
  }

  /** As {@link org.levinv.Inverter#derivatives} says. */
  public static Derivatives derivatives(
      Device device, Problem problem, double[] x, double[] omega) {
    Options options = Options.defaults().withStart(x);
    return new LocalSolve(
            device,
            problem,
            omega == null ? options : options.withRegularization(omega),
            Method.NEWTON)
        .derivatives();
  }

  private Derivatives derivatives() {
    try (Workspace space = new Workspace(device)) {
      Vector at = setUp(options.start(), space);
      int d = A.columns();
      Objective loss = objectives(space).get();
      loss.moveTo(at);
      Vector g = space.vector(d);
      Vector original = space.vector(d);
      loss.gradient(g);
      device.multiply(setup.factor().R(), true, g, original); // R^T g
      double[] values = new double[d];
      device.download(original, values);
      double[][][] parts = new double[3][][];
      Matrix H = space.matrix(d, d);
      Matrix HR = space.matrix(d, d);
      ExplicitHessian hessian = new ExplicitHessian(d, space);
      for (HessianPart part : HessianPart.values()) {
        hessian.of(loss, part, H);
        device.multiply(H, false, setup.factor().R(), false, HR);
        device.multiply(setup.factor().R(), true, HR, false, H); // R^T H R
        parts[part.ordinal()] = ExplicitHessian.download(H, device);
      }
      return new Derivatives(loss.value(), values, parts[0], parts[1], parts[2]);
    }
  }
}
