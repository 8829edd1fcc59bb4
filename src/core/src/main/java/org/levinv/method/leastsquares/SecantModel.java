package org.levinv.method.leastsquares;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.SampledHessian;
import org.levinv.method.common.SampledRows;
import org.levinv.rows.RowStore;

/**
 * The model g.y + 0.5 y^T B y of the loss around a point: B starts as the Hessian from sampled
 * rows, and rank-one secant updates (SR1) from the exact gradients correct it, so that steps lead
 * to the true optimum whatever the sample (Jorge Nocedal and Stephen Wright, "Numerical
 * Optimization", 2006, section 6.2).
 */
final class SecantModel {

  /**
   * An update is left out where its denominator is below this part of what it could be. Larger:
   * fewer updates; Nocedal and Wright's (6.26).
   */
  private static final double LEAST_DENOMINATOR = 1e-8;

  /** All rows are taken where a sample would have this part of them, or more. */
  private static final double MOST_SAMPLED = 1 / 1.5;

  private final RowStore rows;
  private final Device device;
  private final double size;
  private final boolean whole;
  private final SampledHessian hessian;
  private final SampledRows all;
  private final Matrix B;
  private final Vector By;
  private final Vector secant;
  private boolean known;
  private boolean fresh;

  SecantModel(RowStore rows, Workspace space) {
    int d = rows.columns();
    long n = rows.rows();
    this.rows = rows;
    device = rows.device();
    size = size(n, d);
    whole = takesAll(n, d);
    hessian = new SampledHessian(d, space);
    B = space.matrix(d, d);
    By = space.vector(d);
    secant = space.vector(d);
    all = whole ? SampledRows.all(rows, space) : null;
  }

  /**
   * Rows of a sample: its Hessian costs 10 m^2 d flops, a step some 6 n d^2, so m of order sqrt(n
   * d).
   */
  static double size(long n, int d) {
    return Math.max(4.0 * d + 60, Math.min(20.0 * d + 500, Math.sqrt(2.5 * n * d)));
  }

  /** Whether rows are so few that all are taken. */
  static boolean takesAll(long n, int d) {
    return n * MOST_SAMPLED <= size(n, d);
  }

  /** Whether it needs all rows, and no draws. */
  boolean isWhole() {
    return whole;
  }

  /** Rows that a sample has in expectation. */
  double size() {
    return size;
  }

  /** B = the Hessian at a point, from rows that were drawn there. */
  void refresh(LossPoint point) {
    SampledHessian.Known known = point.known();
    if (whole) {
      all.moveTo(point.at(), point.inverseR());
      hessian.evaluate(all, known, B);
    } else {
      try (Workspace own = new Workspace(device)) { // a few times in a run
        ScoreSample sample = point.sample(size);
        SampledRows some = new SampledRows(rows, sample.numbers(), sample.counts(), own);
        some.moveTo(point.at(), point.inverseR());
        hessian.evaluate(some, known, B);
      }
    }
    this.known = true;
    fresh = true;
  }

  /** From now on there is no B. */
  void forget() {
    known = false;
    fresh = false;
  }

  /** Whether there is a B. */
  boolean isKnown() {
    return known;
  }

  /** Whether B is the Hessian of this very point. */
  boolean isFresh() {
    return fresh;
  }

  /** B, d x d. */
  Matrix B() {
    return B;
  }

  /** What the model says of a times the step: -(a g.y + 0.5 a^2 y^T B y). */
  double decrease(Vector g, Vector step, double a) {
    device.multiply(B, false, step, By); // B y
    return -(a * device.dot(g, step) + 0.5 * a * a * device.dot(step, By));
  }

  /**
   * B = B + e e^T / (e.dx) with e = dg - B dx, for a move dx = a y that changed the gradient by dg.
   */
  void update(Vector step, double a, Vector before, Vector after) {
    device.multiply(B, false, step, secant);
    device.scale(-a, secant);
    device.axpy(1, after, secant);
    device.axpy(-1, before, secant); // e = dg - B dx
    fresh = false;
    double along = a * device.dot(secant, step);
    if (Math.abs(along) > LEAST_DENOMINATOR * norm(secant) * a * norm(step)) {
      device.rankOne(1 / along, secant, secant, B);
    }
  }

  private double norm(Vector y) {
    return Math.sqrt(device.dot(y, y));
  }
}
