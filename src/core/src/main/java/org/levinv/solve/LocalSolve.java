package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.levinv.Certificate;
import org.levinv.Derivatives;
import org.levinv.GradientProblem;
import org.levinv.InterruptedSolveException;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.local.LocalMethod;
import org.levinv.method.local.LocalMethod.Limits;
import org.levinv.method.local.LocalMethod.Outcome;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.Meter;

/**
 * One solve by a local method, from start point to result, for scores or for the gradient problem:
 * setup, method, verification from the original data, verdict.
 */
public final class LocalSolve {

  /** How far below the tolerance a method goes on. */
  private static final double MARGIN = 0.01;

  private final Device device;
  private final LocalTask task;
  private final Result before;
  private final LocalResult result;

  private LocalSetup setup;
  private LocalMethod method;
  private Meter meter;
  private double[] x;

  /**
   * @param before what another method reached, or null
   */
  private LocalSolve(Device device, LocalTask task, Result before) {
    this.device = device;
    this.task = task;
    this.before = before;
    result = new LocalResult(task, device.name(), before);
  }

  /** By the local method that the options name. */
  public static Result run(Device device, Problem problem, Options options) {
    LocalTask task = LocalTask.of(problem, options, options.local().method());
    return new LocalSolve(device, task, null).run();
  }

  /** For the gradient problem. */
  public static Result run(Device device, GradientProblem problem, Options options) {
    return new LocalSolve(device, LocalTask.of(problem, options), null).run();
  }

  /** What the options ask for beyond the answer of the global method. */
  public static Result continued(Device device, Problem problem, Options options, Result global) {
    boolean regularized = options.local().omega(problem.A().rows()) != null;
    if (!regularized && !options.local().certificate()) {
      return global;
    }
    Options next = options.withStart(global.x()).withSigns(Signs.auto());
    LocalTask task = LocalTask.of(problem, next, Method.NEWTON);
    Result reached = global;
    if (regularized) {
      LocalTask uncertified = LocalTask.of(problem, next.withCertificate(false), Method.NEWTON);
      reached = new LocalSolve(device, uncertified, global).run();
    }
    if (!options.local().certificate()) {
      return reached;
    }
    try (RowStore store = LeafStore.resident(task.rows(), device)) {
      return reached.with(
          Certification.of(task.at(reached.x()), options.start(), List.of(), store));
    } catch (DeviceException e) {
      throw new InterruptedSolveException(e, reached.stalled(failed(e)));
    }
  }

  /**
   * The loss and its derivatives at x (d values).
   *
   * @param omega of the regulariser: one number for every row or n of them, or null for none
   */
  public static Derivatives derivatives(
      Device device, Problem problem, double[] x, double[] omega) {
    Options at = Options.defaults().withStart(x);
    Options options = omega == null ? at : at.withRegularization(omega);
    LocalTask task = LocalTask.of(problem, options, Method.NEWTON);
    try (RowStore store = LeafStore.resident(task.rows(), device)) {
      return Certification.derivatives(task, store);
    }
  }

  private Result run() {
    try (RowStore store = LeafStore.resident(task.rows(), device);
        Workspace space = new Workspace(device)) {
      return run(store, space);
    } catch (DeviceException e) {
      throw interrupted(e);
    }
  }

  private Result run(RowStore store, Workspace space) {
    meter = store.counter();
    setup = new LocalSetup(task, store, space);
    LocalObjectives objectives = new LocalObjectives(task, setup, store, space);
    AnswerCheck check = new OriginalData(task, device);
    double localSize = objectives.localSize(check.size());
    method = objectives.method(limits(localSize));
    Vector at = space.upload(setup.fromUser(task.options().start()));
    Outcome outcome = method.run(at, (stage, k, residual) -> report(k, residual / localSize));
    double[] local = new double[store.columns()];
    device.download(at, local);
    x = setup.toUser(local);
    result.reached(x); // kept if the device fails from here on
    result.reached(x, check.at(x), check.size(), objectives.regularizer().value(at));
    LocalVerdict.Evidence evidence = result.evidence(outcome);
    LocalUniqueness uniqueness =
        evidence.agrees() && task.isForScores()
            ? LocalUniqueness.at(local, store, task.options().seed())
            : LocalUniqueness.UNKNOWN;
    result.unique(uniqueness, setup);
    LocalVerdict verdict = LocalVerdict.of(evidence, uniqueness);
    Result found = result.of(verdict, outcome.iterations(), method, setup, meter, check);
    return task.options().local().certificate() ? certified(found, store) : found;
  }

  private Limits limits(double localSize) {
    double margin = task.isForScores() ? MARGIN : MARGIN * MARGIN; // the user's norm is another
    double enough = task.isRegularized() ? 0 : margin * task.options().tolerance() * localSize;
    return new Limits(enough, task.options().maxIterations());
  }

  private void report(int iteration, double residual) {
    task.options()
        .progress()
        .step(
            new Progress.Step(
                task.kind().word(),
                iteration,
                residual,
                meter.work() + (before == null ? 0 : before.work()),
                result.seconds()));
  }

  private Result certified(Result found, RowStore store) {
    List<double[]> path = new ArrayList<>();
    for (double[] point : method.trace().lastPoints()) {
      path.add(setup.toUser(point));
    }
    double readings = meter.passes();
    Certificate certificate = Certification.of(task.at(x), task.options().start(), path, store);
    Result with = found.with(certificate);
    return store.passingRows() == 0
        ? with
        : with.warned(
            String.format(
                Locale.ROOT,
                "the certificate read all rows %.0f times, which are more than memory holds",
                meter.passes() - readings));
  }

  /** What a solve has to show when its device fails: no step of a method makes x worse. */
  private DeviceException interrupted(DeviceException e) {
    List<double[]> points = method == null ? List.of() : method.trace().lastPoints();
    if (points.isEmpty()) {
      return before == null ? e : new InterruptedSolveException(e, before.stalled(failed(e)));
    }
    if (x == null) {
      x = setup.toUser(points.get(points.size() - 1));
      result.reached(x);
    }
    LocalVerdict verdict = new LocalVerdict(Status.STALLED, failed(e));
    return new InterruptedSolveException(e, result.interrupted(verdict, method, setup, meter));
  }

  private static String failed(DeviceException e) {
    return "the device failed, and this is the best x so far: " + e.getMessage();
  }
}
