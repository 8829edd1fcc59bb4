package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Stage 2 with known signs, in closed form: x and the scale c that minimise || Q^1/2 (diag(e^t)(A x
 * - b) - c signs) ||, row i counting q_i times. Signs do not change the Gram matrix, which is that
 * of the magnitudes.
 */
final class Position {
  /**
   * Squared cosines up to this are 0: the offset of a group is in the range of its rows, and any
   * scale does.
   */
  private static final double FREE = 1e-18;

  private final Device device;
  private final TallMatrix A;
  private final Vector b;
  private final GramFactor gram;
  private final Vector w;
  private final Vector work;
  private final Vector one;
  private final Vector reduced;
  private final Vector wb;
  private final Vector z;
  private final Vector scale;
  private int[] groups;
  private int groupCount = 1;

  Position(TallMatrix A, Vector b, GramFactor gram, Workspace space) {
    device = space.device();
    this.A = A;
    this.b = b;
    this.gram = gram;
    w = space.vector(A.rows());
    work = space.vector(A.rows());
    one = space.vector(A.rows());
    reduced = space.vector(A.rows());
    wb = space.vector(A.rows());
    z = space.vector(A.columns());
    scale = space.vector(A.rows());
  }

  /**
   * Groups of rows that are coupled with no row outside: each has a scale of its own. One number
   * from 0 on for each row.
   */
  void setGroups(int[] groups, int count) {
    this.groups = groups;
    groupCount = count;
  }

  /** c of each row in the last placement: all the same, but for groups. */
  Vector scale() {
    return scale;
  }

  /**
   * scale = -(e . W b) / (e . e), e = (I - P) 1, which does not mix groups; returns that of the
   * first.
   */
  private double scales() {
    if (groupCount == 1) {
      double c = -device.dot(reduced, wb) / device.dot(reduced, reduced);
      device.fill(c, scale);
      return c;
    }
    double[] e = new double[groups.length];
    double[] y = new double[groups.length];
    device.download(reduced, e);
    device.download(wb, y);
    double[] above = new double[groupCount];
    double[] below = new double[groupCount];
    double[] total = new double[groupCount];
    double[] offset = new double[groupCount];
    double[] ones = new double[groups.length];
    device.download(one, ones);
    for (int i = 0; i < e.length; i++) {
      total[groups[i]] += ones[i] * ones[i];
      offset[groups[i]] += y[i] * y[i];
      above[groups[i]] -= e[i] * y[i];
      below[groups[i]] += e[i] * e[i];
    }
    double[] c = new double[groups.length];
    for (int i = 0; i < c.length; i++) {
      int g = groups[i];
      boolean free =
          below[g] <= FREE * total[g] || above[g] * above[g] <= FREE * below[g] * offset[g];
      c[i] = free ? 1 : above[g] / below[g];
    }
    device.upload(c, scale);
    return c[0];
  }

  /**
   * Places x and returns c, relative to e^{t - max t}; NaN where the rows do not determine x.
   *
   * @param t of rows that count once: e^t o q^1/2, whose Gram matrix has been factored
   */
  double place(Vector t, Vector signs, Vector counts, Vector x) {
    reduce(t, signs, counts);
    return place(x);
  }

  /** What x alone cannot explain of the signs, (I - P) 1 with W = diag(e^t o signs). */
  Vector reduce(Vector t, Vector signs, Vector counts) {
    device.map(Formula.ROOT, 0, counts, null, null, one); // 1, in the counted inner product
    device.map(Formula.EXP, device.max(t), t, null, null, w);
    device.multiply(w, signs, w); // w = e^t o signs o q^1/2
    device.copy(one, reduced);
    project(one, work);
    device.axpy(-1, work, reduced); // (I - P) 1
    return reduced;
  }

  /** Places x by the signs that were reduced last. */
  double place(Vector x) {
    device.multiply(w, b, wb);
    double c = scales();
    device.multiply(one, scale, work);
    device.axpy(1, wb, work);
    device.multiply(w, work, work);
    A.transposeTimes(work, x);
    gram.solve(x); // x = G^-1 A^T W (c 1 + W b)
    return c;
  }

  /** The group of each row, or null where there is one. */
  int[] groups() {
    return groupCount == 1 ? null : groups;
  }

  /**
   * || Q^1/2 (diag(e^t)(A x - b) / c - signs) || relative to || Q^1/2 signs ||, for the last
   * placement.
   */
  double misfit(Vector x) {
    A.times(x, work);
    device.axpy(-1, b, work);
    device.multiply(w, work, work);
    device.divide(work, scale, work); // W (A x - b) / c
    device.axpy(-1, one, work);
    return Math.sqrt(device.dot(work, work) / device.dot(one, one));
  }

  /** to = W A G^-1 A^T W y. */
  private void project(Vector y, Vector to) {
    device.multiply(w, y, to);
    A.transposeTimes(to, z);
    gram.solve(z);
    A.times(z, to);
    device.multiply(w, to, to);
  }
}
