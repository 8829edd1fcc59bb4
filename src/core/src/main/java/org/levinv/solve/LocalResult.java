package org.levinv.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.levinv.LocalReport;
import org.levinv.Result;
import org.levinv.method.GlobalMethod;
import org.levinv.method.local.LocalMethod;
import org.levinv.method.local.Trace;
import org.levinv.tall.Meter;

/** What becomes the result of a local solve, as it is found. */
final class LocalResult {

  /** The sum of exact scores is d up to this, relatively; a larger one takes noise for exact. */
  private static final double EXACT_SUM = 1e-10;

  private final LocalTask task;
  private final String device;
  private final Result before;
  private final long started = System.nanoTime();

  private double[] x;
  private AnswerCheck.Figures figures =
      new AnswerCheck.Figures(new double[0], Double.NaN, Double.NaN);
  private double loss = Double.NaN;
  private LocalUniqueness uniqueness = LocalUniqueness.UNKNOWN;
  private double[] freeDirection;

  /**
   * @param before what another method reached, or null
   */
  LocalResult(LocalTask task, String device, Result before) {
    this.task = task;
    this.device = device;
    this.before = before;
  }

  /** The x that the method ended at, of which nothing is known yet. */
  void reached(double[] point) {
    x = point;
  }

  /**
   * The answer and what it is.
   *
   * @param size what its residual is relative to
   * @param regularizer its value there
   */
  void reached(double[] point, AnswerCheck.Figures found, double size, double regularizer) {
    x = point;
    figures = found;
    double off = found.relativeResidual() * size;
    loss = 0.5 * off * off + regularizer; // 0.5 ||F||^2 + 0.5 ||diag(omega) A x||^2
  }

  void unique(LocalUniqueness found, LocalSetup setup) {
    uniqueness = found;
    if (found.direction() != null) {
      freeDirection = Lengths.normalized(setup.toUser(found.direction()));
    }
  }

  LocalVerdict.Evidence evidence(LocalMethod.Outcome outcome) {
    return new LocalVerdict.Evidence(
        task.kind().toString(),
        outcome.end(),
        outcome.iterations(),
        figures.relativeResidual(),
        GlobalMethod.effectiveTolerance(task.options().tolerance(), figures.rounding()),
        task.isForScores(),
        task.isRegularized(),
        task.isForScores() && looksExact());
  }

  private boolean looksExact() {
    double sum = Arrays.stream(task.sigma()).sum();
    boolean inside = Arrays.stream(task.sigma()).allMatch(value -> value >= 0 && value <= 1);
    int d = task.A().columns();
    return inside && Math.abs(sum - d) <= EXACT_SUM * d;
  }

  /** The result of a run that ended. */
  Result of(
      LocalVerdict verdict,
      int iterations,
      LocalMethod method,
      LocalSetup setup,
      Meter meter,
      AnswerCheck check) {
    return result(
        verdict,
        iterations,
        method,
        setup,
        meter.work() + check.work(),
        meter.passes() + check.passes());
  }

  /** The result of a run that a lost device ended; the work is that of its last point. */
  Result interrupted(LocalVerdict verdict, LocalMethod method, LocalSetup setup, Meter meter) {
    int iterations = method.trace().points().size() - 1;
    return result(verdict, iterations, method, setup, meter.work(), meter.passes());
  }

  private Result result(
      LocalVerdict verdict,
      int iterations,
      LocalMethod method,
      LocalSetup setup,
      double work,
      double passes) {
    Trace trace = method.trace();
    List<Trace.Point> points = trace.points();
    double last = points.isEmpty() ? Double.NaN : points.get(points.size() - 1).gradient();
    boolean first = before == null;
    List<String> warnings = new ArrayList<>(first ? List.of() : before.warnings());
    warnings.addAll(method.warnings());
    return new Result(
        x,
        figures.scores(),
        verdict.status(),
        verdict.message(),
        (first ? "" : before.method() + ", then ") + task.kind().word(),
        device,
        null,
        task.A().rows(),
        task.A().columns(),
        first ? setup.signs() : before.signs(),
        iterations + (first ? 0 : before.iterations()),
        figures.relativeResidual(),
        loss,
        work + (first ? 0 : before.work()),
        passes + (first ? 0 : before.passes()),
        seconds() + (first ? 0 : before.seconds()),
        uniqueness.jacobianRatio(),
        freeDirection,
        List.copyOf(warnings),
        new LocalReport(method.choice(), trace.linearRate(), trace.order(), last),
        null);
  }

  double seconds() {
    return (System.nanoTime() - started) * 1e-9;
  }
}
