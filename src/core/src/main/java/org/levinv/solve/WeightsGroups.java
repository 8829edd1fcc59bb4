package org.levinv.solve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.Orientation;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.method.groups.Decoupling;
import org.levinv.method.groups.Effort;
import org.levinv.model.ScoreUncertainty;
import org.levinv.rows.Places;

/**
 * Rows that decouple whatever their weights, as those of saturated designs: every group is a solve
 * of its own, with a factor, and for even weights a sign, that say nothing of the others. A row
 * alone in its group has the hat value 1 whatever its linear predictor is.
 */
final class WeightsGroups {
  private final Problem problem;
  private final Options options;
  private final Places places;
  private final ScoreUncertainty uncertainty;
  private final Watch watch;
  private final Effort effort = Effort.unbounded();
  private final double[] x;
  private final List<String> failed = new ArrayList<>();
  private List<Decoupling.Group> groups = List.of();
  private double[] free;
  private int mirrors;
  private int iterations;
  private double flops;
  private Stopped stopped;

  WeightsGroups(
      Problem problem, Options options, Device device, ScoreUncertainty uncertainty, Watch watch) {
    this.problem = problem;
    this.options = options;
    places = Places.on(List.of(device), options.memory());
    this.uncertainty = uncertainty;
    this.watch = watch;
    x = new double[problem.A().columns()];
  }

  /** Looks at all rows; false where they are one problem, or too many for that look. */
  boolean split() {
    if (!GroupSearch.isPossible(problem)) {
      return false;
    }
    groups = Decoupling.of(GroupSearch.matrix(problem), options.seed(), effort);
    return areSeveral();
  }

  boolean areSeveral() {
    return groups.size() > 1;
  }

  /** Solves one group after the other; ends early where a limit or a signal ends one of them. */
  void run() {
    Columns columns = new Columns(problem, options);
    for (Decoupling.Group group : groups) {
      if (stopped != null) {
        failed.add(named(group, "the solve was ended before it was tried"));
      } else if (group.rows().length == 1) {
        single(group, columns);
      } else {
        solve(group, columns);
      }
    }
  }

  /** A row whose score is 1 whatever x is: one with A x - b = 0, or 1 where that must not be 0. */
  private void single(Decoupling.Group group, Columns columns) {
    int row = group.rows()[0];
    double least = problem.weights().needsPositive() ? 1 : 0;
    add(group, new double[] {(columns.offset[row] + least) / group.C()[0]});
    failed.add(named(group, "a score of 1, whose linear predictor is free"));
    leaveFree(group, new double[] {1});
  }

  private void solve(Decoupling.Group group, Columns columns) {
    double size = group.rows().length * Math.pow(group.columns(), 2);
    double unit = GroupSearch.unit(problem);
    Result result =
        new WeightsSolve(
                places,
                columns.problem(group),
                columns.options(group, watch.workLeft() * unit / size, watch.secondsLeft()),
                uncertainty)
            .run();
    flops += result.work() * size;
    iterations += result.iterations();
    mirrors += result.mirror() ? 1 : 0;
    if (result.x() != null) {
      add(group, result.x());
    }
    if (result.status().stopped()) {
      stopped = new Stopped(result.status(), result.message());
    } else if (result.status() == Status.NOT_IDENTIFIABLE) {
      leaveFree(group, result.freeDirection());
    }
    if (!result.status().usable()) {
      failed.add(named(group, result.message()));
    }
  }

  private void add(Decoupling.Group group, double[] y) {
    double[] part = group.back().times(y);
    for (int j = 0; j < x.length; j++) {
      x[j] += part[j];
    }
  }

  private void leaveFree(Decoupling.Group group, double[] direction) {
    if (free == null && direction != null) {
      free = group.back().times(direction);
    }
  }

  private static String named(Decoupling.Group group, String words) {
    return GroupSearch.named(group.rows()) + words;
  }

  /** What became of the groups. */
  RowGroups groups() {
    return areSeveral() ? new RowGroups(groups.size(), failed) : RowGroups.ONE;
  }

  /** The joint answer, zeros where a group has none. */
  double[] x() {
    return x;
  }

  /** The uniqueness of x: the first direction that a group leaves free. */
  Uniqueness.Finding uniqueness() {
    return free == null ? Uniqueness.Finding.UNIQUE : Uniqueness.Finding.along(free);
  }

  /** What there is to know of signs that each group has for itself, and of rows not looked at. */
  List<String> warnings() {
    if (!GroupSearch.isPossible(problem)) {
      return List.of(
          "rows seem to be several problems, each with a factor that scores do not tell, but are"
              + " too many to be solved one group after the other: they were taken as one");
    }
    return mirrors > 1
        ? List.of(
            mirrors
                + " groups of rows are problems of their own with a sign of x each: the scores are"
                + " the same where A x - b of any of them is reversed")
        : List.of();
  }

  int iterations() {
    return iterations;
  }

  /** Flops so far in units of n d^2. */
  double work() {
    return (flops + effort.flops()) / GroupSearch.unit(problem);
  }

  /** What ended the solve from outside, or null. */
  Stopped stopped() {
    return stopped;
  }

  /** The vectors of all rows on the host, of which each group has its part. */
  private static final class Columns {
    private final Problem problem;
    private final Options options;
    private final double[] offset;
    private final double[] target;
    private final double[] prior;
    private final double[] signs;
    private final double[] response;

    Columns(Problem problem, Options options) {
      this.problem = problem;
      this.options = options;
      offset = problem.b().toArray();
      target = problem.sigma().toArray();
      prior = array(problem.model().prior());
      signs = array(options.signs().values());
      response = array(options.orientation().response());
    }

    private static double[] array(VectorSource source) {
      return source == null ? null : source.toArray();
    }

    Problem problem(Decoupling.Group group) {
      int[] rows = group.rows();
      Model model =
          new Model(
              RowSource.of(group.C(), group.columns()),
              part("offset", offset, rows),
              problem.weights(),
              part("prior weights", prior, rows));
      return new Problem(model, part(problem.sigma().name(), target, rows));
    }

    Options options(Decoupling.Group group, double work, double seconds) {
      int[] rows = group.rows();
      Options own = options.withMaxWork(work).withOrientation(Orientation.ANY).withStanding(null);
      if (Double.isFinite(seconds)) {
        own = own.withTimeLimit(Duration.ofNanos((long) (1e9 * seconds)));
      }
      if (signs != null) {
        own = own.withSigns(Signs.given(part("signs", signs, rows)));
      }
      return response == null
          ? own
          : own.withOrientation(Orientation.of(part("response", response, rows)));
    }

    private static VectorSource part(String name, double[] of, int[] rows) {
      if (of == null) {
        return null;
      }
      double[] few = new double[rows.length];
      for (int k = 0; k < few.length; k++) {
        few[k] = of[rows[k]];
      }
      return VectorSource.of(name, few);
    }
  }
}
