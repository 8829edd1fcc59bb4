package org.levinv;

import java.util.Locale;

/**
 * Tyler's M-estimator of scatter.
 *
 * @param scale the row weights w with the scatter matrix (A - 1 mu^T)^T diag(w^2) (A - 1 mu^T), to
 *     which the regularised estimator adds a multiple of the identity, and how they were found
 * @param how it was asked for
 * @param location mu, d values
 * @param distances sqrt((a - mu)^T S^-1 (a - mu)) of each row, S the scatter matrix, n values; null
 *     where a sink took them, or none were computed
 * @param shrinkage rho; 0 for Tyler's own estimator
 */
public record TylerResult(
    ScaleResult scale, Tyler how, double[] location, double[] distances, double shrinkage) {

  /** That of the search, with what was asked for, one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s; location %s, normalised by %s, shrinkage %.3g",
        scale,
        how.location().word(),
        how.normalisation().word(),
        shrinkage);
  }
}
