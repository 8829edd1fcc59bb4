package org.levinv.method.local;

import java.util.List;
import java.util.Locale;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Steps;
import org.levinv.method.common.Termination;
import org.levinv.small.Counted;

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
  private RowsLoss here;
  private RowsLoss there;
  private double M = 1;
  private int bases;

  /** For two losses of the same problem, of which the second is scratch. */
  public GradientDescent(RowsLoss here, RowsLoss there, Limits limits, Workspace space) {
    int d = here.columns();
    this.device = space.device();
    this.here = here;
    this.there = there;
    this.limits = limits;
    this.cell = new SignCell(device);
    this.trace = new Trace(here, space);
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
        "steps of 1 / M with the Lipschitz estimate M, at last %.2g, in coordinates chosen %s",
        M,
        Counted.of(bases, "time"));
  }

  @Override
  public List<String> warnings() {
    return List.of();
  }

  @Override
  public Outcome run(Vector x, Steps steps) {
    if (!here.moveTo(x)) {
      return new Outcome(Stops.noValue(), 0);
    }
    here.gradient(g);
    trace.add(here, x, g);
    rebase(x);
    // Reads of all rows in an iteration: 2 for each M that is tried (3 where a wall is near), 1 for
    // the gradient; 1 where T is chosen again.
    for (int k = 0; k < limits.iterations(); k++) {
      steps.step("step", k, here.residualNorm());
      double gg = dualSquare(g);
      Termination end = stop(gg);
      if (end != null) {
        return new Outcome(end, k);
      }
      double a = descend(x, gg);
      boolean accepted = a > 0;
      if (!accepted || (there.value() >= here.value() && gg / M <= 4 * here.rounding())) {
        boolean rounding = 0.5 * gg / M <= 4 * here.rounding() || accepted;
        return new Outcome(
            rounding
                ? Stops.rounding(0.5 * gg / M, 4 * here.rounding())
                : Stops.stalled(0.5 * gg / M, 4 * here.rounding()),
            k + 1);
      }
      accept(x, gg, a);
      if (isFar(x)) {
        rebase(x);
      }
    }
    return new Outcome(Stops.limit(limits.iterations()), limits.iterations());
  }

  /** The rule that ends the run at this point, or null. */
  private Termination stop(double gg) {
    if (here.residualNorm() <= limits.residual()) {
      return Stops.residual(here.residualNorm(), limits.residual());
    }
    if (gg == 0) {
      return Stops.stationary(gg);
    }
    double predicted = toCome();
    double enough = Math.max(TOLERANCE * here.value(), 0.1 * here.rounding());
    return predicted <= enough ? Stops.predicted(predicted, enough) : null;
  }

  /**
   * Doubles M until the step -T^-1 g / M, cut at the walls to a part a of itself, lowers the loss
   * as it should; a, or 0 where none does.
   */
  private double descend(Vector x, double gg) {
    for (int cut = 0; cut < MOST_DOUBLINGS; cut++) {
      device.copy(g, step);
      device.solve(factor, step);
      device.scale(-1 / M, step); // -T^-1 g / M
      double a = cell.move(there, x, step, trial);
      if (there.evaluate() && there.value() <= here.value() - 0.5 * a * gg / M + here.rounding()) {
        return a;
      }
      M = 2 * M;
    }
    return 0;
  }

  private void accept(Vector x, double gg, double a) {
    there.gradient(next);
    device.copy(next, change);
    device.axpy(-1, g, change); // change of the gradient
    double shown = Math.sqrt(dualSquare(change) / gg) * M / a;
    M = Math.max(LET_DOWN * M, Double.isFinite(shown) ? shown : 0);
    device.copy(trial, x);
    RowsLoss left = here;
    here = there;
    there = left;
    Vector old = g;
    g = next;
    next = old;
    trace.add(here, x, g);
  }

  /** Fits T to the point, and M to T. */
  private void rebase(Vector x) {
    device.copy(x, base);
    here.uncoupledGaussNewton(FLOOR, T);
    if (device.cholesky(T, factor) != 0) {
      device.copy(here.R(), factor);
    }
    M = 1;
    bases++;
  }

  private boolean isFar(Vector x) {
    device.copy(x, z);
    device.axpy(-1, base, z);
    device.multiply(here.R(), false, z, change); // ||R dx|| = ||W A dx||
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
