package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.levinv.Derivatives;
import org.levinv.GradientProblem;
import org.levinv.LocalReport;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Standing;
import org.levinv.Status;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.LinkMethod;
import org.levinv.method.SingularValues;
import org.levinv.method.local.LocalMethod;
import org.levinv.method.local.Trace;
import org.levinv.model.RowwiseError;
import org.levinv.pass.Profile;
import org.levinv.pass.SurveyPass;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.Stores;

/**
 * One solve by a local method, from start point to result, for scores or for the gradient problem:
 * first reading, setup, method, verification from the original data, verdict.
 */
public final class LocalSolve {

  /** How far below the tolerance a method goes on; a larger one saves steps and costs digits. */
  private static final double MARGIN = 0.01;

  private final List<Device> devices;
  private final LocalTask task;
  private final double[] start;
  private final Result before;
  private final ProblemRows rows;
  private final Frame frame;

  private LocalSetup setup;
  private LocalMethod method;
  private LocalAnswer answer;
  private TargetNoise noise;
  private Optimum optimum;
  private boolean hasMirror;
  private Uniqueness.Finding uniqueness;
  private double[] x;

  /**
   * @param devices the first has what is small
   * @param given with the start point of the options
   * @param before what another method reached, or null
   */
  private LocalSolve(List<Device> devices, LocalTask given, Result before) {
    this.devices = devices;
    this.before = before;
    start = given.options().start();
    Standing standing = before == null ? given.options().standing() : null;
    task = standing == null ? given : given.at(standing.x());
    rows = task.rows();
    frame =
        before == null
            ? new Frame(task.options(), Double.POSITIVE_INFINITY)
            : new Frame(
                task.options(),
                Double.POSITIVE_INFINITY,
                before.work(),
                before.passes(),
                before.seconds());
  }

  /** For scores, by the local method that the options name. */
  public static LocalSolve of(List<Device> devices, Problem problem, Options options) {
    return new LocalSolve(devices, LocalTask.of(problem, options, options.local().method()), null);
  }

  /** For the gradient problem. */
  public static LocalSolve of(List<Device> devices, GradientProblem problem, Options options) {
    return new LocalSolve(devices, LocalTask.of(problem, options), null);
  }

  /** What the options ask for beyond the answer of the global method. */
  public static Result continued(
      List<Device> devices, Problem problem, Options options, Result global) {
    Result result = global;
    if (Checks.omega(options.local(), problem.A().rows()) != null) {
      Options next = from(options, global).withCertificate(false);
      LocalTask task = LocalTask.of(problem, next, Method.NEWTON);
      result = new LocalSolve(devices, task, global).run();
    }
    if (!options.local().certificate() || result.status().stopped()) {
      return result;
    }
    LocalTask task = LocalTask.of(problem, from(options, result), Method.NEWTON);
    LocalSolve solve = new LocalSolve(devices, task, null);
    try (RowStore store = Stores.open(solve.rows, devices, options.memory())) {
      solve.frame.use(store);
      return solve.certified(result, options.start(), List.of());
    }
  }

  private static Options from(Options options, Result found) {
    return options.withStart(found.x()).withSigns(Signs.auto()).withStanding(null);
  }

  /** As {@link org.levinv.Inverter#derivatives} says. */
  public static Derivatives derivatives(
      List<Device> devices, Problem problem, double[] x, double[] omega) {
    Options at = Options.defaults().withStart(x);
    Options options = omega == null ? at : at.withRegularization(omega);
    LocalTask task = LocalTask.of(problem, options, Method.NEWTON);
    try (RowStore store = Stores.open(task.rows(), devices, 0)) {
      return Certification.derivatives(task, store);
    }
  }

  /**
   * The result; of a solve that was ended from outside with the best x so far.
   *
   * @throws org.levinv.InvalidInputException if the input cannot be used
   * @throws DeviceException if the device fails before there is an x
   */
  public Result run() {
    try (Stores.Pair stores = Stores.openPair(rows, devices, task.options().memory());
        Workspace space = new Workspace(devices.get(0))) {
      Result result = result(frame.run(stores, task.A(), space, this::solve, this::stopped));
      return task.options().local().certificate() && !result.status().stopped()
          ? certified(result, start, lastPoints())
          : result;
    }
  }

  private Evidence solve(Workspace space) {
    int d = rows.columns();
    Profile profile = frame.held().run(new SurveyPass(rows.rows(), d, null));
    hasMirror = task.weights().hasMirror() && profile.largestOffset() == 0;
    if (task.isForScores()) {
      Checks.scores(task.sigma(), task.A(), profile);
      noise = TargetNoise.of(profile, rows.rows(), d, task.options(), false);
      Checks.informative(task.sigma(), noise);
    }
    setup = new LocalSetup(task, frame.held(), null, space);
    LocalObjectives objectives = new LocalObjectives(task, setup, frame.held(), space);
    answer = new LocalAnswer(task, rows, frame.original(), profile, noise);
    double size = objectives.localSize(answer.size());
    method = objectives.method(limits(size));
    Vector at = space.upload(setup.fromUser(task.options().start()));
    LocalMethod.Outcome outcome = method.run(at, (stage, k, residual) -> heard(k, residual / size));
    optimum = Optimum.of(task.kind().word(), outcome);
    double[] local = new double[d];
    devices.get(0).download(at, local);
    x = setup.toUser(local);
    answer.verify(x);
    if (Verdict.asksUniqueness(evidence(), task.options())) {
      uniqueness = task.weights().isBarrier() ? uniqueness(local) : uniquenessForWeights(local);
    }
    return evidence();
  }

  private Uniqueness.Finding uniqueness(double[] local) {
    return Uniqueness.at(local, error(), frame.held(), setup::toUser, task.options().seed());
  }

  private Uniqueness.Finding uniquenessForWeights(double[] local) {
    double[] direction = new double[local.length];
    SingularValues found = LinkMethod.determine(frame.held(), task.weights(), local, direction);
    return Uniqueness.Finding.of(found, setup.toUser(direction));
  }

  private void heard(int step, double residual) {
    frame.watch().step(task.kind().word(), step, residual);
    if (before == null) {
      List<double[]> points = method.trace().lastPoints();
      frame
          .watch()
          .standing(Standing.Stage.LOCAL, 0, 0, () -> setup.toUser(points.get(points.size() - 1)));
    }
  }

  /** How far scores that agree may be off; those of a mere optimum are what they are. */
  private Uniqueness.Error error() {
    boolean agrees = Verdict.agrees(evidence(), task.options());
    return agrees ? answer.error() : Uniqueness.Error.NONE;
  }

  private LocalMethod.Limits limits(double size) {
    double margin = task.isForScores() ? MARGIN : MARGIN * MARGIN; // the user's norm is another
    double enough = task.isRegularized() ? 0 : margin * task.options().tolerance() * size;
    return new LocalMethod.Limits(enough, task.options().maxIterations());
  }

  private Evidence.Search search() {
    return task.isForScores() ? Evidence.Search.LOCAL : Evidence.Search.GRADIENT;
  }

  private Evidence evidence() {
    return new Evidence(
        search(),
        task.isRegularized(),
        noise,
        rows.rows(),
        answer.relativeResidual(),
        answer.rounding(),
        RowwiseError.NONE,
        answer.residuals(),
        answer.relativeResidual(),
        false,
        -1,
        false,
        answer.lone(),
        SingularValues.UNKNOWN,
        answer.error().norm(),
        optimum,
        uniqueness,
        null);
  }

  /** What is known of the best x so far: no step of a method makes x worse. */
  private Evidence stopped(Stopped reason, RuntimeException e) {
    List<double[]> points = method == null ? List.of() : lastPoints();
    if (x == null && !points.isEmpty()) {
      x = points.get(points.size() - 1);
    }
    if (x == null && before == null && reason.status() == Status.DEVICE_FAILED) {
      throw e;
    }
    double residual = x == null && before != null ? before.relativeResidual() : Double.NaN;
    x = x == null ? task.options().start() : x;
    if (answer != null && !answer.isVerified() && reason.mayVerify()) {
      answer.verify(x);
    }
    if (answer != null && answer.isVerified()) {
      residual = answer.relativeResidual();
    }
    return Evidence.of(search(), residual, reason);
  }

  private List<double[]> lastPoints() {
    List<double[]> points = new ArrayList<>();
    for (double[] point : method.trace().lastPoints()) {
      points.add(setup.toUser(point));
    }
    return points;
  }

  /** The result with its certificate, or without where that is stopped: x stays what it is. */
  private Result certified(Result result, double[] start, List<double[]> path) {
    ResultBuilder more = new ResultBuilder(result);
    double readings = frame.held().counter().passes();
    try {
      more.certificate(Certification.of(task.at(result.x()), start, path, frame.held(), setup))
          .deviceNote(note(result));
    } catch (RuntimeException e) {
      Stopped reason = frame.watch().reason(e);
      Evidence evidence = Evidence.of(search(), result.relativeResidual(), reason);
      return more.verdict(Verdict.of(evidence, task.options())).build();
    }
    if (frame.held().passingRows() > 0) {
      more.warnings(
          List.of(
              String.format(
                  Locale.ROOT,
                  "the certificate read all rows %.0f times, which are more than memory holds",
                  frame.held().counter().passes() - readings)));
    }
    return more.build();
  }

  // ---- words and numbers

  private Result result(Evidence evidence) {
    boolean first = before == null;
    ResultBuilder result =
        first ? new ResultBuilder(task.A(), devices.get(0).name()) : new ResultBuilder(before);
    int steps = 0;
    if (method != null) {
      Trace trace = method.trace();
      steps = Math.max(0, trace.points().size() - 1);
      double last = trace.points().isEmpty() ? Double.NaN : trace.points().get(steps).gradient();
      result
          .local(new LocalReport(method.choice(), trace.linearRate(), trace.order(), last))
          .warnings(method.warnings());
    }
    if (first) {
      result.weights(task.weights(), hasMirror);
      result.signs(setup == null ? task.options().signs().toString() : setup.signs());
      if (noise != null) {
        result.noise(Verdict.noise(evidence, task.options())).warnings(noise.warnings());
      }
    }
    int iterations = optimum == null ? steps : optimum.iterations();
    return result
        .x(x)
        .verdict(Verdict.of(evidence, task.options()))
        .method((first ? "" : before.method() + ", then ") + task.kind().word())
        .iterations(iterations + (first ? 0 : before.iterations()))
        .residual(evidence.relativeResidual(), answer == null ? Double.NaN : answer.loss())
        .cost(frame)
        .uniqueness(uniqueness)
        .deviceNote(note(before))
        .build();
  }

  /** What became of the devices, here or before. */
  private String note(Result before) {
    String note = frame.held().note();
    return note != null || before == null ? note : before.deviceNote();
  }
}
