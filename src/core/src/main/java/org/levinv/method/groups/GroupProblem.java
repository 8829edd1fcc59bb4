package org.levinv.method.groups;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * One problem of coupled rows: find x with scores(diag(A x - b)^-1 A) = target.
 *
 * @param A m x d of full rank, rows of length 1
 * @param b m offsets
 * @param target m scores, row i's multiplied by its count, in (0, 1)
 * @param delta their uncertainties, positive
 * @param root square root of the count of each row
 * @param signs of A x - b, or null where unknown
 * @param judge the misfit of an x in units of the uncertainty with what rounding of the problem as
 *     it was given leaves at that x
 * @param exactSlacks of an x, from the problem as it was given: rounding of these coordinates would
 *     leave less of slacks that span many decades; null for A x - b
 * @param start an x that is refined before all else, or null
 */
record GroupProblem(
    HostMatrix A,
    double[] b,
    double[] target,
    double[] delta,
    double[] root,
    double[] signs,
    ToDoubleFunction<double[]> judge,
    UnaryOperator<double[]> exactSlacks,
    double[] start) {

  /** Residuals of so many uncertainties, as a root mean square, are explained by them. */
  static final double EXPLAINED = 1.5;

  /** Scores count as exact below this uncertainty, which is also what evaluation leaves of them. */
  static final double EXACT = 1e-12;

  /** At an x nearer to infinity the scores are the limit's, to rounding. */
  static final double AT_INFINITY = 1e-6;

  /** As it is, with no start. */
  GroupProblem(
      HostMatrix A,
      double[] b,
      double[] target,
      double[] delta,
      double[] root,
      double[] signs,
      ToDoubleFunction<double[]> judge) {
    this(A, b, target, delta, root, signs, judge, null, null);
  }

  /** Whether no score is more uncertain than evaluation leaves it. */
  boolean isExact() {
    return Arrays.stream(delta).allMatch(value -> value <= EXACT);
  }

  int rows() {
    return A.rows();
  }

  int columns() {
    return A.columns();
  }

  double[] slacks(double[] x) {
    if (exactSlacks != null) {
      return exactSlacks.apply(x);
    }
    double[] s = A.times(x);
    for (int i = 0; i < s.length; i++) {
      s[i] -= b[i];
    }
    return s;
  }

  /** root_i / s_i: the weights whose scores are to be the target; null where a slack is no good. */
  double[] weights(double[] s) {
    double[] w = new double[s.length];
    for (int i = 0; i < s.length; i++) {
      w[i] = root[i] / s[i];
      if (!(Math.abs(w[i]) < Double.POSITIVE_INFINITY) || w[i] == 0) {
        return null;
      }
    }
    return w;
  }

  /** Whether the known signs are those of s; true where they are unknown. */
  boolean contains(double[] s) {
    for (int i = 0; signs != null && i < s.length; i++) {
      if (!(s[i] * signs[i] > 0)) {
        return false;
      }
    }
    return true;
  }

  /** (sigma - target) / delta. */
  double[] residuals(double[] sigma) {
    double[] r = new double[sigma.length];
    for (int i = 0; i < r.length; i++) {
      r[i] = (sigma[i] - target[i]) / delta[i];
    }
    return r;
  }

  static double squares(double[] r) {
    double sum = 0;
    for (double value : r) {
      sum += value * value;
    }
    return sum;
  }
}
