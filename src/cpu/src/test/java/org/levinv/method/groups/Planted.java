package org.levinv.method.groups;

import java.util.Arrays;
import java.util.Random;
import org.levinv.device.Device;
import org.levinv.device.cpu.CpuDevice;

/**
 * A problem with a planted x, or one of which only the scores are known.
 *
 * @param x null where none is known
 * @param delta absolute uncertainty of each score, 0 for exact ones
 */
record Planted(
    String name,
    HostMatrix A,
    double[] b,
    double[] target,
    double[] x,
    double[] signs,
    double[] delta) {

  /** With the scores of x. */
  static Planted at(String name, HostMatrix A, double[] b, double[] x) {
    double[] s = slacks(A, b, x);
    double[] signs = new double[s.length];
    Arrays.setAll(signs, i -> Math.signum(s[i]));
    return new Planted(name, A, b, PlainScores.of(A, s), x, signs, new double[s.length]);
  }

  static double[] slacks(HostMatrix A, double[] b, double[] x) {
    double[] s = A.times(x);
    for (int i = 0; i < s.length; i++) {
      s[i] -= b[i];
    }
    return s;
  }

  Planted rounded(int decimals) {
    double unit = Math.pow(10, -decimals);
    double[] few = new double[target.length];
    Arrays.setAll(few, i -> Math.rint(target[i] / unit) * unit);
    return new Planted(name + ", " + decimals + " decimals", A, b, few, x, signs, all(0.5 * unit));
  }

  /** Scores multiplied by 1 + level times a normal number. */
  Planted noisy(double level, long seed) {
    Random random = new Random(seed);
    double[] noisy = new double[target.length];
    Arrays.setAll(
        noisy, i -> Math.min(target[i] * Math.max(1 + level * random.nextGaussian(), 0.1), 1));
    double[] uncertain = new double[target.length];
    Arrays.setAll(uncertain, i -> level * target[i]);
    return new Planted(name + ", noise " + level, A, b, noisy, x, signs, uncertain);
  }

  private double[] all(double value) {
    double[] same = new double[target.length];
    Arrays.fill(same, value);
    return same;
  }

  /** One dummy for each group, and some covariates. */
  static Planted effects(int groups, int rows, int covariates, boolean commonTime, long seed) {
    Random random = new Random(seed);
    int m = groups * rows;
    HostMatrix A = HostMatrix.zeros(m, groups + covariates);
    for (int i = 0; i < m; i++) {
      A.set(i, i / rows, 1);
      for (int j = 0; j < covariates; j++) {
        double time = (i % rows) / (double) rows;
        A.set(i, groups + j, commonTime ? Math.pow(time, j + 1) : random.nextGaussian());
      }
    }
    String name = groups + " groups x " + rows + " rows, " + covariates + " covariates";
    return withSlacks(name + (commonTime ? " (time)" : ""), A, random, 1);
  }

  /** Rows of day dummies and covariates, the days drawn. */
  static Planted days(int rows, int days, int covariates, long seed) {
    Random random = new Random(seed);
    HostMatrix A = HostMatrix.zeros(rows, days + covariates);
    for (int i = 0; i < rows; i++) {
      A.set(i, i < 2 * days ? i % days : random.nextInt(days), 1);
      for (int j = 0; j < covariates; j++) {
        A.set(i, days + j, random.nextGaussian());
      }
    }
    return withSlacks(rows + " x " + (days + covariates) + ", " + days + " days", A, random, 1);
  }

  static Planted gaussian(int m, int d, double spread, long seed) {
    Random random = new Random(seed);
    HostMatrix A = HostMatrix.zeros(m, d);
    Arrays.setAll(A.entries(), k -> random.nextGaussian());
    return withSlacks(m + " x " + d + " Gaussian, slacks over e^" + spread, A, random, spread);
  }

  /** Gaussian columns times powers of ten, mixed: of the condition number. */
  static Planted collinear(int m, int d, double condition, long seed) {
    Random random = new Random(seed);
    HostMatrix A = HostMatrix.zeros(m, d);
    for (int i = 0; i < m; i++) {
      double first = random.nextGaussian();
      A.set(i, 0, first);
      for (int j = 1; j < d; j++) {
        A.set(
            i,
            j,
            j % 2 == 0
                ? random.nextGaussian()
                : A.get(i, j - 1) + random.nextGaussian() / condition);
      }
    }
    return withSlacks("condition " + condition, A, random, 1);
  }

  private static Planted withSlacks(String name, HostMatrix A, Random random, double spread) {
    double[] x = new double[A.columns()];
    Arrays.setAll(x, j -> random.nextGaussian());
    double[] b = A.times(x);
    for (int i = 0; i < b.length; i++) {
      double s = random.nextGaussian();
      b[i] -= spread > 1 ? Math.copySign(Math.exp(spread * (random.nextDouble() - 0.5)), s) : s;
    }
    return at(name, A, b, x);
  }

  /** A polytope that is thin in some directions: pairs of near walls, and others. */
  static Planted thin(int m, int d, int directions, double width, long seed) {
    Random random = new Random(seed);
    HostMatrix A = HostMatrix.zeros(m, d);
    Arrays.setAll(A.entries(), k -> random.nextGaussian());
    double[] x = new double[d];
    Arrays.setAll(x, j -> random.nextGaussian());
    double[] s = new double[m];
    for (int k = 0; k < directions; k++) { // two walls each, and one that leans a little
      for (int j = 0; j < d; j++) {
        A.set(3 * k + 1, j, -A.get(3 * k, j));
        A.set(3 * k + 2, j, A.get(3 * k, j) + width * random.nextGaussian());
      }
    }
    double[] b = A.times(x);
    for (int i = 0; i < m; i++) {
      s[i] = (i < 3 * directions ? width : 1) * (0.1 + random.nextDouble());
      b[i] -= s[i];
    }
    return at("thin, " + directions + " directions of " + width, A, b, x);
  }

  /** Pairs of near walls, each a multiple of one row, and others. */
  static Planted pairs(int m, int d, int pairs, double width, long seed) {
    Random random = new Random(seed);
    HostMatrix A = HostMatrix.zeros(m, d);
    Arrays.setAll(A.entries(), k -> random.nextGaussian());
    double[] x = new double[d];
    Arrays.setAll(x, j -> random.nextGaussian());
    for (int k = 0; k < pairs; k++) {
      for (int j = 0; j < d; j++) {
        A.set(2 * k + 1, j, -A.get(2 * k, j));
      }
    }
    double[] b = A.times(x);
    for (int i = 0; i < m; i++) {
      double s = i < 2 * pairs ? width * (1 + 2 * (i % 2)) : random.nextGaussian();
      b[i] -= s * (0.8 + 0.4 * random.nextDouble());
    }
    return at(pairs + " pairs of walls at " + width, A, b, x);
  }

  /** A cube, and cuts at the vertex that x is near to. */
  static Planted vertex(int d, int cuts, double near, long seed) {
    Random random = new Random(seed);
    int m = 2 * d + cuts;
    HostMatrix A = HostMatrix.zeros(m, d);
    double[] b = new double[m];
    double[] x = new double[d];
    Arrays.setAll(x, j -> near * (0.1 + random.nextDouble()));
    for (int j = 0; j < d; j++) {
      A.set(j, j, 1);
      A.set(d + j, j, -1);
      b[d + j] = -1;
    }
    for (int i = 2 * d; i < m; i++) {
      for (int j = 0; j < d; j++) {
        A.set(i, j, random.nextGaussian());
      }
      b[i] = A.dot(i, x) - near * (0.1 + random.nextDouble());
    }
    return at("cube of " + d + " with " + cuts + " cuts, vertex at " + near, A, b, x);
  }

  static Planted oneHot(int m, int d, boolean integer, long seed) {
    Random random = new Random(seed);
    HostMatrix A = HostMatrix.zeros(m, d);
    double[] x = new double[d];
    Arrays.setAll(x, j -> 3 * random.nextGaussian());
    double[] b = new double[m];
    for (int i = 0; i < m; i++) {
      A.set(i, i % d, 1);
      b[i] = integer ? random.nextInt(9) : random.nextGaussian();
    }
    return at("one-hot " + m + " x " + d + (integer ? ", integers" : ""), A, b, x);
  }

  /** The answer of the package. */
  GroupsResult solve(boolean signsKnown, long seed, Effort effort) {
    try (Device device = new CpuDevice(1)) {
      return new GroupSolve(A, b, target, delta, null, signsKnown ? signs : null, device, effort)
          .solve(seed);
    }
  }

  /** n d^2. */
  double unit() {
    return (double) A.rows() * A.columns() * A.columns();
  }

  /** ||A (y - x)|| / ||A x||. */
  double error(double[] y) {
    double[] difference = new double[x.length];
    Arrays.setAll(difference, j -> y[j] - x[j]);
    return Math.sqrt(GroupProblem.squares(A.times(difference)) / GroupProblem.squares(A.times(x)));
  }

  /** Whether the scores are known to rounding. */
  boolean isExact() {
    return delta[0] == 0;
  }

  /**
   * Root mean square of residual / uncertainty of y, by the independent scores; an exact score has
   * the given uncertainty.
   */
  double residual(double[] y, double exact) {
    double[] sigma = PlainScores.of(A, slacks(A, b, y));
    double sum = 0;
    for (int i = 0; i < sigma.length; i++) {
      double r = (sigma[i] - target[i]) / Math.max(delta[i], exact);
      sum += r * r;
    }
    return Math.sqrt(sum / sigma.length);
  }

  /** Root mean square residual of y, by the independent scores. */
  double residual(double[] y) {
    double[] sigma = PlainScores.of(A, slacks(A, b, y));
    double sum = 0;
    for (int i = 0; i < sigma.length; i++) {
      sum += (sigma[i] - target[i]) * (sigma[i] - target[i]);
    }
    return Math.sqrt(sum / sigma.length);
  }

  /** The largest |slack of y / slack of x - 1|. */
  double slackError(double[] y) {
    double[] s = slacks(A, b, x);
    double[] r = slacks(A, b, y);
    double worst = 0;
    for (int i = 0; i < s.length; i++) {
      worst = Math.max(worst, Math.abs(r[i] / s[i] - 1));
    }
    return worst;
  }
}
