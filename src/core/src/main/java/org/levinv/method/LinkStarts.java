package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Starts for a {@link LinkFit}, which are only roughly right: linear ones where the branch of each
 * row is known, or f is monotone, and those of a phase retrieval.
 */
final class LinkStarts {

  /** Of the rows, those whose amplitudes make the spectral estimate. */
  private static final double SPECTRAL = 3.0 / 13;

  /** Steps of reweighted amplitude flow; signs settle in far fewer, or not at all. */
  private static final int FLOW = 150;

  /** Steps without a change of signs after which they have settled. */
  private static final int SETTLED = 3;

  /** Rounds towards radial isotropic position, where the odds of a retrieval are best. */
  private static final int ROUNDS = 3;

  /** Lengths of all rows within this factor of each other are near enough to it. */
  private static final double ALIKE = 1.5;

  private final LinkFit fit;
  private final Device device;
  private final Workspace space;
  private final TallMatrix A;
  private final Weights weights;
  private final boolean homogeneous;
  private final long m;
  private final int d;
  private final double[] t;
  private final double[] b;

  /**
   * @param t log weights, m
   * @param homogeneous whether b is 0
   */
  LinkStarts(
      LinkFit fit,
      TallMatrix A,
      Vector b,
      double[] t,
      Weights weights,
      boolean homogeneous,
      Workspace space) {
    this.fit = fit;
    this.A = A;
    this.t = t.clone();
    this.weights = weights;
    this.homogeneous = homogeneous;
    this.space = space;
    device = space.device();
    m = A.rows();
    d = A.columns();
    this.b = new double[t.length];
    device.download(b, this.b);
  }

  /** log f that t stands for, where the largest is q spreads below the peak. */
  private double[] guess(double q) {
    double largest = Arrays.stream(t).max().orElse(0);
    double top = weights.log(weights.peak());
    return Arrays.stream(t).map(value -> value - largest + top - q * fit.spread()).toArray();
  }

  /** x where the branch of each row is known: A x - b = f^-1, weighted by what t tells of it. */
  boolean place(double[] above, double q, Vector x) {
    double[] logs = guess(q);
    double[] y = new double[logs.length];
    double[] w = new double[logs.length];
    double[] degree = fit.degree();
    for (int i = 0; i < y.length; i++) {
      double value = weights.inverse(logs[i], above[i] > 0);
      double s = Math.max(Math.abs(weights.slope(value)), 1e-9);
      w[i] = degree[i] * s * s;
      y[i] = w[i] * (value + b[i]);
    }
    return solve(A, space.upload(w), space.upload(y), x);
  }

  /** x = (B^T W B)^-1 B^T y. */
  private boolean solve(TallMatrix B, Vector w, Vector y, Vector x) {
    GramFactor factor = new GramFactor(B.columns(), space);
    if (!factor.ofSquaredWeights(B, w)) {
      return false;
    }
    B.transposeTimes(y, x);
    factor.solve(x);
    return true;
  }

  /**
   * A start for monotone weights. An exponential f is fitted from anywhere; for a power A x - b = c
   * e^(t / p) is linear in x and c.
   *
   * @param signs of A x - b, m; null where all are positive
   */
  boolean linear(double[] signs, Vector x) {
    device.fill(0, x);
    if (weights.shape() == Weights.Shape.EXPONENTIAL) {
      return true;
    }
    double[] y = relative();
    for (int i = 0; i < y.length && signs != null; i++) {
      y[i] = Math.copySign(y[i], signs[i]);
    }
    double[] degree = fit.degree();
    double[] w = new double[y.length];
    Arrays.setAll(w, i -> degree[i] / (y[i] * y[i])); // relative errors of eta
    double[] right = new double[y.length];
    if (homogeneous) {
      Arrays.setAll(right, i -> w[i] * y[i]);
      return solve(A, space.upload(w), space.upload(right), x) && isInside(x);
    }
    Arrays.setAll(right, i -> w[i] * b[i]);
    TallMatrix B = A.withColumn(space.upload(Arrays.stream(y).map(v -> -v).toArray()), space);
    Vector both = space.vector(d + 1);
    if (!solve(B, space.upload(w), space.upload(right), both)) {
      return false;
    }
    double[] values = new double[d + 1];
    device.download(both, values);
    device.upload(Arrays.copyOf(values, d), x);
    return values[d] > 0;
  }

  /** |A x - b| up to a factor, for a power. */
  private double[] relative() {
    double center = fit.middle();
    return Arrays.stream(t).map(v -> Math.exp((v - center) / weights.parameter())).toArray();
  }

  /** Whether eta is positive on nearly all rows that count. */
  private boolean isInside(Vector x) {
    return Double.isFinite(fit.at(x));
  }

  /**
   * x from |A x - b - m| = h, with h and m half the distance and the middle of the two eta of a
   * weight, at a constant that is guessed. Wang, Giannakis and Eldar, Solving systems of random
   * quadratic equations via truncated amplitude flow, 2018, arXiv:1605.08285.
   *
   * @param q spreads of t that the largest weight is below the peak of f
   * @param kick away from the spectral estimate, relative to it; 0 for none
   * @param flow whether amplitude flow follows
   */
  boolean retrieve(double q, double kick, boolean flow, SplittableRandom random, Vector x) {
    double[] h = weights.shape() == Weights.Shape.RECIPROCAL ? relative() : new double[t.length];
    double[] right = Arrays.stream(b).map(value -> -value).toArray();
    if (weights.shape() != Weights.Shape.RECIPROCAL) {
      halves(guess(q), h, right);
    }
    try (Workspace own = new Workspace(device)) {
      TallMatrix B = homogeneous ? A : A.withColumn(own.upload(right), own);
      int columns = B.columns();
      Vector y = own.upload(h);
      Vector v = own.vector(m);
      Vector length = own.vector(m);
      device.fill(1, v);
      GramFactor factor = new GramFactor(columns, own);
      for (int k = 0; ; k++) {
        if (!Magnitudes.factor(factor, B, v, length, device)) {
          return false;
        }
        B.squaredNorms(factor.inverseR(), length);
        device.map(Formula.ROOT, 0, length, null, null, length); // ||R^-T b_i||
        if (k == ROUNDS || areAlike(v, length)) {
          break;
        }
        device.map(Formula.SAFE_RECIPROCAL, 0, length, null, null, v);
      }
      TallMatrix Q = B.allocate(columns, own);
      B.scaledTriangular(v, factor.inverseR(), Q); // Q = diag(v) B R^-1
      device.multiply(length, v, length);
      device.multiply(v, y, y);
      Vector z = own.vector(columns);
      spectral(Q, y, length, z, own);
      double size = Math.sqrt(device.dot(y, y));
      if (kick > 0) {
        double[] noise = new double[columns];
        Arrays.setAll(noise, j -> kick * random.nextGaussian() / Math.sqrt(columns));
        device.axpy(1, own.upload(noise), z);
      }
      device.scale(size / Math.sqrt(device.dot(z, z)), z);
      if (flow) {
        flow(Q, y, z, own);
      }
      double[] values = new double[columns];
      Vector unrolled = own.vector(columns);
      device.multiply(factor.inverseR(), false, z, unrolled);
      device.download(unrolled, values);
      double scale = homogeneous ? 1 : 1 / values[d];
      double[] point = new double[d];
      Arrays.setAll(point, j -> values[j] * scale);
      device.upload(point, x);
      if (homogeneous) {
        fit.findLength(x);
      }
      double found = device.dot(x, x);
      return found > 0 && found < Double.POSITIVE_INFINITY;
    }
  }

  /** h, half the distance of the two eta of a weight, and their middle off {@code right}. */
  private void halves(double[] logs, double[] h, double[] right) {
    for (int i = 0; i < h.length; i++) {
      double up = weights.inverse(logs[i], true);
      double low = weights.hasMirror() ? -up : weights.inverse(logs[i], false);
      h[i] = 0.5 * (up - low);
      right[i] -= 0.5 * (up + low);
    }
  }

  /** Whether all v_i length_i but those of 0 are about the same. */
  private boolean areAlike(Vector v, Vector length) {
    double[] factor = new double[(int) m];
    double[] lengths = new double[(int) m];
    device.download(v, factor);
    device.download(length, lengths);
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (int i = 0; i < lengths.length; i++) {
      double here = factor[i] * lengths[i];
      least = here > 0 ? Math.min(least, here) : least;
      most = Math.max(most, here);
    }
    return most <= ALIKE * least;
  }

  /** z = the leading eigenvector of the rows with the largest y_i / length_i. */
  private void spectral(TallMatrix Q, Vector y, Vector length, Vector z, Workspace own) {
    double[] amplitude = new double[(int) m];
    double[] lengths = new double[(int) m];
    device.download(y, amplitude);
    device.download(length, lengths);
    double[] ratio = new double[amplitude.length];
    Arrays.setAll(ratio, i -> amplitude[i] / Math.max(lengths[i], 1e-300));
    double[] sorted = ratio.clone();
    Arrays.sort(sorted);
    double least = sorted[(int) ((1 - SPECTRAL) * (sorted.length - 1))];
    double[] u = new double[ratio.length];
    Arrays.setAll(
        u, i -> ratio[i] >= least && lengths[i] > 0 ? ratio[i] / (lengths[i] * lengths[i]) : 0);
    SpectralStart.of(Q, own.upload(u), z, own);
  }

  /** Reweighted amplitude flow for |Q z| = y, until the signs have settled. */
  private void flow(TallMatrix Q, Vector y, Vector z, Workspace own) {
    Vector u = own.vector(m);
    Vector before = own.vector(m);
    Vector change = own.vector(m);
    Vector gradient = own.vector(Q.columns());
    int same = 0;
    Q.times(z, u);
    for (int k = 0; k < FLOW && same < SETTLED; k++) {
      device.map(Formula.AMPLITUDE_RESIDUAL, 5, u, y, null, change);
      Q.transposeTimes(change, gradient);
      device.axpy(-2, gradient, z);
      device.copy(u, before);
      Q.times(z, u);
      device.map(Formula.SIGN_CHANGED, 0, u, before, null, change);
      same = device.sum(change) == 0 ? same + 1 : 0;
    }
  }
}
