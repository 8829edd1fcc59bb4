package org.levinv.method.local;

import java.util.Locale;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Loss;
import org.levinv.tall.TallMatrix;

/**
 * Gradient descent, the first-order method of arXiv:2404.13785: x = x - T^-1 g / M, where M
 * estimates the Lipschitz constant of the gradient in the coordinates in which T is the identity. M
 * doubles until the step decreases the loss by g^T T^-1 g / (2 M) (up to rounding), and is
 * otherwise let down slowly, but not below what the last two gradients show. Linear convergence, by
 * 1 - m / M in a step for the smallest eigenvalue m of the Hessian there.
 *
 * <p>T = 4 A^T W D^2 W A + A^T diag(omega^2) A, D = diag(sigma o (1 - sigma)), at the start: what
 * the Gauss-Newton matrix would be if no row shared its leverage with another. So the Hessian near
 * a solution is not far from the identity, while in the coordinates of x its condition number is
 * that of A and of the slacks, squared, and in those where A(x) has orthonormal columns still 1e5
 * where a few rows hold most of the leverage. T is chosen again only where the slacks have changed
 * much.
 */
public final class GradientDescent implements LocalMethod {
  private static final int MOST_DOUBLINGS = 60;
  private static final double LET_DOWN = 0.9;

  /** Relative changes of the slacks, ||W A dx||, that call for another T. */
  private static final double FAR = 0.5;

  /** Added to 1 - sigma in T: at a start by a wall a row has the score 1, but not at the answer. */
  private static final double FLOOR = 1e-3;

  /** The decrease of the objective that is still to come, relative to it, that does not count. */
  private static final double TOLERANCE = 1e-12;

  /** Steps that the rate is taken over. */
  private static final int WINDOW = 10;

  private final Device device;
  private final Limits limits;
  private final SignCell cell;
  private final Trace trace;
  private final Matrix T;
  private final Matrix factor;
  private final Vector base;
  private final Vector step;
  private final Vector trial;
  private final Vector change;
  private final Vector z;
  private Vector g;
  private Vector next;
  private Loss here;
  private Loss there;
  private double M = 1;
  private int bases;

  /** For two losses of the same problem, of which the second is scratch. */
  public GradientDescent(TallMatrix A, Loss here, Loss there, Limits limits, Workspace space) {
    int d = A.columns();
    this.device = space.device();
    this.here = here;
    this.there = there;
    this.limits = limits;
    this.cell = new SignCell(A, space);
    this.trace = new Trace(A, space);
    this.T = space.matrix(d, d);
    this.factor = space.matrix(d, d);
    this.base = space.vector(d);
    this.g = space.vector(d);
    this.next = space.vector(d);
    this.step = space.vector(d);
    this.trial = space.vector(d);
    this.change = space.vector(d);
    this.z = space.vector(d);
  }

  @Override
  public Trace trace() {
    return trace;
  }

  @Override
  public String choice() {
    return String.format(
        Locale.ROOT,
        "steps of 1 / M with the Lipschitz estimate M, at last %.2g, in coordinates chosen %d time%s",
        M,
        bases,
        bases == 1 ? "" : "s");
  }

  @Override
  public Outcome run(Vector x, Listener listener) {
    double predicted = Double.NaN;
    if (here.moveTo(x) != 0 || !Double.isFinite(here.value())) {
      return new Outcome(Status.STALLED, 0, predicted);
    }
    here.gradient(g);
    trace.add(here, x, g);
    rebase(x);
    for (int k = 0; k < limits.iterations(); k++) {
      listener.step(k, here.residualNorm());
      double gg = dualSquare(g);
      predicted = toCome();
      if (here.residualNorm() <= limits.residual()
          || gg == 0
          || predicted <= Math.max(TOLERANCE * here.value(), 0.1 * here.rounding())) {
        return new Outcome(Status.CONVERGED, k, predicted);
      }
      boolean accepted = false;
      double a = 0;
      for (int cut = 0; cut < MOST_DOUBLINGS && !accepted; cut++) {
        device.copy(g, step);
        device.solve(factor, step);
        device.scale(-1 / M, step); // -T^-1 g / M
        a = cell.part(here.scores(), step);
        device.copy(x, trial);
        device.axpy(a, step, trial);
        accepted =
            there.moveTo(trial) == 0
                && there.value() <= here.value() - 0.5 * a * gg / M + here.rounding();
        M = accepted ? M : 2 * M;
      }
      if (!accepted || (there.value() >= here.value() && gg / M <= 4 * here.rounding())) {
        boolean rounding = 0.5 * gg / M <= 4 * here.rounding() || accepted;
        return new Outcome(rounding ? Status.CONVERGED : Status.STALLED, k + 1, predicted);
      }
      there.gradient(next);
      device.copy(next, change);
      device.axpy(-1, g, change); // change of the gradient
      double shown = Math.sqrt(dualSquare(change) / gg) * M / a;
      M = Math.max(LET_DOWN * M, Double.isFinite(shown) ? shown : 0);
      device.copy(trial, x);
      Loss left = here;
      here = there;
      there = left;
      Vector old = g;
      g = next;
      next = old;
      trace.add(here, x, g);
      if (isFar(x)) {
        rebase(x);
      }
    }
    return new Outcome(Status.ITERATION_LIMIT, limits.iterations(), predicted);
  }

  /** Fits T to the point, and M to T. */
  private void rebase(Vector x) {
    device.copy(x, base);
    here.uncoupledGaussNewton(FLOOR, T);
    if (device.cholesky(T, factor) != 0) {
      device.copy(here.scores().R(), factor);
    }
    M = 1;
    bases++;
  }

  private boolean isFar(Vector x) {
    device.copy(x, z);
    device.axpy(-1, base, z);
    device.multiply(here.scores().R(), false, z, change); // ||R dx|| = ||W A dx||
    return Math.sqrt(device.dot(change, change)) > FAR;
  }

  /** v^T T^-1 v. */
  private double dualSquare(Vector v) {
    device.copy(v, z);
    device.solve(factor, z);
    return device.dot(v, z);
  }

  /**
   * The decrease that is still to come, were the last decreases a geometric series; infinite at the
   * beginning.
   */
  private double toCome() {
    int last = trace.size() - 1;
    if (last < 2 * WINDOW) {
      return Double.POSITIVE_INFINITY;
    }
    double late = trace.value(last - WINDOW) - trace.value(last);
    double early = trace.value(last - 2 * WINDOW) - trace.value(last - WINDOW);
    double rate = Math.min(late / early, 0.999);
    return late * rate / (1 - rate);
  }
}
