package org.levinv.solve;

import java.util.function.DoubleUnaryOperator;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.solve.Incumbent.Point;

/**
 * The stage of a solve without a start point that goes group by group, where rows are few enough
 * for that: designs that decouple or nearly do are all that samples miss. It offers its x to the
 * incumbent, and with the same tool finds the noise that residuals look like.
 */
final class GroupStage {

  /** Proportional noise alone leaves a relative residual as large as itself, and never a third. */
  private static final double LOUDER = 3;

  /** Times that noise is looked at, each time by what was seen last, ... */
  private static final int NOISE_ROUNDS = 5;

  /** ... while it becomes less than this part of itself. */
  private static final double FEWER = 0.5;

  /** Numbers of A up to which all is searched once more for the sake of some signs. */
  private static final double MOST_SIGNS = 1e5;

  /** A mismatch from which steps in the cell lead to the scores, mostly. */
  private static final double NEARLY = 1e-2;

  private final Frame frame;
  private final Problem problem;
  private final Options options;
  private final TargetNoise noise;
  private final Incumbent best;
  private final Stages stages;
  private final GroupSearch search;

  GroupStage(
      Frame frame,
      Problem problem,
      Options options,
      GroupSearch search,
      Incumbent best,
      Stages stages) {
    this.frame = frame;
    this.problem = problem;
    this.options = options;
    noise = best.noise();
    this.best = best;
    this.stages = stages;
    this.search = search;
  }

  /** Whether rows are few enough. */
  boolean isPossible() {
    return GroupSearch.isPossible(problem);
  }

  /**
   * From the best x where that is near, else from none; and least squares from there for noisy
   * scores.
   *
   * @param share of the work that is left which it may take
   */
  void search(double share) {
    search(best.verified().error().mismatch() <= NEARLY ? best.x() : null, false, share);
  }

  /**
   * Where x is near, but errors do not explain residuals row by row, small scores with small errors
   * do not agree, which least squares hardly sees, or rounding of its coordinates is in the way:
   * with the signs of x, and slacks of the rows as they are, all have their say.
   */
  void searchNearby() {
    boolean isAtRounding = best.isAtRounding();
    boolean isDone = isAtRounding ? best.isMet() : best.isExplained();
    if (best.mayGoOn() && !isDone) {
      search(best.x(), true, 1, isAtRounding ? Math::ulp : noise::deviation);
    }
  }

  /**
   * For scores whose errors are known: nearby, then everywhere.
   *
   * @param everywhere whether that was not done yet
   */
  void searchNoisy(boolean everywhere) {
    if (best.leaves()) {
      searchNearby();
      stages.takeRounded();
    }
    if (everywhere && !best.isSettled()) {
      search(1);
    }
    if (best.mayGoOn() && mayHaveOtherSigns()) {
      search(null, false, 1);
    }
  }

  /**
   * Whether signs were found, and not given, with which not all scores round to those that are
   * printed: others of tiny slacks may do better.
   */
  private boolean mayHaveOtherSigns() {
    return !best.outcome().signs().isKnown()
        && (double) problem.A().rows() * problem.A().columns() <= MOST_SIGNS
        && noise.isKnown()
        && noise.uncertainty().isBounded()
        && best.verified().profile().largestRatio() > 1;
  }

  private void search(double[] near, boolean keepSigns, double share) {
    search(near, keepSigns, share, noise::deviation);
  }

  private void search(
      double[] near, boolean keepSigns, double share, DoubleUnaryOperator deviation) {
    double most = share * frame.watch().workLeft();
    double[] found = search.run(near, keepSigns, most, deviation);
    if (found == null) {
      return;
    }
    Point there = best.verify(found);
    boolean isFinite = stages.isLoose() && best.agrees(there.verified());
    boolean isBetter = isFinite || best.isBetter(there.verified());
    if (!isBetter) {
      return;
    }
    best.takeByGroups(there, search.groups());
    boolean ends = noise.exact() || (noise.isKnown() && noise.hidesRows());
    if (!ends && !best.agrees()) {
      stages.descend();
    }
  }

  /**
   * One row on the wrong side of its hyperplane leaves what may pass for noise: as long as a door
   * leads to a smaller loss, least squares goes on behind it.
   */
  void lookNextDoor() {
    boolean isBetter = isPossible();
    while (isBetter && best.mayGoOn() && best.asksOtherSigns()) {
      double[] behind = search.nextDoor(best.x(), best.verified().loss());
      isBetter = behind != null && stages.descendBehind(best.verify(behind));
    }
  }

  /**
   * Errors in proportion to the scores tell least squares little beside the largest ones: what an
   * optimum leaves of small scores is then what errors of large ones did to x, more than their own.
   * So where only residuals tell of noise, and it would be louder than all of them together or does
   * not explain them, they are looked at where x suits such noise best. That may cost as much as
   * all before.
   */
  void lookAtNoise() {
    if (!best.mayGoOn()
        || best.optimum() == null
        || noise.isKnown()
        || best.agrees()
        || best.isExplainedAsPrinted()
        || best.residual() > NoiseFit.MOST_PROPORTIONAL
        || !isPossible()) {
      return;
    }
    NoiseFit fit = noise.fits().of(best.verified().profile());
    if (fit.proportional() <= LOUDER * best.residual() && best.isExplained()) {
      return;
    }
    double[] at = best.x();
    for (int round = 0; round < NOISE_ROUNDS && best.mayGoOn(); round++) {
      at = search.run(at, true, frame.work(), fit::deviation);
      Point there = at == null ? best.point() : best.verify(at);
      if (at == null
          || !(there.verified().error().relativeResidual() <= NoiseFit.MOST_PROPORTIONAL)) {
        return;
      }
      best.setResiduals(there.verified().profile());
      NoiseFit next = noise.fits().of(there.verified().profile());
      if (next.proportional() > FEWER * fit.proportional()) {
        return;
      }
      fit = next;
    }
  }
}
