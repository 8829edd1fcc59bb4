package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Objective;
import org.levinv.tall.TallMatrix;

/**
 * Gradient descent, the first-order method of arXiv:2404.13785: x = x - g / M, where M estimates
 * the Lipschitz constant of the gradient. M starts as the largest eigenvalue of the Hessian,
 * doubles until the step decreases the objective by ||g||^2 / (2 M) (up to rounding), and is
 * otherwise let down slowly, but not below what the last two gradients show. Linear convergence;
 * the rate is 1 - m / M for the smallest eigenvalue m.
 *
 * <p>The coordinates are those of A: where they are such that A(x0) has orthonormal columns,
 * lengths are relative changes of the slacks at the start.
 */
public final class GradientDescent implements LocalMethod {
  private static final int POWER_STEPS = 8;
  private static final int MOST_DOUBLINGS = 60;
  private static final double LET_DOWN = 0.9;

  /** The decrease of the objective that is still to come, relative to it, that does not count. */
  private static final double TOLERANCE = 1e-12;

  /** Steps that the rate is taken over. */
  private static final int WINDOW = 10;

  private final Device device;
  private final Limits limits;
  private final SignCell cell;
  private final Trace trace;
  private final Vector step;
  private final Vector trial;
  private final Vector change;
  private Vector g;
  private Vector next;
  private Objective here;
  private Objective there;

  /** For two objectives of the same problem, of which the second is scratch. */
  public GradientDescent(
      TallMatrix A, Objective here, Objective there, Limits limits, Workspace space) {
    int d = A.columns();
    this.device = space.device();
    this.here = here;
    this.there = there;
    this.limits = limits;
    this.cell = new SignCell(A, space);
    this.trace = new Trace(A, space);
    this.g = space.vector(d);
    this.next = space.vector(d);
    this.step = space.vector(d);
    this.trial = space.vector(d);
    this.change = space.vector(d);
  }

  @Override
  public Trace trace() {
    return trace;
  }

  @Override
  public String choice() {
    return "steps of 1 / (Lipschitz estimate of the gradient), cut where the decrease is too small";
  }

  @Override
  public Outcome run(Vector x, Listener listener) {
    double predicted = Double.NaN;
    if (here.moveTo(x) != 0 || !Double.isFinite(here.value())) {
      return new Outcome(Status.STALLED, 0, predicted);
    }
    here.gradient(g);
    trace.add(here, x, g);
    double M = largestEigenvalue();
    for (int k = 0; k < limits.iterations(); k++) {
      listener.step(k, here.residualNorm());
      double gg = device.dot(g, g);
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
        device.scale(-1 / M, step); // -g / M
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
      double shown = norm(change) / (a * norm(step));
      M = Math.max(LET_DOWN * M, Double.isFinite(shown) ? shown : 0);
      device.copy(trial, x);
      Objective left = here;
      here = there;
      there = left;
      Vector old = g;
      g = next;
      next = old;
      trace.add(here, x, g);
    }
    return new Outcome(Status.ITERATION_LIMIT, limits.iterations(), predicted);
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

  /** Of the Hessian at the start, by power iterations: an estimate from below. */
  private double largestEigenvalue() {
    device.copy(g, trial);
    double value = 0;
    for (int k = 0; k < POWER_STEPS; k++) {
      double length = norm(trial);
      if (!(length > 0)) {
        break;
      }
      device.scale(1 / length, trial);
      here.hessianTimes(trial, change);
      value = norm(change);
      device.copy(change, trial);
    }
    return value > 0 && Double.isFinite(value) ? value : 1;
  }

  private double norm(Vector v) {
    return Math.sqrt(device.dot(v, v));
  }
}
