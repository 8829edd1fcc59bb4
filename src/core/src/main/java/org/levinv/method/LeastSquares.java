package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Loss;
import org.levinv.tall.TallMatrix;

/**
 * Minimises 0.5 ||sigma(x) - target||^2 from a start near the optimum, for targets that no x meets:
 * Newton's method on a Hessian from sampled rows. Rank-one secant updates (SR1) from the exact
 * gradients correct it, so that the fixed point is the true optimum whatever the sample. Where the
 * model is not convex it is damped with a multiple of M = A^T W^2 diag(sigma o (1 - sigma)) A,
 * which measures a step by the change of the log scores and stays bounded where a slack goes to 0.
 * The loss goes down in every step.
 *
 * <p>It ends when the decrease that the model predicts is small beside the loss, or beside what
 * rounding leaves of it: a test that depends neither on coordinates nor on units. Sampled Newton
 * steps for this loss: Zhihang Li, Zhao Song, Weixin Wang, Junze Yin and Zheng Yu, "How to
 * Inverting the Leverage Score Distribution?", 2024, arXiv:2404.13785; the secant correction, the
 * damping and the walls are additions.
 */
public final class LeastSquares {

  /** The decrease of the loss, relative to it, that no longer counts. */
  private static final double TOLERANCE = 1e-12;

  /** Steps in a row that decrease the loss by less. */
  private static final int QUIET_STEPS = 3;

  /** A decrease of less than this part of the predicted one is no progress. */
  private static final double ENOUGH_DECREASE = 1e-4;

  private static final double EPS = 0x1p-52;

  /** How a run ended. */
  public enum Status {
    /** At a minimum, for all that rounding lets one see. */
    CONVERGED,
    /** No step decreases the loss although the model predicts it. */
    STALLED,
    /** The limit was reached. */
    ITERATION_LIMIT
  }

  /**
   * The end of a run.
   *
   * @param loss 0.5 ||sigma(x) - target||^2
   * @param predictedDecrease of the loss by one more step, according to the model
   * @param iterations steps tried
   * @param wallRow a row whose slack the last step shrank as far as it may, or -1
   */
  public record Outcome(
      Status status, double loss, double predictedDecrease, int iterations, int wallRow) {}

  /** Hears how a run gets on. */
  @FunctionalInterface
  public interface Listener {
    /** At the start of an iteration: ||sigma(x) - target|| / ||target||. */
    void step(int iteration, double relativeResidual);
  }

  private final TallMatrix A;
  private final Device device;
  private final SplittableRandom random;
  private final int limit;
  private final boolean keepSigns;
  private final double targetNorm;
  private final int size;

  private final Vector u;
  private final Vector v;
  private final Vector step;
  private final Vector trial;
  private final Vector change;
  private final Vector secant;
  private final Matrix B;
  private final Matrix M;
  private final Matrix damped;
  private final Matrix F;
  private final SampledHessian hessian;
  private final WalledStep walls;

  private Loss here;
  private Loss there;
  private Vector g;
  private Vector next;

  private boolean hasModel;
  private boolean fresh;
  private boolean hasMetric;
  private boolean unscaled;
  private double lambda;
  private double scale;
  private double predicted;

  /**
   * For A of n x d, b and target of n entries.
   *
   * @param seed of the sample of rows
   * @param limit on the iterations
   * @param keepSigns no slack changes its sign; for starts whose signs are known
   */
  public LeastSquares(
      TallMatrix A,
      Vector b,
      Vector target,
      Workspace space,
      long seed,
      int limit,
      boolean keepSigns) {
    long n = A.rows();
    int d = A.columns();
    this.A = A;
    this.device = space.device();
    this.random = new SplittableRandom(seed);
    this.limit = limit;
    this.keepSigns = keepSigns;
    this.targetNorm = Math.sqrt(device.dot(target, target));
    this.size = (int) Math.max(4.0 * d + 60, Math.min(20.0 * d + 500, Math.sqrt(2.5 * n * d)));
    this.u = space.vector(n);
    this.v = space.vector(n);
    this.step = space.vector(d);
    this.trial = space.vector(d);
    this.change = space.vector(d);
    this.secant = space.vector(d);
    this.g = space.vector(d);
    this.next = space.vector(d);
    this.B = space.matrix(d, d);
    this.M = space.matrix(d, d);
    this.damped = space.matrix(d, d);
    this.F = space.matrix(d, d);
    this.hessian = new SampledHessian(A, u, v, space);
    this.walls = new WalledStep(A, u, space);
    this.here = new Loss(A, b, target, space);
    this.there = new Loss(A, b, target, space);
  }

  /** Improves x (d) in place. */
  public Outcome run(Vector x) {
    return run(x, (iteration, residual) -> {});
  }

  /** Improves x (d) in place. */
  public Outcome run(Vector x, Listener listener) {
    hasModel = false;
    hasMetric = false;
    fresh = false;
    unscaled = false;
    lambda = 0;
    scale = 0;
    predicted = Double.NaN;
    if (here.moveTo(x) != 0 || !Double.isFinite(here.value())) {
      return outcome(Status.STALLED, 0);
    }
    here.gradient(g);
    int quiet = 0;
    for (int k = 0; k < limit; k++) {
      listener.step(k, Math.sqrt(2 * here.value()) / targetNorm);
      if (!hasModel) {
        hessian.evaluate(here, sample(), B);
        hasModel = true;
        fresh = true;
      }
      if (!factor()) {
        return outcome(Status.STALLED, k);
      }
      findStep();
      predicted = decrease(1);
      double floor =
          4
              * EPS
              * norm(here.scores().sigma())
              * norm(here.residual()); // rounding error of the loss
      double enough = Math.max(TOLERANCE * here.value(), 0.1 * floor);
      if ((lambda == 0 || lambda <= 1.1e-3 * scale) && predicted <= enough) {
        return outcome(Status.CONVERGED, k + 1);
      }
      double a = length(); // v = |W A step|
      double ratio = tryStep(x, a);
      if (!(ratio > ENOUGH_DECREASE && there.value() < here.value())) {
        if (fresh && predicted <= Math.max(enough, 4 * floor)) {
          return outcome(Status.CONVERGED, k + 1); // nothing left but rounding
        }
        if (!reject()) {
          return outcome(Status.STALLED, k + 1);
        }
        continue;
      }
      double moved = a * device.max(v);
      quiet = here.value() - there.value() <= TOLERANCE * here.value() ? quiet + 1 : 0;
      accept(x, moved, ratio);
      if (quiet >= QUIET_STEPS) {
        return outcome(Status.CONVERGED, k + 1);
      }
    }
    return outcome(Status.ITERATION_LIMIT, limit);
  }

  private Outcome outcome(Status status, int iterations) {
    return new Outcome(status, here.value(), predicted, iterations, keepSigns ? walls.row() : -1);
  }

  /** All rows where a sample would be most of them. */
  private Sample sample() {
    long n = A.rows();
    double[] values = new double[(int) n];
    if (n <= 1.5 * size) {
      Arrays.fill(values, 1);
      return new Sample(IntStream.range(0, (int) n).toArray(), values);
    }
    device.download(here.scores().sigma(), values);
    return Sample.draw(values, size, random);
  }

  /**
   * B + lambda M = F^T F with the least damping that makes the model convex; false where none does.
   */
  private boolean factor() {
    while (true) {
      if (lambda > 0 && !hasMetric) {
        metric();
        scale = Math.abs(traceOfQuotient()) / A.columns();
        lambda = unscaled ? Math.max(lambda, 1e-3) * scale : lambda;
      }
      unscaled = false;
      device.copy(B, damped);
      if (lambda > 0) {
        device.axpy(lambda, M, damped); // B + lambda M
      }
      if (device.cholesky(damped, F) == 0) {
        return true;
      }
      raise(1e-3);
      if (hasMetric && !(lambda > 0 && lambda <= 1e16 * scale)) {
        return false;
      }
    }
  }

  /** Ten times the damping, from {@code least} times the scale of the model on. */
  private void raise(double least) {
    unscaled = !hasMetric;
    lambda = hasMetric ? Math.max(10 * lambda, least * scale) : least;
  }

  /** M = A^T W^2 diag(sigma o (1 - sigma)) A, kept positive definite. */
  private void metric() {
    device.map(Formula.DEGREE, 0, here.scores().sigma(), null, null, u); // sigma o (1 - sigma)
    device.multiply(here.scores().squaredWeights(), u, u);
    A.weightedGram(u, M);
    device.addDiagonal(1e-14 * trace(M) / A.columns(), null, M);
    hasMetric = true;
  }

  /** trace(M^-1 B). */
  private double traceOfQuotient() {
    double ridge = 1e-13 * trace(M) / A.columns();
    while (device.cholesky(M, F) != 0) {
      if (!(ridge > 0 && ridge < Double.MAX_VALUE)) {
        return Double.NaN;
      }
      device.addDiagonal(ridge, null, M);
      ridge *= 10;
    }
    device.invertTriangular(F, damped);
    device.multiply(B, false, damped, false, F); // B F^-1
    double[] left = download(damped);
    double[] right = download(F);
    double sum = 0;
    for (int k = 0; k < left.length; k++) {
      sum += left[k] * right[k]; // trace(F^-T B F^-1)
    }
    return sum;
  }

  private double trace(Matrix S) {
    int d = S.columns();
    double[] all = download(S);
    double sum = 0;
    for (int j = 0; j < d; j++) {
      sum += all[j * d + j];
    }
    return sum;
  }

  private double[] download(Matrix S) {
    double[] all = new double[Math.multiplyExact(S.rows(), S.columns())];
    device.download(S, all);
    return all;
  }

  private void findStep() {
    if (keepSigns) {
      walls.solve(here.scores(), F, g, step);
    } else {
      device.copy(g, step);
      device.solve(F, step);
      device.scale(-1, step); // -(B + lambda M)^-1 g
    }
  }

  /** What the model says of a times the step: -(a g.y + 0.5 a^2 y^T B y). */
  private double decrease(double a) {
    device.multiply(B, false, step, change); // B y
    return -(a * device.dot(g, step) + 0.5 * a * a * device.dot(step, change));
  }

  /**
   * The part of the step that keeps all signs, where asked; v = |W A step|, the relative changes of
   * the slacks.
   */
  private double length() {
    A.times(step, v);
    device.multiply(here.scores().weights(), v, v); // W A y
    double a = 1;
    if (keepSigns) {
      device.copy(v, u);
      device.scale(-1, u);
      double shrinking = device.max(u);
      a = shrinking > 0 ? Math.min(1, 0.95 / shrinking) : 1;
    }
    device.map(Formula.MAGNITUDE, 0, v, null, null, v);
    return a;
  }

  /**
   * Evaluates the loss at x + a y; the decrease divided by the predicted one, -1 where there is no
   * loss.
   */
  private double tryStep(Vector x, double a) {
    device.copy(x, trial);
    device.axpy(a, step, trial); // x + a y
    if (there.moveTo(trial) != 0 || !Double.isFinite(there.value())) {
      return -1;
    }
    predicted = decrease(a);
    return (here.value() - there.value()) / Math.max(predicted, 1e-300);
  }

  /** A fresh model, or more damping of one that is fresh; false where that leads nowhere. */
  private boolean reject() {
    if (!fresh) {
      hasModel = false;
      hasMetric = false;
      lambda = 0;
      return true;
    }
    raise(1e-2);
    return !hasMetric || lambda <= 1e8 * scale;
  }

  private void accept(Vector x, double moved, double ratio) {
    there.gradient(next);
    device.copy(trial, change);
    device.axpy(-1, x, change); // dx
    device.multiply(B, false, change, secant);
    device.axpy(1, g, secant);
    device.scale(-1, secant);
    device.axpy(1, next, secant); // e = dg - B dx
    double along = device.dot(secant, change);
    if (Math.abs(along) > 1e-8 * norm(secant) * norm(change)) {
      device.rankOne(1 / along, secant, secant, B); // B = B + e e^T / (e.dx)
    }
    fresh = false;
    hasModel = moved <= 0.5 && ratio > 0.5 && ratio < 2; // moved far: the old model is worthless
    device.copy(trial, x);
    Loss left = here;
    here = there;
    there = left;
    Vector old = g;
    g = next;
    next = old;
    if (lambda > 0) {
      if (ratio > 0.5) {
        lambda = lambda < 1e-2 * scale ? 0 : 0.1 * lambda;
      } else if (ratio <= 0.1) {
        lambda = 4 * lambda;
      }
      hasMetric = false;
      if (lambda > 0) {
        metric();
      }
    }
  }

  private double norm(Vector y) {
    return Math.sqrt(device.dot(y, y));
  }
}
