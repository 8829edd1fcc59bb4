package org.levinv.solve;

import org.levinv.InvalidInputException;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Rank;
import org.levinv.model.GramFactor;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * A problem on the device, around a point: A is replaced by A R^-1 and x by R x, where R^T R =
 * A(x0)^T A(x0) by Householder QR, so that A(x0) has orthonormal columns. Scores and slacks stay
 * what they are, lengths become relative changes of the slacks, and cond(A) does not count.
 */
final class LocalSetup {

  /** cond(R) beyond which the rank of A is looked at. */
  private static final double SUSPICIOUS = 1e10;

  private final Device device;
  private final TallMatrix A;
  private final Vector b;
  private final double[] slacks;
  private final GramFactor factor;
  private final double[] inverseR;
  private final int d;

  LocalSetup(Device device, RowSource source, double[] offset, double[] x0, Workspace space) {
    this.device = device;
    d = source.columns();
    A = ResidentMatrix.upload(source, space);
    b = space.upload(offset);
    factor = new GramFactor(d, space);
    slacks = new double[offset.length];
    try (Workspace own = new Workspace(device)) {
      Vector s = own.vector(offset.length);
      A.times(own.upload(x0), s);
      device.axpy(-1, b, s); // s = A x0 - b
      device.download(s, slacks);
      double[] w = weights(source, own);
      boolean regular = factor.ofRows(A, own.upload(w)); // R^T R = A^T diag(s)^-2 A
      if (!regular || factor.condition() > SUSPICIOUS) {
        int rank = Rank.of(A, device).rank();
        if (rank < d || !regular) {
          throw Checks.dependentColumns(source, rank, null);
        }
      }
    }
    A.rebase(factor.inverseR());
    inverseR = new double[d * d];
    device.download(factor.inverseR(), inverseR);
  }

  /** 1 / s, and 0 for rows of zeros. */
  private double[] weights(RowSource source, Workspace own) {
    Vector norms = own.vector(slacks.length);
    A.squaredRowNorms(norms);
    double[] squares = new double[slacks.length];
    device.download(norms, squares);
    double[] w = new double[slacks.length];
    for (int i = 0; i < w.length; i++) {
      if (slacks[i] == 0 && squares[i] > 0) {
        throw new InvalidInputException(
            "start, row "
                + i
                + " of "
                + source.name()
                + ": expected a nonzero a_i.x - b_i, whose sign the answer shares, got 0");
      }
      w[i] = slacks[i] == 0 ? 0 : 1 / slacks[i];
    }
    return w;
  }

  /** A R^-1. */
  TallMatrix matrix() {
    return A;
  }

  Vector offset() {
    return b;
  }

  /** R. */
  GramFactor factor() {
    return factor;
  }

  /** A x0 - b. */
  double[] slacks() {
    return slacks;
  }

  /** to = R x. */
  void fromUser(double[] x, Vector to) {
    try (Workspace own = new Workspace(device)) {
      device.multiply(factor.R(), false, own.upload(x), to);
    }
  }

  /** R^-1 of coordinates. */
  double[] toUser(Vector from) {
    double[] values = new double[d];
    device.download(from, values);
    return toUser(values);
  }

  /** The same for coordinates on the host, without the device. */
  double[] toUser(double[] from) {
    double[] x = new double[d];
    for (int j = 0; j < d; j++) {
      for (int k = j; k < d; k++) {
        x[j] += inverseR[j * d + k] * from[k];
      }
    }
    return x;
  }
}
