package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * The coordinates in which x is sought. A Gram inverse loses the square of cond(A); where that
 * matters, A is replaced by A R^-1, x by R x, with R from a Householder QR of rows that matter.
 */
final class Coordinates {
  private final Device device;
  private final Matrix C;
  private final Matrix inverse;
  private final Matrix work;
  private boolean changed;

  Coordinates(int columns, Workspace space) {
    device = space.device();
    C = space.matrix(columns, columns);
    inverse = space.matrix(columns, columns);
    work = space.matrix(columns, columns);
    device.addDiagonal(1, null, C);
    device.addDiagonal(1, null, inverse);
  }

  /** A = A R^-1 for both matrices (which may be the same), x = R x from now on. */
  void rebase(GramFactor factor, TallMatrix A, TallMatrix some) {
    A.rebase(factor.inverseR());
    if (some != A) {
      some.rebase(factor.inverseR());
    }
    device.multiply(factor.R(), false, C, false, work);
    device.copy(work, C); // C = R C
    device.multiply(inverse, false, factor.inverseR(), false, work);
    device.copy(work, inverse); // C^-1 = C^-1 R^-1
    changed = true;
  }

  /** C^-1, or null where the coordinates are still the original ones. */
  Matrix inverseOrNull() {
    return changed ? inverse : null;
  }

  /** Original coordinates of a vector of these. */
  double[] toOriginal(Vector x) {
    double[] values = new double[C.columns()];
    try (Workspace own = new Workspace(device)) {
      Vector original = own.vector(values.length);
      device.multiply(inverse, false, x, original);
      device.download(changed ? original : x, values);
    }
    return values;
  }

  /** x = the vector of these coordinates for original ones. */
  void fromOriginal(double[] values, Vector x) {
    try (Workspace own = new Workspace(device)) {
      device.multiply(C, false, own.upload(values), x);
    }
  }
}
