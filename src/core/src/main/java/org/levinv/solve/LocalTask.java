package org.levinv.solve;

import org.levinv.GradientProblem;
import org.levinv.InvalidInputException;
import org.levinv.Method;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.RowSource;
import org.levinv.pass.SignRule;
import org.levinv.rows.Field;
import org.levinv.rows.ProblemRows;

/**
 * What a local method is given, for scores or for the gradient problem.
 *
 * @param model the rows: A, n x d, b, and weights, for the gradient problem those of the barrier
 * @param sigma target scores, n, or null for the gradient problem
 * @param gradient target gradient, d, or null for scores
 * @param omega of the regulariser, n, or null for none
 * @param options with a start point
 * @param kind the method
 */
record LocalTask(
    Model model,
    VectorSource sigma,
    double[] gradient,
    VectorSource omega,
    Options options,
    Method kind) {

  LocalTask {
    if (options.start() == null) {
      throw new InvalidInputException(
          "start: expected a start point for method "
              + kind
              + ", with the signs of A x - b at the answer and near it (a local method finds no"
              + " other); method auto needs none");
    }
    Checks.shapes(options, model.A());
    if (kind == Method.SAMPLED_NEWTON && !model.weights().isBarrier()) {
      throw new InvalidInputException(
          "method: expected gradient, newton or gauss-newton for the weights "
              + model.weights().name()
              + (model.prior() == null ? "" : " with prior weights")
              + ", got "
              + kind.word());
    }
  }

  /** A, n x d. */
  RowSource A() {
    return model.A();
  }

  /** b, n. */
  VectorSource b() {
    return model.b();
  }

  /** f. */
  Weights weights() {
    return model.weights();
  }

  static LocalTask of(Problem problem, Options options, Method kind) {
    return new LocalTask(
        problem.model(),
        problem.sigma(),
        null,
        Checks.omega(options.local(), problem.A().rows()),
        options,
        kind);
  }

  static LocalTask of(GradientProblem problem, Options options) {
    Method kind = options.local().method();
    if (kind != Method.AUTO && kind != Method.NEWTON && kind != Method.SAMPLED_NEWTON) {
      throw new InvalidInputException(
          "method: expected newton or sampled-newton for the gradient problem, got " + kind);
    }
    return new LocalTask(
        new Model(problem.A(), problem.b(), Weights.BARRIER),
        null,
        problem.gradient(),
        Checks.omega(options.local(), problem.A().rows()),
        options,
        kind == Method.AUTO ? Method.NEWTON : kind);
  }

  /** The same around another point. */
  LocalTask at(double[] point) {
    return new LocalTask(model, sigma, gradient, omega, options.withStart(point), kind);
  }

  /** Whether scores are asked for, not a gradient. */
  boolean isForScores() {
    return sigma != null;
  }

  boolean isRegularized() {
    return omega != null;
  }

  /** All rows with their fields. */
  ProblemRows rows() {
    return ProblemRows.of(model)
        .with(Field.TARGET, sigma)
        .with(Field.SIGN, options.signs().values())
        .with(Field.OMEGA, omega);
  }

  /** The signs that slacks are said to have. */
  SignRule signs() {
    return GlobalSearch.signs(options.signs());
  }
}
