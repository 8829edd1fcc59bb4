package org.levinv.solve;

import java.util.IdentityHashMap;
import java.util.Map;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.VectorSink;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.FeasibleTarget;
import org.levinv.method.GlobalMethod;
import org.levinv.method.GlobalMethod.Knowledge;
import org.levinv.method.LeastSquares;
import org.levinv.pass.VerifiedScores;
import org.levinv.small.Dot2;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * The stages that look for x, with all rows on the device and vectors of n numbers on the heap.
 * Their only caller is {@link GlobalSolve}: x goes in and out in the units of the user.
 */
final class GlobalSearch {

  /** The mismatch at which the global method stops: near rounding. */
  private static final double FINE = 3e-13;

  /** Steps of least squares, which costs some three readings each. */
  private static final int LEAST_SQUARES_STEPS = 100;

  /** Rows are read in pieces of about this many numbers (512 KiB), which stay in a cache. */
  private static final int READ = 1 << 16;

  /** Hears of candidates whose scores were verified. */
  @FunctionalInterface
  interface Candidates {
    VerifiedScores verify(double[] x, VectorSink scores);
  }

  private final Problem problem;
  private final Options options;
  private final Watch watch;
  private final Workspace space;
  private final Candidates candidates;
  private final Scaling scaling;
  private final TallMatrix A;
  private final double[] b;
  private final double[] sigma;
  private final GlobalMethod method;
  private final Map<GlobalMethod.Verified, VerifiedScores> verified = new IdentityHashMap<>();

  GlobalSearch(
      Problem problem,
      Options options,
      boolean exact,
      Candidates candidates,
      Watch watch,
      Workspace space) {
    this.problem = problem;
    this.options = options;
    this.candidates = candidates;
    this.watch = watch;
    this.space = space;
    b = HostVectors.read(problem.b());
    sigma = HostVectors.read(problem.sigma());
    scaling = new Scaling(problem.A());
    A = ResidentMatrix.upload(scaling, space);
    scaling.apply(A, space);
    method =
        new GlobalMethod(
            A,
            scaling.rowLengths(A, space),
            scaling.offset(b),
            exact ? sigma : FeasibleTarget.of(sigma, A.columns()),
            exact,
            this::verify,
            FINE,
            options.maxIterations(),
            options.precision(),
            options.seed(),
            watch,
            space);
  }

  GlobalMethod.Outcome run() {
    return method.run(knowledge(), knownSigns(), scaling.fromUser(options.start()));
  }

  private Knowledge knowledge() {
    return switch (options.signs().kind()) {
      case AUTO -> Knowledge.MAYBE_EQUAL;
      case UNKNOWN -> Knowledge.UNKNOWN;
      default -> Knowledge.KNOWN;
    };
  }

  /** n signs, or null where they are not known. */
  private double[] knownSigns() {
    return switch (options.signs().kind()) {
      case POSITIVE -> HostVectors.constant(1, A.rows());
      case NEGATIVE -> HostVectors.constant(-1, A.rows());
      case GIVEN -> HostVectors.read(options.signs().values());
      default -> null;
    };
  }

  private GlobalMethod.Verified verify(double[] scaled) {
    double[] x = scaling.toUser(scaled);
    double[] scores = new double[b.length];
    VerifiedScores found =
        candidates.verify(
            x, (first, count, values) -> System.arraycopy(values, 0, scores, (int) first, count));
    GlobalMethod.Verified all = new GlobalMethod.Verified(scores, null, slackErrors(x));
    verified.put(all, found);
    return all;
  }

  /** Of each row, in units of eps, from the source of A. */
  private double[] slackErrors(double[] x) {
    double[] errors = new double[b.length];
    int d = x.length;
    int most = Math.max(1, READ / d);
    double[] rows = new double[most * d];
    for (int first = 0; first < b.length; first += most) {
      int count = Math.min(most, b.length - first);
      problem.A().readShared(first, count, rows);
      for (int k = 0; k < count; k++) {
        int i = first + k;
        double s = Dot2.minus(rows, k * d, x, b[i], errors, i);
        errors[i] = s == 0 ? 0 : errors[i] / Math.abs(s);
      }
    }
    return errors;
  }

  /** The best x of the stages. */
  double[] solution() {
    return scaling.toUser(method.solution());
  }

  /** What was verified there, or null. */
  VerifiedScores verifiedSolution() {
    return method.verified() == null ? null : verified.get(method.verified());
  }

  /** The x of the last placement, before its refinement; or null. */
  double[] placed() {
    return scaling.toUser(method.placed());
  }

  /** A direction of the ray of solutions where b is in the range of A; else null. */
  double[] ray() {
    return scaling.toUser(method.ray());
  }

  /** Where least squares came to from a start. */
  record Descent(double[] x, Optimum optimum) {}

  /**
   * The least-squares optimum for the target as it was given.
   *
   * @param keepSigns whether all slacks keep their signs
   */
  Descent leastSquares(double[] start, boolean keepSigns) {
    try (Workspace own = new Workspace(space.device())) {
      Vector at = own.vector(A.columns());
      method.fromOriginal(scaling.fromUser(start), at);
      LeastSquares squares =
          new LeastSquares(
              A,
              method.offset(),
              own.upload(sigma),
              own,
              options.seed(),
              Math.min(LEAST_SQUARES_STEPS, options.maxIterations()),
              keepSigns);
      LeastSquares.Outcome found =
          squares.run(at, (k, residual) -> watch.step("least squares", k, residual));
      return new Descent(scaling.toUser(method.toOriginal(at)), Optimum.of(found));
    }
  }

  /** Whether other x near this one have the same scores. */
  Uniqueness.Finding uniqueness(double[] x) {
    Vector at = space.vector(A.columns());
    method.fromOriginal(scaling.fromUser(x), at);
    return Uniqueness.at(
        A,
        method.offset(),
        at,
        false,
        direction -> scaling.toUser(method.toOriginal(space.upload(direction))),
        options.seed(),
        space);
  }

  double work() {
    return A.meter().work();
  }

  double passes() {
    return A.meter().passes();
  }
}
