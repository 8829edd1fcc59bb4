package org.levinv;

import org.levinv.device.RowSource;

/**
 * Find x such that the leverage scores of diag(Ax - b)^-1 A are sigma.
 *
 * @param A n x d with n > d and independent columns
 * @param b offset, n
 * @param sigma target scores, n, which sum to d up to noise
 */
public record Problem(RowSource A, double[] b, double[] sigma) {

  /** Scores may lie this far outside [0, 1]: nearer than that they are noise. */
  static final double OUTSIDE = 0.1;

  /** The sum of the scores may be this share of d off: nearer than that it is noise. */
  static final double SUM_OFF = 0.25;

  public Problem {
    checkShape(A);
    checkVector("offset", b, A.rows());
    checkVector("scores", sigma, A.rows());
    double sum = 0;
    for (int i = 0; i < sigma.length; i++) {
      if (sigma[i] < -OUTSIDE || sigma[i] > 1 + OUTSIDE) {
        throw new InvalidInputException(
            "scores, row " + i + ": expected a leverage score between 0 and 1, got " + sigma[i]);
      }
      sum += sigma[i];
    }
    if (Math.abs(sum - A.columns()) > SUM_OFF * A.columns()) {
      throw new InvalidInputException(
          "scores: expected a sum of d = " + A.columns() + " (the columns of A), got " + sum);
    }
  }

  /** A as an array of rows. */
  public static Problem of(double[][] A, double[] b, double[] sigma) {
    return new Problem(ArraySource.of("matrix", A), b, sigma);
  }

  static void checkShape(RowSource A) {
    if (A.columns() < 1 || A.rows() <= A.columns()) {
      throw new InvalidInputException(
          A.name()
              + ": expected more rows than columns and at least one column, got "
              + A.rows()
              + " x "
              + A.columns());
    }
    if (A.rows() > Integer.MAX_VALUE - 8) {
      throw new InvalidInputException(
          A.name() + ": expected at most 2147483639 rows, got " + A.rows());
    }
  }

  static void checkVector(String name, double[] v, long length) {
    if (v.length != length) {
      throw new InvalidInputException(
          name
              + ": expected "
              + length
              + " entries, one for each row of the matrix, got "
              + v.length);
    }
    checkFinite(name, v);
  }

  static void checkFinite(String name, double[] v) {
    for (int i = 0; i < v.length; i++) {
      if (!Double.isFinite(v[i])) {
        throw new InvalidInputException(
            name + ", row " + i + ": expected a finite number, got " + v[i]);
      }
    }
  }
}
