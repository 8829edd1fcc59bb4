package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * A first look at whether rows are one problem. P = W A G^-1 A^T W is 0 between rows that decouple,
 * whatever their weights; so all rows that a random combination of some rows shares something with
 * join these, until none does. Some 8 m d flops a round, where few rounds reach all rows of most
 * designs.
 */
final class RowCoupling {

  /**
   * The cosine, in the metric of G, above which rows share something: rounding leaves up to eps
   * cond(R)^2, of a sample in good coordinates 1e-12. Larger: more designs are looked at closely.
   */
  private static final double SHARES = 1e-9;

  /** Rounds after which rows are in a chain so long that a closer look costs no more. */
  private static final int ROUNDS = 20;

  private RowCoupling() {}

  /**
   * Whether all rows of diag(w) A are one problem for sure; false says nothing.
   *
   * @param gram of diag(w) A
   */
  static boolean isOne(
      TallMatrix A, Vector w, GramFactor gram, SplittableRandom random, Device device) {
    int m = (int) A.rows();
    boolean[] joined = new boolean[m];
    joined[0] = true;
    int count = 1;
    try (Workspace own = new Workspace(device)) {
      Vector g = own.vector(m);
      Vector shared = own.vector(A.columns());
      Vector solved = own.vector(A.columns());
      double[] p = new double[m];
      double[] longest = longest(A, w, gram, device, g);
      for (int round = 0, before = 0; round < ROUNDS && before < count && count < m; round++) {
        before = count;
        Arrays.setAll(p, i -> joined[i] ? random.nextGaussian() : 0);
        device.upload(p, g);
        device.multiply(w, g, g);
        A.transposeTimes(g, shared);
        device.copy(shared, solved);
        gram.solve(solved); // G^-1 A^T W g
        double length = Math.sqrt(device.dot(shared, solved));
        A.times(solved, g);
        device.multiply(w, g, g); // P g
        device.download(g, p);
        for (int i = 0; i < m; i++) {
          if (!joined[i] && Math.abs(p[i]) > SHARES * longest[i] * length) {
            joined[i] = true;
            count++;
          }
        }
      }
    }
    return count == m;
  }

  /** Upper bounds of ||w_i R^-T a_i||, the root of a score. */
  private static double[] longest(
      TallMatrix A, Vector w, GramFactor gram, Device device, Vector work) {
    double[] bounds = new double[(int) A.rows()];
    A.squaredRowNorms(work);
    device.map(Formula.ROOT, 0, work, null, null, work);
    device.multiply(w, work, work);
    device.scale(device.norm(gram.inverseR()), work);
    device.download(work, bounds);
    return bounds;
  }
}
