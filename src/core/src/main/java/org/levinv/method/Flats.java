package org.levinv.method;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * A chain of subspaces spanned by rows, and how much of a target the rows in each hold. The scores
 * of W A over the rows in a subspace sum to its dimension at most, so a target whose rows hold more
 * is infeasible; and a target that no subspace violates is feasible, or the limit of feasible ones
 * (Franck Barthe, "On a reverse form of the Brascamp-Lieb inequality", 1998, for radial isotropic
 * position).
 *
 * @param rank of the subspace that holds most beyond its dimension
 * @param held the sum of the targets of its rows
 * @param rows its rows, ascending
 */
record Flats(int rank, double held, int[] rows) {

  /** The length of what is left of a row of length 1 that lies in a subspace, up to rounding. */
  private static final double INSIDE = 1e-7;

  /** Sums that differ by less agree. */
  private static final double EQUAL = 1e-9;

  /** Whether the rows hold more than they can. */
  boolean isViolated() {
    return held > rank + EQUAL * Math.max(1, rank);
  }

  /** Whether they hold all that they can, so that no finite weights meet the target. */
  boolean isTight() {
    return rank > 0 && !isViolated() && held > rank - EQUAL * Math.max(1, rank);
  }

  /**
   * The worst of the d - 1 proper subspaces spanned by the first rows in an order; two units.
   *
   * @param key the order, largest first; where weights that chase a target diverge, their
   *     logarithms put the rows that hold too much first
   */
  static Flats of(TallMatrix A, double[] target, double[] key, Device device) {
    int n = target.length;
    int d = A.columns();
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -key[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] square = new double[n];
    double[] rest = new double[n];
    double[][] basis = new double[d][];
    double[] row = new double[d];
    Flats worst = new Flats(0, 0, new int[0]);
    try (Workspace own = new Workspace(device)) {
      Vector projections = own.vector(n);
      Vector q = own.vector(d);
      A.squaredRowNorms(projections);
      device.download(projections, square);
      System.arraycopy(square, 0, rest, 0, n);
      int next = 0;
      for (int rank = 1; rank < d; rank++) {
        boolean found = false;
        for (; next < n && !found; next++) {
          if (rest[order[next]] > INSIDE * INSIDE * square[order[next]]) {
            A.rowTo(order[next], q);
            device.download(q, row);
            found = orthogonalize(row, basis, rank - 1, Math.sqrt(square[order[next]]));
          }
        }
        if (!found) {
          break;
        }
        basis[rank - 1] = row.clone();
        device.upload(row, q);
        A.times(q, projections); // A q
        double[] part = new double[n];
        device.download(projections, part);
        double held = 0;
        int count = 0;
        int[] rows = new int[n];
        for (int i = 0; i < n; i++) {
          rest[i] -= part[i] * part[i];
          if (rest[i] <= INSIDE * INSIDE * square[i] || square[i] == 0) {
            held += target[i];
            rows[count++] = i;
          }
        }
        if (held - rank > worst.held() - worst.rank() || worst.rank() == 0) {
          worst = new Flats(rank, held, Arrays.copyOf(rows, count));
        }
      }
    }
    return worst;
  }

  /** v = what is left of v beside the first vectors of the basis, normalised; false for nothing. */
  private static boolean orthogonalize(double[] v, double[][] basis, int count, double length) {
    for (int round = 0; round < 2; round++) {
      for (int k = 0; k < count; k++) {
        double overlap = 0;
        for (int j = 0; j < v.length; j++) {
          overlap += basis[k][j] * v[j];
        }
        for (int j = 0; j < v.length; j++) {
          v[j] -= overlap * basis[k][j];
        }
      }
    }
    double norm = 0;
    for (double value : v) {
      norm = Math.hypot(norm, value);
    }
    if (!(norm > INSIDE * length)) {
      return false;
    }
    for (int j = 0; j < v.length; j++) {
      v[j] /= norm;
    }
    return true;
  }
}
