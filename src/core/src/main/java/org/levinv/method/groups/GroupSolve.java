package org.levinv.method.groups;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.small.Dot2;

/**
 * Solves a small problem group by group and joins the answers: rows with score 1 are free, a group
 * of one column has its closed form, others are searched. One hopeless group spoils no other.
 */
public final class GroupSolve {

  /**
   * Whoever evaluated an exact score left about this many sqrt(score); of one that is known to so
   * many digits no more than its digits, and here each score is as accurate relatively.
   */
  private static final double EVALUATION = 1e-12;

  /** Of b that is left beside the range of A: below it, b is in the range. */
  private static final double IN_RANGE = 1e-13;

  /** An offset that is nearer to the range is better without what is in it. */
  private static final double NEAR_RANGE = 1e-3;

  /** Rounding of a slack's terms, relative; a few operations each. */
  private static final double ROUNDING = 5e-16;

  /** Rounding never excuses more than this of a slack. */
  private static final double MOST_ROUNDING = 1e-6;

  private final HostMatrix A;
  private final double[] b;
  private final double[] target;
  private final double[] delta;
  private final double[] root;
  private final double[] signs;
  private final Device device;
  private final Effort effort;
  private double[] start;
  private boolean isNextDoor;

  /**
   * For finite numbers.
   *
   * @param A m x d
   * @param b m offsets
   * @param target m scores
   * @param delta m uncertainties of the scores, 0 for exact ones
   * @param counts how often each row counts, or null for once
   * @param signs of A x - b, +-1 each, or null where unknown
   */
  public GroupSolve(
      HostMatrix A,
      double[] b,
      double[] target,
      double[] delta,
      double[] counts,
      double[] signs,
      Device device,
      Effort effort) {
    int m = A.rows();
    require("offsets", m, b);
    require("target", m, target);
    require("uncertainties", m, delta);
    require("counts", m, counts == null ? b : counts);
    require("signs", m, signs == null ? b : signs);
    this.A = A;
    this.b = b;
    this.signs = signs;
    this.device = device;
    this.effort = effort;
    this.target = new double[m];
    this.delta = new double[m];
    root = new double[m];
    for (int i = 0; i < m; i++) {
      double count = counts == null ? 1 : counts[i];
      double half = 0.5 * delta[i];
      root[i] = Math.sqrt(count);
      double score = Math.min(Math.max(target[i], Math.max(half, 1e-300)), 1);
      this.target[i] = Math.min(count * score, 1 - Math.max(count * half, 1e-16));
      this.delta[i] =
          delta[i] > 0
              ? Math.max(count * delta[i], EVALUATION * this.target[i])
              : EVALUATION * Math.sqrt(this.target[i]);
    }
  }

  /** Likewise, with an x that is refined before all else. */
  public GroupSolve from(double[] x) {
    start = x.clone();
    return this;
  }

  /**
   * An x behind the walls of single rows around another one, where the misfit is far less at once,
   * without a step; some 5 n d^2 flops for each row with a score above a third.
   *
   * @return null where there is none, or rows are more than one group
   */
  public double[] nextDoor(double[] x) {
    start = x.clone();
    isNextDoor = true;
    GroupsResult found = solve(0);
    return found == null || !(found.misfit() < Double.POSITIVE_INFINITY) ? null : found.x();
  }

  private static void require(String what, int m, double[] values) {
    if (values.length != m) {
      throw new IllegalArgumentException(
          what + ": expected " + m + " entries, one for each row, got " + values.length);
    }
  }

  /**
   * Splits, solves, joins.
   *
   * @param seed of the random starts
   * @return null where the rank of A is below d
   */
  public GroupsResult solve(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] columnScale = A.columnLengths();
    for (int j = 0; j < columnScale.length; j++) {
      columnScale[j] = 1 / columnScale[j];
    }
    HostMatrix rows = A.scaledColumns(columnScale);
    double[] rowFactor = new double[A.rows()];
    for (int i = 0; i < rowFactor.length; i++) {
      double size = rows.length(i);
      rowFactor[i] = size == 0 ? 1 : 1 / size;
    }
    rows = rows.scaledRows(rowFactor);
    ConnectedComponents parts = parts(rows, random);
    if (parts == null || isNextDoor && parts.groups().size() > 1) {
      return null;
    }
    HostMatrix back = parts.inverse().scaledRows(columnScale);
    Reading reading = new Reading(rows, rowFactor, back);
    double[] y = new double[A.columns()];
    List<Solved> solved = new ArrayList<>();
    for (ConnectedComponents.Group part : parts.groups()) {
      Solved of = solve(parts, part, reading, random.split());
      solved.add(of);
      for (int j = 0; j < part.columns().length; j++) {
        y[part.columns()[j]] = of.y == null ? 0 : of.y[j];
      }
    }
    return join(parts, back, y, solved, reading);
  }

  /**
   * How the problem is read: A with columns and rows of length 1, what its rows were multiplied by,
   * and the matrix that takes coordinates of the components to x.
   */
  private record Reading(HostMatrix A, double[] rowFactor, HostMatrix back) {}

  /** The groups, or all as one in an orthonormal basis; null where the rank is below d. */
  private ConnectedComponents parts(HostMatrix rows, SplittableRandom random) {
    boolean one = ConnectedComponents.isOne(rows, random, effort);
    ConnectedComponents parts = one ? null : ConnectedComponents.of(rows, effort);
    if (!one && (parts == null || parts.groups().size() > 1)) {
      return parts;
    }
    int d = rows.columns();
    List<Integer> nonzero = new ArrayList<>();
    for (int i = 0; i < rows.rows(); i++) {
      if (rows.length(i) > 0) {
        nonzero.add(i);
      }
    }
    try (Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(rows, space, effort);
      double[] ones = new double[rows.rows()];
      Arrays.fill(ones, 1);
      if (!basis.of(ones)) {
        return null;
      }
      int[] all = nonzero.stream().mapToInt(Integer::intValue).toArray();
      return new ConnectedComponents(
          basis.host(),
          basis.coordinates(),
          List.of(new ConnectedComponents.Group(all, ConnectedComponents.range(d))));
    }
  }

  /** A group's answer in the coordinates of the components; y null where there is none. */
  private record Solved(Status status, double[] y, double misfit, double[] other) {}

  private Solved solve(
      ConnectedComponents parts,
      ConnectedComponents.Group part,
      Reading reading,
      SplittableRandom random) {
    int[] of = part.rows();
    int m = of.length;
    int d = part.columns().length;
    HostMatrix C = parts.C().part(of, part.columns());
    double[] offset = GroupWeights.pick(b, of);
    double[] size = new double[m];
    for (int i = 0; i < m; i++) {
      size[i] = C.length(i);
      offset[i] *= reading.rowFactor()[of[i]] / size[i];
      size[i] = 1 / size[i];
    }
    C = C.scaledRows(size);
    if (m == d) {
      return lone(C.get(0, 0), offset[0], of[0]);
    }
    if (effort.isOver()) {
      return new Solved(Status.NOT_TRIED, null, Double.POSITIVE_INFINITY, null);
    }
    Centered centered = Centered.of(C, offset, device, effort);
    boolean inRange = centered.inRange;
    Coordinates coordinates =
        new Coordinates(part, subspace(reading, part), centered.center, centered.scale);
    GroupProblem problem =
        new GroupProblem(
            C,
            d == 1 && inRange ? offset : centered.rest,
            GroupWeights.pick(target, of),
            GroupWeights.pick(delta, of),
            GroupWeights.pick(root, of),
            signs == null ? null : GroupWeights.pick(signs, of),
            z -> misfit(parts, part, coordinates.toUser(z), reading),
            d == 1 ? null : z -> slacks(coordinates, z, reading, size),
            d == 1 || start == null || inRange ? null : coordinates.of(start, C, reading, size));
    if (d == 1) {
      return oneColumn(problem, centered);
    }
    if (inRange) {
      return new Solved(Status.UNDETERMINED, null, Double.POSITIVE_INFINITY, null);
    }
    CoupledGroup.Answer answer =
        isNextDoor
            ? CoupledGroup.nextDoor(problem, device, effort)
            : CoupledGroup.solve(problem, random, device, effort);
    double[] y = answer.x() == null ? null : coordinates.ofComponents(answer.x());
    return new Solved(answer.status(), y, answer.misfit(), null);
  }

  /** A row alone has the score 1 whatever its slack is: as long as its offset, or 1. */
  private Solved lone(double entry, double offset, int row) {
    double side = signs == null ? 1 : signs[row];
    double misfit = Math.max(0, (1 - target[row]) / delta[row]);
    Status status = misfit < 2 * GroupProblem.EXPLAINED ? Status.FREE : Status.NOT_FOUND;
    double away = Math.max(1, Math.abs(offset));
    return new Solved(status, new double[] {(offset + side * away) / entry}, misfit, null);
  }

  private Solved oneColumn(GroupProblem problem, Centered centered) {
    OneColumn.Answer answer = OneColumn.solve(problem, effort);
    double origin = centered.inRange ? 0 : centered.center[0];
    double unit = centered.inRange ? 1 : centered.scale;
    double[] y = Double.isNaN(answer.y()) ? null : new double[] {origin + unit * answer.y()};
    double[] other =
        Double.isNaN(answer.other()) ? null : new double[] {unit * (answer.other() - answer.y())};
    return new Solved(answer.status(), y, answer.misfit(), other);
  }

  /**
   * The offset of a group beside the range of its rows.
   *
   * @param center of the rows, near which slacks are alike; 0 where a shift costs no digits
   * @param rest of the offset there, with a root mean square of 1 but for {@code inRange}
   * @param scale of it before
   * @param inRange whether there is no more of it than rounding
   */
  private record Centered(double[] center, double[] rest, double scale, boolean inRange) {
    static Centered of(HostMatrix C, double[] offset, Device device, Effort effort) {
      int m = offset.length;
      double[] center = OrthogonalFit.solve(C, offset, device, effort);
      double[] rest = offset.clone();
      double scale = 0;
      double largest = 0;
      for (int i = 0; i < m; i++) {
        rest[i] -= C.dot(i, center);
        scale += rest[i] * rest[i];
        largest = Math.max(largest, Math.abs(offset[i]));
      }
      scale = Math.sqrt(scale / m);
      boolean inRange = !(scale > IN_RANGE * largest);
      if (scale > NEAR_RANGE * largest) { // as many digits, shifted or not: those of small slacks
        Arrays.fill(center, 0);
        rest = offset.clone();
      }
      for (int i = 0; i < m && !inRange; i++) {
        rest[i] /= scale;
      }
      return new Centered(center, rest, scale, inRange);
    }
  }

  private static HostMatrix subspace(Reading reading, ConnectedComponents.Group part) {
    return reading.back().part(ConnectedComponents.range(reading.back().rows()), part.columns());
  }

  /**
   * Those of one group, z: its part of x is subspace (center + scale z).
   *
   * @param subspace d x columns of the group
   */
  private final class Coordinates {
    final ConnectedComponents.Group part;
    final HostMatrix subspace;
    final double[] center;
    final double scale;

    Coordinates(
        ConnectedComponents.Group part, HostMatrix subspace, double[] center, double scale) {
      this.part = part;
      this.subspace = subspace;
      this.center = center;
      this.scale = scale;
    }

    double[] ofComponents(double[] z) {
      double[] y = new double[z.length];
      Arrays.setAll(y, j -> center[j] + scale * z[j]);
      return y;
    }

    double[] toUser(double[] z) {
      return subspace.times(ofComponents(z));
    }

    /** The z of an x: C (center + scale z) = A x, by rows whose lengths are 1 / size. */
    double[] of(double[] x, HostMatrix C, Reading reading, double[] size) {
      int[] rows = part.rows();
      double[] along = new double[rows.length];
      Arrays.setAll(along, i -> A.dot(rows[i], x) * reading.rowFactor()[rows[i]] * size[i]);
      double[] z = OrthogonalFit.solve(C, along, device, effort);
      Arrays.setAll(z, j -> (z[j] - center[j]) / scale);
      return z;
    }
  }

  /** Slacks in the units of a group, of the very x that z stands for and rows as they are. */
  private double[] slacks(Coordinates of, double[] z, Reading reading, double[] size) {
    int[] rows = of.part.rows();
    double[] x = of.toUser(z);
    double[] s = new double[rows.length];
    for (int i = 0; i < s.length; i++) {
      int row = rows[i];
      double own = Dot2.minus(A.entries(), row * A.columns(), x, b[row]);
      s[i] = own * reading.rowFactor()[row] * size[i] / of.scale;
    }
    return s;
  }

  private GroupsResult join(
      ConnectedComponents parts,
      HostMatrix back,
      double[] y,
      List<Solved> solved,
      Reading reading) {
    double[] x = back.times(y);
    List<GroupsResult.Group> groups = new ArrayList<>();
    double sum = 0;
    int judged = 0;
    for (int g = 0; g < solved.size(); g++) {
      ConnectedComponents.Group part = parts.groups().get(g);
      Solved of = solved.get(g);
      double misfit = of.misfit;
      Status status = of.status;
      if (of.y != null && part.rows().length > part.columns().length) {
        misfit = misfit(parts, part, x, reading);
        if (misfit < GroupProblem.EXPLAINED && status == Status.NOT_FOUND) {
          status = Status.SOLVED; // rounding of the slacks explains it
        } else if (misfit >= GroupProblem.EXPLAINED && status.compareTo(Status.FREE) < 0) {
          status = Status.NOT_FOUND;
        }
      }
      sum += misfit * misfit * part.rows().length;
      judged += part.rows().length;
      HostMatrix subspace = subspace(reading, part);
      double[] other = of.other == null ? null : subspace.times(of.other);
      groups.add(new GroupsResult.Group(part.rows(), subspace, status, misfit, other));
    }
    return new GroupsResult(x, Math.sqrt(sum / Math.max(judged, 1)), groups);
  }

  /** At x as it is, in units of the uncertainty with what rounding of A, b and x leaves there. */
  private double misfit(
      ConnectedComponents parts, ConnectedComponents.Group part, double[] x, Reading reading) {
    int[] rows = part.rows();
    int m = rows.length;
    double[] w = new double[m];
    double[] uncertain = new double[m];
    for (int i = 0; i < m; i++) {
      double terms = Math.abs(b[rows[i]]);
      double s = -b[rows[i]];
      for (int j = 0; j < x.length; j++) {
        double term = A.get(rows[i], j) * x[j];
        s += term;
        terms += Math.abs(term);
      }
      w[i] = root[rows[i]] / (s * reading.rowFactor()[rows[i]]);
      uncertain[i] = Math.min(ROUNDING * terms / Math.abs(s), MOST_ROUNDING);
      if (s == 0 || (signs != null && s * signs[rows[i]] < 0)) {
        return Double.POSITIVE_INFINITY;
      }
    }
    try (Workspace own = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(parts.C().part(rows, part.columns()), own, effort);
      if (!basis.of(w)) {
        return Double.POSITIVE_INFINITY;
      }
      double[] sigma = basis.scores();
      double[] floor = roundingOfScores(parts, part, reading.A(), basis, w, sigma, uncertain);
      double sum = 0;
      for (int i = 0; i < m; i++) {
        double r = (sigma[i] - target[rows[i]]) / Math.max(delta[rows[i]], floor[i]);
        sum += r * r;
      }
      return Math.sqrt(sum / m);
    }
  }

  /**
   * What rounding leaves of each score: slacks uncertain by u, |d sigma| up to 2 (Sigma + P o P) u,
   * and rows of A uncertain by a unit in the last place, which changes rows of Q by |w| |a| |M| eps
   * where Q = diag(w) A M.
   */
  private double[] roundingOfScores(
      ConnectedComponents parts,
      ConnectedComponents.Group part,
      HostMatrix scaled,
      WeightedBasis basis,
      double[] w,
      double[] sigma,
      double[] u) {
    int m = w.length;
    int d = scaled.columns();
    int k = basis.columns();
    HostMatrix inverse = parts.inverse().part(ConnectedComponents.range(d), part.columns());
    double[] longest = new double[d]; // length of each row of |M|
    HostMatrix T = basis.coordinates();
    double[] row = new double[k];
    for (int j = 0; j < d; j++) {
      Arrays.fill(row, 0);
      for (int l = 0; l < k; l++) {
        T.addRow(l, inverse.get(j, l), row);
      }
      longest[j] = Math.sqrt(GroupProblem.squares(row));
    }
    effort.spend(2.0 * d * k * k + 2.0 * m * d);
    double[] moved = new double[m];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < d; j++) {
        moved[i] += Math.abs(scaled.get(part.rows()[i], j)) * longest[j];
      }
      moved[i] = Math.min(ROUNDING * Math.abs(w[i]) * moved[i], MOST_ROUNDING);
    }
    double all = Math.sqrt(GroupProblem.squares(moved));
    double[] floor = basis.hadamardTimes(u);
    for (int i = 0; i < m; i++) {
      floor[i] = 2 * (sigma[i] * u[i] + floor[i] + Math.sqrt(sigma[i]) * moved[i] + sigma[i] * all);
    }
    return floor;
  }
}
