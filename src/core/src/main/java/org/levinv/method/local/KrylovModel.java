package org.levinv.method.local;

import java.util.Set;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.model.Objective;

/**
 * A model that is known by its products alone: conjugate gradients in the coordinates R y, cut off
 * at the radius and at directions of negative curvature (Trond Steihaug, "The Conjugate Gradient
 * Method and Trust Regions in Large Scale Optimization", 1983; Philippe Toint, "Towards an
 * Efficient Sparsity Exploiting Newton Method for Minimization", 1981). The tolerance falls with
 * the gradient, which keeps the quadratic rate (Ron Dembo, Stanley Eisenstat and Trond Steihaug,
 * "Inexact Newton Methods", 1982).
 */
final class KrylovModel implements QuadraticModel {
  private static final double LOOSEST = 0.1;
  private static final double TIGHTEST = 1e-10;

  private final Device device;
  private final Set<HessianPart> parts;
  private final String choice;
  private final int limit;
  private final Vector y;
  private final Vector rest;
  private final Vector direction;
  private final Vector image;
  private final Vector v;
  private final Vector Bv;
  private double firstGradient = Double.NaN;

  /**
   * @param parts of the Hessian that B is the sum of
   * @param choice why its products are used
   */
  KrylovModel(Set<HessianPart> parts, String choice, int columns, Workspace space) {
    this.device = space.device();
    this.parts = parts;
    this.choice = choice;
    this.limit = Math.min(2 * columns + 10, 300);
    this.y = space.vector(columns);
    this.rest = space.vector(columns);
    this.direction = space.vector(columns);
    this.image = space.vector(columns);
    this.v = space.vector(columns);
    this.Bv = space.vector(columns);
  }

  @Override
  public void refresh(Objective at) {}

  @Override
  public String choice() {
    return choice;
  }

  /** Three or four readings. */
  @Override
  public void times(Objective at, Vector x, Vector to) {
    double[] values = new double[(int) x.length()];
    device.download(x, values);
    device.upload(at.hessianTimes(parts, new double[][] {values})[0], to);
  }

  @Override
  public boolean solve(Objective at, Vector g, double radius, Vector step) {
    device.fill(0, y);
    device.multiply(at.inverseR(), true, g, rest);
    device.scale(-1, rest); // r = -R^-T g
    device.copy(rest, direction);
    double square = device.dot(rest, rest);
    double first = Math.sqrt(square);
    firstGradient = Double.isNaN(firstGradient) ? first : firstGradient;
    double tolerance = Math.max(TIGHTEST, Math.min(LOOSEST, first / firstGradient)) * first;
    boolean inside = true;
    // Reads of all rows in an iteration: those of one product.
    for (int k = 0; k < limit && Math.sqrt(square) > tolerance && inside; k++) {
      localTimes(at, direction, image);
      double curvature = device.dot(direction, image);
      double a = square / curvature;
      if (!(curvature > 0) || !(lengthAfter(a) < radius)) {
        device.axpy(toRadius(radius), direction, y);
        inside = false;
      } else {
        device.axpy(a, direction, y);
        device.axpy(-a, image, rest);
        double next = device.dot(rest, rest);
        device.scale(next / square, direction);
        device.axpy(1, rest, direction);
        square = next;
      }
    }
    device.multiply(at.inverseR(), false, y, step);
    return inside;
  }

  /** to = R^-T B R^-1 p. */
  private void localTimes(Objective at, Vector p, Vector to) {
    device.multiply(at.inverseR(), false, p, v);
    times(at, v, Bv);
    device.multiply(at.inverseR(), true, Bv, to);
  }

  /** ||y + a p||. */
  private double lengthAfter(double a) {
    return Math.sqrt(
        device.dot(y, y)
            + 2 * a * device.dot(y, direction)
            + a * a * device.dot(direction, direction));
  }

  /** a > 0 with ||y + a p|| = radius. */
  private double toRadius(double radius) {
    double yy = device.dot(y, y);
    double yp = device.dot(y, direction);
    double pp = device.dot(direction, direction);
    double room = Math.max(0, radius * radius - yy);
    double root = Math.sqrt(yp * yp + pp * room);
    return yp > 0 ? room / (yp + root) : (root - yp) / pp; // without cancellation
  }
}
