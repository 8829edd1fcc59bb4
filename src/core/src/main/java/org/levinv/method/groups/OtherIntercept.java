package org.levinv.method.groups;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Rows of an effect that nearly decouple from the others are a problem of one column along the
 * effect's direction of x, and that has two answers where two rows outweigh the rest: both of them
 * change sides together, which no single flip does. Points with the other answer, for the effects
 * whose scores fit worst.
 */
final class OtherIntercept {

  /** Effects that are tried. */
  private static final int EFFECTS = 8;

  /** Partners of the row with the largest score. */
  private static final int PARTNERS = 3;

  /** A row belongs to the direction where it moves by more than this part of the most. */
  private static final double MEMBER = 0.1;

  private OtherIntercept() {}

  /** One point for each of some effects, at most; x is where the basis is. */
  static double[][] of(
      GroupProblem group, double[] x, double[] s, WeightedBasis basis, Effort effort) {
    HostMatrix Q = basis.host();
    int m = Q.rows();
    int d = Q.columns();
    int[] pivots = Pivots.of(Q, effort);
    if (pivots.length < d) {
      return new double[0][];
    }
    HostMatrix inverse = Pivots.inverse(Q.part(pivots, ConnectedComponents.range(d)));
    HostMatrix T = basis.coordinates();
    double[] r = group.residuals(basis.scores());
    double[][] moves = new double[d][];
    double[] worst = new double[d];
    Integer[] order = new Integer[d];
    for (int k = 0; k < d; k++) { // p = A v, v = T times column k of the inverse
      double[] y = new double[d];
      for (int j = 0; j < d; j++) {
        y[j] = inverse.get(j, k);
      }
      double[] p = Q.times(y);
      for (int i = 0; i < m; i++) {
        p[i] *= s[i] / group.root()[i];
      }
      double most = Arrays.stream(p).map(Math::abs).max().orElse(0);
      for (int i = 0; i < m; i++) {
        worst[k] += Math.abs(p[i]) > MEMBER * most ? r[i] * r[i] : 0;
      }
      moves[k] = p;
      order[k] = k;
    }
    effort.spend(2.0 * m * d * d + 2.0 * d * d * d);
    Arrays.sort(order, Comparator.comparingDouble(k -> -worst[k]));
    double[][] points = new double[Math.min(EFFECTS, d)][];
    int count = 0;
    for (int l = 0; l < points.length; l++) {
      int k = order[l];
      double way = way(group, s, moves[k]);
      if (way != 0) {
        double[] y = new double[d];
        for (int j = 0; j < d; j++) {
          y[j] = way * inverse.get(j, k);
        }
        double[] point = T.times(y);
        for (int j = 0; j < d; j++) {
          point[j] += x[j];
        }
        points[count++] = point;
      }
    }
    return Arrays.copyOf(points, count);
  }

  /** The best way along p that changes a side; 0 where there is none. */
  private static double way(GroupProblem group, double[] s, double[] p) {
    double most = Arrays.stream(p).map(Math::abs).max().orElse(0);
    int[] rows =
        java.util.stream.IntStream.range(0, p.length)
            .filter(i -> Math.abs(p[i]) > MEMBER * most)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -group.target()[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double best = Double.POSITIVE_INFINITY;
    double chosen = 0;
    for (int k = 1; k < Math.min(PARTNERS + 1, rows.length); k++) {
      int i = rows[0];
      int j = rows[k];
      // |s_i + a p_i| / |p_i| and |s_j + a p_j| / |p_j| are as root / sqrt(target)
      double from = -s[i] / p[i];
      double to = -s[j] / p[j];
      double near = group.root()[i] / Math.sqrt(group.target()[i]);
      double far = group.root()[j] / Math.sqrt(group.target()[j]);
      for (int side = -1; side <= 1; side += 2) {
        double a = from + side * near * (to - from) / (far + side * near);
        double loss = loss(group, s, p, rows, a);
        if (loss < best && changes(s, p, rows, a)) {
          best = loss;
          chosen = a;
        }
      }
    }
    return chosen;
  }

  private static boolean changes(double[] s, double[] p, int[] rows, double a) {
    for (int i : rows) {
      if (s[i] * (s[i] + a * p[i]) < 0) {
        return true;
      }
    }
    return false;
  }

  /** The squared residuals of the rows as a problem of one column. */
  private static double loss(GroupProblem group, double[] s, double[] p, int[] rows, double a) {
    double total = 0;
    double share = 0;
    double[] v = new double[rows.length];
    for (int k = 0; k < rows.length; k++) {
      int i = rows[k];
      double w = group.root()[i] * p[i] / (s[i] + a * p[i]);
      v[k] = w * w;
      total += v[k];
      share += group.target()[i];
    }
    double sum = 0;
    for (int k = 0; k < rows.length; k++) {
      double r = (share * v[k] / total - group.target()[rows[k]]) / group.delta()[rows[k]];
      sum += r * r;
    }
    return Double.isNaN(sum) ? Double.POSITIVE_INFINITY : sum;
  }
}
