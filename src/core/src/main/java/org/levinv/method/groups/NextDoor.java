package org.levinv.method.groups;

import java.util.Arrays;
import java.util.Comparator;

/**
 * A hairline row on the wrong side leaves a residual that the uncertainty does not explain: x goes
 * through the wall of such a row, to where that row has its score, takes some steps there, and
 * stays where that lowers the misfit.
 */
final class NextDoor {
  private static final int ROUNDS = 12;
  private static final int DOORS = 24;
  private static final int TRIES = 6;
  private static final int STEPS_BEHIND = 3;

  /** Behind a wrong wall the misfit stays larger than this many times the old one. */
  private static final double PROMISING = 2;

  private static final int STEPS_AFTER = 30;
  private static final double BETTER = 0.98;

  private NextDoor() {}

  /** The best point found, from one with the given misfit. */
  static Settled visit(GroupProblem group, Settled from, CellRefinement refinement, Effort effort) {
    Settled best = from;
    for (int round = 0; round < ROUNDS && best.misfit() >= GroupProblem.EXPLAINED; round++) {
      Settled next = better(group, best, refinement, effort);
      if (next == null || !effort.step("next door", round, next.misfit())) {
        break;
      }
      best = next;
    }
    return best;
  }

  private static Settled better(
      GroupProblem group, Settled from, CellRefinement refinement, Effort effort) {
    double[][] doors = doors(group, from, refinement.basis(), effort);
    for (int k = 0; doors != null && k < Math.min(TRIES, doors.length); k++) {
      Settled behind = refinement.search(doors[k], STEPS_BEHIND);
      if (behind == null || effort.isOver()) {
        continue;
      }
      if (behind.misfit() >= BETTER * from.misfit()
          && behind.misfit() < PROMISING * from.misfit()) {
        behind = refinement.search(behind.x(), STEPS_BEHIND);
      }
      if (behind.misfit() < BETTER * from.misfit() && !refinement.atInfinity()) {
        Settled after = refinement.search(behind.x(), STEPS_AFTER);
        return after == null || refinement.atInfinity() ? behind : after;
      }
    }
    return null;
  }

  /**
   * x moved along v = G^-1 a_i / (a_i^T G^-1 a_i), a_i v = 1, which the other rows resist least, to
   * where row i has its target score on the other side: s_i^2 = count_i h (1 - target) / target, 1
   * / h = the squared length of v in the metric of the others.
   */
  private static double[] behind(
      GroupProblem group,
      double[] from,
      int i,
      double[] s,
      double[] w,
      HostMatrix Q,
      double[] sigma,
      HostMatrix T) {
    double[] q = Arrays.copyOfRange(Q.entries(), i * Q.columns(), (i + 1) * Q.columns());
    double[] moves = Q.times(q);
    double resistance = 0;
    for (int j = 0; j < moves.length; j++) {
      double move = moves[j] / (w[i] * sigma[i]);
      resistance += j == i ? 0 : move * move;
    }
    double target = group.target()[i];
    double slack = group.root()[i] * Math.sqrt((1 - target) / target / resistance);
    double way = (-Math.copySign(slack, s[i]) - s[i]) / (w[i] * sigma[i]);
    double[] x = T.times(q);
    for (int j = 0; j < x.length; j++) {
      x[j] = from[j] + way * x[j];
    }
    return x;
  }

  /** Points behind walls, the one with the least misfit first; null where none is to be had. */
  private static double[][] doors(
      GroupProblem group, Settled from, WeightedBasis basis, Effort effort) {
    double[] s = group.slacks(from.x());
    double[] w = group.weights(s);
    if (w == null || !basis.of(w)) {
      return null;
    }
    int m = group.rows();
    HostMatrix Q = basis.host();
    double[] sigma = basis.scores();
    HostMatrix T = basis.coordinates();
    Integer[] order = new Integer[m];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order, Comparator.comparingDouble(i -> -sigma[i] / (group.root()[i] * group.root()[i])));
    double[][] others = OtherIntercept.of(group, from.x(), s, basis, effort);
    int single = Math.min(DOORS, m);
    int count = single + others.length;
    double[][] doors = new double[count][];
    double[] loss = new double[count];
    Integer[] rank = new Integer[count];
    for (int k = 0; k < count; k++) {
      double[] x =
          k < single ? behind(group, from.x(), order[k], s, w, Q, sigma, T) : others[k - single];
      effort.spend(2.0 * m * Q.columns());
      double[] f = group.slacks(x);
      Arrays.setAll(f, l -> s[l] / f[l]);
      loss[k] = Double.POSITIVE_INFINITY;
      if (!effort.isOver() && basis.tryFactors(f)) {
        loss[k] = GroupProblem.squares(group.residuals(basis.trialScores()));
      }
      doors[k] = x;
      rank[k] = k;
    }
    Arrays.sort(rank, Comparator.comparingDouble(k -> loss[k]));
    double[][] sorted = new double[count][];
    Arrays.setAll(sorted, k -> doors[rank[k]]);
    return sorted;
  }
}
