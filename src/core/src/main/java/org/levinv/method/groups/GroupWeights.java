package org.levinv.method.groups;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Workspace;

/**
 * Row weights group by group: t with the scores of diag(e^t) A the target, by {@link
 * LogWeightsNewton}. A row that is a group of its own has the score 1 with any weight.
 */
public final class GroupWeights {

  /** Targets of a group sum to its columns up to this, relatively: rounding of float32. */
  private static final double SUM_ROUNDING = 1e-7;

  private GroupWeights() {}

  /**
   * Finds t, from equal weights of rows of length 1.
   *
   * @param A m x d of rank d, no row of zeros
   * @param target m positive scores
   * @param scale m logarithms whose mean in each group t takes
   * @return t; null where the targets of a group do not sum to its columns, or A is singular for
   *     doubles
   */
  public static double[] of(
      HostMatrix A, double[] target, double[] scale, Device device, Effort effort) {
    double[] units = A.columnLengths();
    for (int j = 0; j < units.length; j++) {
      units[j] = 1 / units[j];
    }
    ConnectedComponents parts = ConnectedComponents.of(A.scaledColumns(units), effort);
    if (parts == null) {
      return null;
    }
    double[] t = scale.clone();
    for (ConnectedComponents.Group group : parts.groups()) {
      int[] rows = group.rows();
      int d = group.columns().length;
      if (rows.length == d) {
        continue; // scores of 1, whatever the weights
      }
      double[] found =
          of(parts.C().part(rows, group.columns()), pick(target, rows), device, effort);
      if (found == null) {
        return null;
      }
      double shift = mean(pick(scale, rows)) - mean(found);
      for (int k = 0; k < rows.length; k++) {
        t[rows[k]] = found[k] + shift;
      }
    }
    return t;
  }

  private static double[] of(HostMatrix C, double[] target, Device device, Effort effort) {
    int m = C.rows();
    double sum = Arrays.stream(target).sum();
    if (Math.abs(sum - C.columns()) > SUM_ROUNDING * C.columns()) {
      return null;
    }
    double[] inverseLength = new double[m];
    Arrays.setAll(inverseLength, i -> 1 / C.length(i));
    double[] share = Arrays.stream(target).map(value -> value * C.columns() / sum).toArray();
    double[] ones = new double[m];
    Arrays.fill(ones, 1);
    try (Workspace own = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(C.scaledRows(inverseLength), own, effort);
      if (!basis.of(ones)) {
        return null;
      }
      double[] t = new LogWeightsNewton(basis, share, new double[m], device, effort).run();
      for (int i = 0; t != null && i < m; i++) {
        t[i] += Math.log(inverseLength[i]);
      }
      return t;
    }
  }

  /** The entries of some numbers. */
  static double[] pick(double[] from, int[] index) {
    return Arrays.stream(index).mapToDouble(i -> from[i]).toArray();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }
}
