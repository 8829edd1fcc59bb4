package org.levinv.benchmark;

/** Scores and their Jacobian J = -2 L W A, L = diag(sigma) - P o P, for a local solver. */
interface LocalModel {

  /**
   * At one x.
   *
   * @param jacobian n rows of d entries
   */
  record Value(double[] sigma, double[][] jacobian) {}

  Value at(double[] x);
}
