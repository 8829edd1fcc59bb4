package org.levinv.model;

import org.levinv.device.Device;
import org.levinv.device.Matrix;

/** Keeps a positive semidefinite matrix positive definite, with a share of its own size. */
public final class Ridge {

  /** Of the mean diagonal entry: some tens of roundings, which no answer sees. */
  private static final double SHARE = 1e-14;

  private Ridge() {}

  /** S = S + 1e-14 trace(S) / d I. */
  public static void add(Device device, Matrix S) {
    double trace = 0;
    for (double entry : device.diagonal(S)) {
      trace += Math.abs(entry);
    }
    device.addDiagonal(SHARE * trace / S.columns(), null, S);
  }
}
