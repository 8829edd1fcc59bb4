package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The Laplacian of all rows of a sample, row i counted q_i times: L u = u o (P o P) q - (P o P) (q
 * o u) with P = V V^T and V = W A R^-1. Nothing is computed before it is asked for.
 */
final class SampleLaplacian {
  private final TallMatrix A;
  private final Vector w;
  private final Matrix inverseR;
  private final Sample sample;
  private final Workspace space;
  private TallMatrix V;
  private Vector q;
  private Vector degree;
  private Vector u;
  private Vector Lu;
  private Matrix M;

  SampleLaplacian(TallMatrix A, Vector w, Matrix inverseR, Sample sample, Workspace space) {
    this.A = A;
    this.w = w;
    this.inverseR = inverseR;
    this.sample = sample;
    this.space = space;
  }

  /**
   * ||J R^-1 y|| / ||y|| = 2 ||Q^1/2 L V y|| / ||y||, no less than the smallest singular value of J
   * R^-1; 3 units of the sample, and 1 to 4 more the first time.
   */
  double change(Vector y) {
    Device device = space.device();
    prepare(device);
    V.times(y, u);
    device.multiply(q, u, Lu);
    V.weightedGram(Lu, M);
    V.quadraticForms(M, Lu); // (P o P) (q o u)
    device.multiply(degree, u, u);
    device.axpy(-1, Lu, u); // L u
    device.multiply(q, u, Lu);
    return 2 * Math.sqrt(device.dot(Lu, u) / device.dot(y, y));
  }

  /**
   * Numbers for the rows of A, the mean of these and of where the last change was: shares of both
   * sums over the sample.
   */
  double[] towardsChange(double[] importance) {
    double[] change = new double[sample.size()];
    space.device().download(u, change);
    double all = 0;
    double changed = 0;
    for (int k = 0; k < change.length; k++) {
      all += sample.counts()[k] * importance[sample.rows()[k]];
      changed += sample.counts()[k] * change[k] * change[k];
    }
    double[] both = importance.clone();
    for (int k = 0; k < change.length; k++) {
      int i = sample.rows()[k];
      both[i] = 0.5 * (importance[i] / all + change[k] * change[k] / changed);
    }
    return both;
  }

  private void prepare(Device device) {
    if (V != null) {
      return;
    }
    int m = sample.size();
    q = space.upload(sample.counts());
    u = space.vector(m);
    Lu = space.vector(m);
    degree = space.vector(m);
    M = space.matrix(A.columns(), A.columns());
    device.gather(w, sample.rows(), u);
    V = A.rows(sample.rows(), space);
    V.scaledTriangular(u, inverseR, V);
    if (Arrays.stream(sample.counts()).allMatch(count -> count == 1)) {
      V.squaredRowNorms(degree); // P^2 = P
    } else {
      V.weightedGram(q, M);
      V.quadraticForms(M, degree); // (P o P) q
    }
  }
}
