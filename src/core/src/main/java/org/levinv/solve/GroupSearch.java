package org.levinv.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.RowGroups;
import org.levinv.Signs;
import org.levinv.device.Device;
import org.levinv.method.groups.Effort;
import org.levinv.method.groups.GroupSolve;
import org.levinv.method.groups.GroupsResult;
import org.levinv.method.groups.HostMatrix;
import org.levinv.method.groups.Status;

/**
 * Where the search on a sample did not arrive: all rows, few enough for one memory, group by group,
 * with magnitudes that are exact however weakly rows are coupled.
 */
final class GroupSearch {

  /** Numbers of A that are searched so at most (64 MiB): its matrices are several copies of A. */
  private static final double MOST_NUMBERS = 8e6;

  /** Columns at most: some steps cost d^3, by one thread. */
  private static final int MOST_COLUMNS = 400;

  /** Of the work that is left: what is found is to be verified and polished. */
  private static final double SHARE = 0.9;

  /** A residual of so many units is not explained: what is looked for has less of it. */
  private static final double UNIT = 0.01;

  private final Problem problem;
  private final Options options;
  private final Device device;
  private final Watch watch;
  private Effort effort;
  private double earlier;
  private RowGroups groups = RowGroups.ONE;

  /** Read by the first run. */
  private HostMatrix A;

  private double[] b;
  private double[] target;

  GroupSearch(Problem problem, Options options, Device device, Watch watch) {
    this.problem = problem;
    this.options = options;
    this.device = device;
    this.watch = watch;
  }

  /** Whether the problem is small enough. */
  static boolean isPossible(Problem problem) {
    int d = problem.A().columns();
    return d <= MOST_COLUMNS && (double) problem.A().rows() * d <= MOST_NUMBERS;
  }

  /**
   * An x in the units of the user, the best that was found; null where A has not full rank or the
   * limit on the work was reached.
   *
   * @param near an x that is refined before all else, or null
   * @param keepSigns whether its signs are kept; else those that are asked for
   * @param most units of work that it may take, of those that are left
   * @param deviation the standard deviation of a target
   */
  double[] run(double[] near, boolean keepSigns, double most, DoubleUnaryOperator deviation) {
    if (!begin(most)) {
      return null;
    }
    double[] signs = keepSigns ? signs(A, b, near) : signs(target.length);
    return run(solve(deviation, signs), near);
  }

  /**
   * The same with another score in the place of one.
   *
   * @param row its number
   * @param score that it may have
   * @param error the standard deviation of that
   */
  double[] runMended(
      int row,
      double score,
      double error,
      double[] near,
      double most,
      DoubleUnaryOperator deviation) {
    if (!begin(most)) {
      return null;
    }
    double[] mended = target.clone();
    double[] delta = Arrays.stream(target).map(deviation).toArray();
    mended[row] = score;
    delta[row] = error;
    return run(
        new GroupSolve(A, b, mended, delta, null, signs(target.length), device, effort), near);
  }

  private double[] run(GroupSolve solve, double[] near) {
    GroupsResult found = (near == null ? solve : solve.from(near)).solve(options.seed());
    if (found == null) {
      return null;
    }
    groups = new RowGroups(found.groups().size(), failures(found));
    return found.x();
  }

  /**
   * An x with other signs next to one, with a far smaller loss at once: where a row with a high
   * score is as far from its hyperplane on the other side. Null where there is none.
   *
   * @param loss of that one
   */
  double[] nextDoor(double[] x, double loss) {
    if (!begin(watch.workLeft())) {
      return null;
    }
    double unit = UNIT * Math.sqrt(2 * loss / target.length);
    return solve(t -> unit, null).nextDoor(x);
  }

  /** Reads the rows; false where no work is left. */
  private boolean begin(double most) {
    double left = Math.min(most, watch.workLeft());
    if (!(left > 0)) {
      return false;
    }
    if (A == null) {
      A = matrix(problem);
      b = problem.b().toArray();
      target = problem.sigma().toArray();
    }
    earlier = work();
    effort =
        new Effort(
            SHARE * left * unit(problem),
            (stage, step, misfit) -> {
              watch.step("groups: " + stage, step, misfit);
              return step < options.maxIterations();
            });
    return true;
  }

  private GroupSolve solve(DoubleUnaryOperator deviation, double[] signs) {
    double[] delta = Arrays.stream(target).map(deviation).toArray();
    return new GroupSolve(A, b, target, delta, null, signs, device, effort);
  }

  /** All of A, for which {@link #isPossible} has room. */
  static HostMatrix matrix(Problem problem) {
    int n = Math.toIntExact(problem.A().rows());
    int d = problem.A().columns();
    double[] entries = new double[Math.multiplyExact(n, d)];
    problem.A().readShared(0, n, entries);
    return new HostMatrix(entries, n, d);
  }

  /** n d^2. */
  static double unit(Problem problem) {
    double d = problem.A().columns();
    return problem.A().rows() * d * d;
  }

  /** A group before what there is to say of it. */
  static String named(int[] rows) {
    return rows.length == 1
        ? "row " + rows[0] + ": "
        : rows.length + " rows from row " + rows[0] + " on: ";
  }

  private double[] signs(int n) {
    Signs signs = options.signs();
    return switch (signs.kind()) {
      case POSITIVE -> HostVectors.constant(1, n);
      case NEGATIVE -> HostVectors.constant(-1, n);
      case GIVEN -> signs.values().toArray();
      default -> null;
    };
  }

  private static double[] signs(HostMatrix A, double[] b, double[] x) {
    double[] signs = A.times(x);
    Arrays.setAll(signs, i -> signs[i] >= b[i] ? 1 : -1);
    return signs;
  }

  private static List<String> failures(GroupsResult found) {
    List<String> failed = new ArrayList<>();
    for (GroupsResult.Group group : found.groups()) {
      if (group.status() != Status.SOLVED) {
        failed.add(named(group.rows()) + word(group.status()));
      }
    }
    return failed;
  }

  private static String word(Status status) {
    return switch (status) {
      case SOLVED -> "solved";
      case TWO_ANSWERS -> "two answers, which differ in signs";
      case FREE -> "a score of 1, whose slack is free";
      case UNDETERMINED -> "their offsets are in the range of their rows";
      case AT_INFINITY -> "the scores are those of x at infinity";
      case NOT_FOUND -> "no x was found";
      case NOT_TRIED -> "the bound on the work came first";
    };
  }

  /** What became of the groups. */
  RowGroups groups() {
    return groups;
  }

  /** Flops so far in units of n d^2. */
  double work() {
    return effort == null ? 0 : earlier + effort.flops() / unit(problem);
  }
}
