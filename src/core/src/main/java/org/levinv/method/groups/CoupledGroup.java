package org.levinv.method.groups;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.Workspace;

/**
 * A group of several columns: full magnitudes, weak directions, position, refinement in the cell.
 * Ends at the first point that the uncertainties explain.
 */
final class CoupledGroup {

  /** Starts of the sign retrieval: the spectral one, then random ones. */
  private static final int STARTS = 30;

  /** Where the flow's own residual tells whether signs are right: then a start is a flow alone. */
  private static final int MORE_STARTS = 100;

  /** Exact magnitudes leave less of themselves with the right signs: the square of their errors. */
  private static final double RIGHT_SIGNS = 1e-5;

  /** The neighbours of the best point are visited after so many starts, and after the last. */
  private static final int VISIT = 2;

  /** A misfit so large is no rounding of the problem. */
  private static final double ROUNDED_UP_TO = 1e7;

  /** A misfit so small is that of no errors: rounding to digits leaves 0.58. */
  private static final double MET = 0.3;

  /** A misfit so large is no hairline row. */
  private static final double VISITED_UP_TO = 1e6;

  /** Rounds of magnitudes from G(x), flips and refinement. */
  private static final int REPAIRS = 4;

  /** Two starts that end at the same misfit within this have found the optimum of the cell. */
  private static final double SAME = 1.001;

  /**
   * Steps in the cell from a guess, where they are cheap: full magnitudes lead there in fewer from
   * a better point.
   */
  private static final int GUESS_STEPS = 8;

  /** A target that is uncertain by less than this, in log |s|, is trusted fully. */
  private static final double CERTAIN = 0.02;

  private final GroupProblem group;
  private final Device device;
  private final Effort effort;
  private final CellRefinement refinement;
  private final Placement placement;
  private final Workspace space;
  private Settled best;
  private boolean limitFits;
  private boolean rounded;
  private boolean polished;
  private final Set<BitSet> seen = new HashSet<>();

  private CoupledGroup(GroupProblem group, Workspace space, Effort effort) {
    this.group = group;
    this.space = space;
    this.effort = effort;
    device = space.device();
    refinement = new CellRefinement(group, space, effort);
    placement = new Placement(group, device, effort);
  }

  /**
   * What was found.
   *
   * @param x null where there is none
   */
  record Answer(Status status, double[] x, double misfit) {}

  /** Solves a group; a work of some 50 to some 1,000 m d^2 flops. */
  static Answer solve(GroupProblem group, SplittableRandom random, Device device, Effort effort) {
    try (Workspace space = new Workspace(device)) {
      CoupledGroup search = new CoupledGroup(group, space, effort);
      search.run(random);
      search.polish();
      Status status =
          search.explained()
              ? Status.SOLVED
              : search.limitFits ? Status.AT_INFINITY : Status.NOT_FOUND;
      return search.best == null
          ? new Answer(status, null, Double.POSITIVE_INFINITY)
          : new Answer(status, search.best.x(), search.best.misfit());
    }
  }

  /** Behind the doors of the group's start that pay at once, without a step; x is null for none. */
  static Answer nextDoor(GroupProblem group, Device device, Effort effort) {
    double[] x = null;
    if (group.start() != null) {
      try (Workspace space = new Workspace(device)) {
        CellRefinement refinement = new CellRefinement(group, space, effort);
        Settled from = new Settled(group.start(), refinement.misfit(group.start()));
        x = NextDoor.through(group, from, refinement, effort);
      }
    }
    return new Answer(Status.NOT_FOUND, x, Double.POSITIVE_INFINITY);
  }

  private boolean explained() {
    return rounded || best != null && best.misfit() < GroupProblem.EXPLAINED;
  }

  private void run(SplittableRandom random) {
    int m = group.rows();
    nearVertex();
    if (explained()) {
      return;
    }
    if (group.start() != null && group.contains(group.slacks(group.start()))) {
      keep(refinement.search(group.start()));
      if (explained()) {
        return;
      }
    }
    WeightedBasis basis = new WeightedBasis(group.A(), space, effort);
    double[] ones = new double[m];
    Arrays.fill(ones, 1);
    if (!basis.of(ones)) {
      return;
    }
    double[] share = new double[m];
    double sum = 0;
    for (double value : group.target()) {
      sum += value;
    }
    for (int i = 0; i < m; i++) {
      share[i] = group.target()[i] * group.columns() / sum;
    }
    LogWeightsNewton newton = new LogWeightsNewton(basis, share, group.delta(), device, effort);
    HostMatrix constant = WeakDirections.constant(m);
    if (group.signs() != null && refinement.cost() < CellRefinement.CHEAP) { // mostly enough
      tryPlace(withoutCounts(newton.guess()), constant, ones, GUESS_STEPS);
      if (explained()) {
        return;
      }
    }
    double[] t = newton.run();
    if (t == null) {
      return;
    }
    t = withoutCounts(t);
    HostMatrix U = new WeakDirections(basis, device, effort).of(newton.mu());
    if (group.signs() != null) {
      known(t, U, constant, ones);
    } else {
      boolean tells = newton.mu() == 0 && U.columns() == 1;
      unknown(t, U, constant, trust(share), tells, random);
    }
  }

  /** Where d rows have all but all of the scores, and doors are walls that are as near. */
  private void nearVertex() {
    double[] x = VertexStart.of(group, space, effort);
    if (x == null || !group.contains(group.slacks(x))) {
      return;
    }
    keep(refinement.search(x));
    if (!explained() && best != null && group.signs() == null) {
      best = NextDoor.visit(group, best, refinement, effort);
    }
  }

  /** The optimum of the cell of the best point. */
  private void polish() {
    if (best != null
        && !polished
        && !rounded
        && best.misfit() > (refinement.isPrecise() ? MET : GroupProblem.EXPLAINED)
        && best.misfit() < ROUNDED_UP_TO) {
      Settled settled = refinement.run(best.x());
      if (settled != null && !refinement.atInfinity() && settled.misfit() < best.misfit()) {
        best = settled;
      }
    }
  }

  /** -log |s| from the log weights log(root / |s|). */
  private double[] withoutCounts(double[] t) {
    double[] of = new double[t.length];
    Arrays.setAll(of, i -> t[i] - Math.log(group.root()[i]));
    return of;
  }

  private double[] trust(double[] share) {
    int m = share.length;
    double[] q = new double[m];
    double most = 0;
    for (int i = 0; i < m; i++) {
      double s = share[i];
      double uncertain = group.delta()[i] / (2 * s * (1 - Math.min(s, 1 - 1e-12)));
      q[i] = 1 / Math.max(uncertain, CERTAIN);
      most = Math.max(most, q[i]);
    }
    for (int i = 0; i < m; i++) {
      q[i] /= most;
    }
    return q;
  }

  // ---- signs known

  private void known(double[] t, HostMatrix U, HostMatrix constant, double[] trust) {
    double before = best == null ? Double.NaN : best.misfit();
    double reached = tryPlace(t, U, trust, CellRefinement.STEPS);
    if (explained() || reached <= SAME * before && before <= SAME * reached) {
      return;
    }
    if (U.columns() > 1) {
      tryPlace(t, constant, trust, CellRefinement.STEPS);
    }
    if (explained()) {
      return;
    }
    double[] start = placement.of(t, group.signs(), constant, trust);
    double[] x = new ChebyshevPoint(group, device, effort).find(start);
    if (x != null && !effort.isOver()) {
      keep(refinement.run(x));
    }
  }

  /** The misfit that a placement leads to; NaN where it is not in the cell. */
  private double tryPlace(double[] t, HostMatrix U, double[] trust, int limit) {
    double[] x = placement.of(t, group.signs(), U, trust);
    if (!group.contains(group.slacks(x)) || effort.isOver()) {
      return Double.NaN;
    }
    Settled settled = refinement.run(x, limit); // known signs: no slow step is a reason to stop
    keep(settled);
    polished |= settled != null && settled == best && limit == CellRefinement.STEPS;
    return settled == null ? Double.NaN : settled.misfit();
  }

  private void keep(Settled settled) {
    if (settled == null) {
      return;
    }
    if (refinement.atInfinity()) {
      limitFits |= settled.misfit() < GroupProblem.EXPLAINED;
    } else if (best == null || settled.misfit() < best.misfit()) {
      best = settled;
      polished = false;
      if (!explained() && best.misfit() < ROUNDED_UP_TO) {
        rounded = group.judge().applyAsDouble(best.x()) < GroupProblem.EXPLAINED;
      }
    }
  }

  // ---- signs unknown

  /**
   * @param tells whether t is right in every direction, so that wrong signs show at once
   */
  private void unknown(
      double[] t,
      HostMatrix U,
      HostMatrix constant,
      double[] trust,
      boolean tells,
      SplittableRandom random) {
    PhaseRetrieval retrieval = new PhaseRetrieval(group, t, U, trust, space, effort);
    int starts = tells ? MORE_STARTS : STARTS;
    PhaseRetrieval.Found least = null;
    for (int start = 0; start < starts && !effort.isOver(); start++) { // a flow, some refinements
      PhaseRetrieval.Found found = retrieval.run(random, start == 0);
      if (found == null) {
        return;
      }
      least = least == null || found.residual() < least.residual() ? found : least;
      if (!tells || found.residual() < RIGHT_SIGNS) {
        settle(retrieval, found.t(), found.signs(), U, constant, trust);
      }
      effort.step("signs", start, best == null ? found.residual() : best.misfit());
      if (explained()) {
        return;
      }
      boolean visit = start == VISIT - 1 || start == starts - 1;
      if (visit && best != null && best.misfit() < VISITED_UP_TO) {
        best = NextDoor.visit(group, best, refinement, effort);
        if (explained()) {
          return;
        }
      }
    }
    if (least != null) {
      settle(retrieval, least.t(), least.signs(), U, constant, trust);
    }
  }

  /** The rows with a positive slack: signs that were tried lead to the same x again, mostly. */
  private static BitSet pattern(double[] signs) {
    BitSet positive = new BitSet();
    for (int i = 0; i < signs.length; i++) {
      positive.set(i, signs[i] > 0);
    }
    return positive;
  }

  /**
   * The placement with a factor for each weak direction or with one for all, whichever scores fit
   * better: factors that the signs were found with may be those of wrong signs.
   */
  private double[] place(
      double[] t, double[] signs, HostMatrix U, HostMatrix constant, double[] trust) {
    double[] one = placement.of(t, signs, constant, trust);
    if (U.columns() == 1) {
      return one;
    }
    double[] own = placement.of(t, signs, U, trust);
    return refinement.misfit(own) < refinement.misfit(one) ? own : one;
  }

  private boolean isEnd(Settled settled) {
    return settled == null || refinement.atInfinity() || explained();
  }

  /**
   * Places and refines; where that is no fit passes doors, takes the magnitudes from G(x) and flips
   * again.
   */
  private void settle(
      PhaseRetrieval retrieval,
      double[] t,
      double[] signs,
      HostMatrix U,
      HostMatrix constant,
      double[] trust) {
    if (!seen.add(pattern(signs))) {
      return;
    }
    double[] x = place(t, signs, U, constant, trust);
    for (int round = 0; round < REPAIRS && !effort.isOver(); round++) {
      Settled settled = refinement.search(x);
      keep(settled);
      if (isEnd(settled)) {
        return;
      }
      double[] through = NextDoor.through(group, settled, refinement, effort);
      if (through != null) {
        settled = refinement.search(through);
        keep(settled);
        if (isEnd(settled)) {
          return;
        }
      }
      double[] s = group.slacks(settled.x());
      double[] sigma = refinement.basis().scores();
      double[] again = new double[s.length];
      double[] flipped = new double[s.length];
      boolean same = true;
      for (int i = 0; i < s.length; i++) { // w_i^2 = target_i / (a_i^T G^-1 a_i)
        again[i] = 0.5 * Math.log(group.target()[i] / sigma[i]) - Math.log(Math.abs(s[i]));
        flipped[i] = Math.signum(s[i]);
      }
      if (Double.isNaN(retrieval.flip(again, flipped))) {
        return;
      }
      for (int i = 0; i < s.length; i++) {
        same &= flipped[i] == Math.signum(s[i]);
      }
      if (same || !seen.add(pattern(flipped))) {
        return;
      }
      x = placement.of(again, flipped, constant, trust);
    }
  }
}
