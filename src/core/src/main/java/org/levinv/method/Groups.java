package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Groups of rows that are coupled with no row outside, P_ij = 0: the magnitudes of each are known
 * up to a factor of its own. Found by a walk from row to coupled row, which mostly ends after one
 * product.
 *
 * @param member the group of each row, from 0 on
 * @param count of groups
 */
public record Groups(int[] member, int count) {

  /** |P_ij| / sqrt(sigma_i sigma_j) below this is rounding. */
  private static final double UNCOUPLED = 1e-11;

  /**
   * The groups of W A.
   *
   * @param w the weights, on the host
   * @param scores of W A, nearly
   * @param gram the factor of A^T W^2 A, or null where that is the identity
   */
  public static Groups of(
      TallMatrix A, double[] w, double[] scores, GramFactor gram, Device device) {
    int m = (int) A.rows();
    int[] member = new int[m];
    Arrays.fill(member, -1);
    int[] queue = new int[m];
    int head = 0;
    int tail = 0;
    int count = 0;
    try (Workspace own = new Workspace(device)) {
      Vector direction = own.vector(A.columns());
      Vector products = own.vector(m);
      double[] found = new double[m];
      for (int seed = 0; tail < m; seed++) {
        if (member[seed] >= 0) {
          continue;
        }
        queue[tail++] = seed;
        member[seed] = count;
        for (; head < tail && tail < m; head++) {
          int i = queue[head];
          A.rowTo(i, direction);
          if (gram != null) {
            gram.solve(direction); // G^-1 a_i
          }
          A.times(direction, products);
          device.download(products, found);
          for (int j = 0; j < m; j++) {
            if (member[j] < 0
                && Math.abs(w[i] * w[j] * found[j])
                    > UNCOUPLED * Math.sqrt(scores[i] * scores[j])) {
              member[j] = count;
              queue[tail++] = j;
            }
          }
        }
        head = tail;
        count++;
      }
    }
    return new Groups(member, count);
  }
}
