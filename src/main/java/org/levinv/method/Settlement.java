package org.levinv.method;

import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * Settles the signs of a sample. Each row's slack is predicted by all the other rows: the placement
 * leaves it out in closed form, p_i = signs_i + (w_i s_i / c - signs_i) / (1 - leverage), and the
 * leverage of a row in the placement is its target. A row whose prediction has the other sign is
 * flipped. A row whose prediction is far from +-1 is in doubt: its slack is narrower than x is
 * known, so neither its sign nor its weight can come from x yet.
 */
final class Settlement {

  /** |p| may be this far from 1. */
  private static final double DOUBT = 0.5;

  private final Device device;
  private final TallMatrix A;
  private final Vector b;
  private final Position position;
  private final Vector s;
  private final double[] slack;
  private final double[] prediction;

  Settlement(TallMatrix A, Vector b, Position position, Workspace space) {
    device = space.device();
    this.A = A;
    this.b = b;
    this.position = position;
    s = space.vector(A.rows());
    int m = (int) A.rows();
    slack = new double[m];
    prediction = new double[m];
  }

  private void slacksAt(Vector x) {
    A.times(x, s);
    device.axpy(-1, b, s); // s = A x - b
    device.download(s, slack);
  }

  /**
   * Flips signs and places x again, round by round, until none flips; changes {@code signs} and x.
   * Returns the misfit of the placement, the root mean square of w s / c - signs, or NaN.
   */
  double settle(
      Vector t,
      double[] weights,
      double[] target,
      double[] signs,
      Vector counts,
      Vector x,
      int rounds,
      Vector signVector) {
    double misfit = Double.NaN;
    for (int round = 0; round < rounds; round++) {
      device.upload(signs, signVector);
      double c = position.place(t, signVector, counts, x);
      if (Double.isNaN(c)) {
        return c;
      }
      misfit = predict(weights, target, signs, x);
      boolean flipped = false;
      for (int i = 0; i < signs.length; i++) {
        if (prediction[i] * signs[i] < 0 && Math.abs(Math.abs(prediction[i]) - 1) <= DOUBT) {
          flipped = true;
          if (round + 1 < rounds) {
            signs[i] = -signs[i];
          }
        }
      }
      if (!flipped) {
        break;
      }
    }
    return misfit;
  }

  /** Leaves the predictions for x, the last placement with these signs; returns the misfit. */
  double predict(double[] weights, double[] target, double[] signs, Vector x) {
    slacksAt(x);
    double[] c = scale();
    double sum = 0;
    for (int i = 0; i < signs.length; i++) {
      double error = slack[i] * weights[i] / c[i] - signs[i];
      sum += error * error;
      double leverage = Math.min(target[i], 1 - 1e-12);
      prediction[i] = signs[i] + error / (1 - leverage);
    }
    return Math.sqrt(sum / signs.length);
  }

  /** c of each row in the last placement. */
  double[] scale() {
    double[] c = new double[slack.length];
    device.download(position.scale(), c);
    return c;
  }

  /** True where row i's prediction is far from its sign. */
  boolean inDoubt(int i, double sign) {
    return Math.abs(prediction[i] - sign) > DOUBT;
  }
}
