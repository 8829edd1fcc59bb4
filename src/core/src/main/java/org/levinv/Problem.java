package org.levinv;

import org.levinv.device.RowSource;
import org.levinv.small.Counted;

/**
 * Find x such that the leverage scores of diag(Ax - b)^-1 A are sigma, or those of other weights.
 * Shapes are checked here; numbers where all rows are read for the first time, before any other
 * work of a solve.
 *
 * @param model the rows: the scores are those of diag(sqrt(v) f(Ax - b)) A
 * @param sigma target scores, n, which sum to d up to noise
 */
public record Problem(Model model, VectorSource sigma) {

  public Problem {
    checkLength(InvalidInputException.requireGiven("scores", sigma), model.A().rows());
  }

  /** For the weights 1 / (Ax - b). */
  public Problem(RowSource A, VectorSource b, VectorSource sigma) {
    this(new Model(A, b, Weights.BARRIER), sigma);
  }

  /** The same rows and scores for other weights. */
  public Problem with(Weights others) {
    return new Problem(model.with(others), sigma);
  }

  /** The same with prior weights, n numbers above 0. */
  public Problem withPriorWeights(VectorSource v) {
    return new Problem(model.withPriorWeights(v), sigma);
  }

  /** A, n x d. */
  public RowSource A() {
    return model.A();
  }

  /** b, n. */
  public VectorSource b() {
    return model.b();
  }

  /** f. */
  public Weights weights() {
    return model.weights();
  }

  /** Vectors in arrays, which are read in place and must not change during a solve. */
  public Problem(RowSource A, double[] b, double[] sigma) {
    this(A, VectorSource.of("offset", b), VectorSource.of("scores", sigma));
  }

  /** A as an array of rows. */
  public static Problem of(double[][] A, double[] b, double[] sigma) {
    return new Problem(RowSource.of(A), b, sigma);
  }

  /** What and how large it is. */
  @Override
  public String toString() {
    return A().name() + ", " + A().rows() + " x " + A().columns() + ", weights " + weights().name();
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
  }

  /** One entry for each of n rows. */
  static void checkLength(VectorSource v, long n) {
    if (v.length() != n) {
      throw new InvalidInputException(
          v.name()
              + ": expected "
              + Counted.of(n, "entry", "entries")
              + ", one for each row of the matrix, got "
              + v.length());
    }
  }

  /** One finite entry for each column of A. */
  static void checkColumns(String name, double[] v, RowSource A) {
    if (v.length != A.columns()) {
      throw new InvalidInputException(
          name
              + ": expected "
              + Counted.of(A.columns(), "entry", "entries")
              + ", one for each column of the matrix, got "
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
