package org.levinv.rows;

import org.levinv.Signs;
import org.levinv.VectorSource;

/** A number that belongs to each row of a problem, beside a_i. */
public enum Field {
  /** b_i, in the unit of the row where rows are scaled. */
  OFFSET,
  /** The target score. */
  TARGET,
  /** The sign of a_i.x - b_i, +1 or -1. */
  SIGN,
  /** omega_i of the regulariser 0.5 ||diag(omega) A x||^2, in the unit of the row. */
  OMEGA,
  /** Half the logarithm of the prior weight: what it adds to the logarithm of a weight. */
  PRIOR,
  /** The response of a regression. */
  RESPONSE;

  /**
   * The numbers of the field, of those that a user has for it: signs of numbers, prior weights.
   *
   * @return null for null; a number that cannot be used is an InvalidInputException where it is
   *     read
   */
  public VectorSource numbers(VectorSource given) {
    if (given == null) {
      return null;
    }
    return switch (this) {
      case SIGN -> Signs.given(given).values();
      case PRIOR -> CheckedNumbers.halfLogs(given);
      case RESPONSE -> CheckedNumbers.responses(given);
      case OFFSET, TARGET, OMEGA -> given;
    };
  }

  /** What a user has for a number of the field: the other way, to rounding. */
  public double given(double number) {
    return this == PRIOR ? Math.exp(2 * number) : number;
  }
}
