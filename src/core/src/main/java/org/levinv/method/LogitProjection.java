package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * The model that takes L = diag(sigma) - P o P for diagonal: the logit step of the magnitudes,
 * projected on moves of x, min over (dx, c) of || D^1/2 (W A dx + c 1 + f) ||.
 */
final class LogitProjection implements ReducedModel {
  private final Device device;
  private final Equations equations;
  private final TallMatrix E;
  private final GramFactor normal;
  private final Vector D;
  private final Vector v;
  private final Vector work;
  private final Vector column;
  private final Vector projected;
  private double sumD;

  LogitProjection(Equations equations, Workspace space) {
    device = space.device();
    this.equations = equations;
    E = equations.rows();
    normal = new GramFactor(E.columns(), space);
    D = space.vector(E.rows());
    v = space.vector(E.rows());
    work = space.vector(E.rows());
    column = space.vector(E.columns());
    projected = space.vector(E.columns());
  }

  /** At the point where the equations were evaluated; false where they do not determine a move. */
  boolean make() {
    device.copy(equations.degrees(), D);
    device.copy(equations.w(), v);
    device.map(Formula.SQUARE_TIMES, 0, v, D, null, work);
    boolean regular = normal.ofSquaredWeights(E, work); // M = A^T W D W A
    device.multiply(v, D, work);
    E.transposeTimes(work, column); // e = A^T W D 1
    device.copy(column, projected);
    if (regular) {
      normal.solve(projected); // M^-1 e
    }
    sumD = device.sum(D);
    return regular;
  }

  @Override
  public void step(Vector f, Vector dx) {
    device.multiply(D, f, work);
    double Df = device.sum(work);
    device.multiply(v, work, work);
    E.transposeTimes(work, dx);
    normal.solve(dx); // M^-1 A^T W D f
    double c = (device.dot(column, dx) - Df) / (sumD - device.dot(column, projected));
    device.scale(-1, dx);
    device.axpy(-c, projected, dx); // dx = -M^-1 A^T W D f - c M^-1 e
  }

  @Override
  public Matrix measure(GramFactor gram) {
    return normal.R();
  }
}
