package org.levinv.method.groups;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.FractionToBoundary;

/**
 * Levenberg and Marquardt's method on (scores(x) - target) / delta from an x in the right cell, in
 * the metric ||A(x) dx||, where a step's length is the change of the logarithms of the slacks.
 * Steps end before the walls, at a fraction of the way. The Jacobian -2 L diag(1 / root) Q of all
 * rows enters by its triangular factor, so directions are found that are weak by 8 digits and more.
 */
final class CellRefinement {
  static final int STEPS = 100;

  /**
   * A search ends where the next step promises less than this part of the sum of squares, or steps
   * in a row gain less.
   */
  private static final double SLOW = 0.02;

  private static final int SLOW_STEPS = 3;

  /** Slacks below so many roundings of their terms say nothing of x: no step goes there. */
  private static final double ROUNDINGS = 100;

  private static final int TRIALS = 20;
  private static final double FIRST_DAMPING = 1e-9;

  /** Steps are worth a try where their Jacobian costs fewer m d^2. */
  static final double CHEAP = 40;

  /** Sum of squares of r below so many m: nothing is left to do. */
  private static final double MET = 0.01;

  /** After that many steps a run that hardly improves far from a fit is given up. */
  private static final int PATIENCE = 8;

  private static final double HOPELESS = 100;

  /** A search keeps its Jacobian where a step gains more than this part of what that promised, */
  private static final double AS_PROMISED = 0.5;

  /** ... and no slack has changed since by more than this part of itself. */
  private static final double MOST_CHANGE = 0.5;

  /**
   * A step that gains less of the sum of squares is the last one: x is within 0.001 standard errors
   * of the optimum where errors are all that is left, ...
   */
  private static final double NO_GAIN_EXPLAINED = 1e-6;

  /** ... and else where rounding is. */
  private static final double NO_GAIN = 1e-12;

  private final GroupProblem group;
  private final Device device;
  private final Effort effort;
  private final WeightedBasis basis;
  private final Rows scaled;
  private final Rows jacobian;
  private boolean atInfinity;
  private OrthogonalFit curvature;
  private HostMatrix coordinates;
  private double rest;

  CellRefinement(GroupProblem group, Workspace space, Effort effort) {
    this.group = group;
    device = space.device();
    this.effort = effort;
    basis = new WeightedBasis(group.A(), space, effort);
    scaled = space.rows(group.rows(), group.columns());
    jacobian = space.rows(group.rows(), group.columns());
  }

  /** Whether the last answer lies at infinity, that is where no more of b is seen than rounding. */
  boolean atInfinity() {
    return atInfinity;
  }

  /** The basis at the last answer. */
  WeightedBasis basis() {
    return basis;
  }

  /**
   * A move v with a_i v > 0 that other rows resist least, where the last search came from: || J v
   * ||^2 / || r ||^2 + || A(x) v ||^2 is least, changes of the scores beside what is left of them,
   * and changes of the slacks, which count where little is known of x. That search may have ended
   * elsewhere than where the move begins.
   */
  double[] leastResisted(int i) {
    double[] a = new double[group.columns()];
    group.A().addRow(i, 1, a);
    if (curvature == null) {
      HostMatrix T = basis.coordinates();
      return T.times(T.transposeTimes(a));
    }
    double[] y = coordinates.transposeTimes(a);
    if (rest > 0) { // for all rows alike
      curvature = curvature.withDamping(rest);
      rest = 0;
    }
    return coordinates.times(curvature.solveNormal(y));
  }

  /** What a Jacobian costs, in m d^2. */
  double cost() {
    return Math.min(4.0 * group.rows() / group.columns(), 3.0 * group.columns());
  }

  /**
   * Whether a run to the optimum goes on where the uncertainties explain what is left. Errors are
   * explained by other x as well; what evaluation leaves of exact scores is worth a cheap Jacobian.
   */
  boolean isPrecise() {
    return !group.isExact() || cost() < CHEAP;
  }

  /** From x to the optimum of the cell; null where the scores at x cannot be computed. */
  Settled run(double[] start) {
    return run(start, STEPS);
  }

  /** The same in so many steps at most. */
  Settled run(double[] start, int limit) {
    return run(start, limit, true);
  }

  /**
   * From x until the uncertainties explain what is left, or little more is gained; null where the
   * scores at x cannot be computed.
   */
  Settled search(double[] start, int limit) {
    return run(start, limit, false);
  }

  /** A search of as many steps as a search may take. */
  Settled search(double[] start) {
    return search(start, STEPS);
  }

  /** The misfit at x, infinite where the scores cannot be computed. */
  double misfit(double[] x) {
    At at = at(x);
    return at == null ? Double.POSITIVE_INFINITY : Math.sqrt(at.square / group.rows());
  }

  /** A point, the slacks and residuals there, and the sum of the squares of these. */
  private record At(double[] x, double[] s, double[] r, double square) {}

  /** Null where the scores at x cannot be computed. */
  private At at(double[] x) {
    double[] s = group.slacks(x);
    double[] w = group.weights(s);
    if (w == null || !basis.of(w)) {
      return null;
    }
    double[] r = group.residuals(basis.scores());
    double square = GroupProblem.squares(r);
    return square < Double.POSITIVE_INFINITY ? new At(x, s, r, square) : null;
  }

  private Settled run(double[] start, int limit, boolean precise) {
    At at = at(start);
    if (at == null) {
      return null;
    }
    int m = group.rows();
    double damping = FIRST_DAMPING;
    double before = at.square;
    int k = 0;
    int slow = 0;
    double explained = GroupProblem.EXPLAINED * GroupProblem.EXPLAINED;
    double enough = precise && isPrecise() ? MET : explained;
    OrthogonalFit fit = null;
    double[] origin = at.s;
    while (k < limit && at.square >= enough * m) { // one Jacobian, one basis for each trial
      boolean isFresh = fit == null;
      if (isFresh) {
        fit = factor(at.r);
        coordinates = basis.coordinates();
        origin = at.s;
      } else {
        fit = fit.to(products(at.r));
      }
      curvature = fit;
      rest = at.square;
      if (!precise && fit.gain() < SLOW * at.square) {
        break;
      }
      double scale = fit.largestSquare();
      At next = null;
      boolean small = false;
      boolean keeps = false;
      int trials = isFresh ? TRIALS : 1;
      for (int trial = 0; trial < trials && next == null && !effort.isOver(); trial++) {
        double[] y = fit.solve(damping * scale);
        double[] move = coordinates.times(y);
        double step = cut(move, at.s);
        next = lower(at, move, step);
        if (next != null) {
          boolean isPromised = at.square - next.square > AS_PROMISED * fit.gain(y, step);
          keeps = !precise && isPromised && isNear(origin, next.s);
          small = step == 1 && next.square > (1 - noGain(next.square)) * at.square;
          damping = Math.max(0.01 * damping, 1e-20);
        } else if (isFresh) {
          damping = Math.max(10 * damping, 1e-15);
        }
      }
      if (next == null && isFresh) {
        break;
      }
      fit = keeps ? fit : null;
      if (next == null) { // once more, with a Jacobian of its own
        continue;
      }
      slow = next.square > (1 - SLOW) * at.square ? slow + 1 : 0;
      at = next;
      k++;
      boolean hopeless = !precise && slow >= SLOW_STEPS;
      if (k % PATIENCE == 0) {
        hopeless |= at.square > 0.25 * before && at.square > HOPELESS * HOPELESS * m;
        before = at.square;
      }
      if (small || hopeless || !effort.step("cell", k, Math.sqrt(at.square / m))) {
        break;
      }
    }
    atInfinity = basis.distanceOfOnes() < GroupProblem.AT_INFINITY;
    return new Settled(at.x, Math.sqrt(at.square / m));
  }

  /** Where a part of a move leads, and the basis with it; null where that does not help. */
  private At lower(At from, double[] move, double part) {
    double[] x = new double[from.x.length];
    Arrays.setAll(x, j -> from.x[j] + part * move[j]);
    double[] s = group.slacks(x);
    double[] f = ratios(from.s, s);
    if (f == null || !isAboveRounding(x, s) || !basis.tryFactors(f)) {
      return null;
    }
    double[] r = group.residuals(basis.trialScores());
    double square = GroupProblem.squares(r);
    if (!(square < from.square)) {
      return null;
    }
    basis.accept();
    return new At(x, s, r, square);
  }

  /** The part of the sum of squares that is not worth a step. */
  private double noGain(double square) {
    double explained = GroupProblem.EXPLAINED * GroupProblem.EXPLAINED * group.rows();
    return square < explained ? NO_GAIN_EXPLAINED : NO_GAIN;
  }

  /** Whether no slack of x is so small that it is rounding of its terms. */
  private boolean isAboveRounding(double[] x, double[] s) {
    double size = Math.sqrt(GroupProblem.squares(x));
    for (int i = 0; i < s.length; i++) {
      if (Math.abs(s[i]) < ROUNDINGS * 0x1p-53 * (Math.abs(group.b()[i]) + size)) {
        return false;
      }
    }
    return true;
  }

  /** s / next where no sign changes; else null. */
  private static double[] ratios(double[] s, double[] next) {
    double[] f = new double[s.length];
    for (int i = 0; i < f.length; i++) {
      f[i] = s[i] / next[i];
      if (!(f[i] > 0 && f[i] < Double.POSITIVE_INFINITY)) {
        return null;
      }
    }
    return f;
  }

  /** Whether no slack has changed so much that the Jacobian has. */
  private static boolean isNear(double[] origin, double[] s) {
    for (int i = 0; i < s.length; i++) {
      if (!(Math.abs(s[i] / origin[i] - 1) <= MOST_CHANGE)) {
        return false;
      }
    }
    return true;
  }

  /** The move's length, at most 1, that ends before the first wall. */
  private double cut(double[] move, double[] s) {
    double most = 1e-300;
    for (int i = 0; i < s.length; i++) {
      most = Math.max(most, -group.A().dot(i, move) / s[i]);
    }
    return FractionToBoundary.USUAL.part(most);
  }

  /** J^T (-r) / delta with the Jacobian as it was computed last. */
  private double[] products(double[] r) {
    double[] z = new double[group.columns()];
    try (Workspace own = new Workspace(device)) {
      Vector products = own.vector(z.length);
      device.transposeTimes(jacobian, own.upload(r), products);
      device.download(products, z);
    }
    effort.spend(2.0 * group.rows() * group.columns());
    Arrays.setAll(z, j -> -z[j]);
    return z;
  }

  /** The triangular factor of [J, -r] / delta, J = -2 (Sigma - P o P) diag(1 / root) Q. */
  private OrthogonalFit factor(double[] r) {
    int m = group.rows();
    int d = group.columns();
    double[] sigma = basis.scores();
    double[] minusR = new double[m];
    double[] twice = new double[m];
    double[] diagonal = new double[m];
    double[] inverseRoot = new double[m];
    for (int i = 0; i < m; i++) {
      minusR[i] = -r[i];
      twice[i] = 2 / group.delta()[i];
      diagonal[i] = -2 * sigma[i] / group.delta()[i];
      inverseRoot[i] = 1 / group.root()[i];
    }
    try (Workspace own = new Workspace(device)) {
      Vector scale = own.upload(inverseRoot);
      Rows Q = basis.data();
      device.scaleRows(scale, Q, scaled); // X = diag(1 / root) Q
      if (4.0 * m < 3.0 * d * d) {
        device.hadamardTimes(Q, Q, Q, Q, false, scaled, jacobian); // J = (P o P) X
        effort.spend(4.0 * m * m * d);
      } else {
        byColumns(inverseRoot);
      }
      device.scaleRows(own.upload(twice), jacobian, jacobian);
      device.addScaledRows(own.upload(diagonal), scaled, jacobian); // 2 (P o P X - Sigma X) / delta
      Rows wide = own.rows(m, d + 1);
      device.appendColumn(jacobian, own.upload(minusR), wide);
      return OrthogonalFit.of(wide, own, effort);
    }
  }

  /** J = (P o P) X, a column at a time: 3 m d^2 flops each. */
  private void byColumns(double[] inverseRoot) {
    int m = group.rows();
    int d = group.columns();
    HostMatrix Q = basis.host();
    double[] entries = new double[m * d];
    double[] u = new double[m];
    for (int j = 0; j < d; j++) {
      for (int i = 0; i < m; i++) {
        u[i] = Q.get(i, j) * inverseRoot[i];
      }
      double[] product = basis.hadamardTimes(u);
      for (int i = 0; i < m; i++) {
        entries[i * d + j] = product[i];
      }
    }
    device.upload(entries, m, jacobian, 0);
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
  }
}
