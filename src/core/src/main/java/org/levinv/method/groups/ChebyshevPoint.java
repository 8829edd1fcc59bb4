package org.levinv.method.groups;

import org.levinv.device.Device;
import org.levinv.method.common.FractionToBoundary;

/**
 * A point far from the walls of a cell: the largest r <= 1 with signs_i (a_i x - b_i) >= r for rows
 * of length 1. A linear program of a simple kind, solved by a barrier: x and r minimise -tau r -
 * sum log(signs_i (a_i x - b_i) - r) - log(1 - r), tau growing, each step of Newton's method a
 * linear least squares problem. A strictly feasible start is there for every x: an r below all
 * slacks.
 */
final class ChebyshevPoint {
  private static final int STEPS = 120;
  private static final double GROWTH = 8;

  private static final FractionToBoundary FRACTION = new FractionToBoundary(0.95);

  /** The last tau, in rows: cells of a radius below 1 / this are not found. */
  private static final double PRECISION = 1e11;

  /** The largest r is met to 1 / this. */
  private static final double ENOUGH = 4;

  /** An r near the bound is good enough: the cell may be unbounded. */
  private static final double MUCH = 0.5;

  private final GroupProblem group;
  private final Device device;
  private final Effort effort;

  ChebyshevPoint(GroupProblem group, Device device, Effort effort) {
    this.group = group;
    this.device = device;
    this.effort = effort;
  }

  /** x, or null where no point of the cell was found: it is empty, or thin beyond rounding. */
  double[] find(double[] start) {
    int m = group.rows();
    int d = group.columns();
    double[] x = start.clone();
    double[] s = signed(x);
    double r = 1;
    for (double value : s) {
      r = Math.min(r, value);
    }
    double scale = 1;
    for (double value : s) {
      scale = Math.max(scale, Math.abs(value));
    }
    r -= Math.min(1, scale);
    double cap = Math.max(1, r + 1);
    double tau = 1;
    for (int k = 0; k < STEPS; k++) { // one least squares problem
      HostMatrix M = HostMatrix.zeros(m + 1, d + 1);
      double[] y = new double[m + 1];
      double[] gap = new double[m + 1];
      for (int i = 0; i <= m; i++) {
        gap[i] = i < m ? s[i] - r : cap - r;
        for (int j = 0; i < m && j < d; j++) {
          M.set(i, j, group.signs()[i] * group.A().get(i, j) / gap[i]);
        }
        M.set(i, d, -1 / gap[i]);
        y[i] = 1;
      }
      // Newton: (M^T M) z = M^T 1 + tau e_r; the last term is M^T of a multiple of the last row
      y[m] += -tau * gap[m];
      double[] z = OrthogonalFit.solve(M, y, device, effort);
      double decrement = 0;
      double a = 1;
      double[] move = M.times(z); // relative change of each gap
      for (double value : move) {
        decrement += value * value;
        a = Math.min(a, FRACTION.part(-value));
      }
      while (change(move, a, tau * z[d]) > -0.1 * a * decrement && a > 1e-10) {
        a *= 0.5;
      }
      for (int j = 0; j < d; j++) {
        x[j] += a * z[j];
      }
      r += a * z[d];
      s = signed(x);
      double least = Double.POSITIVE_INFINITY;
      for (double value : s) {
        least = Math.min(least, value);
      }
      if (!(least > r) || !effort.step("chebyshev", k, r) || r > MUCH * cap) {
        break;
      }
      if (decrement < 0.1) {
        if (tau > PRECISION * m || (r > 0 && tau > ENOUGH * m / r)) {
          break;
        }
        tau *= GROWTH;
      }
    }
    for (double value : s) {
      if (!(value > 0)) {
        return null;
      }
    }
    return x;
  }

  /** Of the barrier function, along a step that changes the gaps by a times move, relatively. */
  private static double change(double[] move, double a, double rise) {
    double sum = -a * rise;
    for (double value : move) {
      sum -= Math.log1p(a * value);
    }
    return sum;
  }

  private double[] signed(double[] x) {
    double[] s = group.slacks(x);
    for (int i = 0; i < s.length; i++) {
      s[i] *= group.signs()[i];
    }
    return s;
  }
}
