package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.model.Ridge;
import org.levinv.tall.TallMatrix;

/**
 * x from log weights t that are known up to a constant, t = log f(A x - b) + c, on a sample: the
 * minimum over x and c of the sum of D (log f(A x - b) + c - t)^2, where c is a mean and drops out.
 * For an even f that is smooth where a row changes its sign, so that Levenberg and Marquardt's
 * method finds it from a start that is only roughly right: x from |A x - b - m| = h, phase
 * retrieval, with h and m half the distance and the middle of the two eta of a weight, at a
 * constant that is guessed. Wang, Giannakis and Eldar, Solving systems of random quadratic
 * equations via truncated amplitude flow, 2018, arXiv:1605.08285.
 */
final class LinkPlacement {

  /**
   * The constant of a start leaves the largest weight this many spreads of t below the peak of f;
   * the order of the eta is that of the weights whatever it is.
   */
  private static final double[] GUESSES = {0.1, 1, 0.02, 0.4, 3, 0.1, 1, 0.4};

  /** Starts from here on are kicked away from the spectral estimate. */
  private static final int KICKED = 5;

  private static final double KICK = 0.5;

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

  /** Lengths of x tried where there is no offset. */
  private static final int LENGTHS = 27;

  private static final int STEPS = 60;

  /** A spread of log weights below this is none: all are equal, whatever x is. */
  private static final double EQUAL = 1e-6;

  /** A decrease of the misfit's square of less than this part ends a fit, */
  private static final double SLOW = 1e-7;

  /**
   * and so does one that is promised by a step which is hardly damped: x is then off by a thirtieth
   * of what the errors of t leave open. Larger: two starts that end in one place are told apart.
   */
  private static final double PROMISES_LITTLE = 1e-3;

  /** Damping of the first step; up to it a step promises what there is to be had. */
  private static final double DAMPING = 1e-3;

  /**
   * A start leads nowhere whose misfit, still above this one, was lowered by less than a hundredth
   * by each of some steps in a row: eta goes to infinity, mostly. The right fit is at a misfit far
   * below, or where steps promise little.
   */
  private static final double FAR = 0.1;

  private static final double CREEPS = 0.02;

  private static final int CREEPING = 5;

  /** Within this factor, misfits of two starts are the same. */
  private static final double SAME = 1.001;

  private final Device device;
  private final Workspace space;
  private final TallMatrix A;
  private final Weights weights;
  private final boolean homogeneous;
  private final long m;
  private final int d;
  private final double[] t;
  private final double[] b;
  private final Vector offset;
  private final Vector log;
  private final Vector D;
  private final double degrees;
  private final double spread;
  private final Vector eta;
  private final Vector r;
  private final Vector slope;
  private final Vector work;
  private final Vector trial;
  private final Vector step;
  private final Vector g;
  private final Vector mean;
  private final Matrix G;
  private final Matrix damped;
  private final Matrix R;
  private boolean again;

  /**
   * @param t log weights, m, each row once
   * @param scores of the rows, counted, m
   * @param homogeneous whether b is 0
   */
  LinkPlacement(
      TallMatrix A,
      Vector b,
      double[] t,
      Vector scores,
      Weights weights,
      boolean homogeneous,
      Workspace space) {
    this.A = A;
    this.t = t.clone();
    this.weights = weights;
    this.homogeneous = homogeneous;
    this.space = space;
    device = space.device();
    offset = b;
    m = A.rows();
    d = A.columns();
    this.b = new double[t.length];
    device.download(b, this.b);
    log = space.upload(t);
    D = space.vector(m);
    device.map(Formula.DEGREE, 0, scores, null, null, D); // sigma (1 - sigma)
    degrees = device.sum(D);
    eta = space.vector(m);
    r = space.vector(m);
    slope = space.vector(m);
    work = space.vector(m);
    trial = space.vector(d);
    step = space.vector(d);
    g = space.vector(d);
    mean = space.vector(d);
    G = space.matrix(d, d);
    damped = space.matrix(d, d);
    R = space.matrix(d, d);
    device.copy(log, r);
    spread = Math.max(Math.sqrt(center(r) / degrees), EQUAL);
  }

  /** The root mean square of t around its mean, weighted by D: what a misfit is measured by. */
  double spread() {
    return spread;
  }

  /** v = v - its mean, weighted by D; returns the sum of D v^2. */
  private double center(Vector v) {
    device.map(Formula.SHIFT, -device.dot(D, v) / degrees, v, null, null, v);
    return device.dot(D, v, v);
  }

  /** r = log f(A x - b) - t, centred, from eta; returns the sum of D r^2. */
  private double residual() {
    device.map(weights.log(), weights.parameter(), eta, null, null, r);
    device.axpy(-1, log, r);
    return center(r);
  }

  private double at(Vector x) {
    A.times(x, eta);
    device.axpy(-1, offset, eta); // eta = A x - b
    return residual();
  }

  /** sqrt(sum of D r^2 / sum of D), relative to the spread of t. */
  private double misfit(double square) {
    return Math.sqrt(square / degrees) / spread;
  }

  /**
   * Fits from one start after the other.
   *
   * @param above on which branch each row is, positive above the peak, m; null where that is not
   *     known
   * @param again whether starts as they come were tried before: all are kicked
   * @param good a misfit up to which the fit is right
   * @param fair one up to which it is where two starts find it
   * @return the least misfit; infinite where no start came to anything. x is there
   */
  double find(
      Vector above, SplittableRandom random, boolean again, double good, double fair, Vector x) {
    this.again = again;
    Vector start = space.vector(d);
    double least = Double.POSITIVE_INFINITY;
    int starts = above == null ? 0 : 2;
    boolean isMonotone = !weights.leavesSigns();
    boolean isOnce = isMonotone || (isReciprocal() && above != null);
    int count = isOnce ? 1 : starts > 0 ? starts : GUESSES.length;
    for (int k = 0; k < count; k++) {
      for (int way = 0; way < ways(isMonotone, above, k); way++) {
        boolean placed = isMonotone ? linear(null, start) : start(above, k, way, random, start);
        double misfit = placed ? misfit(marquardt(start)) : Double.NaN;
        boolean twice = misfit <= SAME * least && least <= SAME * misfit && misfit <= fair;
        if (misfit < least) {
          least = misfit;
          device.copy(start, x);
        }
        if (least <= good || twice) {
          return least;
        }
      }
    }
    return least;
  }

  /** Starts of one guess: a peaked f is retrieved without and with flow, or lies on one branch. */
  private int ways(boolean isMonotone, Vector above, int k) {
    boolean peaked = weights.shape() == Weights.Shape.PEAKED && above == null;
    return isMonotone || !peaked ? 1 : k < 2 ? 4 : 2;
  }

  private boolean start(Vector above, int k, int way, SplittableRandom random, Vector x) {
    double q = GUESSES[k];
    if (isReciprocal()) {
      return reciprocal(above, k, random, x);
    }
    if (above != null) {
      double[] known = new double[(int) m];
      device.download(above, known);
      return place(known, new double[] {0.1, 1}[k], x);
    }
    if (way >= 2) {
      double[] one = new double[(int) m];
      Arrays.fill(one, way == 2 ? -1 : 1);
      return place(one, q, x);
    }
    boolean flow = weights.shape() == Weights.Shape.EVEN || way == 1;
    return retrieve(q, again || k >= KICKED ? KICK : 0, flow, random, x);
  }

  private boolean isReciprocal() {
    return weights.shape() == Weights.Shape.RECIPROCAL;
  }

  /**
   * A start for 1 / |A x - b|: no constant is to be guessed. Where signs are not known all are
   * positive first, then negative, then those of a retrieval.
   */
  private boolean reciprocal(Vector above, int k, SplittableRandom random, Vector x) {
    double[] signs = new double[(int) m];
    if (above != null) {
      device.download(above, signs);
    } else if (k < 2) {
      Arrays.fill(signs, k == 0 ? 1 : -1);
    } else {
      if (!retrieve(0, again || k >= KICKED ? KICK : 0, true, random, x)) {
        return false;
      }
      at(x);
      device.download(eta, signs);
    }
    return linear(signs, x);
  }

  /** log f that t stands for, where the largest is q spreads below the peak. */
  private double[] guess(double q) {
    double largest = Arrays.stream(t).max().orElse(0);
    double top = weights.log(weights.peak());
    return Arrays.stream(t).map(value -> value - largest + top - q * spread).toArray();
  }

  // ---- linear starts

  /** x where the branch of each row is known: A x - b = f^-1, weighted by what t tells of it. */
  private boolean place(double[] above, double q, Vector x) {
    double[] logs = guess(q);
    double[] y = new double[logs.length];
    double[] w = new double[logs.length];
    double[] degree = new double[logs.length];
    device.download(D, degree);
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
  private boolean linear(double[] signs, Vector x) {
    device.fill(0, x);
    if (weights.shape() == Weights.Shape.EXPONENTIAL) {
      return true;
    }
    double[] y = relative();
    for (int i = 0; i < y.length && signs != null; i++) {
      y[i] = Math.copySign(y[i], signs[i]);
    }
    double[] degree = new double[y.length];
    device.download(D, degree);
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
    double center = device.dot(D, log) / degrees;
    return Arrays.stream(t).map(v -> Math.exp((v - center) / weights.parameter())).toArray();
  }

  /** Whether eta is positive on nearly all rows that count. */
  private boolean isInside(Vector x) {
    return Double.isFinite(at(x));
  }

  // ---- phase retrieval

  private boolean retrieve(double q, double kick, boolean flow, SplittableRandom random, Vector x) {
    double[] h = isReciprocal() ? relative() : new double[t.length];
    double[] right = Arrays.stream(b).map(value -> -value).toArray();
    if (!isReciprocal()) {
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
        findLength(x);
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

  /** Without an offset the constant and the length of x are one question: asked of the fit. */
  private void findLength(Vector x) {
    Vector once = work;
    A.times(x, once);
    double best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; k < LENGTHS; k++) {
      double rho = Math.pow(10, -1.3 + 2.6 * k / (LENGTHS - 1));
      device.copy(once, eta);
      device.scale(rho, eta);
      double square = residual();
      if (square < least) {
        least = square;
        best = rho;
      }
    }
    device.scale(best, x);
  }

  // ---- fit

  /** Improves x in place; the sum of D r^2 there. */
  private double marquardt(Vector x) {
    double lambda = DAMPING;
    double value = at(x);
    int creeping = 0;
    for (int k = 0; k < STEPS && creeping < CREEPING; k++) {
      device.map(weights.slope(), weights.parameter(), eta, null, null, slope);
      device.multiply(D, slope, work);
      A.transposeTimes(work, mean); // A^T S D 1
      device.multiply(work, r, r);
      A.transposeTimes(r, g); // A^T S D r
      device.multiply(work, slope, work);
      A.weightedGram(work, G); // A^T S D S A
      device.rankOne(-1 / degrees, mean, mean, G);
      Ridge.add(device, G);
      double before = value;
      boolean found = false;
      for (int tries = 0; tries < 8 && !found; tries++) {
        device.copy(G, damped);
        device.addDiagonal(lambda, G, damped);
        if (device.cholesky(damped, R) == 0) {
          device.copy(g, step);
          device.solve(R, step);
          if (lambda <= DAMPING && device.dot(g, step) <= PROMISES_LITTLE * value) {
            return value;
          }
          device.copy(x, trial);
          device.axpy(-1, step, trial);
          double there = at(trial);
          found = there < value;
          value = found ? there : value;
        }
        lambda = found ? 0.2 * lambda : Math.max(5 * lambda, 1e-10);
      }
      if (!found) {
        return value;
      }
      device.copy(trial, x);
      boolean creeps = value > before * (1 - CREEPS) && misfit(value) > FAR;
      creeping = creeps ? creeping + 1 : 0;
      if (value > before * (1 - SLOW) || value < 1e-28 * spread * spread * degrees) {
        return value;
      }
    }
    return value;
  }
}
