package org.levinv.method.groups;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A group of one column: the slack of row i, divided by a_i, is y - beta_i, beta_i = b_i / a_i, and
 * |y - beta_i| is proportional to root_i / sqrt(target_i). So two rows give two candidates y, and
 * all rows judge them. Candidates far out have the scores of infinity. Where two candidates fit,
 * both are answers.
 */
final class OneColumn {

  /** The partners of the row with the largest score. */
  private static final int PARTNERS = 30;

  /** Candidates that are tried though one fits. */
  private static final int ENOUGH = 8;

  /** The candidates that are polished. */
  private static final int KEPT = 8;

  private static final int POLISHING_STEPS = 8;

  /** In spreads of beta: farther out, y is infinite. */
  private static final double FAR = 1e6;

  /** In spreads of beta: nearer, y is finite whatever its scores. */
  private static final double OUTSIDE = 2;

  /** Two beta are one below this, relatively. */
  private static final double EQUAL = 1e-12;

  /**
   * What was found.
   *
   * @param y the best answer, NaN where there is none
   * @param misfit its root mean square residual in uncertainties
   * @param other a second answer that the uncertainties explain, or NaN
   */
  record Answer(Status status, double y, double misfit, double other) {}

  private final double[] beta;
  private int evaluations;
  private double middle;
  private double spread;
  private final double[] target;
  private final double[] delta;
  private final double[] count;
  private final double[] sides;

  private OneColumn(GroupProblem group) {
    int m = group.rows();
    beta = new double[m];
    count = new double[m];
    sides = group.signs() == null ? null : new double[m];
    target = group.target();
    delta = group.delta();
    for (int i = 0; i < m; i++) {
      double a = group.A().get(i, 0);
      beta[i] = group.b()[i] / a;
      count[i] = group.root()[i] * group.root()[i];
      if (sides != null) {
        sides[i] = group.signs()[i] * Math.signum(a); // of y - beta_i
      }
    }
  }

  /**
   * Solves a group of one column; some 100 m flops where a candidate fits, 1,000 m where none does.
   */
  static Answer solve(GroupProblem group, Effort effort) {
    OneColumn column = new OneColumn(group);
    Answer answer = column.solve();
    effort.spend(6.0 * group.rows() * column.evaluations);
    return answer;
  }

  private Answer solve() {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double value : beta) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    spread = high - low;
    middle = CellRefinement.median(beta);
    double atInfinity = misfitAtInfinity();
    if (!(spread > EQUAL * Math.max(Math.abs(low), Math.abs(high)))) {
      Status status = atInfinity < GroupProblem.EXPLAINED ? Status.UNDETERMINED : Status.NOT_FOUND;
      return new Answer(status, undetermined(high), atInfinity, Double.NaN);
    }
    List<double[]> found = new ArrayList<>(); // {misfit, y}
    boolean fits = false;
    for (double y : candidates()) {
      if (fits && evaluations >= ENOUGH) {
        break;
      }
      double misfit = misfit(y);
      fits |= misfit < GroupProblem.EXPLAINED;
      if (misfit < Double.POSITIVE_INFINITY && inside(y) && !isInfinite(y)) {
        found.add(new double[] {misfit, y});
      }
    }
    found.sort(Comparator.comparingDouble(pair -> pair[0]));
    List<double[]> polished = new ArrayList<>();
    for (double[] pair : found.subList(0, Math.min(KEPT, found.size()))) {
      polished.add(polish(pair[1], pair[0]));
    }
    // of two that fit, the one with no score beyond its uncertainty
    polished.sort(
        Comparator.comparing((double[] pair) -> pair[0] >= GroupProblem.EXPLAINED)
            .thenComparing(pair -> largestRatio(pair[1]) > 1)
            .thenComparingDouble(pair -> pair[0]));
    if (polished.isEmpty() || polished.get(0)[0] >= GroupProblem.EXPLAINED) {
      double y = polished.isEmpty() ? Double.NaN : polished.get(0)[1];
      double misfit = polished.isEmpty() ? Double.POSITIVE_INFINITY : polished.get(0)[0];
      boolean limit = atInfinity < GroupProblem.EXPLAINED && sameSides();
      return new Answer(limit ? Status.AT_INFINITY : Status.NOT_FOUND, y, misfit, Double.NaN);
    }
    double[] best = polished.get(0);
    double other = Double.NaN;
    for (double[] pair : polished) {
      if (pair[0] < GroupProblem.EXPLAINED && !sameCell(pair[1], best[1])) {
        other = pair[1];
        break;
      }
    }
    Status status = Double.isNaN(other) ? Status.SOLVED : Status.TWO_ANSWERS;
    return new Answer(status, best[1], best[0], other);
  }

  /** Any y on the right side of all beta, which are equal. */
  private double undetermined(double at) {
    double side = sides == null ? 1 : sides[0];
    return at + side * Math.max(1, Math.abs(at));
  }

  private boolean sameSides() {
    for (int i = 0; sides != null && i < sides.length; i++) {
      if (sides[i] != sides[0]) {
        return false;
      }
    }
    return true;
  }

  private double misfitAtInfinity() {
    double total = 0;
    for (double value : count) {
      total += value;
    }
    double sum = 0;
    for (int i = 0; i < beta.length; i++) {
      double r = (count[i] / total - target[i]) / delta[i];
      sum += r * r;
    }
    return Math.sqrt(sum / beta.length);
  }

  private List<Double> candidates() {
    int m = beta.length;
    double[] far = new double[m]; // |y - beta_i| up to a factor
    Integer[] order = new Integer[m];
    for (int i = 0; i < m; i++) {
      far[i] = Math.sqrt(count[i] / target[i]);
      order[i] = i;
    }
    Arrays.sort(order, Comparator.comparingDouble(i -> -target[i]));
    int first = order[0];
    List<Double> ys = new ArrayList<>();
    for (int k = 1; k < m && ys.size() < 2 * PARTNERS; k++) {
      int j = order[k];
      if (Math.abs(beta[j] - beta[first]) <= EQUAL * (Math.abs(beta[j]) + Math.abs(beta[first]))) {
        continue;
      }
      for (int side = 1; side >= -1; side -= 2) {
        // from beta_first, which is near: no digits are lost where y is close to it
        double y =
            beta[first]
                + side * far[first] * (beta[j] - beta[first]) / (far[j] + side * far[first]);
        ys.add(y);
      }
    }
    return ys;
  }

  private boolean inside(double y) {
    for (int i = 0; sides != null && i < beta.length; i++) {
      if (!((y - beta[i]) * sides[i] > 0)) {
        return false;
      }
    }
    return true;
  }

  /** Farther out than any beta, with scores that cannot be told from those of infinity. */
  private boolean isInfinite(double y) {
    double far = Math.abs(y - middle);
    if (!(far < FAR * spread)) {
      return true;
    }
    double total = 0;
    for (double value : count) {
      total += value;
    }
    double[] sigma = scores(y);
    double sum = 0;
    for (int i = 0; i < sigma.length; i++) {
      double r = (sigma[i] - count[i] / total) / delta[i];
      sum += r * r;
    }
    return far > OUTSIDE * spread && Math.sqrt(sum / sigma.length) < GroupProblem.EXPLAINED;
  }

  private boolean sameCell(double y, double z) {
    for (double value : beta) {
      if (y < value != z < value) {
        return false;
      }
    }
    return true;
  }

  private double[] scores(double y) {
    evaluations++;
    double[] v = new double[beta.length];
    double total = 0;
    for (int i = 0; i < v.length; i++) {
      double s = y - beta[i];
      v[i] = count[i] / (s * s);
      total += v[i];
    }
    for (int i = 0; i < v.length; i++) {
      v[i] /= total;
    }
    return v;
  }

  private double misfit(double y) {
    double[] sigma = scores(y);
    double sum = 0;
    for (int i = 0; i < sigma.length; i++) {
      double r = (sigma[i] - target[i]) / delta[i];
      sum += r * r;
    }
    return Double.isNaN(sum) ? Double.POSITIVE_INFINITY : Math.sqrt(sum / sigma.length);
  }

  /** The largest residual in uncertainties. */
  private double largestRatio(double y) {
    double[] sigma = scores(y);
    double largest = 0;
    for (int i = 0; i < sigma.length; i++) {
      largest = Math.max(largest, Math.abs(sigma[i] - target[i]) / delta[i]);
    }
    return largest;
  }

  /** Gauss-Newton steps in one unknown, kept where they help. */
  private double[] polish(double start, double startMisfit) {
    double y = start;
    double misfit = startMisfit;
    for (int k = 0; k < POLISHING_STEPS; k++) {
      double[] sigma = scores(y);
      double mean = 0;
      for (int i = 0; i < sigma.length; i++) {
        mean += sigma[i] * -2 / (y - beta[i]);
      }
      double slope = 0;
      double square = 0;
      for (int i = 0; i < sigma.length; i++) {
        double j = sigma[i] * (-2 / (y - beta[i]) - mean) / delta[i];
        slope += j * (sigma[i] - target[i]) / delta[i];
        square += j * j;
      }
      double next = y - slope / square;
      double nextMisfit = misfit(next);
      if (!(nextMisfit < misfit) || !inside(next) || isInfinite(next)) {
        break;
      }
      y = next;
      misfit = nextMisfit;
    }
    return new double[] {misfit, y};
  }
}
