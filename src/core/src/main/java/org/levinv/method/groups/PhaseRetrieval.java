package org.levinv.method.groups;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.Workspace;

/**
 * Signs from full magnitudes: |[A, -b] z| = e^-t by reweighted amplitude flow in radial isotropic
 * position, from a spectral start and then random ones. Then, in turn, the factors of weak
 * directions are fitted to |[A, -b] z|, and signs flip one by one where that lowers what the
 * placement leaves. The flow is that of Wang, Giannakis and Eldar, arXiv:1605.08285, reweighted.
 */
final class PhaseRetrieval {
  private static final int POSITION_ROUNDS = 3;
  private static final int POWER_ROUNDS = 60;

  /** The largest rows that the spectral start looks at. */
  private static final double LARGE = 3.0 / 13;

  /** Rounds with weights and long steps, and rounds at all. */
  private static final int WEIGHTED_ROUNDS = 300;

  private static final int ROUNDS = 600;

  /** A weight m / (m + this y) for a row that has m where y is wanted. */
  private static final double HESITATION = 5;

  /** Signs that stay for so many rounds are worth plain rounds, which end once they repeat. */
  private static final int STEADY = 12;

  private static final double STILL = 1e-8;
  private static final int FIT_ROUNDS = 8;

  /**
   * A try.
   *
   * @param residual weighted, what no flip lowers
   * @param signs of A x - b
   * @param t with the factors of the weak directions
   */
  record Found(double residual, double[] signs, double[] t) {}

  private final HostMatrix B;
  private final double[] t;
  private final HostMatrix U;
  private final double[] trust;
  private final Device device;
  private final Effort effort;
  private final WeightedBasis fit;
  private final HostMatrix Q;
  private final WeightedBasis position;
  private final double[] y;
  private boolean fitIsPrepared;

  /**
   * For one group.
   *
   * @param t -log |s|
   * @param U its weak directions, m x p
   * @param trust of each row's magnitude, at most 1
   */
  PhaseRetrieval(
      GroupProblem group,
      double[] t,
      HostMatrix U,
      double[] trust,
      Workspace space,
      Effort effort) {
    device = space.device();
    this.effort = effort;
    this.t = t;
    this.U = U;
    this.trust = trust;
    int m = t.length;
    double[] minusB = new double[m];
    Arrays.setAll(minusB, i -> -group.b()[i]);
    B = group.A().withColumn(minusB);
    fit = new WeightedBasis(B, space, effort);
    position = new WeightedBasis(B, space, effort);
    double[] one = new double[m];
    Arrays.fill(one, 1);
    boolean regular = position.of(one);
    y = new double[m];
    Arrays.setAll(y, i -> Math.exp(-t[i]));
    for (int k = 0; k < POSITION_ROUNDS && regular; k++) {
      HostMatrix rows = position.host();
      double[] f = new double[m];
      Arrays.setAll(f, i -> 1 / rows.length(i));
      regular = position.tryFactors(f);
      if (regular) {
        position.accept();
        Arrays.setAll(y, i -> y[i] * f[i]);
      }
    }
    Q = regular ? position.host() : null;
  }

  /** One start; null where [A, -b] is singular. */
  Found run(SplittableRandom random, boolean spectral) {
    if (Q == null) {
      return null;
    }
    int m = t.length;
    double[] z = flow(random, spectral);
    double[] u = B.times(position.toCoordinates(z));
    double[] now = t.clone();
    double[] signs = new double[m];
    double[] qs = new double[m];
    double last = Double.POSITIVE_INFINITY;
    double residual = last;
    double[] inB = null;
    for (int round = 0; round < FIT_ROUNDS && !effort.isOver(); round++) { // a basis each
      if (U.columns() > 1) {
        refitFactors(u, now);
      }
      if (!prepareFit(now)) {
        return null;
      }
      for (int i = 0; i < m; i++) {
        signs[i] = u[i] < 0 ? -1 : 1;
      }
      residual = SignFlips.descend(fit.host(), trust, signs, effort);
      Arrays.setAll(qs, i -> trust[i] * signs[i]);
      inB = fit.toCoordinates(fit.host().transposeTimes(qs));
      if (residual > 0.999 * last) {
        break;
      }
      last = residual;
      u = B.times(inB);
    }
    if (inB == null) {
      return null;
    }
    double side = Math.signum(inB[inB.length - 1]);
    double[] ofSlacks = new double[m];
    Arrays.setAll(ofSlacks, i -> signs[i] * (side == 0 ? 1 : side));
    return new Found(residual, ofSlacks, now);
  }

  /** The flips that suit given magnitudes, from the signs that there are; changes them. */
  double flip(double[] magnitudes, double[] signs) {
    fitIsPrepared = false;
    double[] w = new double[magnitudes.length];
    double[] centered = LogWeightsNewton.centered(magnitudes);
    Arrays.setAll(w, i -> trust[i] * Math.exp(centered[i]));
    return fit.of(w) ? SignFlips.descend(fit.host(), trust, signs, effort) : Double.NaN;
  }

  private boolean prepareFit(double[] now) {
    if (!fitIsPrepared || U.columns() > 1) {
      double[] w = new double[now.length];
      Arrays.setAll(w, i -> trust[i] * Math.exp(now[i]));
      fitIsPrepared = fit.of(w);
    }
    return fitIsPrepared;
  }

  /** z of |Q z| = y. */
  private double[] flow(SplittableRandom random, boolean spectral) {
    int m = y.length;
    int D = Q.columns();
    double[] z = spectral ? spectral(random) : gaussian(D, random);
    double length = Math.sqrt(GroupProblem.squares(y) / GroupProblem.squares(z));
    for (int j = 0; j < D; j++) {
      z[j] *= length;
    }
    double[] u = new double[m];
    double[] rest = new double[m];
    double[] gradient = new double[D];
    boolean[] negative = new boolean[m];
    int steady = 0;
    int plainFrom = WEIGHTED_ROUNDS;
    for (int k = 0; k < ROUNDS && !effort.isOver(); k++) { // reads Q twice
      Q.timesTo(z, u);
      boolean weighted = k < plainFrom;
      boolean same = true;
      for (int i = 0; i < m; i++) {
        double size = Math.abs(u[i]);
        double g = weighted ? size / (size + HESITATION * y[i]) : 1;
        rest[i] = g * (u[i] - Math.copySign(y[i], u[i]));
        same &= negative[i] == u[i] < 0;
        negative[i] = u[i] < 0;
      }
      steady = same ? steady + 1 : 0;
      if (!weighted && same && k > plainFrom) {
        break; // z is the least squares solution for these signs
      }
      if (weighted && steady >= STEADY) {
        plainFrom = k + 1;
      }
      Q.transposeTimesTo(rest, gradient);
      double step = weighted ? 2 : 1;
      double moved = 0;
      for (int j = 0; j < D; j++) {
        z[j] -= step * gradient[j];
        moved += step * step * gradient[j] * gradient[j];
      }
      effort.spend(4.0 * m * D);
      if (k >= 20 && moved < STILL * STILL * GroupProblem.squares(z)) {
        break;
      }
    }
    return z;
  }

  /** The leading eigenvector of the rows where y is large relative to its row. */
  private double[] spectral(SplittableRandom random) {
    int m = y.length;
    int D = Q.columns();
    double[] length = new double[m];
    double[] h = new double[m];
    for (int i = 0; i < m; i++) {
      length[i] = Q.length(i);
      h[i] = y[i] / length[i];
    }
    double[] sorted = h.clone();
    Arrays.sort(sorted);
    double bound = sorted[(int) Math.floor((1 - LARGE) * (m - 1))];
    double[] weight = new double[m];
    Arrays.setAll(weight, i -> h[i] >= bound ? h[i] / (length[i] * length[i]) : 0);
    HostMatrix S = position.gram(weight);
    double[] z = gaussian(D, random);
    double[] next = new double[D];
    for (int k = 0; k < POWER_ROUNDS; k++) {
      S.timesTo(z, next);
      double size = Math.sqrt(GroupProblem.squares(next));
      for (int j = 0; j < D; j++) {
        z[j] = next[j] / size;
      }
    }
    effort.spend(2.0 * D * D * POWER_ROUNDS);
    return z;
  }

  /** Moves t along its weak directions, so that e^-t is |u|; rows that disagree count less. */
  private void refitFactors(double[] u, double[] now) {
    int m = now.length;
    double[] rho = new double[m];
    for (int i = 0; i < m; i++) {
      rho[i] = Math.log(Math.max(Math.abs(u[i]), 1e-300)) + now[i];
    }
    double median = CellRefinement.median(rho);
    double[] weight = new double[m];
    double[] cut = new double[m];
    for (int i = 0; i < m; i++) {
      rho[i] -= median;
      cut[i] = Math.min(Math.max(rho[i], -2), 2);
      weight[i] = trust[i] / Math.sqrt(1 + 4 * rho[i] * rho[i]);
    }
    double[] move = cut;
    for (int round = 0; round < 2; round++) {
      double[] y = new double[m];
      double[] root = weight;
      Arrays.setAll(y, i -> root[i] * cut[i]);
      move = U.times(OrthogonalFit.solve(U.scaledRows(root), y, device, effort));
      weight = new double[m];
      for (int i = 0; i < m; i++) {
        double e = (rho[i] - move[i]) / 0.3;
        weight[i] = trust[i] / Math.sqrt(1 + e * e);
      }
    }
    double mean = 0;
    for (int i = 0; i < m; i++) {
      now[i] -= move[i];
      mean += now[i] / m;
    }
    for (int i = 0; i < m; i++) {
      now[i] -= mean;
    }
  }

  private static double[] gaussian(int length, SplittableRandom random) {
    double[] z = new double[length];
    for (int j = 0; j < length; j++) { // Box and Muller
      z[j] =
          Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
              * Math.cos(2 * Math.PI * random.nextDouble());
    }
    return z;
  }
}
