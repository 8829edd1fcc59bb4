package org.levinv.method.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.levinv.device.Workspace;
import org.levinv.method.Rank;
import org.levinv.pass.FactorPass;
import org.levinv.pass.SubspacePass;
import org.levinv.pass.SubspaceSums;
import org.levinv.pass.TargetWeights;
import org.levinv.rows.RowStore;

/**
 * A subspace spanned by rows, and how much of a target the rows in it hold. The scores of W A over
 * the rows in a subspace sum to its dimension at most, so a target whose rows hold more is
 * infeasible; and a target that no subspace violates is feasible, or the limit of feasible ones
 * (Franck Barthe, "On a reverse form of the Brascamp-Lieb inequality", 1998, for radial isotropic
 * position).
 *
 * @param basis orthonormal, in the coordinates of the store; none where no subspace was found
 * @param held the sum of the targets of its rows
 * @param count of its rows
 * @param rows the first of them, ascending
 */
record SubspaceCondition(double[][] basis, double held, long count, long[] rows) {

  static final SubspaceCondition NONE = new SubspaceCondition(new double[0][], 0, 0, new long[0]);

  /** Rows of a subspace that are named at most. */
  private static final int NAMED = 4096;

  /** Sums that differ by less agree. */
  private static final double EQUAL = 1e-9;

  /** Its dimension. */
  int rank() {
    return basis.length;
  }

  /** Whether the rows hold more than they can. */
  boolean isViolated() {
    return held > rank() + EQUAL * Math.max(1, rank());
  }

  /** Whether they hold all that they can. */
  boolean isTight() {
    return rank() > 0 && !isViolated() && held > rank() - EQUAL * Math.max(1, rank());
  }

  /** By how much they hold more than they can. */
  double excess() {
    return held - rank();
  }

  /**
   * The worst of the d - 1 proper subspaces spanned by the rows whose weights have grown most:
   * where weights that chase a target diverge, the rows that hold too much come first. A reading
   * for each time that the rows listed span no more, mostly two, and one.
   */
  static SubspaceCondition of(WeightsProblem problem, TargetWeights weights) {
    int d = problem.store().columns();
    int candidates = 4 * d + 64;
    List<double[]> basis = new ArrayList<>();
    while (true) {
      SubspaceSums sums =
          problem
              .store()
              .run(new SubspacePass(basis.toArray(new double[0][]), weights, candidates, 0));
      int before = basis.size();
      if (before < d - 1 && sums.outside().size() > 0) {
        extend(basis, problem, sums.outside().numbers(), sums.outside().keys(), d - 1);
      }
      if (basis.size() == before) {
        return worst(basis, sums, problem, weights);
      }
    }
  }

  private static SubspaceCondition worst(
      List<double[]> basis, SubspaceSums sums, WeightsProblem problem, TargetWeights weights) {
    int rank = 0;
    for (int k = 1; k <= basis.size(); k++) {
      if (rank == 0 || sums.held()[k - 1] - k > sums.held()[rank - 1] - rank) {
        rank = k;
      }
    }
    return rank == 0
        ? NONE
        : spannedBy(basis.subList(0, rank).toArray(new double[0][]), problem, weights);
  }

  /** The subspace of given orthonormal vectors; one reading. */
  static SubspaceCondition spannedBy(
      double[][] basis, WeightsProblem problem, TargetWeights weights) {
    SubspaceSums own = problem.store().run(new SubspacePass(basis, weights, 0, NAMED));
    int last = basis.length - 1;
    return new SubspaceCondition(
        basis, own.held()[last], own.count()[last], own.inside().numbers());
  }

  /** Adds what rows span beside the basis, those with the largest keys first. */
  private static void extend(
      List<double[]> basis, WeightsProblem problem, long[] numbers, double[] keys, int most) {
    int d = problem.store().columns();
    try (Workspace own = new Workspace(problem.store().device())) {
      double[] rows = HeavyRows.download(problem.gather(numbers, own), own);
      int[] order =
          IntStream.range(0, keys.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -keys[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int k = 0; k < order.length && basis.size() < most; k++) {
        orthogonalize(Arrays.copyOfRange(rows, order[k] * d, (order[k] + 1) * d), basis);
      }
    }
  }

  /** Adds v to the basis unless it lies in its span. */
  static void orthogonalize(double[] v, List<double[]> basis) {
    double length = norm(v);
    for (int round = 0; round < 2; round++) {
      for (double[] q : basis) {
        double overlap = 0;
        for (int j = 0; j < v.length; j++) {
          overlap += q[j] * v[j];
        }
        for (int j = 0; j < v.length; j++) {
          v[j] -= overlap * q[j];
        }
      }
    }
    double rest = norm(v);
    if (rest > SubspacePass.INSIDE * length) {
      basis.add(Arrays.stream(v).map(value -> value / rest).toArray());
    }
  }

  private static double norm(double[] v) {
    double norm = 0;
    for (double value : v) {
      norm = Math.hypot(norm, value);
    }
    return norm;
  }

  /**
   * Whether all other rows lie in a complement of the subspace, so that it is a problem of its own;
   * one reading.
   */
  boolean isDecoupled(RowStore store) {
    int d = store.columns();
    double[] entries = new double[d * d];
    store
        .device()
        .download(store.run(new FactorPass(SubspacePass.unitRowsOutside(basis), false)), entries);
    return Rank.ofTriangle(entries, d).rank() == d - rank();
  }
}
