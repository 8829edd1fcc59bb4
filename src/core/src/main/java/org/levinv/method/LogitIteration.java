package org.levinv.method;

import java.util.function.BiConsumer;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.Anderson;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Steps of t towards diag(e^t) A with the target scores: the logits of all scores move to their
 * targets at once, a Jacobi iteration on a convex function, Anderson-mixed, and damped where it
 * overshoots. One evaluation of the scores each; the best t met is kept. Who calls decides when to
 * stop.
 */
final class LogitIteration {
  private final Device device;
  private final TallMatrix A;
  private final GramFactor gram;
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
  private double best;
  private double damping;

  LogitIteration(TallMatrix A, Vector target, GramFactor gram, Workspace space) {
    device = space.device();
    this.A = A;
    this.gram = gram;
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
    restart();
  }

  /** Forgets all that was met. */
  void restart() {
    mixing.forget();
    best = Double.POSITIVE_INFINITY;
    damping = 1;
  }

  /** The least mismatch met. */
  double best() {
    return best;
  }

  /** t = the best one met. */
  void toBest(Vector t) {
    device.copy(bestT, t);
  }

  /** t = t + the undamped, unmixed step of the best t. */
  void addBestStep(Vector t) {
    device.axpy(1, bestStep, t);
  }

  /** w = e^{t - max t}. */
  void setWeights(Vector t) {
    device.map(Formula.EXP, device.max(t), t, null, null, weights);
  }

  /** Sets the weights and factors their Gram matrix; false where that is singular. */
  boolean factor(Vector t) {
    setWeights(t);
    return Magnitudes.factor(gram, A, weights, squaredWeights, device);
  }

  /**
   * After an extrapolation that went too far: a damped step from the best t instead; false where
   * none was met.
   */
  boolean retreat(Vector t) {
    if (best == Double.POSITIVE_INFINITY) {
      return false;
    }
    mixing.forget();
    damping = Math.max(0.5 * damping, 0.01);
    toBest(t);
    device.axpy(damping, bestStep, t);
    return true;
  }

  /** The mismatch at t, whose Gram matrix is factored. */
  double evaluate(Vector t) {
    gram.scores(A, weights, sigma);
    double error = mismatch.of(sigma);
    if (error > 1.5 * best) {
      mixing.forget();
      damping = Math.max(0.5 * damping, 0.1);
    }
    if (error < best) {
      best = error;
      device.copy(t, bestT);
      device.copy(mismatch.step(), bestStep);
    }
    return error;
  }

  /** t = the next one after the t that was evaluated last. */
  void advance(Vector t) {
    Vector D = mismatch.degrees();
    device.copy(mismatch.step(), step);
    device.scale(damping, step);
    double shift = -device.dot(D, step) / device.sum(D); // L 1 = 0: without a constant
    device.map(Formula.SHIFT, shift, step, null, null, step);
    device.map(Formula.ROOT, 0, D, null, null, root);
    BiConsumer<Vector, Vector> measure = (from, to) -> device.multiply(root, from, to); // D^1/2 f
    mixing.next(t, step, measure, next);
    device.copy(next, t);
  }
}
