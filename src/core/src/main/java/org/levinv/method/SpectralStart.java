package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/** The direction in which weighted rows are longest, where phase retrieval starts. */
final class SpectralStart {
  private SpectralStart() {}

  /** z = the leading eigenvector of Q^T diag(u) Q, of length 1. */
  static void of(TallMatrix Q, Vector u, Vector z, Workspace own) {
    Device device = own.device();
    int columns = Q.columns();
    Matrix S = own.matrix(columns, columns);
    Matrix V = own.matrix(columns, columns);
    Q.weightedGram(u, S);
    device.symmetricEigen(S, V, own.vector(columns));
    double[] last = new double[columns];
    last[columns - 1] = 1;
    device.multiply(V, false, own.upload(last), z);
  }
}
