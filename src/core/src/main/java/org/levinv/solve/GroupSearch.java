package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
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

  /** Work at most, in units of n d^2: what the hardest solvable problems of the tables need. */
  private static final double MOST_WORK = 2000;

  private final Problem problem;
  private final Options options;
  private final Device device;
  private final Watch watch;
  private double work;
  private RowGroups groups = RowGroups.ONE;

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

  /** An x in the units of the user, the best that was found; null where A has not full rank. */
  double[] run() {
    int n = Math.toIntExact(problem.A().rows());
    int d = problem.A().columns();
    double[] entries = new double[Math.multiplyExact(n, d)];
    problem.A().readShared(0, n, entries);
    double unit = (double) n * d * d;
    Effort effort =
        new Effort(
            MOST_WORK * unit,
            (stage, step, misfit) -> {
              watch.step("groups: " + stage, step, misfit);
              return step < options.maxIterations();
            });
    GroupsResult found =
        new GroupSolve(
                new HostMatrix(entries, n, d),
                problem.b().toArray(),
                problem.sigma().toArray(),
                new double[n], // exact scores
                null,
                signs(n),
                device,
                effort)
            .solve(options.seed());
    work = effort.flops() / unit;
    if (found == null) {
      return null;
    }
    groups = new RowGroups(found.groups().size(), failures(found));
    return found.x();
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

  private static List<String> failures(GroupsResult found) {
    List<String> failed = new ArrayList<>();
    for (GroupsResult.Group group : found.groups()) {
      if (group.status() != Status.SOLVED) {
        String rows = group.rows().length + " rows from row " + group.rows()[0] + " on: ";
        failed.add(rows + word(group.status()));
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

  /** Flops in units of n d^2. */
  double work() {
    return work;
  }
}
