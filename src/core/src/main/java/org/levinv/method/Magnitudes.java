package org.levinv.method;

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
  private final boolean hasOthers;
  private final Workspace space;
  private final LogitIteration iteration;
  private double bestMismatch;
  private int evaluations;
  private boolean crawls;

  /**
   * For the rows A.
   *
   * @param feasible whether some t has the targets; those of a sample, where rows decouple, nearly
   * @param hasOthers whether weakly coupled rows are left to a search that follows
   */
  Magnitudes(
      TallMatrix A,
      Vector target,
      boolean feasible,
      boolean hasOthers,
      GramFactor gram,
      Workspace space) {
    device = space.device();
    this.feasible = feasible;
    this.hasOthers = hasOthers;
    this.A = A;
    this.gram = gram;
    this.target = target;
    this.space = space;
    iteration = new LogitIteration(A, target, gram, space);
  }

  /** The mismatch reached. */
  double reached() {
    return bestMismatch;
  }

  int evaluations() {
    return evaluations;
  }

  /**
   * Whether the last run ended above its tolerance: rows are too weakly coupled for a Jacobi
   * iteration, or are a sample of such rows, whose targets no t has.
   */
  boolean crawls() {
    return crawls;
  }

  /**
   * Improves t until the next mismatch is predicted to be below {@code tolerance}, or {@code limit}
   * evaluations are spent. The factor is left at the result.
   *
   * @param factored true where the factor belongs to t already
   * @return false where not even the first Gram matrix could be factored
   */
  boolean run(Vector t, boolean factored, double tolerance, int limit, Steps steps) {
    iteration.restart();
    return resume(t, factored, tolerance, limit, steps);
  }

  /** Goes on where {@link #run} ended, with its history. */
  boolean resume(Vector t, boolean factored, double tolerance, int limit, Steps steps) {
    double last = 0;
    double beforeLast = Double.POSITIVE_INFINITY;
    boolean near = false;
    for (evaluations = 0; evaluations < limit; ) {
      if (factored) {
        iteration.setWeights(t);
      }
      boolean regular = factored || iteration.factor(t);
      factored = false;
      bestMismatch = iteration.best();
      if (near && regular) {
        return true;
      }
      near = false;
      crawls = false;
      evaluations++;
      if (!regular) {
        if (!iteration.retreat(t)) {
          return false;
        }
        continue;
      }
      double error = iteration.evaluate(t);
      steps.step("magnitudes", evaluations, error);
      near = error * (last > 0 ? Math.min(1, Math.max(0.25, error / last)) : 1) <= tolerance;
      crawls = !near && !feasible && error < STALLED_BELOW && error > STALLED_RATE * beforeLast;
      near |= crawls;
      beforeLast = last > 0 ? last : beforeLast;
      last = error;
      iteration.advance(t);
    }
    bestMismatch = iteration.best();
    iteration.toBest(t);
    crawls = bestMismatch > tolerance;
    if (crawls && feasible) {
      MagnitudesNewton newton = new MagnitudesNewton(A, target, hasOthers, space);
      if (newton.run(t, tolerance, steps)) {
        bestMismatch = newton.reached();
        crawls = bestMismatch > tolerance;
        iteration.factor(t);
        return true;
      }
      iteration.toBest(t);
    }
    if (bestMismatch < 0.1) {
      iteration.addBestStep(t); // one plain step is free, and small scores need it
    }
    return iteration.factor(t);
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
