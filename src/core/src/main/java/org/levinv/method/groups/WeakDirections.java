package org.levinv.method.groups;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * Directions of t that the scores hardly determine: L u = lambda D u, D = diag(L), with small
 * lambda. Scores that are uncertain by delta leave t uncertain by about delta / lambda along u, so
 * the position gives each such direction a factor of its own.
 */
final class WeakDirections {

  /** Lambda below this is lost even where scores are exact. */
  private static final double ALWAYS_WEAK = 1e-7;

  /**
   * Lambda below this many mu: errors of the scores leave factors along the direction uncertain by
   * some 5% and more, or the guess holds them.
   */
  private static final double HELD = 100;

  /** Lambda above this is that of well coupled rows, whose scores tell the factor together. */
  private static final double COUPLED = 0.05;

  /** So many coarse directions are worth a product with L each. */
  private static final int SMOOTHED = 40;

  private final WeightedBasis basis;
  private final Device device;
  private final Effort effort;

  WeakDirections(WeightedBasis basis, Device device, Effort effort) {
    this.basis = basis;
    this.device = device;
    this.effort = effort;
  }

  /**
   * The directions as columns, the first of them constant.
   *
   * @param mu of {@link LogWeightsNewton}
   */
  HostMatrix of(double mu) {
    return below(Math.max(Math.min(HELD * mu, COUPLED), ALWAYS_WEAK));
  }

  static HostMatrix constant(int m) {
    HostMatrix one = HostMatrix.zeros(m, 1);
    Arrays.fill(one.entries(), 1);
    return one;
  }

  private double[] degrees(double[] sigma) {
    double[] D = new double[sigma.length];
    Arrays.setAll(D, i -> Math.max(sigma[i] * (1 - sigma[i]), 1e-14));
    return D;
  }

  /** Eigenvectors of S below the bound, divided by the root of D; the first is the constant. */
  private HostMatrix weak(Matrix S, double[] D, double bound, Workspace own) {
    int k = D.length;
    Matrix V = own.matrix(k, k);
    Vector values = own.vector(k);
    device.symmetricEigen(S, V, values); // S V = V diag(values)
    double[] lambda = new double[k];
    device.download(values, lambda);
    double[] vectors = new double[k * k];
    device.download(V, vectors);
    int count = 1;
    while (count < k && lambda[count] < bound) {
      count++;
    }
    HostMatrix U = HostMatrix.zeros(k, count);
    for (int i = 0; i < k; i++) {
      U.set(i, 0, 1);
      for (int j = 1; j < count; j++) {
        U.set(i, j, vectors[i * k + j] / Math.sqrt(D[i]));
      }
    }
    return U;
  }

  /** Directions with a smaller lambda in the coarse space. */
  private HostMatrix below(double bound) {
    int m = basis.rows();
    double[] sigma = basis.scores();
    double[] D = degrees(sigma);
    CoarseSpace space = new CoarseSpace(basis, device, effort);
    int k = space.count();
    double[] coarseD = space.restrict(D);
    HostMatrix few;
    try (Workspace own = new Workspace(device)) {
      double[] entries = new double[k * k];
      for (int g = 0; g < k; g++) {
        for (int h = 0; h < k; h++) {
          entries[g * k + h] = space.laplacian()[g][h] / Math.sqrt(coarseD[g] * coarseD[h]);
        }
      }
      Matrix S = own.matrix(k, k);
      device.upload(entries, S);
      effort.spend(9.0 * k * k * k);
      few = weak(S, coarseD, bound, own);
    }
    HostMatrix U = HostMatrix.zeros(m, few.columns());
    for (int i = 0; i < m; i++) {
      System.arraycopy(
          few.entries(),
          space.label()[i] * few.columns(),
          U.entries(),
          i * U.columns(),
          U.columns());
    }
    for (int j = 1; j < U.columns() && U.columns() <= SMOOTHED; j++) {
      smooth(U, j, sigma, D);
    }
    return U;
  }

  /** u = u - D^-1 L u / 2: rows within an aggregate settle among themselves. */
  private void smooth(HostMatrix U, int j, double[] sigma, double[] D) {
    double[] u = new double[U.rows()];
    Arrays.setAll(u, i -> U.get(i, j));
    double[] product = basis.hadamardTimes(u);
    for (int i = 0; i < u.length; i++) {
      U.set(i, j, u[i] - 0.5 * (sigma[i] * u[i] - product[i]) / D[i]);
    }
  }
}
