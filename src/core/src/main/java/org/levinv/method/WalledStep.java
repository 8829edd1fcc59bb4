package org.levinv.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.small.SmallSvd;
import org.levinv.tall.TallMatrix;

/**
 * Minimises the model g.y + 0.5 y^T H y over steps y (d) that shrink no slack by more than nine
 * tenths, u = W A y >= -0.9. The few rows that would are met as equalities, with multipliers that
 * must not be negative: so a slack that noise drives to 0 goes there tenfold a step while the rest
 * of x takes its full step. Rows with 1 - sigma_i at most 1e-8 may shrink no more: they are on the
 * wall for all that doubles can tell.
 */
final class WalledStep {

  /** A step shrinks a slack by this much at most. */
  static final double WALL = 0.9;

  private static final double SLOPPINESS = 1e-6;
  private static final double TOUCHING = 1e-8;

  /** Singular values up to this part of the largest count as zero. */
  private static final double DEPENDENT = 1e-12;

  /**
   * Where the equations for the multipliers cannot be met better than this, relative to the right
   * side, walls contradict.
   */
  private static final double CONTRADICTION = 1e-8;

  private final TallMatrix A;
  private final Device device;
  private final Vector u;
  private final Vector z;
  private final Vector one;
  private final double[] free;
  private final double[] y;
  private final List<Wall> active = new ArrayList<>();

  /**
   * A row that the step meets: v = w_i a_i, Hv = H^-1 v, v.y = limit, with its multiplier so far.
   */
  private static final class Wall {
    final int row;
    final double[] v;
    final double[] Hv;
    final double limit;
    double mu;

    Wall(int row, double[] v, double[] Hv, double limit) {
      this.row = row;
      this.v = v;
      this.Hv = Hv;
      this.limit = limit;
    }
  }

  /** For A of n x d; an n-vector of {@code space} that the caller lends. */
  WalledStep(TallMatrix A, Vector u, Workspace space) {
    int d = A.columns();
    this.A = A;
    this.device = space.device();
    this.u = u;
    this.z = space.vector(d);
    this.one = space.vector(1);
    this.free = new double[d];
    this.y = new double[d];
  }

  /**
   * step (d) for the model with gradient g (d) and H = F^T F, F upper triangular, at the point of
   * {@code scores}.
   */
  void solve(Scores scores, Matrix F, Vector g, Vector step) {
    active.clear();
    device.copy(g, step);
    device.solve(F, step);
    device.scale(-1, step); // -H^-1 g
    device.download(step, free);
    System.arraycopy(free, 0, y, 0, y.length);
    for (int round = 0; round < 3 * y.length + 10; round++) {
      A.times(step, u);
      device.multiply(u, scores.weights(), u); // u = W A y
      device.map(Formula.BEYOND_WALL, WALL, scores.sigma(), u, null, u);
      int row = device.argmax(u);
      int[] index = {row};
      boolean beyond = device.pick(u, index)[0] > SLOPPINESS;
      if (!beyond || isActive(row) || active.size() >= 2 * y.length) {
        return;
      }
      double sigma = device.pick(scores.sigma(), index)[0];
      add(row, device.pick(scores.weights(), index)[0], 1 - sigma <= TOUCHING ? 0 : -WALL, F);
      meetWalls();
      device.upload(y, step);
      if (!isActive(row)) {
        return; // for rounding alone
      }
    }
  }

  /** A row that the last step meets, or -1. */
  int row() {
    return active.isEmpty() ? -1 : active.get(0).row;
  }

  private boolean isActive(int row) {
    return active.stream().anyMatch(wall -> wall.row == row);
  }

  private void add(int row, double weight, double limit, Matrix F) {
    double[] v = new double[y.length];
    double[] Hv = new double[y.length];
    try (Workspace few = new Workspace(device)) { // one row, gathered
      device.fill(weight, one);
      A.rows(new int[] {row}, one, few).transposeTimes(onesOf(few), z); // v = w_i a_i
    }
    device.download(z, v);
    device.solve(F, z); // H^-1 v
    device.download(z, Hv);
    active.add(new Wall(row, v, Hv, limit));
  }

  private static Vector onesOf(Workspace few) {
    return few.upload(new double[] {1});
  }

  /**
   * y = free + sum of mu_k Hv_k with v_k.y = limit_k and mu >= 0. The multipliers move to the
   * solution until the first is 0: that wall leaves, so that the dual objective rises in every
   * round and no set of walls comes twice. Charles Lawson and Richard Hanson, "Solving Least
   * Squares Problems", 1974, chapter 23.
   */
  private void meetWalls() {
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
        Wall wall = active.get(k);
        wall.mu = Math.max(0, wall.mu + part * (solution[k] - wall.mu));
      }
      if (leaving >= 0) {
        active.remove(leaving);
      }
    }
    System.arraycopy(free, 0, y, 0, y.length);
    for (Wall wall : active) {
      for (int j = 0; j < y.length; j++) {
        y[j] += wall.mu * wall.Hv[j];
      }
    }
  }

  /** mu with (v_k . Hv_l) mu = limit - v.free, equilibrated: rows on a wall have huge w. */
  private double[] multipliers() {
    int count = active.size();
    double[] e = new double[count];
    double[] right = new double[count];
    double[][] C = new double[count][count];
    for (int k = 0; k < count; k++) {
      e[k] = 1 / Math.sqrt(dot(active.get(k).v, active.get(k).Hv));
    }
    for (int k = 0; k < count; k++) {
      Wall wall = active.get(k);
      right[k] = e[k] * (wall.limit - dot(wall.v, free));
      int row = k;
      Arrays.setAll(C[k], l -> e[row] * e[l] * dot(wall.v, active.get(l).Hv));
    }
    double[] mu = new SmallSvd(C).leastSquares(right, DEPENDENT);
    if (misfit(C, mu, right)
        > CONTRADICTION) { // multipliers grow until one of them is 0 and its wall leaves
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
