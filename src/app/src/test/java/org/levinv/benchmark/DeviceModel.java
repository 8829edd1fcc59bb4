package org.levinv.benchmark;

import org.levinv.ArrayRows;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.ResidentMatrix;

/**
 * Scores and Jacobian computed by levinv's device, P o P by blocks: they cost the local solver
 * little beside what it does with them.
 */
final class DeviceModel implements LocalModel, AutoCloseable {
  private final Device device;
  private final Workspace space;
  private final Scores scores;
  private final Vector x;
  private final Vector b;
  private final Rows A;
  private final Rows V;
  private final Rows Y;
  private final Rows J;
  private final int n;
  private final int d;

  DeviceModel(Device device, double[][] A, double[] b) {
    this.device = device;
    this.n = A.length;
    this.d = A[0].length;
    this.space = new Workspace(device);
    RowSource source = ArrayRows.of(A);
    this.scores = new Scores(ResidentMatrix.upload(source, space), space);
    this.A = space.rows(n, d);
    device.upload(source, this.A);
    this.V = space.rows(n, d);
    this.Y = space.rows(n, d);
    this.J = space.rows(n, d);
    this.x = space.vector(d);
    this.b = space.upload(b);
  }

  @Override
  public Value at(double[] point) {
    device.upload(point, x);
    scores.atPoint(x, b);
    device.timesMatrix(A, scores.inverseR(), V);
    device.scaleRows(scores.weights(), V, V); // V = W A R^-1, P = V V^T
    device.scaleRows(scores.weights(), A, Y); // W A
    device.hadamardTimes(V, V, V, V, false, Y, J); // (P o P) W A
    device.scaleRows(scores.sigma(), Y, Y); // diag(sigma) W A
    device.axpy(-1, Y, J); // -L W A
    double[] flat = new double[n * d];
    device.download(J, 0, n, flat);
    double[][] jacobian = new double[n][d];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        jacobian[i][j] = 2 * flat[i * d + j]; // -2 L W A
      }
    }
    double[] sigma = new double[n];
    device.download(scores.sigma(), sigma);
    return new Value(sigma, jacobian);
  }

  @Override
  public void close() {
    space.close();
  }
}
