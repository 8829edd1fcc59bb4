package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * The safeguard of the magnitudes: Newton's method on the convex phi(t) = 0.5 logdet(A^T e^{2t} A)
 * - target . t, with gradient sigma(t) - target and Hessian 2 L. Each step comes from conjugate
 * gradients with the diagonal of L as preconditioner, and is shortened until phi goes down enough.
 */
public final class MagnitudesNewton {
  private static final int STEPS = 30;
  private static final int INNER_STEPS = 40;

  /** A system that is not solved in so many ends it where others do better: 3 units each. */
  private static final int FEW_INNER_STEPS = 10;

  private static final double INNER_TOLERANCE = 0.05;
  private static final int MOST_CUTS = 30;
  private static final double ENOUGH_DECREASE = 1e-4;

  /** Changes of phi below this, relatively, are lost in rounding. */
  private static final double PHI_ROUNDING = 1e-11;

  /** No t_i moves by more than this in one step. */
  private static final double LONGEST = 2;

  /** So many steps have to halve the mismatch at least: else they crawl, and others do better. */
  private static final int PATIENCE = 10;

  /**
   * Steps in a row whose system was not solved, and that left more than this part of the mismatch,
   * are the last ones: where rows hardly couple each costs 120 units, and the next is no better.
   */
  private static final int MOST_STUCK = 2;

  private static final double STUCK = 0.98;

  private final Device device;
  private final Scores scores;
  private final Vector target;
  private final Mismatch mismatch;
  private final Vector weights;
  private final Vector trial;
  private final Vector step;
  private final Vector rest;
  private final Vector preconditioned;
  private final Vector direction;
  private final Vector product;
  private final boolean hasOthers;
  private double reached = Double.POSITIVE_INFINITY;
  private boolean isSolved;

  /** For rows A with the given targets; 12 vectors of their length. */
  public MagnitudesNewton(TallMatrix A, Vector target, Workspace space) {
    this(A, target, false, space);
  }

  /**
   * The same.
   *
   * @param hasOthers whether weakly coupled rows are left to a search that follows
   */
  MagnitudesNewton(TallMatrix A, Vector target, boolean hasOthers, Workspace space) {
    device = space.device();
    this.hasOthers = hasOthers;
    this.target = target;
    scores = new Scores(A, space);
    Vector ones = space.vector(A.rows());
    device.fill(1, ones);
    mismatch = new Mismatch(target, ones, space);
    weights = space.vector(A.rows());
    trial = space.vector(A.rows());
    step = space.vector(A.rows());
    rest = space.vector(A.rows());
    preconditioned = space.vector(A.rows());
    direction = space.vector(A.rows());
    product = space.vector(A.rows());
  }

  /** The mismatch at the t of the last run. */
  public double reached() {
    return reached;
  }

  /**
   * Improves t until the mismatch is below the tolerance, or no step lowers phi; false where no
   * Gram matrix could be factored.
   */
  public boolean run(Vector t, double tolerance, Steps steps) {
    double phi = evaluate(t);
    if (Double.isNaN(phi)) {
      return false;
    }
    double before = Double.POSITIVE_INFINITY;
    int stuck = 0;
    isSolved = true;
    for (int k = 0; k < STEPS; k++) {
      double last = reached;
      reached = mismatch.of(scores.sigma());
      steps.step("magnitudes (Newton)", k + 1, reached);
      stuck = isSolved || reached <= STUCK * last ? 0 : stuck + 1;
      boolean isForOthers = hasOthers && !isSolved;
      boolean crawls =
          isForOthers || stuck == MOST_STUCK || (k % PATIENCE == 0 && reached > 0.5 * before);
      if (reached <= tolerance || crawls) {
        break;
      }
      before = k % PATIENCE == 0 ? reached : before;
      double slope = solve();
      double length = longest();
      double a = length > LONGEST ? LONGEST / length : 1;
      double next = Double.NaN;
      boolean accepted = false;
      for (int cut = 0; cut < MOST_CUTS && !accepted; cut++, a *= 0.5) {
        device.copy(t, trial);
        device.axpy(a, step, trial);
        next = evaluate(trial);
        boolean rounding =
            a * slope <= PHI_ROUNDING * (1 + Math.abs(phi)); // phi cannot tell any more
        accepted =
            next <= phi - ENOUGH_DECREASE * a * slope
                || (rounding && !Double.isNaN(next) && mismatch.of(scores.sigma()) < reached);
      }
      if (!accepted) {
        evaluate(t);
        break;
      }
      phi = next;
      device.copy(trial, t);
    }
    return true;
  }

  /** phi(t), and the scores at t; NaN where G cannot be factored. */
  private double evaluate(Vector t) {
    double top = device.max(t);
    device.map(Formula.EXP, top, t, null, null, weights);
    if (scores.atWeights(weights) != 0) {
      return Double.NaN;
    }
    double logdet = 0;
    for (double r : device.diagonal(scores.R())) {
      logdet += Math.log(Math.abs(r));
    }
    double d = scores.R().columns();
    return logdet + d * top - device.dot(target, t);
  }

  /** step = (2 L)^-1 (target - sigma), nearly; returns its slope. */
  private double solve() {
    device.fill(0, step);
    device.copy(target, rest);
    device.axpy(-1, scores.sigma(), rest);
    device.scale(0.5, rest); // (target - sigma) / 2
    precondition();
    device.copy(preconditioned, direction);
    double rz = device.dot(rest, preconditioned);
    double stop = INNER_TOLERANCE * INNER_TOLERANCE * rz;
    int most = hasOthers ? FEW_INNER_STEPS : INNER_STEPS;
    for (int k = 0; k < most && rz > stop; k++) {
      scores.laplacian(direction, product); // L p
      double curvature = device.dot(direction, product);
      if (!(curvature > 0)) {
        break;
      }
      double a = rz / curvature;
      device.axpy(a, direction, step);
      device.axpy(-a, product, rest);
      precondition();
      double next = device.dot(rest, preconditioned);
      device.scale(next / rz, direction);
      device.axpy(1, preconditioned, direction);
      rz = next;
    }
    isSolved = rz <= stop;
    device.copy(target, product);
    device.axpy(-1, scores.sigma(), product);
    return device.dot(product, step);
  }

  /** z = diag(L)^-1 r. */
  private void precondition() {
    device.map(Formula.DEGREE, 0, scores.sigma(), null, null, preconditioned);
    device.map(Formula.SAFE_RECIPROCAL, 0, preconditioned, null, null, preconditioned);
    device.multiply(rest, preconditioned, preconditioned);
  }

  private double longest() {
    device.map(Formula.MAGNITUDE, 0, step, null, null, product);
    return device.max(product);
  }
}
