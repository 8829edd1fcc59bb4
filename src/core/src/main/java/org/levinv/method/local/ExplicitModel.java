package org.levinv.method.local;

import java.util.function.BiConsumer;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Objective;

/**
 * A model whose B is a d x d matrix. In coordinates R y the step solves (R^-T B R^-1 + lambda I) R
 * y = -R^-T g by Cholesky, with lambda = 0 where that is positive definite and the step is short
 * enough, and otherwise with lambda from a bracket around the one whose step ends on the radius
 * (Levenberg, Marquardt; Jorge More and Danny Sorensen, "Computing a Trust Region Step", 1983).
 */
final class ExplicitModel implements QuadraticModel {
  private static final int MOST_ROUNDS = 40;

  /** A step this close to the radius, from inside, is on it. */
  private static final double NEAR = 0.8;

  private final Device device;
  private final BiConsumer<Objective, Matrix> fill;
  private final String choice;
  private final Matrix B;
  private final Matrix local;
  private final Matrix work;
  private final Matrix F;
  private final Vector right;
  private final Vector y;
  private final Vector best;

  /**
   * @param fill puts B, symmetric, at the point of an objective
   * @param choice how it does so and why
   */
  ExplicitModel(BiConsumer<Objective, Matrix> fill, String choice, int columns, Workspace space) {
    this.device = space.device();
    this.fill = fill;
    this.choice = choice;
    this.B = space.matrix(columns, columns);
    this.local = space.matrix(columns, columns);
    this.work = space.matrix(columns, columns);
    this.F = space.matrix(columns, columns);
    this.right = space.vector(columns);
    this.y = space.vector(columns);
    this.best = space.vector(columns);
  }

  @Override
  public String choice() {
    return choice;
  }

  @Override
  public void refresh(Objective at) {
    fill.accept(at, B);
    toLocal(at, B, local, work, device);
  }

  /** to = R^-T M R^-1. */
  static void toLocal(Objective at, Matrix M, Matrix to, Matrix work, Device device) {
    Matrix inverseR = at.inverseR();
    device.multiply(M, false, inverseR, false, work);
    device.multiply(inverseR, true, work, false, to);
  }

  @Override
  public void times(Objective at, Vector v, Vector to) {
    device.multiply(B, false, v, to);
  }

  @Override
  public boolean solve(Objective at, Vector g, double radius, Vector step) {
    device.multiply(at.inverseR(), true, g, right); // R^-T g
    device.scale(-1, right);
    double scale = Math.max(device.norm(local), Double.MIN_NORMAL);
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double length = length(0);
    boolean inside = length <= radius;
    if (inside) {
      device.copy(y, best);
    }
    double lambda = 1e-3 * scale;
    for (int k = 0; !inside && k < MOST_ROUNDS; k++) {
      length = length(lambda);
      if (length <= radius) {
        high = lambda;
        device.copy(y, best);
        if (length >= NEAR * radius) {
          break;
        }
        lambda = low > 0 ? Math.sqrt(low * high) : 0.1 * high;
        if (lambda < 1e-16 * scale) {
          break; // on the edge of positive definiteness: as good as it gets
        }
      } else {
        low = lambda;
        lambda = high < Double.POSITIVE_INFINITY ? Math.sqrt(low * high) : 10 * lambda;
      }
    }
    if (!inside && high == Double.POSITIVE_INFINITY) {
      device.fill(0, best); // nothing in B makes sense
    }
    device.multiply(at.inverseR(), false, best, step); // y = R^-1 (R y)
    return inside;
  }

  /**
   * The length of y = (local + lambda I)^-1 right; infinite where that is not positive definite.
   */
  private double length(double lambda) {
    device.copy(local, work);
    if (lambda > 0) {
      device.addDiagonal(lambda, null, work);
    }
    if (device.cholesky(work, F) != 0) {
      return Double.POSITIVE_INFINITY;
    }
    device.copy(right, y);
    device.solve(F, y);
    double length = Math.sqrt(device.dot(y, y));
    return Double.isNaN(length) ? Double.POSITIVE_INFINITY : length;
  }
}
