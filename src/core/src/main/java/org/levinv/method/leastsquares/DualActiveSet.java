package org.levinv.method.leastsquares;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.small.SmallSvd;

/**
 * Minimises the model g.y + 0.5 y^T H y over steps y (d) under a few bounds v_k.y >= limit_k. Those
 * that the free step passes are met as equalities, with multipliers that must not be negative: so a
 * slack that noise drives to 0 goes there tenfold a step while the rest of x takes its full step.
 * Charles Lawson and Richard Hanson, "Solving Least Squares Problems", 1974, chapter 23.
 */
final class DualActiveSet {

  /** By how much of a slack a bound may be passed. Larger: fewer rounds, bounds less well kept. */
  static final double SLOPPINESS = 1e-6;

  /** Singular values up to this part of the largest count as zero. */
  private static final double DEPENDENT = 1e-12;

  /**
   * Where the equations for the multipliers cannot be met better than this, relative to the right
   * side, bounds contradict.
   */
  private static final double CONTRADICTION = 1e-8;

  private final Device device;
  private final Vector z;
  private final double[] free;
  private final double[] y;
  private final List<Active> active = new ArrayList<>();

  /**
   * v.y >= limit.
   *
   * @param row whose slack it bounds, by its number
   */
  record Bound(long row, double[] v, double limit) {

    /** How far a step passes it. */
    double passedBy(double[] step) {
      return limit - dot(v, step);
    }
  }

  /** A bound that the step meets, with Hv = H^-1 v and its multiplier so far. */
  private static final class Active {
    final Bound bound;
    final double[] Hv;
    double mu;

    Active(Bound bound, double[] Hv) {
      this.bound = bound;
      this.Hv = Hv;
    }
  }

  DualActiveSet(int columns, Workspace space) {
    device = space.device();
    z = space.vector(columns);
    free = new double[columns];
    y = new double[columns];
  }

  /**
   * step (d) for the model with gradient g (d) and H = F^T F, F upper triangular.
   *
   * @param bounds in any order
   */
  void solve(Matrix F, Vector g, List<Bound> bounds, Vector step) {
    active.clear();
    device.copy(g, step);
    device.solve(F, step);
    device.scale(-1, step); // -H^-1 g
    if (bounds.isEmpty()) {
      return;
    }
    device.download(step, free);
    System.arraycopy(free, 0, y, 0, y.length);
    for (int round = 0; round < 3 * y.length + 10; round++) {
      Bound worst = worst(bounds);
      if (worst.passedBy(y) <= SLOPPINESS || isActive(worst) || active.size() >= 2 * y.length) {
        break;
      }
      device.upload(worst.v(), z);
      device.solve(F, z); // H^-1 v
      double[] Hv = new double[y.length];
      device.download(z, Hv);
      active.add(new Active(worst, Hv));
      meetBounds();
      if (!isActive(worst)) {
        break; // for rounding alone
      }
    }
    device.upload(y, step);
  }

  private Bound worst(List<Bound> bounds) {
    Bound worst = bounds.get(0);
    double by = worst.passedBy(y);
    for (Bound bound : bounds) {
      double passed = bound.passedBy(y);
      if (passed > by) {
        worst = bound;
        by = passed;
      }
    }
    return worst;
  }

  /** A row whose bound the last step meets, or -1. */
  long activeRow() {
    return active.isEmpty() ? -1 : active.get(0).bound.row();
  }

  /** Whether the last step meets this row's bound. */
  boolean isActive(long row) {
    return active.stream().anyMatch(a -> a.bound.row() == row);
  }

  private boolean isActive(Bound bound) {
    return isActive(bound.row());
  }

  /**
   * y = free + sum of mu_k Hv_k with v_k.y = limit_k and mu >= 0. The multipliers move to the
   * solution until the first is 0: that bound leaves, so that the dual objective rises in every
   * round and no set of bounds comes twice.
   */
  private void meetBounds() {
    int leaving = 0;
    while (leaving >= 0 && !active.isEmpty()) {
      double[] solution = multipliers();
      double part = 1;
      leaving = -1;
      for (int k = 0; k < solution.length; k++) {
        double mu = active.get(k).mu;
        if (solution[k] < 0 && mu / (mu - solution[k]) < part) {
          part = mu / (mu - solution[k]);
          leaving = k;
        }
      }
      for (int k = 0; k < solution.length; k++) {
        Active met = active.get(k);
        met.mu = Math.max(0, met.mu + part * (solution[k] - met.mu));
      }
      if (leaving >= 0) {
        active.remove(leaving);
      }
    }
    System.arraycopy(free, 0, y, 0, y.length);
    for (Active met : active) {
      for (int j = 0; j < y.length; j++) {
        y[j] += met.mu * met.Hv[j];
      }
    }
  }

  /** mu with (v_k . Hv_l) mu = limit - v.free, equilibrated: rows at the boundary have huge w. */
  private double[] multipliers() {
    int count = active.size();
    double[] e = new double[count];
    double[] right = new double[count];
    double[][] C = new double[count][count];
    for (int k = 0; k < count; k++) {
      e[k] = 1 / Math.sqrt(dot(active.get(k).bound.v(), active.get(k).Hv));
    }
    for (int k = 0; k < count; k++) {
      Bound bound = active.get(k).bound;
      int row = k;
      right[k] = e[k] * (bound.limit() - dot(bound.v(), free));
      Arrays.setAll(C[k], l -> e[row] * e[l] * dot(bound.v(), active.get(l).Hv));
    }
    double[] mu = new SmallSvd(C).leastSquares(right, DEPENDENT);
    if (misfit(C, mu, right)
        > CONTRADICTION) { // multipliers grow until one of them is 0 and its bound leaves
      for (int k = 0; k < count; k++) {
        C[k][k] += DEPENDENT;
      }
      mu = new SmallSvd(C).leastSquares(right, 1e-3 * DEPENDENT);
    }
    for (int k = 0; k < count; k++) {
      mu[k] *= e[k];
    }
    return mu;
  }

  /** ||C mu - right|| / ||right||. */
  private static double misfit(double[][] C, double[] mu, double[] right) {
    double off = 0;
    double whole = 0;
    for (int k = 0; k < right.length; k++) {
      off = Math.hypot(off, dot(C[k], mu) - right[k]);
      whole = Math.hypot(whole, right[k]);
    }
    return off > 0 ? off / whole : 0;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      sum += x[j] * y[j];
    }
    return sum;
  }
}
