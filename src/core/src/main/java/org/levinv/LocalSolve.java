package org.levinv;

import org.levinv.small.Dot2;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Determination;
import org.levinv.method.GlobalMethod;
import org.levinv.method.Identifiability;
import org.levinv.method.OffsetInRange;
import org.levinv.method.Sample;
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
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * One solve by a local method, from start point to result, for scores or for the gradient problem:
 * setup, method, verification from the original data, verdict.
 */
final class LocalSolve {

  /** How far below the tolerance a method goes on. */
  private static final double MARGIN = 0.01;

  /** The sum of exact scores is d up to this. */
  private static final double EXACT_SUM = 1e-10;

  /** A local optimum with a larger relative residual than this is no answer to exact scores. */
  private static final double NO_NOISE = 0.05;

  /** Nor to scores that carry noise. */
  private static final double LOUD_NOISE = 0.25;

  /** A first estimate of the Jacobian's ratio below this calls for a closer look. */
  private static final double SMALL_RATIO = 1e-6;

  private static final double EPS = Math.ulp(1.0);

  private final Device device;
  private final RowSource source;
  private final double[] b;
  private final double[] sigma;
  private final double[] gradient;
  private final double[] omega;
  private final Options options;
  private final Method kind;
  private final long started = System.nanoTime();

  private LocalSetup setup;
  private TallMatrix A;
  private LocalMethod method;
  private Verification verification;
  private double[] x;
  private double[] scores = new double[0];
  private double size;
  private double localSize;
  private double relativeResidual = Double.NaN;
  private double rounding;
  private double jacobianRatio = Double.NaN;
  private double[] freeDirection;
  private double earlierWork;
  private double earlierPasses;

  private record Verdict(Status status, String message) {}

  private LocalSolve(
      Device device,
      RowSource source,
      double[] b,
      double[] sigma,
      double[] gradient,
      Options options,
      Method kind) {
    this.device = device;
    this.source = source;
    this.b = b;
    this.sigma = sigma;
    this.gradient = gradient;
    this.options = options;
    this.kind = kind;
    this.omega = options.local().omega(source.rows());
    checkStart();
  }

  /** For scores, by the local method that the options name. */
  static LocalSolve of(Device device, Problem problem, Options options) {
    return new LocalSolve(
        device, problem.A(), problem.b(), problem.sigma(), null, options, options.local().method());
  }

  /** For the gradient problem. */
  static LocalSolve of(Device device, GradientProblem problem, Options options) {
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
  static Result continued(Device device, Problem problem, Options options, Result global) {
    Result result = global;
    if (options.local().omega(problem.A().rows()) != null) {
      Options next = options.withStart(global.x()).withSigns(Signs.auto()).withCertificate(false);
      LocalSolve solve =
          new LocalSolve(
              device, problem.A(), problem.b(), problem.sigma(), null, next, Method.NEWTON);
      solve.earlierWork = global.work();
      solve.earlierPasses = global.passes();
      result = solve.run(global.method() + ", then ", global);
    }
    try {
      return options.local().certificate() ? certified(device, problem, options, result) : result;
    } catch (DeviceException e) {
      throw new InterruptedSolveException(e, result.stalled(failed(e)));
    }
  }

  private static Result certified(Device device, Problem problem, Options options, Result result) {
    LocalSolve solve =
        new LocalSolve(
            device,
            problem.A(),
            problem.b(),
            problem.sigma(),
            null,
            options.withStart(result.x()).withSigns(Signs.auto()),
            Method.NEWTON);
    return result.with(solve.certificate(result.x(), options.start(), List.of()));
  }

  private void checkStart() {
    if (options.start() == null) {
      throw new InvalidInputException(
          "start: expected a start point for method "
              + kind
              + ", with the signs of A x - b at the answer and near it (a local method finds no other); method auto needs none");
    }
    options.requireShape(source);
  }

  // ---- running

  Result run() {
    return run("", null);
  }

  private Result run(String before, Result global) {
    try (Workspace space = new Workspace(device)) {
      Vector at = setUp(options.start(), space);
      verification = new Verification(device, source, b);
      checkSigns();
      Supplier<Objective> objectives = objectives(space);
      size = size();
      localSize = localSize(space);
      method = method(objectives.get(), objectives.get(), space);
      Outcome outcome =
          method.run(at, (iteration, residual) -> report(iteration, residual / localSize));
      x = setup.toUser(at);
      verify();
      Verdict verdict = verdict(outcome, space);
      Result result = result(before, outcome.iterations(), verdict, global);
      return options.local().certificate()
          ? result.with(certificate(x, options.start(), lastPoints()))
          : result;
    } catch (DeviceException e) {
      throw interrupted(before, e, global);
    }
  }

  /** What a solve has to show when its device fails: no step of a method makes x worse. */
  private DeviceException interrupted(String before, DeviceException e, Result global) {
    List<double[]> points = method == null ? List.of() : method.trace().lastPoints();
    if (points.isEmpty()) {
      return global == null ? e : new InterruptedSolveException(e, global.stalled(failed(e)));
    }
    if (x == null) {
      x = setup.toUser(points.get(points.size() - 1));
    }
    Verdict verdict = new Verdict(Status.STALLED, failed(e));
    return new InterruptedSolveException(
        e, result(before, method.trace().points().size() - 1, verdict, global));
  }

  private static String failed(DeviceException e) {
    return "the device failed, and this is the best x so far: " + e.getMessage();
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
    byte[] given = options.signs().kind() == Signs.Kind.GIVEN ? options.signs().values() : null;
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

  private void report(int iteration, double residual) {
    options
        .progress()
        .step(
            new Progress.Step(
                kind.word(), iteration, residual, A.meter().work() + earlierWork, seconds()));
  }

  // ---- verification

  /**
   * What residuals are measured by: ||target||; for g = 0 the terms that cancel in it at the start.
   */
  private double size() {
    double length = length(sigma == null ? gradient : sigma);
    if (length > 0) {
      return length;
    }
    double[] terms = new double[gradient.length];
    gradientAt(options.start(), verification.scores(options.start()), new double[b.length], terms);
    return length(terms);
  }

  /** Scores, and where asked for the gradient, from the original data. */
  private void verify() {
    double[] target = sigma;
    double[] found;
    double[] errors = new double[b.length];
    try {
      scores = verification.scores(x);
      errors = verification.slackErrors();
    } catch (SingularException e) {
      scores = new double[b.length];
    }
    found = scores;
    double floor = 0;
    if (sigma == null) {
      double[] terms = new double[gradient.length];
      found = gradientAt(x, scores, errors, terms);
      target = gradient;
      floor = length(terms);
    } else {
      for (int i = 0; i < b.length; i++) {
        double move = 2 * scores[i] * (1 - scores[i]) * (errors[i] + 1);
        floor = Math.hypot(floor, move);
      }
    }
    double off = 0;
    for (int i = 0; i < target.length; i++) {
      off = Math.hypot(off, found[i] - target[i]);
    }
    relativeResidual = off / size;
    rounding = EPS * floor / size;
  }

  /**
   * A(x)^T sigma, d values, and in {@code terms} what relative errors of the slacks in units of eps
   * can do to it.
   */
  private double[] gradientAt(double[] at, double[] sigmas, double[] errors, double[] terms) {
    double[] g = new double[source.columns()];
    forRows(
        (i, a, start) -> {
          double slack = Dot2.minus(a, start, at, b[i]);
          double factor = slack == 0 ? 0 : sigmas[i] / slack;
          for (int j = 0; j < g.length; j++) {
            double term = a[start + j] * factor;
            g[j] += term;
            terms[j] += Math.abs(term) * (3 * errors[i] + 1);
          }
        });
    return g;
  }

  /** What is done with row a_i of the original A, whose entries start at {@code start} of a. */
  @FunctionalInterface
  private interface RowWork {
    void run(int i, double[] a, int start);
  }

  /** Reads A once, in blocks. */
  private void forRows(RowWork work) {
    int d = source.columns();
    int most = Math.max(1, Math.min((1 << 18) / d, b.length));
    double[] block = new double[most * d];
    for (int first = 0; first < b.length; first += most) {
      int count = Math.min(most, b.length - first);
      source.read(first, count, block);
      for (int i = 0; i < count; i++) {
        work.run(first + i, block, i * d);
      }
    }
  }

  // ---- verdict

  private Verdict verdict(Outcome outcome, Workspace space) {
    double bound = GlobalMethod.effectiveTolerance(options.tolerance(), rounding);
    if (relativeResidual <= bound) {
      return agreed(bound, space);
    }
    String residual =
        String.format(Locale.ROOT, "relative residual %.2e > %.2e", relativeResidual, bound);
    if (outcome.status() == LocalMethod.Status.ITERATION_LIMIT) {
      return new Verdict(
          Status.ITERATION_LIMIT,
          kind + " took " + outcome.iterations() + " iterations: " + residual);
    }
    if (outcome.status() == LocalMethod.Status.STALLED) {
      return new Verdict(
          Status.STALLED,
          "no step inside the cell of signs of the start lowers the loss any more: " + residual);
    }
    if (omega != null) {
      return new Verdict(
          Status.INCONSISTENT_TARGET, "minimum of the regularised loss reached: " + residual);
    }
    if (sigma == null || relativeResidual > (looksExact() ? NO_NOISE : LOUD_NOISE)) {
      return new Verdict(
          Status.STALLED,
          "a local minimum that is not the answer: "
              + residual
              + "; another start, or method auto, may find it");
    }
    return new Verdict(
        Status.INCONSISTENT_TARGET,
        "no x nearby has the target scores: local least-squares optimum reached, " + residual);
  }

  private boolean looksExact() {
    double sum = 0;
    boolean inside = true;
    for (double value : sigma) {
      sum += value;
      inside &= value >= 0 && value <= 1;
    }
    return inside && Math.abs(sum - source.columns()) <= EXACT_SUM * source.columns();
  }

  private Verdict agreed(double bound, Workspace space) {
    if (sigma != null && isFree(space)) {
      return new Verdict(
          Status.NOT_IDENTIFIABLE,
          String.format(
              Locale.ROOT,
              "other x have the same scores: the Jacobian's smallest singular value is %.1e of the largest",
              jacobianRatio));
    }
    return new Verdict(
        Status.CONVERGED,
        String.format(
            Locale.ROOT,
            "the %s with the target: relative residual %.2e <= %.2e",
            sigma != null ? "scores agree" : "gradient agrees",
            relativeResidual,
            bound));
  }

  /** Looks at the Jacobian at x; true where x is not unique. */
  private boolean isFree(Workspace space) {
    Scores at = new Scores(A, space);
    Vector point = space.vector(A.columns());
    setup.fromUser(x, point);
    if (at.atPoint(point, setup.offset()) != 0) {
      return false;
    }
    Sample sample =
        Sample.draw(scores, 20.0 * A.columns() + 500, new SplittableRandom(options.seed()));
    jacobianRatio =
        Determination.ratio(A, at.weights(), at.R(), at.inverseR(), sample, scores, device);
    if (OffsetInRange.holds(A, setup.offset(), device)) {
      jacobianRatio = 0;
      return true;
    }
    if (jacobianRatio >= SMALL_RATIO) {
      return false;
    }
    Identifiability found = Identifiability.of(A, at, device, options.seed());
    jacobianRatio = found.absolute();
    if (found.isFree()) {
      freeDirection = setup.toUser(found.direction());
      double length = length(freeDirection);
      for (int j = 0; j < freeDirection.length; j++) {
        freeDirection[j] /= length;
      }
    }
    return found.isFree();
  }

  // ---- words and numbers

  private Result result(String before, int iterations, Verdict verdict, Result global) {
    Trace trace = method.trace();
    List<Trace.Point> points = trace.points();
    double last = points.isEmpty() ? Double.NaN : points.get(points.size() - 1).gradient();
    List<String> all = new ArrayList<>(global == null ? List.of() : global.warnings());
    all.addAll(method.warnings());
    return new Result(
        x,
        scores,
        verdict.status(),
        verdict.message(),
        before + kind.word(),
        device.name(),
        null,
        A.rows(),
        A.columns(),
        global == null ? signs() : global.signs(),
        iterations + (global == null ? 0 : global.iterations()),
        relativeResidual,
        loss(),
        A.meter().work() + verification.work() + earlierWork,
        A.meter().passes() + verification.passes() + earlierPasses,
        seconds() + (global == null ? 0 : global.seconds()),
        jacobianRatio,
        freeDirection,
        List.copyOf(all),
        new LocalReport(method.choice(), trace.linearRate(), trace.order(), last),
        null);
  }

  /** 0.5 ||F||^2 + 0.5 ||diag(omega) A x||^2, from the original data. */
  private double loss() {
    double off = relativeResidual * size;
    double[] value = {0.5 * off * off};
    if (omega != null) {
      forRows(
          (i, a, start) -> {
            double entry = omega[i] * Dot2.minus(a, start, x, 0);
            value[0] += 0.5 * entry * entry;
          });
    }
    return value[0];
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

  private double seconds() {
    return (System.nanoTime() - started) * 1e-9;
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

  static Derivatives derivatives(Device device, Problem problem, double[] x, double[] omega) {
    Options options = Options.defaults().withStart(x);
    LocalSolve solve =
        new LocalSolve(
            device,
            problem.A(),
            problem.b(),
            problem.sigma(),
            null,
            omega == null ? options : options.withRegularization(omega),
            Method.NEWTON);
    return solve.derivatives();
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
