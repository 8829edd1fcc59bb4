package org.levinv.method;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Ridge;
import org.levinv.tall.TallMatrix;

/**
 * The fit of log weights t on a sample, t = log f(A x - b) + c: the minimum over x and c of the sum
 * of D (log f(A x - b) + c - t)^2, where c is a mean and drops out. For an even f that is smooth
 * where a row changes its sign.
 */
final class LinkFit {

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

  private final Device device;
  private final TallMatrix A;
  private final Weights weights;
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

  /**
   * @param t log weights, m, each row once
   * @param scores of the rows, counted, m
   */
  LinkFit(TallMatrix A, Vector b, double[] t, Vector scores, Weights weights, Workspace space) {
    this.A = A;
    this.weights = weights;
    device = space.device();
    offset = b;
    long m = A.rows();
    int d = A.columns();
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

  /** The mean of t, weighted by D. */
  double middle() {
    return device.dot(D, log) / degrees;
  }

  /** D, m numbers. */
  double[] degree() {
    double[] values = new double[(int) A.rows()];
    device.download(D, values);
    return values;
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

  /** The sum of D r^2 at x; infinite or NaN where an eta has no weight. */
  double at(Vector x) {
    A.times(x, eta);
    device.axpy(-1, offset, eta); // eta = A x - b
    return residual();
  }

  /** sqrt(sum of D r^2 / sum of D), relative to the spread of t. */
  double misfit(double square) {
    return Math.sqrt(square / degrees) / spread;
  }

  /** A x - b where the last look was, m numbers. */
  double[] eta() {
    double[] values = new double[(int) A.rows()];
    device.download(eta, values);
    return values;
  }

  /** Without an offset the constant and the length of x are one question: asked of the fit. */
  void findLength(Vector x) {
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

  /** Improves x in place; the sum of D r^2 there. */
  double marquardt(Vector x) {
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
