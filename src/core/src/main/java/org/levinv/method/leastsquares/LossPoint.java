package org.levinv.method.leastsquares;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.SampledHessian;
import org.levinv.model.Ridge;
import org.levinv.pass.Draws;
import org.levinv.pass.GradientPass;
import org.levinv.pass.GradientSums;
import org.levinv.pass.LossPass;
import org.levinv.pass.LossSums;
import org.levinv.pass.MetricPass;
import org.levinv.pass.SlackGram;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.RowStore;

/**
 * The loss 0.5 ||sigma(x) - target||^2 at a point, by three readings of all rows, each of which may
 * be the last: the Gram matrix, the scores, the derivatives.
 */
final class LossPoint {
  private final RowStore rows;
  private final Device device;
  private final double[] x;
  private final Vector at;
  private final Matrix R;
  private final Matrix inverseR;
  private final Matrix C;
  private final Matrix N;
  private final Matrix work;
  private final Matrix diagonal;
  private final Matrix metric;
  private final Vector gradient;
  private final Vector degreeRows;
  private final boolean withDegrees;
  private final double[] hostInverse;
  private final double[] hostN;
  private boolean isSharp;
  private double shrinkage;
  private double growth;
  private boolean regular;
  private double loss;
  private double floor;
  private double relativeResidual;
  private double largest;
  private Draws draws;
  private long[] drawn;
  private double[] rates;
  private double degrees;
  private boolean hasDiagonal;
  private boolean hasMetric;

  /**
   * @param withDegrees whether the Hessian is to come from a sample, which sums of degrees correct
   */
  LossPoint(RowStore rows, boolean withDegrees, Workspace space) {
    int d = rows.columns();
    this.rows = rows;
    this.withDegrees = withDegrees;
    device = rows.device();
    x = new double[d];
    at = space.vector(d);
    R = space.matrix(d, d);
    inverseR = space.matrix(d, d);
    C = space.matrix(d, d);
    N = space.matrix(d, d);
    work = space.matrix(d, d);
    diagonal = space.matrix(d, d);
    metric = space.matrix(d, d);
    gradient = space.vector(d);
    degreeRows = space.vector(d);
    hostInverse = new double[d * d];
    hostN = new double[d * d];
  }

  /**
   * Moves here: one reading for the Gram matrix, d^2 flops a row.
   *
   * @param before the point that the slacks are compared to, or null
   */
  void moveTo(double[] point, double[] before) {
    System.arraycopy(point, 0, x, 0, x.length);
    device.upload(x, at);
    SlackGram found =
        rows.run(before == null ? SlackGramPass.at(x) : SlackGramPass.moved(x, before));
    shrinkage = found.shrinkage();
    growth = found.growth();
    regular = device.cholesky(found.G(), R) == 0; // G = R^T R
    loss = Double.NaN;
    hasDiagonal = false;
    hasMetric = false;
  }

  /**
   * Evaluates the loss: one reading for scores, residuals and R^-T A^T diag(w^2 r) A R^-1, 2 d^2
   * flops a row; none where the Gram matrix is singular.
   *
   * @param by which rows are drawn by their scores, or null
   */
  void evaluate(Draws by) {
    if (!regular) {
      return;
    }
    device.invertTriangular(R, inverseR); // R^-1
    device.download(inverseR, hostInverse);
    LossPass pass = new LossPass(x, hostInverse, by);
    LossSums found = rows.run(isSharp ? pass.sharp() : pass);
    loss = found.loss();
    floor = Math.max(found.rounding(), scoreRounding() * Math.sqrt(2 * loss));
    relativeResidual = found.relativeResidual();
    largest = found.largest();
    draws = by;
    drawn = found.drawn().numbers();
    rates = found.drawn().keys();
    device.multiply(found.Q(), false, inverseR, false, work);
    device.multiply(inverseR, true, work, false, C); // R^-T Q R^-1
    device.multiply(C, false, inverseR, true, work);
    device.multiply(inverseR, false, work, false, N); // G^-1 Q G^-1
    device.download(N, hostN);
  }

  /**
   * The gradient, and what else is wanted: one reading, 3 d^2 flops a row and d^2 for each wish.
   *
   * @param withDiagonal the part of the Hessian that is diagonal over rows
   * @param withMetric M
   */
  void differentiate(boolean withDiagonal, boolean withMetric) {
    GradientPass pass = new GradientPass(x, hostInverse, hostN, withDiagonal, withMetric);
    GradientSums found = rows.run(withDiagonal && withDegrees ? pass.withDegrees() : pass);
    device.copy(found.gradient(), gradient);
    if (withDiagonal) {
      device.copy(found.diagonal(), diagonal);
      if (withDegrees) {
        device.copy(found.degreeRows(), degreeRows);
        degrees = found.degrees();
      }
      hasDiagonal = true;
    }
    if (withMetric) {
      setMetric(found.metric());
    }
  }

  private void setMetric(Matrix found) {
    device.copy(found, metric);
    Ridge.add(device, metric);
    hasMetric = true;
  }

  /** x, d; not to be written to. */
  double[] x() {
    return x;
  }

  /** x on the device. */
  Vector at() {
    return at;
  }

  /** The largest 1 - s_i / s_i(before). */
  double shrinkage() {
    return shrinkage;
  }

  /** The largest |1 - s_i / s_i(before)|. */
  double largestChange() {
    return Math.max(shrinkage, growth);
  }

  /** 0.5 ||sigma - target||^2; NaN where there is none. */
  double loss() {
    return loss;
  }

  /** What scores lose with the Gram matrix, by the square of cond(R). */
  private double scoreRounding() {
    double condition = device.norm(R) * device.norm(inverseR) / x.length;
    return Math.ulp(1.0) * condition * condition;
  }

  /** From now on rounding is told more closely, for d^2 flops a row more. */
  void sharpen() {
    isSharp = true;
  }

  /** The rounding error of the loss. */
  double floor() {
    return floor;
  }

  /** ||sigma - target|| / ||target||. */
  double relativeResidual() {
    return relativeResidual;
  }

  /** The largest score. */
  double largestScore() {
    return largest;
  }

  /** About {@code size} of the rows that were drawn here. */
  ScoreSample sample(double size) {
    return ScoreSample.of(drawn, rates, draws, x.length, size);
  }

  /** g = -2 A^T W L r, d. */
  Vector gradient() {
    return gradient;
  }

  /** R^-1, d x d. */
  Matrix inverseR() {
    return inverseR;
  }

  /** R^-1, d x d row by row; not to be written to. */
  double[] hostInverse() {
    return hostInverse;
  }

  /** What the Hessian needs of all rows; one more reading where it was not asked for. */
  SampledHessian.Known known() {
    if (!hasDiagonal) {
      differentiate(true, false);
    }
    return new SampledHessian.Known(C, diagonal, withDegrees ? degreeRows : null, degrees);
  }

  /** Whether {@link #metric} needs no reading. */
  boolean hasMetric() {
    return hasMetric;
  }

  /**
   * M = A^T diag(w^2 sigma (1 - sigma)) A, kept positive definite, d x d; one more reading where it
   * was not asked for.
   */
  Matrix metric() {
    if (!hasMetric) {
      setMetric(rows.run(new MetricPass(x, hostInverse)));
    }
    return metric;
  }
}
