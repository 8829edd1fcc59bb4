package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.method.common.FractionToBoundary;
import org.levinv.model.Objective;

/** Keeps steps inside the cell of signs of A x - b. */
final class SignCell {

  private static final FractionToBoundary FRACTION = new FractionToBoundary(0.95);

  private final Device device;

  SignCell(Device device) {
    this.device = device;
  }

  /**
   * Goes from x to {@code trial} = x + a y with the largest a up to 1 for which no slack shrinks by
   * more than 0.95 of itself; one reading, and another where a is less than 1. Returns a; {@code
   * there} has still to be evaluated.
   */
  double move(Objective there, Vector x, Vector y, Vector trial) {
    device.copy(x, trial);
    device.axpy(1, y, trial);
    double shrinkage = there.look(trial, x);
    double a = FRACTION.part(shrinkage);
    if (a == 1) {
      return 1;
    }
    device.copy(x, trial);
    device.axpy(a, y, trial);
    there.look(trial, null);
    return a;
  }
}
