package org.levinv.method.groups;

import java.util.Arrays;

/**
 * Descent over signs s of ||(I - Q Q^T) (q o s)||^2, what a placement leaves of the trusted
 * magnitudes: single flips, the best first, each counted exactly.
 */
final class SignFlips {
  private static final double LEAST_GAIN = 1e-12;

  private SignFlips() {}

  /**
   * Changes s until no flip helps; 2 m d flops a flip.
   *
   * @param Q orthonormal columns, m x D
   * @param q trust of each row
   * @return what is left, relative to ||q||^2
   */
  static double descend(HostMatrix Q, double[] q, double[] s, Effort effort) {
    int m = s.length;
    int D = Q.columns();
    double[] r = new double[m];
    double[] rest = new double[m]; // 1 - h
    for (int i = 0; i < m; i++) {
      r[i] = q[i] * s[i];
      double length = Q.length(i);
      rest[i] = 1 - length * length;
    }
    double[] z = Q.transposeTimes(r);
    for (int i = 0; i < m; i++) {
      r[i] -= Q.dot(i, z);
    }
    for (int flip = 0; flip < 5 * m && !effort.isOver(); flip++) { // reads Q once
      int best = 0;
      double gain = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < m; i++) {
        double value = q[i] * (s[i] * r[i] - q[i] * rest[i]);
        if (value > gain) {
          gain = value;
          best = i;
        }
      }
      if (!(gain > LEAST_GAIN)) {
        break;
      }
      s[best] = -s[best];
      double change = 2 * q[best] * s[best];
      double[] row = Arrays.copyOfRange(Q.entries(), best * D, (best + 1) * D);
      for (int i = 0; i < m; i++) {
        r[i] -= change * Q.dot(i, row);
      }
      r[best] += change;
      effort.spend(2.0 * m * D);
    }
    return GroupProblem.squares(r) / GroupProblem.squares(q);
  }
}
