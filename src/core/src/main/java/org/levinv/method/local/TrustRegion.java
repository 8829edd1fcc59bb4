package org.levinv.method.local;

import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Steps;
import org.levinv.model.Objective;

/**
 * Minimises an objective by steps of a quadratic model within a radius that follows how well the
 * model predicts (Andrew Conn, Nicholas Gould and Philippe Toint, "Trust Region Methods", 2000,
 * algorithm 6.1.1). No slack changes its sign, and the objective goes down in every step.
 */
final class TrustRegion implements LocalMethod {
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
  private final Limits limits;
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
      Objective here, Objective there, QuadraticModel model, Limits limits, Workspace space) {
    int d = here.columns();
    this.device = space.device();
    this.here = here;
    this.there = there;
    this.model = model;
    this.limits = limits;
    this.cell = new SignCell(device);
    this.trace = new Trace(here, space);
    this.g = space.vector(d);
    this.step = space.vector(d);
    this.product = space.vector(d);
    this.trial = space.vector(d);
  }

  @Override
  public Trace trace() {
    return trace;
  }

  @Override
  public String choice() {
    return model.choice();
  }

  @Override
  public List<String> warnings() {
    return model.warnings();
  }

  @Override
  public Outcome run(Vector x, Steps steps) {
    if (!here.moveTo(x)) {
      return new Outcome(Stops.noValue(), 0);
    }
    here.gradient(g);
    trace.add(here, x, g);
    double radius = FIRST_RADIUS;
    boolean fresh = false;
    int samples = 0;
    // Reads of all rows in an iteration: the trial point 2 (3 where a wall is near), its gradient 1
    // (2), the model 3 by columns, 3 a product, 0 by rows that are drawn; no allocation for rows.
    for (int k = 0; k < limits.iterations(); k++) {
      steps.step("step", k, here.residualNorm());
      if (here.residualNorm() <= limits.residual()) {
        return new Outcome(Stops.residual(here.residualNorm(), limits.residual()), k);
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
      double predicted = -(slope + 0.5 * curvature);
      double enough = Math.max(TOLERANCE * here.value(), 0.1 * here.rounding());
      if (inside && predicted <= enough) {
        return new Outcome(Stops.predicted(predicted, enough), k);
      }
      double a = cell.move(there, x, step, trial);
      predicted = -(a * slope + 0.5 * a * a * curvature);
      double ratio = there.evaluate() ? (here.value() - there.value()) / predicted : -1;
      double length = a * localLength();
      if (ratio > ENOUGH && there.value() < here.value()) {
        radius = nextRadius(radius, ratio, inside, length);
        accept(x);
        fresh = false;
        samples = 0;
      } else if (inside && predicted <= 4 * here.rounding()) {
        return new Outcome(Stops.rounding(predicted, 4 * here.rounding()), k + 1);
      } else if (model.isRandom() && samples < MOST_SAMPLES) {
        fresh = false;
      } else {
        radius = POOR * length;
        if (!(radius > LEAST_RADIUS)) {
          return new Outcome(
              isMinimum()
                  ? Stops.rounding(predicted, ROUNDINGS * here.rounding())
                  : Stops.stalled(predicted, enough),
              k + 1);
        }
      }
    }
    return new Outcome(Stops.limit(limits.iterations()), limits.iterations());
  }

  private static double nextRadius(double radius, double ratio, boolean inside, double length) {
    if (ratio > GOOD) {
      return Math.max(radius, inside ? length : 2 * length);
    }
    return ratio < POOR ? POOR * length : radius;
  }

  private void accept(Vector x) {
    device.copy(trial, x);
    Objective left = here;
    here = there;
    there = left;
    here.gradient(g);
    trace.add(here, x, g);
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
    device.multiply(here.R(), false, step, product);
    return Math.sqrt(device.dot(product, product));
  }
}
