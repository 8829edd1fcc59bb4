package org.levinv.method;

import java.util.function.BiConsumer;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Stage 1: t, up to a constant, such that diag(e^t) A has the target scores. It minimises the
 * convex 0.5 logdet(A^T e^{2t} A) - target . t, whose gradient is sigma(t) - target and whose
 * Hessian is 2 L. Exact minimisation over t_i alone moves logit(sigma_i) to its target; all rows at
 * once is a Jacobi iteration, one score evaluation each, Anderson-mixed.
 */
final class Magnitudes {

  /** The mismatch of infeasible targets settles below this, */
  private static final double STALLED_BELOW = 0.2;

  /** and has settled where two evaluations did not lower it to this. */
  private static final double STALLED_RATE = 0.8;

  private final Device device;
  private final TallMatrix A;
  private final GramFactor gram;
  private final Vector target;
  private final boolean feasible;
  private final Workspace space;
  private final Mismatch mismatch;
  private final Anderson mixing;
  private final Vector weights;
  private final Vector squaredWeights;
  private final Vector sigma;
  private final Vector root;
  private final Vector step;
  private final Vector next;
  private final Vector bestT;
  private final Vector bestStep;
  private double bestMismatch;
  private int evaluations;

  /**
   * For the rows A.
   *
   * @param feasible whether some t has the targets; those of a sample, where rows decouple, nearly
   */
  Magnitudes(TallMatrix A, Vector target, boolean feasible, GramFactor gram, Workspace space) {
    device = space.device();
    this.feasible = feasible;
    this.A = A;
    this.gram = gram;
    this.target = target;
    this.space = space;
    long m = A.rows();
    Vector ones = space.vector(m);
    device.fill(1, ones);
    mismatch = new Mismatch(target, ones, space);
    mixing = new Anderson(6, m, m, space);
    weights = space.vector(m);
    squaredWeights = space.vector(m);
    sigma = space.vector(m);
    root = space.vector(m);
    step = space.vector(m);
    next = space.vector(m);
    bestT = space.vector(m);
    bestStep = space.vector(m);
  }

  /** The mismatch reached. */
  double reached() {
    return bestMismatch;
  }

  int evaluations() {
    return evaluations;
  }

  /**
   * Improves t until the next mismatch is predicted to be below {@code tolerance}, or {@code limit}
   * evaluations are spent. The factor is left at the result.
   *
   * @param factored true where the factor belongs to t already
   * @return false where not even the first Gram matrix could be factored
   */
  boolean run(Vector t, boolean factored, double tolerance, int limit, Steps steps) {
    mixing.forget();
    bestMismatch = Double.POSITIVE_INFINITY;
    double damping = 1;
    double last = 0;
    double beforeLast = Double.POSITIVE_INFINITY;
    boolean near = false;
    for (evaluations = 0; evaluations < limit; ) {
      setWeights(t);
      boolean regular = factored || factor(gram, A, weights, squaredWeights, device);
      factored = false;
      if (near && regular) {
        return true;
      }
      near = false;
      evaluations++;
      if (!regular) { // an extrapolation went too far: a damped step from the best t instead
        if (bestMismatch == Double.POSITIVE_INFINITY) {
          return false;
        }
        mixing.forget();
        damping = Math.max(0.5 * damping, 0.01);
        device.copy(bestT, t);
        device.axpy(damping, bestStep, t);
        continue;
      }
      gram.scores(A, weights, sigma);
      double error = mismatch.of(sigma);
      steps.step("magnitudes", evaluations, error);
      if (error > 1.5 * bestMismatch) {
        mixing.forget();
        damping = Math.max(0.5 * damping, 0.1);
      }
      if (error < bestMismatch) {
        bestMismatch = error;
        device.copy(t, bestT);
        device.copy(mismatch.step(), bestStep);
      }
      near = error * (last > 0 ? Math.min(1, Math.max(0.25, error / last)) : 1) <= tolerance;
      near |= !feasible && error < STALLED_BELOW && error > STALLED_RATE * beforeLast;
      beforeLast = last > 0 ? last : beforeLast;
      last = error;
      Vector D = mismatch.degrees();
      device.copy(mismatch.step(), step);
      device.scale(damping, step);
      device.map(
          Formula.SHIFT,
          -device.dot(D, step) / device.sum(D),
          step,
          null,
          null,
          step); // L 1 = 0: without a constant
      device.map(Formula.ROOT, 0, D, null, null, root);
      BiConsumer<Vector, Vector> measure = (from, to) -> device.multiply(root, from, to); // D^1/2 f
      mixing.next(t, step, measure, next);
      device.copy(next, t);
    }
    device.copy(bestT, t);
    if (feasible
        && bestMismatch > tolerance
        && evaluations >= limit) { // rows too strongly coupled for a Jacobi iteration
      MagnitudesNewton newton = new MagnitudesNewton(A, target, space);
      if (newton.run(t, tolerance, steps)) {
        bestMismatch = newton.reached();
        setWeights(t);
        factor(gram, A, weights, squaredWeights, device);
        return true;
      }
      device.copy(bestT, t);
    }
    if (bestMismatch < 0.1) {
      device.axpy(1, bestStep, t); // one plain step is free, and small scores need it
    }
    setWeights(t);
    return factor(gram, A, weights, squaredWeights, device);
  }

  /** w = e^{t - max t}. */
  private void setWeights(Vector t) {
    device.map(Formula.EXP, device.max(t), t, null, null, weights);
  }

  /**
   * G = A^T W^2 A = R^T R by Cholesky, or where that fails (cond above 1e8) by Householder QR; for
   * samples only.
   */
  static boolean factor(GramFactor gram, TallMatrix A, Vector w, Vector work, Device device) {
    device.map(Formula.SQUARE, 0, w, null, null, work);
    return gram.ofSquaredWeights(A, work) || gram.ofRows(A, w);
  }
}
