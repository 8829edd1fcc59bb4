package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Objective;
import org.levinv.tall.TallMatrix;

/**
 * Minimises an objective by steps of a quadratic model within a radius that follows how well the
 * model predicts (Andrew Conn, Nicholas Gould and Philippe Toint, "Trust Region Methods", 2000,
 * algorithm 6.1.1). No slack changes its sign, and the objective goes down in every step.
 */
final class TrustRegion {
  private static final double ENOUGH = 1e-4;
  private static final double GOOD = 0.75;
  private static final double POOR = 0.25;
  private static final double FIRST_RADIUS = 1;
  private static final double LEAST_RADIUS = 1e-13;

  /** The decrease of the objective, relative to it, that no longer counts. */
  private static final double TOLERANCE = 1e-14;

  /** Decreases of so many roundings of the objective cannot be told from none. */
  private static final double ROUNDINGS = 16;

  /** Samples that are tried at a point before the radius shrinks. */
  private static final int MOST_SAMPLES = 3;

  private final Device device;
  private final QuadraticModel model;
  private final LocalMethod.Limits limits;
  private final SignCell cell;
  private final Trace trace;
  private final Vector g;
  private final Vector step;
  private final Vector product;
  private final Vector trial;
  private Objective here;
  private Objective there;

  /** For two objectives of the same problem, of which the second is scratch. */
  TrustRegion(
      TallMatrix A,
      Objective here,
      Objective there,
      QuadraticModel model,
      LocalMethod.Limits limits,
      Workspace space) {
    int d = A.columns();
    this.device = space.device();
    this.here = here;
    this.there = there;
    this.model = model;
    this.limits = limits;
    this.cell = new SignCell(A, space);
    this.trace = new Trace(A, space);
    this.g = space.vector(d);
    this.step = space.vector(d);
    this.product = space.vector(d);
    this.trial = space.vector(d);
  }

  Trace trace() {
    return trace;
  }

  LocalMethod.Outcome run(Vector x, LocalMethod.Listener listener) {
    double predicted = Double.NaN;
    if (here.moveTo(x) != 0 || !Double.isFinite(here.value())) {
      return new LocalMethod.Outcome(LocalMethod.Status.STALLED, 0, predicted);
    }
    here.gradient(g);
    trace.add(here, x, g);
    double radius = FIRST_RADIUS;
    boolean fresh = false;
    int samples = 0;
    for (int k = 0; k < limits.iterations(); k++) {
      listener.step(k, here.residualNorm());
      if (here.residualNorm() <= limits.residual()) {
        return new LocalMethod.Outcome(LocalMethod.Status.CONVERGED, k, predicted);
      }
      if (!fresh) {
        model.refresh(here);
        fresh = true;
        samples++;
      }
      boolean inside = model.solve(here, g, radius, step);
      model.times(here, step, product); // B y
      double slope = device.dot(g, step);
      double curvature = device.dot(step, product);
      predicted = -(slope + 0.5 * curvature);
      double enough = Math.max(TOLERANCE * here.value(), 0.1 * here.rounding());
      if (inside && predicted <= enough) {
        return new LocalMethod.Outcome(LocalMethod.Status.CONVERGED, k, predicted);
      }
      double a = cell.part(here.scores(), step);
      predicted = -(a * slope + 0.5 * a * a * curvature);
      device.copy(x, trial);
      device.axpy(a, step, trial); // x + a y
      double ratio = -1;
      if (there.moveTo(trial) == 0 && Double.isFinite(there.value())) {
        ratio = (here.value() - there.value()) / predicted;
      }
      double length = a * localLength();
      if (ratio > ENOUGH && there.value() < here.value()) {
        if (ratio > GOOD) {
          radius = Math.max(radius, inside ? length : 2 * length);
        } else if (ratio < POOR) {
          radius = POOR * length;
        }
        device.copy(trial, x);
        Objective left = here;
        here = there;
        there = left;
        here.gradient(g);
        trace.add(here, x, g);
        fresh = false;
        samples = 0;
      } else if (inside && predicted <= 4 * here.rounding()) {
        return new LocalMethod.Outcome(LocalMethod.Status.CONVERGED, k + 1, predicted);
      } else if (model.isRandom() && samples < MOST_SAMPLES) {
        fresh = false;
      } else {
        radius = POOR * length;
        if (!(radius > LEAST_RADIUS)) {
          return new LocalMethod.Outcome(
              isMinimum() ? LocalMethod.Status.CONVERGED : LocalMethod.Status.STALLED,
              k + 1,
              predicted);
        }
      }
    }
    return new LocalMethod.Outcome(
        LocalMethod.Status.ITERATION_LIMIT, limits.iterations(), predicted);
  }

  /** Whether no more than rounding is to be gained, as the model says for a radius of 1. */
  private boolean isMinimum() {
    boolean inside = model.solve(here, g, FIRST_RADIUS, step);
    model.times(here, step, product);
    double gain = -(device.dot(g, step) + 0.5 * device.dot(step, product));
    return inside && gain <= ROUNDINGS * here.rounding();
  }

  /** ||R y||. */
  private double localLength() {
    device.multiply(here.scores().R(), false, step, product);
    return Math.sqrt(device.dot(product, product));
  }
}
