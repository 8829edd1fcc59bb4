package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/** Keeps steps inside the cell of signs of A x - b. */
final class SignCell {

  /** A step takes at most this part of the way to the wall. */
  private static final double PART = 0.95;

  private final TallMatrix A;
  private final Device device;
  private final Vector change;

  SignCell(TallMatrix A, Workspace space) {
    this.A = A;
    device = space.device();
    change = space.vector(A.rows());
  }

  /** The largest a up to 1 such that no slack shrinks by more than 0.95 in a times the step. */
  double part(Scores at, Vector step) {
    A.times(step, change);
    device.multiply(at.weights(), change, change);
    device.scale(-1, change); // -W A y, the relative shrinkage of the slacks
    double shrinkage = device.max(change);
    return shrinkage > PART ? PART / shrinkage : 1;
  }
}
