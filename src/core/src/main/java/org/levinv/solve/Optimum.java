package org.levinv.solve;

import org.levinv.method.LinkMethod;
import org.levinv.method.leastsquares.LeastSquares;
import org.levinv.method.local.LocalMethod;

/**
 * How a descent of the loss ended.
 *
 * @param what ran, for messages
 * @param predicted the decrease that its last step promised, relative to the loss
 * @param wallRow the row whose slack goes to 0 at the optimum, or -1
 * @param isAlone whether of several searches only one ended there, and none at a better one
 */
record Optimum(
    String what, End end, int iterations, double predicted, long wallRow, boolean isAlone) {

  /** Why it ended. */
  enum End {
    /** At a minimum, for all that rounding lets one see. */
    MINIMUM,
    /** No step lowers the loss although its model says so. */
    STALLED,
    /** The limit of iterations was reached. */
    ITERATION_LIMIT
  }

  static Optimum of(LeastSquares.Outcome outcome) {
    return new Optimum(
        "least squares",
        switch (outcome.end().type()) {
          case CONVERGED -> End.MINIMUM;
          case STALLED -> End.STALLED;
          case ITERATION_LIMIT -> End.ITERATION_LIMIT;
        },
        outcome.iterations(),
        outcome.predictedDecrease() / outcome.loss(),
        outcome.boundRow(),
        false);
  }

  static Optimum of(LinkMethod.Descent descent, int iterations) {
    return new Optimum(
        "least squares",
        descent.isLimit()
            ? End.ITERATION_LIMIT
            : descent.predicted() <= LinkMethod.PROMISES_NOTHING ? End.MINIMUM : End.STALLED,
        iterations,
        descent.predicted(),
        -1,
        false);
  }

  static Optimum of(String method, LocalMethod.Outcome outcome) {
    return new Optimum(
        method,
        switch (outcome.end().type()) {
          case CONVERGED -> End.MINIMUM;
          case STALLED -> End.STALLED;
          case ITERATION_LIMIT -> End.ITERATION_LIMIT;
        },
        outcome.iterations(),
        Double.NaN,
        -1,
        false);
  }

  /** The same where that is so, or not. */
  Optimum alone(boolean isSo) {
    return new Optimum(what, end, iterations, predicted, wallRow, isSo);
  }
}
