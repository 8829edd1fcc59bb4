package org.levinv.method.groups;

import java.util.Arrays;
import java.util.Comparator;
import org.levinv.device.Workspace;

/**
 * An x near a vertex, where d rows have all but all of the scores: their slacks u are tiny beside
 * those of the others, which are known at the vertex. With C = A B^-1, B the rows of the vertex,
 * the score of another row is
 *
 * <pre>sigma_i (s_i + c_i u)^2 = sum_j c_ij^2 u_j^2,   s_i at the vertex,</pre>
 *
 * up to the square of what it is itself: linear in u^2, and in u where that tells signs. Scores
 * near 1 say next to nothing of u, and the loss of all scores is far from any quadratic in x.
 */
final class VertexStart {

  /**
   * The sum of the other scores, about (u / s)^2, up to which the vertex is near; scores that are
   * no larger than their errors say nothing against that.
   */
  private static final double NEAR = 1e-3;

  /** A square that comes out smaller than this part of the mean one, or negative, is set to it. */
  private static final double LEAST_SQUARE = 1e-4;

  private VertexStart() {}

  /** x near the vertex; null where there is none, or its rows depend on each other. */
  static double[] of(GroupProblem group, Workspace space, Effort effort) {
    int m = group.rows();
    int d = group.columns();
    double[] target = group.target();
    Integer[] order = new Integer[m];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -target[i]));
    int[] rows = Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    int[] top = Arrays.copyOf(rows, d);
    int[] others = Arrays.copyOfRange(rows, d, m);
    double[] delta = group.delta();
    double seen = Arrays.stream(others).mapToDouble(i -> Math.max(target[i] - delta[i], 0)).sum();
    if (!(seen < NEAR)) {
      return null;
    }
    WeightedBasis basis = basis(group.A().part(top, ConnectedComponents.range(d)), space, effort);
    if (basis == null) {
      return null;
    }
    double[] vertex = solve(basis, GroupWeights.pick(group.b(), top));
    double[] s = group.slacks(vertex);
    boolean tellsSigns = group.signs() == null && m >= 3 * d;
    HostMatrix M = HostMatrix.zeros(m - d, tellsSigns ? 2 * d : d);
    double[] y = new double[m - d];
    HostMatrix Q = basis.host();
    HostMatrix T = basis.coordinates();
    for (int k = 0; k < others.length; k++) { // relative to sigma_i s_i^2, by its uncertainty
      int i = others[k];
      double trust = target[i] / group.delta()[i];
      double size = Math.sqrt(target[i]) * s[i] / group.root()[i];
      double[] c = new double[d];
      group.A().addRow(i, 1, c);
      c = Q.times(T.transposeTimes(c)); // B^-T a_i
      for (int j = 0; j < d; j++) {
        double own = c[j] / (size * group.root()[top[j]]);
        M.set(k, j, trust * own * own);
        if (tellsSigns) {
          M.set(k, d + j, -2 * trust * c[j] / s[i]);
        }
      }
      y[k] = trust;
    }
    effort.spend(4.0 * m * d * d);
    double[] z = OrthogonalFit.solve(M, y, space.device(), effort); // u^2, u
    double least = LEAST_SQUARE * Arrays.stream(z, 0, d).map(Math::abs).sum() / d;
    double[] u = new double[d];
    for (int j = 0; j < d; j++) {
      double side = tellsSigns ? z[d + j] : group.signs() == null ? 1 : group.signs()[top[j]];
      u[j] = Math.copySign(Math.sqrt(Math.max(z[j], least)), side);
    }
    double[] x = solve(basis, u);
    Arrays.setAll(x, j -> vertex[j] + x[j]);
    return x;
  }

  private static WeightedBasis basis(HostMatrix B, Workspace space, Effort effort) {
    WeightedBasis basis = new WeightedBasis(B, space, effort);
    double[] ones = new double[B.rows()];
    Arrays.fill(ones, 1);
    return basis.of(ones) ? basis : null;
  }

  /** B^-1 y = T Q^T y. */
  private static double[] solve(WeightedBasis basis, double[] y) {
    return basis.toCoordinates(basis.host().transposeTimes(y));
  }
}
