package org.levinv;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.method.FeasibleTarget;
import org.levinv.method.GlobalMethod;
import org.levinv.method.GlobalMethod.Knowledge;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/** One solve from problem to result: the global method, least squares where the target is inconsistent, verification, verdict. */
final class Solve {

  /** The sum of exact scores is d up to rounding; further off than this, relatively, they carry noise. */
  private static final double EXACT_SUM = 1e-10;

  private final Device device;
  private final Problem problem;
  private final Options options;
  private final long started = System.nanoTime();
  private final List<String> warnings = new ArrayList<>();
  private TallMatrix A;
  private int verifications;

  Solve(Device device, Problem problem, Options options) {
    this.device = device;
    this.problem = problem;
    this.options = options;
  }

  Result run() {
    checkOptions();
    try (Workspace space = new Workspace(device)) {
      A = ResidentMatrix.upload(problem.A(), space);
      return run(space);
    }
  }

  private void checkOptions() {
    if (options.start() != null && options.start().length != problem.A().columns()) {
      throw new InvalidInputException(
          "start: expected " + problem.A().columns() + " entries, one for each column of the matrix, got " + options.start().length);
    }
    if (options.signs().kind() == Signs.Kind.GIVEN && options.signs().values().length != problem.A().rows()) {
      throw new InvalidInputException(
          "signs: expected " + problem.A().rows() + " entries, one for each row of the matrix, got " + options.signs().values().length);
    }
  }

  private Result run(Workspace space) {
    double[] target = feasible();
    GlobalMethod method =
        new GlobalMethod(
            A, problem.b(), target, this::verify, 3e-13, options.maxIterations(), options.seed(), this::report, space);
    GlobalMethod.Outcome outcome = method.run(knowledge(), knownSigns(), options.start());
    double[] x = method.solution();
    double[] sigma = method.verifiedScores() == null ? verify(x) : method.verifiedScores();
    double[] verdict = method.judge(sigma, x);
    double residual = relativeResidual(sigma);
    double bound = GlobalMethod.agreement(options.tolerance(), verdict[1]);
    Status status = verdict[0] <= bound ? Status.CONVERGED : outcome.limitReached() ? Status.ITERATION_LIMIT : Status.STALLED;
    String message = String.format(Locale.ROOT, "residual %.2e, mismatch %.2e, bound %.2e", residual, verdict[0], bound);
    return new Result(
        x, sigma, status, message, "global", device.name(), A.rows(), A.columns(),
        outcome.equalSign() > 0 ? "positive" : outcome.equalSign() < 0 ? "negative" : outcome.retrieved() ? "unknown" : options.signs().toString(),
        outcome.iterations(), residual, loss(sigma), A.meter().work() + verifications * Verification.WORK, A.meter().passes() + verifications * Verification.PASSES,
        seconds(), Double.NaN, null, List.copyOf(warnings));
  }

  private double[] verify(double[] x) {
    verifications++;
    return Verification.scores(device, problem.A(), problem.b(), x);
  }

  private double[] feasible() {
    double sum = 0;
    double least = 0;
    double largest = 0;
    for (double value : problem.sigma()) {
      sum += value;
      least = Math.min(least, value);
      largest = Math.max(largest, value);
    }
    int d = A.columns();
    return least >= 0 && largest <= 1 && Math.abs(sum - d) <= EXACT_SUM * d
        ? problem.sigma()
        : FeasibleTarget.of(problem.sigma(), d);
  }

  private Knowledge knowledge() {
    return switch (options.signs().kind()) {
      case AUTO -> Knowledge.MAYBE_EQUAL;
      case UNKNOWN -> Knowledge.UNKNOWN;
      default -> Knowledge.KNOWN;
    };
  }

  private double[] knownSigns() {
    int n = (int) A.rows();
    double[] signs = new double[n];
    switch (options.signs().kind()) {
      case POSITIVE -> java.util.Arrays.fill(signs, 1);
      case NEGATIVE -> java.util.Arrays.fill(signs, -1);
      case GIVEN -> {
        byte[] given = options.signs().values();
        java.util.Arrays.setAll(signs, i -> given[i]);
      }
      default -> {
        return null;
      }
    }
    return signs;
  }

  private void report(String stage, int iteration, double residual) {
    options.progress().step(new Progress.Step(stage, iteration, residual, A.meter().work(), seconds()));
  }

  private double seconds() {
    return (System.nanoTime() - started) * 1e-9;
  }

  private double loss(double[] sigma) {
    double sum = 0;
    for (int i = 0; i < sigma.length; i++) {
      double r = sigma[i] - problem.sigma()[i];
      sum += r * r;
    }
    return 0.5 * sum;
  }

  private double relativeResidual(double[] sigma) {
    double square = 0;
    for (double value : problem.sigma()) {
      square += value * value;
    }
    return Math.sqrt(2 * loss(sigma) / square);
  }
}
