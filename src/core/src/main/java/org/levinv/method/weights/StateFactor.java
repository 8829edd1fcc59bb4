package org.levinv.method.weights;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * The triangular factor of S, the Gram matrix of all rows at a state, in the coordinates of the
 * store: by Cholesky, or where some target is so near to 1 that its weight drowns the others, by a
 * QR of the heavy rows above a root of that of the light ones.
 */
final class StateFactor {

  /**
   * Targets above this ask for the QR. A Gram matrix keeps light rows to eps / (1 - target), which
   * is 1e-13 here.
   */
  private static final double SHUTS_OUT = 0.999;

  private final Device device;
  private final int d;
  private final boolean hasLight;
  private final boolean byRows;
  private final HeavyRows heavy;
  private final TallMatrix heavyRows;
  private final Vector weights;
  private final GramFactor factor;
  private final Matrix S;
  private final Matrix work;
  private final double[] inverse;

  /** On the device of {@code space}, which need not be that of the store. */
  StateFactor(WeightsProblem problem, Workspace space) {
    device = space.device();
    d = problem.store().columns();
    hasLight = problem.hasLight();
    heavy = problem.heavy();
    byRows = Arrays.stream(heavy.targets()).anyMatch(t -> t > SHUTS_OUT);
    int m = heavy.size();
    heavyRows = m == 0 ? null : upload(heavy, problem, space);
    weights = m == 0 ? null : space.vector(m);
    factor = new GramFactor(d, space);
    S = space.matrix(d, d);
    work = space.matrix(d, d);
    inverse = new double[d * d];
  }

  private TallMatrix upload(HeavyRows rows, WeightsProblem problem, Workspace space) {
    Rows A = space.rows(rows.size(), d);
    device.upload(rows.entries(), rows.size(), A, 0);
    return ResidentMatrix.of(A, problem.store().counter(), device);
  }

  /** False where S is not positive definite. */
  boolean of(WeightsState state) {
    boolean regular = byRows ? ofRows(state) : ofGram(state);
    if (regular) {
      device.download(factor.inverseR(), inverse);
    }
    return regular;
  }

  private boolean ofGram(WeightsState state) {
    if (heavyRows == null) {
      device.upload(state.light(), S);
      return factor.of(S);
    }
    device.upload(state.heavyWeights(), weights);
    heavyRows.weightedGram(weights, S); // S = A^T diag(u) A of the heavy rows
    if (hasLight) {
      device.upload(state.light(), work);
      device.axpy(1, work, S); // + that of the light rows
    }
    return factor.of(S);
  }

  private boolean ofRows(WeightsState state) {
    heavy.factor(state.heavyWeights(), hasLight ? root(state.light()) : null, work, device);
    return factor.ofTriangle(work);
  }

  /** L with L^T L = G, the largest rows first; eigenvalues below 0 are rounding. */
  private double[] root(double[] G) {
    double[] values = new double[d];
    double[] vectors = new double[d * d];
    try (Workspace own = new Workspace(device)) {
      Vector eigenvalues = own.vector(d);
      device.upload(G, S);
      device.symmetricEigen(S, work, eigenvalues); // G = V diag(values) V^T
      device.download(eigenvalues, values);
      device.download(work, vectors);
    }
    double[] L = new double[d * d];
    for (int j = 0; j < d; j++) {
      double length = Math.sqrt(Math.max(values[d - 1 - j], 0));
      for (int k = 0; k < d; k++) {
        L[j * d + k] = length * vectors[k * d + d - 1 - j];
      }
    }
    return L;
  }

  /** R^-1. */
  Matrix inverseR() {
    return factor.inverseR();
  }

  /** R^-1 on the host, d x d row by row; to be copied by who keeps it. */
  double[] inverseOnHost() {
    return inverse;
  }

  /** The heavy rows on the device; null where there are none. */
  TallMatrix heavyRows() {
    return heavyRows;
  }
}
