package org.levinv.rows;

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
  RESPONSE
}
