package org.levinv.solve;

import org.levinv.Weights;

/** The weighted rows are singular, or have no value, at some x, which then has no scores. */
final class SingularException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  SingularException(Weights weights) {
    super(
        (weights.isBarrier()
                ? "diag(Ax - b)^-1 A"
                : "diag(f(Ax - b)) A, with f of the weights " + weights.name() + ",")
            + " is singular at this x in the range of doubles");
  }

  /** Of a model whose linear predictor is below 0 in a row, and has to be above. */
  SingularException(Weights weights, long row) {
    super(
        "row "
            + row
            + ": expected a_i.x - b_i above 0 for the weights "
            + weights.name()
            + ", got a number below");
  }

  SingularException(long row) {
    super("row " + row + ": expected a nonzero a_i.x - b_i, got 0, where scores have no value");
  }
}
