package org.levinv.solve;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.pass.VerifyFactorPass;
import org.levinv.rows.Field;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.small.Dot2;
import org.levinv.small.SmallSvd;
import org.levinv.small.Triangle;

/**
 * A few rows at a point whose scores are 1, or nearly so: since no other row has their direction,
 * with any slack, or since their slacks are so near to 0. They are looked at beside the others with
 * slacks like those of others: that rounds the least, and tells which it is.
 */
final class LoneRows {

  /**
   * A score short of 1 by more than this, and than some roundings in the directions of R, with a
   * slack like others', is that of no lone row. Larger: x with hairline slacks is said to be free.
   */
  private static final double NOT_ALONE = 1e-8;

  private static final double ROUNDINGS = 10;

  private static final double EPS = Math.ulp(1.0);

  /** Directions up to this part of the largest count as none. */
  private static final double DEPENDENT = 1e-12;

  /** Roundings of its terms from which the sign of a slack is beyond doubt. */
  private static final double SEEN = 32;

  /** A slack that can be anything is no smaller than this part of its terms: it is seen. */
  private static final double MODEST = 0.5;

  private static final int ROUNDS = 2;

  private final long[] numbers;
  private final double[][] A;
  private final double[] b;
  private final double[][] Q;
  private final double[] length;
  private final double[] slack;
  private final double[] rounding;
  private final double[] reach;
  private final double[][] directions;

  /**
   * @param A m x d, as the user has it
   * @param b m, likewise
   * @param Q q_k = R^-T a_k of length 1, m x d
   * @param length its length before, in the units of the user
   * @param rounding of the slacks
   * @param directions R^-1 q_k, likewise
   */
  private LoneRows(
      long[] numbers,
      double[][] A,
      double[] b,
      double[][] Q,
      double[] length,
      double[] slack,
      double[] rounding,
      double[] reach,
      double[][] directions) {
    this.numbers = numbers;
    this.A = A;
    this.b = b;
    this.Q = Q;
    this.length = length;
    this.slack = slack;
    this.rounding = rounding;
    this.reach = reach;
    this.directions = directions;
  }

  /** Those of some rows whose slacks are so small that rounding hides their signs. */
  static long[] hidden(long[] numbers, double[] x, ProblemRows rows) {
    double[] a = new double[x.length];
    double[] b = new double[1];
    double[] terms = new double[1];
    return Arrays.stream(numbers)
        .filter(
            row -> {
              double slack = slack(row, x, rows, a, b, terms, 0);
              return Math.abs(slack) < SEEN * EPS * terms[0];
            })
        .toArray();
  }

  /** The slack of a row that is read into a, b[k], and the sum of its terms, terms[k]. */
  private static double slack(
      long number, double[] x, ProblemRows rows, double[] a, double[] b, double[] terms, int k) {
    rows.A().readShared(number, 1, a);
    rows.field(Field.OFFSET).read(number, 1, b, k);
    return Dot2.minus(a, 0, x, b[k], terms, k);
  }

  /**
   * One reading of all rows, 2 n d^2 flops.
   *
   * @param x in the units of the user
   * @param unit of weights, a power of two
   * @param typicalError of slacks, in units of eps, relatively
   * @param rows as the user has them
   * @param store the same rows
   */
  static LoneRows at(
      long[] numbers,
      double[] x,
      double unit,
      double typicalError,
      ProblemRows rows,
      RowStore store) {
    int m = numbers.length;
    int d = x.length;
    double[][] A = new double[m][d];
    double[] b = new double[m];
    double[] slack = new double[m];
    double[] rounding = new double[m];
    double[] typical = new double[m]; // slacks with that error
    double[] weights = new double[m];
    for (int k = 0; k < m; k++) {
      slack[k] = slack(numbers[k], x, rows, A[k], b, typical, k);
      rounding[k] = EPS * typical[k];
      typical[k] /= typicalError;
      weights[k] = unit / (typical[k] * store.units().offset());
    }
    double[] at = store.units().fromUser(x);
    double[] R = new double[d * d];
    double[] inverseR = new double[d * d];
    Device device = store.device();
    try (Workspace space = new Workspace(device)) {
      Matrix found = store.run(VerifyFactorPass.reweighted(at, unit, numbers, weights)).R();
      Matrix inverse = space.matrix(d, d);
      device.invertTriangular(found, inverse);
      device.download(found, R);
      device.download(inverse, inverseR);
    }
    double blur = Math.max(NOT_ALONE, ROUNDINGS * EPS * Triangle.condition(R, inverseR, d));
    double[][] Q = new double[m][];
    double[] length = new double[m];
    double[] reach = new double[m];
    double[][] directions = new double[m][];
    for (int k = 0; k < m; k++) {
      double[] a = A[k].clone();
      store.units().apply(a, 0, d);
      Q[k] = transposeTimes(inverseR, a); // R^-T a_k
      length[k] = normalize(Q[k]); // squares may leave the range of doubles
      double score = Math.pow(weights[k] * length[k], 2);
      reach[k] =
          1 - score > blur ? typical[k] * Math.sqrt(score / (1 - score)) : Double.POSITIVE_INFINITY;
      directions[k] = store.units().toUser(times(inverseR, Q[k])); // along G^-1 a_k
      length[k] /= store.units().offset();
    }
    return new LoneRows(numbers, A, b, Q, length, slack, rounding, reach, directions);
  }

  /** The length of v, which becomes 1. */
  private static double normalize(double[] v) {
    double length = Arrays.stream(v).reduce(0, Math::hypot);
    Arrays.setAll(v, j -> v[j] / length);
    return length;
  }

  /** M^T v for an upper triangle M. */
  private static double[] transposeTimes(double[] M, double[] v) {
    int d = v.length;
    double[] y = new double[d];
    for (int j = 0; j < d; j++) {
      for (int k = j; k < d; k++) {
        y[k] += M[j * d + k] * v[j];
      }
    }
    return y;
  }

  /** M v. */
  private static double[] times(double[] M, double[] v) {
    int d = v.length;
    double[] y = new double[d];
    for (int j = 0; j < d; j++) {
      for (int k = j; k < d; k++) {
        y[j] += M[j * d + k] * v[k];
      }
    }
    return y;
  }

  /**
   * The direction in which the slack of a row moves and no other, where a row has the score 1 with
   * any slack; else null.
   */
  double[] free() {
    for (int k = 0; k < numbers.length; k++) {
      if (reach[k] == Double.POSITIVE_INFINITY) {
        return directions[k];
      }
    }
    return null;
  }

  /** x where their slacks are mirrored, and others change as little as they can. */
  double[] mirrored(double[] x) {
    return moved(x, Arrays.stream(slack).map(s -> -s).toArray());
  }

  /**
   * x where their slacks are a part of their reaches, that is, of what makes a score 1/2; others
   * change as little as they can.
   */
  double[] apart(double[] x, double part) {
    double[] to = new double[slack.length];
    Arrays.setAll(to, k -> Math.copySign(part * reach[k], slack[k]));
    return moved(x, to);
  }

  /** x where their slacks are as small as is seen, with the signs that they have elsewhere. */
  double[] onTheSideOf(double[] other, double[] x) {
    double[] to = new double[slack.length];
    Arrays.setAll(to, k -> Math.copySign(SEEN * rounding[k], Dot2.minus(A[k], other, b[k])));
    return moved(x, to);
  }

  /**
   * The shortest x that differs in the slacks of rows which have the score 1 with any slack. These
   * keep their signs, and are no smaller than {@link #MODEST} of their terms.
   */
  double[] shortest(double[] x) {
    int[] free =
        IntStream.range(0, numbers.length)
            .filter(k -> reach[k] == Double.POSITIVE_INFINITY)
            .toArray();
    double[] at = x.clone();
    for (int round = 0;
        free.length > 0 && round < ROUNDS;
        round++) { // the first may cancel all digits
      shorten(at, free);
    }
    Arrays.setAll(at, j -> Math.abs(at[j]) <= EPS * Math.abs(x[j]) ? 0 : at[j]);
    double[] terms = new double[1];
    for (int k : free) {
      double there = Dot2.minus(A[k], 0, at, b[k], terms, 0);
      double least = MODEST * (terms[0] > 0 ? terms[0] : Math.abs(slack[k]));
      double size = there * slack[k] > 0 ? Math.max(Math.abs(there), least) : least;
      double change = (Math.copySign(size, slack[k]) - there) / length[k];
      Arrays.setAll(at, j -> at[j] + change * directions[k][j]);
    }
    return at;
  }

  /** x - V (V^T V)^-1 V^T x, V being the directions of some rows at length 1. */
  private void shorten(double[] x, int[] free) {
    double[][] V =
        Arrays.stream(free).mapToObj(k -> directions[k].clone()).toArray(double[][]::new);
    Arrays.stream(V).forEach(LoneRows::normalize);
    double[][] products = new double[V.length][V.length];
    double[] right = new double[V.length];
    for (int k = 0; k < V.length; k++) {
      right[k] = Dot2.minus(V[k], x, 0);
      for (int l = 0; l < V.length; l++) {
        products[k][l] = Dot2.minus(V[k], V[l], 0);
      }
    }
    double[] c = new SmallSvd(products).leastSquares(right, DEPENDENT);
    for (int k = 0; k < V.length; k++) {
      for (int j = 0; j < x.length; j++) {
        x[j] -= c[k] * V[k][j];
      }
    }
  }

  /** Their numbers. */
  long[] numbers() {
    return numbers.clone();
  }

  /**
   * x where the slack of row k has the other sign, and such a size that its score is a target below
   * 1; others change as little as they can.
   */
  double[] across(double[] x, int k, double target) {
    double[] to = slack.clone();
    to[k] = -Math.copySign(reach[k] * Math.sqrt(1 / target - 1), slack[k]);
    return moved(x, to);
  }

  private double[] moved(double[] x, double[] to) {
    int m = slack.length;
    double[][] C = new double[m][m];
    double[] change = new double[m];
    for (int k = 0; k < m; k++) {
      change[k] = (to[k] - slack[k]) / length[k]; // a_k.u_l = ||q_k|| q_k.q_l for directions u
      for (int l = 0; l < m; l++) {
        C[k][l] = Dot2.minus(Q[k], Q[l], 0);
      }
    }
    double[] c = new SmallSvd(C).leastSquares(change, DEPENDENT);
    double[] at = x.clone();
    for (int k = 0; k < m; k++) {
      for (int j = 0; j < at.length; j++) {
        at[j] += c[k] * directions[k][j];
      }
    }
    return at;
  }
}
