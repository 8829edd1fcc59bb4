package org.levinv.method.local;

import org.levinv.method.common.Termination;
import org.levinv.method.common.Termination.Type;

/** The rules that end a local method, by name. */
final class Stops {
  private Stops() {}

  static Termination noValue() {
    return new Termination(
        Type.STALLED, "the objective has no value at the start", Double.NaN, Double.NaN);
  }

  static Termination residual(double residual, double bound) {
    return new Termination(
        Type.CONVERGED, "the residual is as small as asked for", residual, bound);
  }

  static Termination stationary(double gradient) {
    return new Termination(Type.CONVERGED, "the gradient is zero", gradient, 0);
  }

  static Termination predicted(double decrease, double bound) {
    return new Termination(
        Type.CONVERGED, "the decrease still to come does not count", decrease, bound);
  }

  static Termination rounding(double decrease, double bound) {
    return new Termination(
        Type.CONVERGED, "the decrease still to come is less than rounding", decrease, bound);
  }

  static Termination stalled(double decrease, double bound) {
    return new Termination(
        Type.STALLED, "no step lowers the objective although its model says so", decrease, bound);
  }

  static Termination limit(int iterations) {
    return new Termination(
        Type.ITERATION_LIMIT, "the limit of iterations was reached", iterations, iterations);
  }
}
