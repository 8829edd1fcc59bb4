package org.levinv.benchmark;

import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresBuilder;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresOptimizer.Optimum;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LevenbergMarquardtOptimizer;
import org.hipparchus.optim.nonlinear.vector.leastsquares.MultivariateJacobianFunction;
import org.hipparchus.util.Pair;
import org.levinv.device.Device;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.ResidentMatrix;

/**
 * What levinv is compared with: Hipparchus' Levenberg-Marquardt on sigma(x) = target with the exact
 * dense Jacobian J = -2 L W A, L = diag(sigma) - P o P. Scores and J are computed on the device, P
 * o P by blocks: the Jacobian costs it little beside what Levenberg-Marquardt does with it.
 */
final class LocalSolver implements AutoCloseable {

  /**
   * How a run ended.
   *
   * @param iterations or -1 where the time was up
   * @param jacobianSeconds the part spent on scores and Jacobians
   * @param goodAfter seconds to the first relative residual of at most {@link #GOOD}, or infinity
   */
  record Outcome(
      double relativeResidual,
      int iterations,
      int evaluations,
      double seconds,
      double jacobianSeconds,
      double goodAfter) {}

  /** The relative residual that a solve of levinv has to reach. */
  static final double GOOD = 1e-10;

  /** Ends a run that takes too long. */
  private static final class OutOfTime extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final Device device;
  private final Workspace space;
  private final Scores scores;
  private final Vector x;
  private final Vector b;
  private final Rows A;
  private final Rows V;
  private final Rows Y;
  private final Rows J;
  private final double[] target;
  private final int n;
  private final int d;
  private double jacobianSeconds;
  private int evaluations;
  private long started;
  private double best;
  private double goodAfter;

  LocalSolver(Device device, double[][] A, double[] b, double[] target) {
    this.device = device;
    this.target = target;
    this.n = A.length;
    this.d = A[0].length;
    this.space = new Workspace(device);
    Problems.Source source = new Problems.Source(A);
    this.scores = new Scores(ResidentMatrix.upload(source, space), space);
    this.A = space.rows(n, d);
    device.upload(source, this.A);
    this.V = space.rows(n, d);
    this.Y = space.rows(n, d);
    this.J = space.rows(n, d);
    this.x = space.vector(d);
    this.b = space.upload(b);
  }

  Outcome solve(double[] start, double limitSeconds) {
    long begun = System.nanoTime();
    best = Double.POSITIVE_INFINITY;
    goodAfter = Double.POSITIVE_INFINITY;
    started = begun;
    evaluations = 0;
    jacobianSeconds = 0;
    MultivariateJacobianFunction model =
        point -> {
          if (Timing.seconds(begun) > limitSeconds) {
            throw new OutOfTime();
          }
          return evaluate(point);
        };
    try {
      Optimum optimum =
          new LevenbergMarquardtOptimizer()
              .optimize(
                  new LeastSquaresBuilder()
                      .start(start)
                      .target(target)
                      .model(model)
                      .maxEvaluations(1000)
                      .maxIterations(1000)
                      .build());
      return outcome(optimum.getIterations(), begun);
    } catch (OutOfTime e) {
      return outcome(-1, begun);
    }
  }

  private Outcome outcome(int iterations, long begun) {
    return new Outcome(
        best, iterations, evaluations, Timing.seconds(begun), jacobianSeconds, goodAfter);
  }

  private Pair<RealVector, RealMatrix> evaluate(RealVector point) {
    long begun = System.nanoTime();
    evaluations++;
    device.upload(point.toArray(), x);
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
    double residual = Problems.relativeResidual(sigma, target);
    best = Math.min(best, residual);
    if (residual <= GOOD) {
      goodAfter = Math.min(goodAfter, Timing.seconds(started));
    }
    jacobianSeconds += Timing.seconds(begun);
    return new Pair<>(new ArrayRealVector(sigma, false), new Array2DRowRealMatrix(jacobian, false));
  }

  @Override
  public void close() {
    space.close();
  }
}
