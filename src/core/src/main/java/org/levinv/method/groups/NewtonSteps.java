package org.levinv.method.groups;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * Newton's steps for the magnitudes: the linear systems in the Laplacian L = Sigma - P o P, by the
 * cheapest way there is. A factor where there are few rows, or few columns; else conjugate
 * gradients preconditioned by the diagonal and, where that is slow, a {@link CoarseSpace}.
 */
final class NewtonSteps {

  /** Rows up to which a factor of m x m is considered: weak directions cost some 9 m^3. */
  private static final int DENSE_AT_MOST = 600;

  /** A direct step may cost so many m d^2: about what conjugate gradients do. */
  private static final double CHEAP_STEP = 24;

  /** ... and where these led to a step that does not help. */
  private static final double DEAR_STEP = 100;

  /** Numbers of the matrix of a direct step with many rows (64 MiB). */
  private static final double MOST_NUMBERS = 8e6;

  /**
   * Of the curvature along the constant, which the scores do not see; any share between 0 and 1
   * makes the system regular.
   */
  private static final double CONSTANT_SHARE = 0.5;

  /**
   * Beyond so many iterations, and some more for what it costs, a coarse space is worth it, or a
   * new one.
   */
  private static final int SLOW = 5;

  private static final int MOST_ITERATIONS = 80;

  /** Keeps dense factors regular. */
  private static final double RIDGE = 1e-15;

  private final WeightedBasis basis;
  private final Device device;
  private final Effort effort;
  private final int m;
  private CoarseSpace coarse;

  /**
   * @param basis at which each system is solved
   */
  NewtonSteps(WeightedBasis basis, Device device, Effort effort) {
    this.basis = basis;
    m = basis.rows();
    this.device = device;
    this.effort = effort;
  }

  /**
   * (2 L + diag(shift) + D D^T / sum D) dt = -gradient, m numbers each: D keeps the constant, which
   * L does not see, in bounds.
   */
  record Equation(double[] sigma, double[] D, double[] shift, double[] gradient) {

    /** That of the matrix, but for the last term. */
    double[] diagonal() {
      double[] diagonal = new double[sigma.length];
      Arrays.setAll(diagonal, i -> 2 * sigma[i] * (1 - sigma[i]) + shift[i] + 1e-16);
      return diagonal;
    }

    double[] negativeGradient() {
      double[] minus = new double[gradient.length];
      Arrays.setAll(minus, i -> -gradient[i]);
      return minus;
    }
  }

  /**
   * dt, or null where that is singular.
   *
   * @param tolerance of conjugate gradients, relative
   * @param isHard whether an earlier step did not help: this one may cost more
   */
  double[] solve(Equation equation, double tolerance, boolean isHard) {
    DirectStep direct = DirectStep.of(m, basis.columns());
    if (direct.units() <= (isHard ? DEAR_STEP : CHEAP_STEP)) {
      return direct(direct, equation);
    }
    double[] x = new double[m];
    boolean done = conjugateGradients(equation, tolerance, x);
    if (!done && direct.units() <= DEAR_STEP) {
      double[] exact = direct(direct, equation);
      return exact == null ? x : exact;
    }
    return x;
  }

  /**
   * The cheaper way to a step without iterations.
   *
   * @param dense by a factor of m x m; else of k x k, k = d (d + 1) / 2
   * @param units its cost in m d^2
   */
  private record DirectStep(boolean dense, double units) {
    static DirectStep of(double m, double d) {
      double k = d * (d + 1) / 2;
      double dense = m <= DENSE_AT_MOST ? 2 * m * m * d + m * m * m / 3 : Double.POSITIVE_INFINITY;
      double products = m * k <= MOST_NUMBERS ? m * k * k + k * k * k / 3 : dense;
      return new DirectStep(dense <= products, Math.min(dense, products) / (m * d * d));
    }
  }

  private double[] direct(DirectStep step, Equation equation) {
    return step.dense() ? dense(equation) : byProducts(equation);
  }

  /**
   * P o P = F F^T, where row i of F (m x k) has the products of two entries of q_i: with E = 2
   * Sigma + diag(shift) and N = E^-1/2 F (Woodbury), (E - 2 F F^T)^-1 = E^-1/2 (I + 2 N (I - 2 N^T
   * N)^-1 N^T) E^-1/2. L 1 = 0 is the direction F^T 1 = vec(I) of the k products, of which a share
   * is left out. m k^2 + k^3 / 3 flops.
   */
  double[] byProducts(Equation of) {
    int d = basis.columns();
    int k = d * (d + 1) / 2;
    double[] root = new double[m];
    Arrays.setAll(root, i -> Math.sqrt(2 * of.sigma[i] + of.shift[i]));
    double[] z = new double[m];
    Arrays.setAll(z, i -> -of.gradient[i] / root[i]);
    try (Workspace own = new Workspace(device)) {
      Rows N = own.rows(m, k);
      device.upload(products(of.sigma, root), m, N, 0);
      Vector ones = own.vector(m);
      device.fill(1, ones);
      Matrix K = own.matrix(k, k);
      Matrix R = own.matrix(k, k);
      device.weightedGram(N, ones, R);
      device.axpy(-2, R, K);
      device.addDiagonal(1 + RIDGE, null, K); // K = I - 2 N^T N
      effort.spend((double) m * k * k + (double) k * k * k / 3 + 6.0 * m * k);
      if (device.cholesky(K, R) != 0) {
        return null;
      }
      Vector y = own.upload(z);
      Vector h = own.vector(k);
      device.transposeTimes(N, y, h);
      device.solve(R, h); // (I - 2 N^T N)^-1 N^T y
      Vector more = own.vector(m);
      device.times(N, h, more);
      device.axpy(2, more, y);
      device.download(y, z);
    }
    Arrays.setAll(z, i -> z[i] / root[i]);
    return z;
  }

  /** The rows of E^-1/2 F, F^T 1 = vec(I) shortened. */
  private double[] products(double[] sigma, double[] root) {
    HostMatrix Q = basis.host();
    int d = Q.columns();
    int k = d * (d + 1) / 2;
    double shorter = (1 - Math.sqrt(1 - CONSTANT_SHARE)) / d;
    double[] entries = new double[Math.multiplyExact(m, k)];
    for (int i = 0; i < m; i++) {
      int at = i * k;
      for (int p = 0; p < d; p++) {
        double q = Q.get(i, p) / root[i];
        entries[at++] = q * Q.get(i, p) - shorter * sigma[i] / root[i];
        for (int l = p + 1; l < d; l++) {
          entries[at++] = Math.sqrt(2) * q * Q.get(i, l);
        }
      }
    }
    return entries;
  }

  /** Cholesky of the system scaled by D; 2 m^2 d + m^3 / 3 flops. */
  double[] dense(Equation of) {
    double[] D = of.D;
    int d = basis.columns();
    double[] root = new double[m];
    double total = 0;
    for (int i = 0; i < m; i++) {
      root[i] = Math.sqrt(D[i]);
      total += D[i];
    }
    double[] entries = new double[m * m];
    double[] z = new double[m];
    try (Workspace own = new Workspace(device)) {
      Matrix M = own.matrix(m, m);
      basis.projection(M);
      device.download(M, entries);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < m; j++) {
          double p = entries[i * m + j];
          double value = -2 * p * p + D[i] * D[j] / total;
          if (i == j) {
            value += 2 * of.sigma[i] + of.shift[i];
          }
          entries[i * m + j] = value / (root[i] * root[j]);
        }
        entries[i * m + i] += RIDGE;
        z[i] = -of.gradient[i] / root[i];
      }
      device.upload(entries, M);
      Matrix R = own.matrix(m, m);
      effort.spend(2.0 * m * m * d + (double) m * m * m / 3);
      if (device.cholesky(M, R) != 0) {
        return null;
      }
      Vector rest = own.upload(z);
      device.solve(R, rest);
      device.download(rest, z);
    }
    for (int i = 0; i < m; i++) {
      z[i] /= root[i];
    }
    return z;
  }

  /** True where the tolerance was met; adds a coarse space where the diagonal is too weak. */
  boolean conjugateGradients(Equation of, double tolerance, double[] x) {
    double[] sigma = of.sigma;
    double[] D = of.D;
    double[] shift = of.shift;
    double total = 0;
    for (int i = 0; i < m; i++) {
      total += D[i];
    }
    double[] diagonal = of.diagonal();
    if (coarse != null) {
      coarse.prepare(shift, D);
    }
    boolean fresh = false;
    int patience = SLOW + (int) ((double) basis.columns() * basis.columns() / (6.0 * m));
    double[] r = of.negativeGradient();
    double[] z = new double[m];
    double rz = precondition(r, z, diagonal);
    double first = rz;
    double[] p = z.clone();
    for (int k = 0; k < MOST_ITERATIONS && rz > tolerance * tolerance * first; k++) { // one product
      if (k >= patience && !fresh && !effort.isOver()) {
        fresh = true;
        renewCoarseSpace();
        coarse.prepare(shift, D);
        first = precondition(of.negativeGradient(), z, diagonal); // in the new one's norm
        rz = precondition(r, z, diagonal);
        System.arraycopy(z, 0, p, 0, m);
      }
      double[] product = basis.hadamardTimes(p);
      double mean = 0;
      for (int i = 0; i < m; i++) {
        mean += D[i] * p[i] / total;
      }
      double curvature = 0;
      for (int i = 0; i < m; i++) {
        product[i] = 2 * (sigma[i] * p[i] - product[i]) + shift[i] * p[i] + D[i] * mean;
        curvature += p[i] * product[i];
      }
      if (!(curvature > 0)) {
        return false;
      }
      double a = rz / curvature;
      for (int i = 0; i < m; i++) {
        x[i] += a * p[i];
        r[i] -= a * product[i];
      }
      double next = precondition(r, z, diagonal);
      for (int i = 0; i < m; i++) {
        p[i] = z[i] + next / rz * p[i];
      }
      rz = next;
    }
    return rz <= tolerance * tolerance * first;
  }

  /** Whether a diagonal alone was too weak a preconditioner. */
  boolean hasCoarseSpace() {
    return coarse != null;
  }

  /** The coarse space becomes that of the basis as it is. */
  void renewCoarseSpace() {
    coarse = new CoarseSpace(basis, device, effort);
  }

  /** This part of dt with the preconditioner, which has a coarse space, for the inverse. */
  double[] preconditioned(Equation of, double part) {
    coarse.prepare(of.shift, of.D);
    double[] z = new double[m];
    precondition(of.negativeGradient(), z, of.diagonal());
    Arrays.setAll(z, i -> part * z[i]);
    return z;
  }

  private double precondition(double[] r, double[] z, double[] diagonal) {
    Arrays.setAll(z, i -> r[i] / diagonal[i]);
    if (coarse != null) {
      coarse.correct(r, z);
    }
    double sum = 0;
    for (int i = 0; i < m; i++) {
      sum += r[i] * z[i];
    }
    return sum;
  }
}
