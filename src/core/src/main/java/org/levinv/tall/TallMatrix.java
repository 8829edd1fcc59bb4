package org.levinv.tall;

import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * The tall operations on A (n x d, rows a_i). Vectors of n entries are row-local: entry i belongs
 * to row i. G and N are symmetric d x d matrices, R is upper triangular.
 */
public interface TallMatrix {

  /** n. */
  long rows();

  /** d. */
  int columns();

  /** What the operations cost so far, on this matrix and on all that {@link #rows} made of it. */
  Meter meter();

  /** y = A x; 2 n d flops. */
  void times(Vector x, Vector y);

  /** z = A^T y; 2 n d flops. */
  void transposeTimes(Vector y, Vector z);

  /** G = A^T diag(u) A, u of any sign (reweighting); n d^2 flops. */
  void weightedGram(Vector u, Matrix G);

  /**
   * s = A x - b and G = A^T diag(s)^-2 A in one pass; n d^2 + 2 n d flops.
   *
   * @param precision of G
   */
  void slackGram(Vector x, Vector b, Vector s, Matrix G, Precision precision);

  /** s = A x - b and q_i = ||R^-T a_i||^2 in one pass; n d^2 + 2 n d flops. */
  void slackNorms(Vector x, Vector b, Matrix inverseR, Vector s, Vector q);

  /** q_i = a_i^T N a_i (diagonal extraction); 2 n d^2 flops. */
  void quadraticForms(Matrix N, Vector q);

  /**
   * q_i = ||R^-T a_i||^2 = a_i^T (R^T R)^-1 a_i, from the inverse of R; never negative; n d^2
   * flops.
   */
  void squaredNorms(Matrix inverseR, Vector q);

  /** R of the Householder QR of diag(w) A; 2 n d^2 flops. */
  void triangularFactor(Vector w, Matrix R);

  /** A = A R in place, R upper triangular; n d^2 flops. */
  void rebase(Matrix R);

  /** A = A M in place; 2 n d^2 flops. */
  void rebaseBy(Matrix M);

  /** A small resident matrix of some rows, in memory of {@code space}. */
  TallMatrix rows(int[] index, Workspace space);

  /**
   * A small resident matrix of some rows, row k multiplied by scale_k, in memory of {@code space}.
   */
  TallMatrix rows(int[] index, Vector scale, Workspace space);

  /** to_k = scale_k a_index(k), for a matrix that {@link #rows} or {@link #allocate} made. */
  void gather(int[] index, Vector scale, TallMatrix to);

  /** q_i = ||a_i||^2; 2 n d flops. */
  void squaredRowNorms(Vector q);

  /** [A, c], one more column, counted by the same meter, in memory of {@code space}. */
  TallMatrix withColumn(Vector c, Workspace space);

  /** x = a_i. */
  void rowTo(int i, Vector x);

  /** to = a A + to. */
  void addTo(double a, TallMatrix to);

  /**
   * to = diag(factor) A M, for a matrix {@code to} made by {@link #allocate}; M may be null for the
   * identity.
   */
  void scaledTimes(Vector factor, Matrix M, TallMatrix to);

  /**
   * to = diag(factor) A R, R upper triangular, for a matrix {@code to} made by {@link #allocate}; n
   * d^2 flops.
   */
  void scaledTriangular(Vector factor, Matrix R, TallMatrix to);

  /**
   * Room for as many rows, of {@code columns} entries, counted by the same meter, in memory of
   * {@code space}.
   */
  TallMatrix allocate(int columns, Workspace space);

  /**
   * to = (U V^T o S T^T) X for this matrix U, all of d columns; where asked without the diagonal of
   * the n x n product, which is never formed.
   */
  void hadamardTimes(
      TallMatrix V,
      TallMatrix S,
      TallMatrix T,
      boolean withoutDiagonal,
      TallMatrix X,
      TallMatrix to);

  /** This = this + diag(factor) B, for B of as many rows and columns. */
  void addScaled(Vector factor, TallMatrix B);

  /** C = A^T B, for B of as many rows and columns; 2 n d^2 flops. */
  void crossGram(TallMatrix B, Matrix C);

  /** G = A A^T, n x n, for few rows; 2 n^2 d flops. */
  void rowGram(Matrix G);

  /** A matrix of one column with n entries, in memory of {@code space}. */
  TallMatrix column(Vector values, Workspace space);
}
