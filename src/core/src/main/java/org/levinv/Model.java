package org.levinv;

import java.util.Objects;
import org.levinv.device.RowSource;

/**
 * Rows with weights that are a function of Ax - b: those of diag(sqrt(v) f(Ax - b)) A. For a
 * generalised linear model Ax - b is the linear predictor of the coefficients x, the scores are the
 * hat values of its fit, and v are its prior weights.
 *
 * @param A n x d with n > d and independent columns
 * @param b offset, n
 * @param weights f
 * @param prior v, n numbers above 0; null where all are 1
 */
public record Model(RowSource A, VectorSource b, Weights weights, VectorSource prior) {

  public Model {
    InvalidInputException.requireGiven("matrix", A);
    InvalidInputException.requireGiven("offset", b);
    Objects.requireNonNull(weights, "weights");
    Problem.checkShape(A);
    Problem.checkLength(b, A.rows());
    if (prior != null) {
      Problem.checkLength(prior, A.rows());
      weights = weights.withPrior();
    }
  }

  /** Without prior weights. */
  public Model(RowSource A, VectorSource b, Weights weights) {
    this(A, b, weights, null);
  }

  /** With arrays, which are read in place and must not change. */
  public static Model of(double[][] A, double[] b, Weights weights) {
    return new Model(RowSource.of(A), VectorSource.of("offset", b), weights);
  }

  /** The same rows with prior weights. */
  public Model withPriorWeights(VectorSource v) {
    return new Model(A, b, weights, v);
  }

  /** The same with other weights. */
  public Model with(Weights others) {
    return new Model(A, b, others, prior);
  }
}
