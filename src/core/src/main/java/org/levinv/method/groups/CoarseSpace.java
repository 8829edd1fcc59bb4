package org.levinv.method.groups;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * The weak directions of L = Sigma - P o P, coarsely: L is the Laplacian of the graph of the rows
 * with the edges P_ij^2, so directions with little curvature are constant on rows that are strongly
 * coupled. Each row joins the pivot row that it depends on most, and L is summed over these
 * aggregates Z: Z^T L Z is a Laplacian again, of d aggregates at most. Added to the inverse of the
 * diagonal it preconditions L so well that some 5 iterations do where the diagonal alone needs
 * hundreds.
 */
final class CoarseSpace {

  /** Columns of products that are summed at once: some MiB. */
  private static final int BATCH = 2048;

  /** Relative to the diagonal, so that the constant direction can be factored. */
  private static final double RIDGE = 1e-13;

  private final int[] label;
  private final int count;
  private final double[][] laplacian;
  private final double[][] factor;

  /** For the basis as it is; m d^2 + k^2 d^2 / 2 flops, k aggregates, and one pivoting. */
  CoarseSpace(WeightedBasis basis, Device device, Effort effort) {
    HostMatrix Q = basis.host();
    label = aggregates(Q, effort);
    int most = 0;
    for (int k : label) {
      most = Math.max(most, k + 1);
    }
    count = most;
    laplacian = squaredProducts(Q, device, effort);
    double[] sums = new double[count];
    for (int g = 0; g < count; g++) { // L 1 = 0
      for (int h = 0; h < count; h++) {
        double edge = g == h ? 0 : Math.max(laplacian[g][h], 0);
        sums[g] += edge;
        laplacian[g][h] = -edge;
      }
    }
    for (int g = 0; g < count; g++) {
      laplacian[g][g] = sums[g];
    }
    factor = new double[count][count];
  }

  /** The number of the aggregate of each row, without gaps. */
  private static int[] aggregates(HostMatrix Q, Effort effort) {
    int d = Q.columns();
    int[] pivots = Pivots.of(Q, effort);
    int[] label = new int[Q.rows()];
    if (pivots.length == d) {
      HostMatrix at = Q.part(pivots, ConnectedComponents.range(d));
      double[] length = new double[d];
      for (int k = 0; k < d; k++) {
        length[k] = at.length(k);
      }
      HostMatrix inverse = Pivots.inverse(at).scaledColumns(length);
      double[] c = new double[d];
      for (int i = 0; i < Q.rows(); i++) {
        java.util.Arrays.fill(c, 0);
        for (int k = 0; k < d; k++) {
          inverse.addRow(k, Q.get(i, k), c);
        }
        for (int j = 1; j < d; j++) {
          label[i] = Math.abs(c[j]) > Math.abs(c[label[i]]) ? j : label[i];
        }
      }
      effort.spend(2.0 * Q.rows() * d * d + 2.0 * d * d * d);
    }
    int[] number = new int[d];
    int used = 0;
    for (int i = 0; i < label.length; i++) {
      if (number[label[i]] == 0) {
        number[label[i]] = ++used;
      }
      label[i] = number[label[i]] - 1;
    }
    return label;
  }

  /** Z^T (P o P) Z, from N_g = sum of q_i q_i^T over aggregate g: entry (g, h) is N_g . N_h. */
  private double[][] squaredProducts(HostMatrix Q, Device device, Effort effort) {
    int d = Q.columns();
    int pairs = d * (d + 1) / 2;
    double[][] sum = new double[count][count];
    int batch = Math.min(BATCH, pairs);
    double[] slab = new double[batch * count];
    double[] twice = new double[batch];
    double[] product = new double[count * count];
    try (Workspace own = new Workspace(device)) {
      Rows S = own.rows(batch, count);
      Matrix G = own.matrix(count, count);
      Vector weight = own.vector(batch);
      int filled = 0;
      for (int p = 0; p < d; p++) {
        for (int q = p; q < d; q++) {
          for (int i = 0; i < Q.rows(); i++) {
            slab[filled * count + label[i]] += Q.get(i, p) * Q.get(i, q);
          }
          twice[filled++] = p == q ? 1 : 2;
          if (filled == batch || q == d - 1 && p == d - 1) {
            device.upload(slab, batch, S, 0);
            device.upload(twice, weight);
            device.weightedGram(S, weight, G); // G = S^T diag(weight) S
            device.download(G, product);
            for (int k = 0; k < product.length; k++) {
              sum[k / count][k % count] += product[k];
            }
            filled = 0;
            java.util.Arrays.fill(slab, 0);
            java.util.Arrays.fill(twice, 0);
          }
        }
      }
    }
    effort.spend((double) pairs * (2.0 * Q.rows() + (double) count * count));
    return sum;
  }

  int count() {
    return count;
  }

  int[] label() {
    return label;
  }

  /** Z^T L Z, of the basis that it was made for. */
  double[][] laplacian() {
    return laplacian;
  }

  /** Z^T u. */
  double[] restrict(double[] u) {
    double[] sum = new double[count];
    for (int i = 0; i < u.length; i++) {
      sum[label[i]] += u[i];
    }
    return sum;
  }

  /**
   * Prepares the correction for 2 L + diag(shift) + D D^T / sum D.
   *
   * @param D of m entries
   */
  void prepare(double[] shift, double[] D) {
    double[] coarseShift = restrict(shift);
    double[] coarseD = restrict(D);
    double total = 0;
    for (double value : coarseD) {
      total += value;
    }
    for (int g = 0; g < count; g++) {
      for (int h = 0; h <= g; h++) {
        factor[g][h] = 2 * laplacian[g][h] + coarseD[g] * coarseD[h] / total;
      }
      factor[g][g] += coarseShift[g] + RIDGE * (2 * laplacian[g][g] + coarseD[g]);
    }
    for (int j = 0; j < count; j++) { // Cholesky
      for (int i = j; i < count; i++) {
        double rest = factor[i][j];
        for (int k = 0; k < j; k++) {
          rest -= factor[i][k] * factor[j][k];
        }
        factor[i][j] =
            i > j ? rest / factor[j][j] : Math.sqrt(Math.max(rest, RIDGE * Math.abs(factor[j][j])));
      }
    }
  }

  /** z = z + Z (Z^T M Z)^-1 Z^T r, of what was prepared. */
  void correct(double[] r, double[] z) {
    double[] y = restrict(r);
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < i; k++) {
        y[i] -= factor[i][k] * y[k];
      }
      y[i] /= factor[i][i];
    }
    for (int i = count - 1; i >= 0; i--) {
      y[i] /= factor[i][i];
      for (int k = 0; k < i; k++) {
        y[k] -= factor[i][k] * y[i];
      }
    }
    for (int i = 0; i < z.length; i++) {
      z[i] += y[label[i]];
    }
  }
}
