package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * Squared row weights u such that diag(u)^1/2 A has given scores, by the fixed point
 *
 * <pre>
 * u_i = target_i / (1 - target_i) / (a_i^T S_i^-1 a_i),   S_i = A^T diag(u) A without row i,
 * 1 / (a_i^T S_i^-1 a_i) = 1 / q_i - u_i,                 q_i = a_i^T S^-1 a_i
 * </pre>
 *
 * (Sherman and Morrison): each row gets the weight that brings its score to the target where the
 * others stay, which is the step of {@link LogitIteration} without logarithms. Since S is linear in
 * u, a mixture of weights has the same mixture of Gram matrices: Anderson mixing by the inner
 * products of d x d matrices then costs next to nothing beside the one evaluation of the scores of
 * each round, n d^2 flops for q and n d^2 for S.
 *
 * <p>A mixture with weights that are not positive is replaced by the last plain step. Where rows
 * are strongly coupled, or no u has the target, the iteration gives up.
 */
final class LeaveOneOut {
  private static final int DEEPEST = 6;

  /** A mixture of larger parts than this, up to sign, in all, multiplies what S does not see. */
  private static final double LARGEST_PARTS = 100;

  /** Rounds without progress before it gives up. */
  private static final int PATIENCE = 8;

  /** Added to the diagonal of the normalised inner products of the steps: their rounding. */
  private static final double RIDGE = 1e-13;

  /**
   * The last mismatch is at most this multiple of the tolerance, which its callers set 100 times
   * below the one that counts: so that nothing is lost where the prediction is wrong.
   */
  private static final double BOLDEST = 90;

  /** 1 - target is at least this, as far as doubles can tell. */
  private static final double BELOW_ONE = 1e-16;

  /** Hears of squared weights that were evaluated. */
  @FunctionalInterface
  interface Reached {
    void at(Vector u, double error);
  }

  private final Device device;
  private final TallMatrix A;
  private final int d;
  private final Vector target;
  private final Vector odds;
  private final Vector inverseDegrees;
  private final double largestOdds;
  private final double degrees;
  private final double targetNorm;
  private final Vector u;
  private final Vector q;
  private final Vector work;
  private final Vector[] plain;
  private final Matrix S;
  private final Matrix R;
  private final Matrix inverseR;
  private final double[] full;
  private final double[] packed;
  private final double[][] images;
  private final double[][] moves;
  private final double[][] products;
  private final int slots;
  private int stored;
  private int newest = -1;
  private int evaluations;

  /** Room for 11 n-vectors, three d x d matrices and seven on the host. */
  LeaveOneOut(TallMatrix A, double[] target, Vector wanted, Workspace space) {
    device = space.device();
    this.A = A;
    this.target = wanted;
    d = A.columns();
    long n = A.rows();
    u = space.vector(n);
    q = space.vector(n);
    work = space.vector(n);
    S = space.matrix(d, d);
    R = space.matrix(d, d);
    inverseR = space.matrix(d, d);
    full = new double[d * d];
    packed = new double[d * (d + 1) / 2];
    slots = 1 + Math.min(DEEPEST, (packed.length - 1) / 2); // fewer than S has dimensions
    plain = new Vector[slots];
    images = new double[slots][];
    moves = new double[slots][];
    products = new double[slots][slots];
    for (int k = 0; k < slots; k++) {
      plain[k] = space.vector(n);
      images[k] = new double[packed.length];
      moves[k] = new double[packed.length];
    }
    double[] values = target.clone();
    Arrays.setAll(values, i -> target[i] / Math.max(1 - target[i], BELOW_ONE));
    odds = space.upload(values); // target / (1 - target)
    largestOdds = Arrays.stream(values).max().orElse(0);
    Arrays.setAll(values, i -> target[i] * Math.max(1 - target[i], BELOW_ONE));
    degrees = Math.max(Arrays.stream(values).sum(), 1e-300); // D = target (1 - target)
    Arrays.setAll(values, i -> 1 / Math.max(values[i], 1e-300));
    inverseDegrees = space.upload(values);
    targetNorm = Math.sqrt(device.dot(wanted, wanted));
  }

  /** u. */
  Vector squaredWeights() {
    return u;
  }

  /** S = A^T diag(u) A, after {@link #start} or a run that converged. */
  Matrix gram() {
    return S;
  }

  int evaluations() {
    return evaluations;
  }

  /** Starts from squared weights; n d^2 flops. */
  void start(Vector squaredWeights) {
    device.copy(squaredWeights, u);
    A.weightedGram(u, S);
  }

  /**
   * Goes on until the next mismatch is predicted to be at most {@code tolerance}; false where that
   * is out of reach or {@code limit} evaluations are spent. Then u are the last weights evaluated.
   */
  boolean run(double tolerance, int limit, Steps steps, Reached reached) {
    pack(S, packed);
    double best = Double.POSITIVE_INFINITY;
    double last = 0;
    int bestAt = 0;
    while (evaluations < limit && evaluations - bestAt < PATIENCE) {
      if (device.cholesky(S, R) != 0) { // S = R^T R
        return false;
      }
      device.invertTriangular(R, inverseR);
      A.squaredNorms(inverseR, q); // q_i = ||R^-T a_i||^2
      evaluations++;
      double error = mismatch();
      steps.step("scale", evaluations, error);
      if (!(error < Double.POSITIVE_INFINITY)) {
        return false;
      }
      reached.at(u, error);
      bestAt = error < 0.9 * best ? evaluations : bestAt;
      best = Math.min(best, error);
      double gain = step();
      double rate = last > 0 ? Math.min(gain, error / last) : gain;
      last = error;
      // what S does not see of u shrinks by the odds, what is not linear by itself
      double next = error * Math.max(Math.max(rate, largestOdds), error);
      if (next <= tolerance && error <= BOLDEST * tolerance) {
        return true;
      }
    }
    return false;
  }

  /**
   * The larger of the relative residual and of the logit error of {@link Mismatch}, to first order,
   * at u.
   */
  private double mismatch() {
    device.multiply(u, q, work); // sigma
    device.axpy(-1, target, work);
    double residual = Math.sqrt(device.dot(work, work)) / targetNorm;
    return Math.max(residual, Math.sqrt(device.dot(inverseDegrees, work, work) / degrees));
  }

  /** u and S become the mixture of the last plain steps; how much shorter its move is, at least. */
  private double step() {
    newest = (newest + 1) % slots;
    stored = Math.min(stored + 1, slots);
    Vector next = plain[newest];
    device.map(Formula.RECIPROCAL, 0, q, null, null, next);
    device.axpy(-1, u, next);
    device.multiply(odds, next, next); // target / (1 - target) (1 / q - u)
    A.weightedGram(next, S);
    double[] image = images[newest];
    double[] move = moves[newest];
    pack(S, image);
    for (int k = 0; k < packed.length; k++) {
      move[k] = image[k] - packed[k];
    }
    double[] part = parts();
    double parts = 0;
    for (double value : part) {
      parts += Math.abs(value);
    }
    device.fill(0, u);
    Arrays.fill(packed, 0);
    for (int k = 0; k < stored; k++) {
      device.axpy(part[k], plain[k], u);
      for (int l = 0; l < packed.length; l++) {
        packed[l] += part[k] * images[k][l];
      }
    }
    device.copy(u, work);
    device.scale(-1, work);
    if (parts <= LARGEST_PARTS && device.max(work) < 0) {
      unpack(packed, S);
      return length(part) / Math.max(Math.sqrt(products[newest][newest]), 1e-300);
    }
    device.copy(next, u); // the mixture went too far
    System.arraycopy(image, 0, packed, 0, packed.length);
    stored = 0;
    newest = -1;
    return 1;
  }

  /** Of the combined moves. */
  private double length(double[] part) {
    double square = 0;
    for (int k = 0; k < stored; k++) {
      for (int l = 0; l < stored; l++) {
        square += part[k] * part[l] * products[k][l];
      }
    }
    return Math.sqrt(Math.max(square, 0));
  }

  /** Sum 1, such that the combined moves are smallest. */
  private double[] parts() {
    for (int k = 0; k < stored; k++) {
      double product = dot(moves[newest], moves[k]);
      products[newest][k] = product;
      products[k][newest] = product;
    }
    double[] scale = new double[stored];
    Arrays.setAll(scale, k -> 1 / Math.max(Math.sqrt(products[k][k]), 1e-300));
    double[][] L = new double[stored][stored]; // of the normalised products, with the ridge
    double[] y = scale.clone();
    for (int k = 0; k < stored; k++) {
      for (int l = 0; l <= k; l++) {
        double value = products[k][l] * scale[k] * scale[l] + (k == l ? RIDGE : 0);
        for (int m = 0; m < l; m++) {
          value -= L[k][m] * L[l][m];
        }
        L[k][l] = k == l ? Math.sqrt(Math.max(value, RIDGE * RIDGE)) : value / L[l][l];
      }
    }
    for (int k = 0; k < stored; k++) {
      for (int l = 0; l < k; l++) {
        y[k] -= L[k][l] * y[l];
      }
      y[k] /= L[k][k];
    }
    double sum = 0;
    for (int k = stored - 1; k >= 0; k--) {
      for (int l = k + 1; l < stored; l++) {
        y[k] -= L[l][k] * y[l];
      }
      y[k] /= L[k][k];
    }
    for (int k = 0; k < stored; k++) {
      y[k] *= scale[k];
      sum += y[k];
    }
    for (int k = 0; k < stored; k++) {
      y[k] /= sum;
    }
    return y;
  }

  /** The entries on and above the diagonal. */
  private void pack(Matrix M, double[] to) {
    device.download(M, full);
    int k = 0;
    for (int i = 0; i < d; i++) {
      System.arraycopy(full, i * d + i, to, k, d - i);
      k += d - i;
    }
  }

  private void unpack(double[] from, Matrix to) {
    int k = 0;
    for (int i = 0; i < d; i++) {
      for (int j = i; j < d; j++) {
        full[i * d + j] = from[k];
        full[j * d + i] = from[k++];
      }
    }
    device.upload(full, to);
  }

  private static double dot(double[] a, double[] b) {
    double s0 = 0;
    double s1 = 0;
    int k = 0;
    for (; k + 1 < a.length; k += 2) {
      s0 += a[k] * b[k];
      s1 += a[k + 1] * b[k + 1];
    }
    return k < a.length ? s0 + s1 + a[k] * b[k] : s0 + s1;
  }
}
