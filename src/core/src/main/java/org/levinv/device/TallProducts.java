package org.levinv.device;

/** The operations on many rows that cost about n d^2. */
public interface TallProducts {

  /** G = A^T diag(u) A, u of any sign. */
  void weightedGram(Rows A, Vector u, Matrix G);

  /** s = A x - b, G = A^T diag(s)^-2 A, in one pass over A; a row with s_i = 0 has weight 0. */
  void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G);

  /**
   * q_i = a_i^T N a_i, N symmetric but for rounding: the mean of its two triangles counts. Either
   * alone will not do, since rounding of N = R^-1 C R^-T leaves small forms unharmed only together.
   */
  void quadraticForms(Rows A, Matrix N, Vector q);

  /** q_i = ||R^-T a_i||^2, from the inverse of R. */
  void squaredNorms(Rows A, Matrix inverseR, Vector q);
}
