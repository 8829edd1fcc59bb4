package org.levinv.method.groups;

import java.util.List;
import org.levinv.method.groups.Doors.Door;

/**
 * A hairline row on the wrong side leaves a residual that the uncertainty does not explain: x goes
 * through the wall of such a row, to where that row has its score, takes some steps there, and
 * stays where that lowers the misfit.
 */
final class NextDoor {
  private static final int ROUNDS = 12;
  private static final int TRIES = 6;

  /** A row whose score is so large outweighs others. */
  private static final double HEAVY = 1.0 / 3;

  private static final int STEPS_BEHIND = 3;

  /** Behind a wrong wall the misfit stays larger than this many times the old one. */
  private static final double PROMISING = 2;

  private static final int STEPS_AFTER = 30;
  private static final double BETTER = 0.98;

  /** Near an x that is explained each door counts; ... */
  private static final double NEAR = 10;

  /** ... elsewhere passing doors without a step pays for this much. */
  private static final double MUCH_BETTER = 0.7;

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

  /**
   * Where x comes through doors behind which the misfit is less at once, without a step: rows that
   * outweigh the others fit their scores at more than one place, and all others tell which one is
   * right. A few trials each, so that every point that a search leads to is worth it.
   *
   * @return null where there is no such door
   */
  static double[] through(
      GroupProblem group, Settled from, CellRefinement refinement, Effort effort) {
    double[] x = null;
    double misfit = from.misfit();
    for (int round = 0; round < ROUNDS; round++) { // a basis, and one for each heavy row
      Doors doors = new Doors(group, x == null ? from.x() : x, refinement, effort);
      List<Door> heavy = doors.ofHeavy(HEAVY);
      Door one = heavy.isEmpty() ? null : heavy.get(0);
      Door some = doors.together(heavy);
      Door best = one == null || some != null && some.misfit() < one.misfit() ? some : one;
      double enough = (misfit < NEAR ? BETTER : MUCH_BETTER) * misfit;
      if (best == null || !(best.misfit() < enough)) {
        break;
      }
      x = best.point();
      misfit = best.misfit();
    }
    return x;
  }

  private static Settled better(
      GroupProblem group, Settled from, CellRefinement refinement, Effort effort) {
    List<Door> doors = new Doors(group, from.x(), refinement, effort).all();
    for (int k = 0; k < Math.min(TRIES, doors.size()); k++) {
      Settled behind = refinement.search(doors.get(k).point(), STEPS_BEHIND);
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
}
