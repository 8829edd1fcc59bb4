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

/**
 * What levinv is compared with: Hipparchus' Levenberg-Marquardt on sigma(x) = target with the exact
 * dense Jacobian.
 */
final class LocalSolver {

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

  private final LocalModel model;
  private final double[] target;
  private double jacobianSeconds;
  private int evaluations;
  private long started;
  private double best;
  private double goodAfter;

  LocalSolver(LocalModel model, double[] target) {
    this.model = model;
    this.target = target;
  }

  Outcome solve(double[] start, double limitSeconds) {
    long begun = System.nanoTime();
    best = Double.POSITIVE_INFINITY;
    goodAfter = Double.POSITIVE_INFINITY;
    started = begun;
    evaluations = 0;
    jacobianSeconds = 0;
    MultivariateJacobianFunction function =
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
                      .model(function)
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
    LocalModel.Value value = model.at(point.toArray());
    double residual = Problems.relativeResidual(value.sigma(), target);
    best = Math.min(best, residual);
    if (residual <= GOOD) {
      goodAfter = Math.min(goodAfter, Timing.seconds(started));
    }
    jacobianSeconds += Timing.seconds(begun);
    return new Pair<>(
        new ArrayRealVector(value.sigma(), false),
        new Array2DRowRealMatrix(value.jacobian(), false));
  }
}
