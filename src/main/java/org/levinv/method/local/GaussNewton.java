package org.levinv.method.local;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Sample;
import org.levinv.model.HessianPart;
import org.levinv.model.Objective;
import org.levinv.model.Scores;
import org.levinv.tall.TallMatrix;

/**
 * Gauss-Newton for the scores: Levenberg-Marquardt steps (J^T J + A^T diag(omega^2) A + lambda G) y
 * = -g, where lambda is what keeps the step in the trust region. J = -2 L W A is formed from pairs
 * of rows (4 n^2 d flops) or J^T J from its columns (6 n d^3), or neither: conjugate gradients on
 * its products. Needs no second derivatives; quadratic where the residual vanishes, linear
 * elsewhere.
 */
public final class GaussNewton implements LocalMethod {
  private final TallMatrix A;
  private final Device device;
  private final TrustRegion region;
  private final String choice;

  /** For two losses of the same problem, of which the second is scratch. */
  public GaussNewton(
      TallMatrix A,
      Objective here,
      Objective there,
      boolean regularized,
      Limits limits,
      Workspace space) {
    this.A = A;
    device = space.device();
    int d = A.columns();
    StepCost cost = StepCost.of(A.rows(), d, 4);
    QuadraticModel model;
    ExplicitHessian columns = new ExplicitHessian(d, space);
    switch (cost.cheapest()) {
      case PRODUCTS -> {
        model = new KrylovModel((at, v, to) -> at.gaussNewtonTimes(v, to), d, space);
        choice = cost.words("Jacobian products in truncated conjugate gradients");
      }
      case COLUMNS -> {
        model = new ExplicitModel(columns::gaussNewton, false, d, space);
        choice = cost.words("J^T J by columns, Cholesky");
      }
      default -> {
        Sample all = RowSample.all(A.rows());
        Matrix work = space.matrix(d, d);
        model =
            new ExplicitModel(
                (at, B) -> {
                  fromJacobian(at.scores(), all, B);
                  if (regularized) {
                    columns.of(at, HessianPart.REGULARIZER, work);
                    device.axpy(1, work, B);
                  }
                },
                false,
                d,
                space);
        choice = cost.words("explicit Jacobian by pairs of rows, Cholesky");
      }
    }
    region = new TrustRegion(A, here, there, model, limits, space);
  }

  /** B = J^T J for the explicit J = -2 L U. */
  private void fromJacobian(Scores scores, Sample all, Matrix B) {
    try (Workspace few = new Workspace(device)) {
      RowSample E = new RowSample(A, scores, all, few);
      TallMatrix LU = E.kernelTimes(E);
      E.laplacianRows(E, LU); // L U
      Vector four = few.vector(A.rows());
      device.fill(4, four);
      LU.weightedGram(four, B); // 4 U^T L L U
    }
  }

  @Override
  public Outcome run(Vector x, Listener listener) {
    return region.run(x, listener);
  }

  @Override
  public Trace trace() {
    return region.trace();
  }

  @Override
  public String choice() {
    return choice;
  }
}
