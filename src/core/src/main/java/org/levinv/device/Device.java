package org.levinv.device;

import java.util.OptionalLong;

/**
 * The dense primitives and the few element-wise kernels that levinv is made of. To support new
 * hardware, implement this page.
 *
 * <p>Shapes: A is n x d with contiguous rows a_i; G, N are symmetric and full; R is upper
 * triangular with zeros below; x, z have d entries; all other vectors have as many entries as their
 * rows. Arguments are valid: callers check. Vectors may coincide only where a comment says so. The
 * same calls on the same data give the same bits. Not for use by two threads at once.
 */
public interface Device extends TallProducts, AutoCloseable {

  /** Name, libraries, versions. */
  String name();

  /** Those who share the work on many blocks of rows; this device alone where it is one queue. */
  default Team team() {
    return Team.alone(this);
  }

  /** What a user should know of how it works here, such as buffers that did not fit; or null. */
  default String note() {
    return null;
  }

  // ---- memory

  /** Zeros. Use a {@link Workspace}. */
  Vector allocateVector(long length);

  /** Zeros. Use a {@link Workspace}. */
  Matrix allocateMatrix(int rows, int columns);

  /** Undefined content. Use a {@link Workspace}. */
  Rows allocateRows(long count, int columns);

  /** Undefined content. Use a {@link Workspace}. */
  SingleRows allocateSingleRows(long count, int columns);

  /** A way for other threads to fill {@code to}. Use a {@link Workspace}. */
  Inlet inlet(Rows to);

  /** Likewise, for a source whose entries are floats. */
  Inlet inlet(SingleRows to);

  /**
   * What was put is on its way: work that is asked for from now on sees it, and what was asked for
   * before still sees the rows that were there.
   */
  default void send(Inlet inlet) {}

  /** Returns once what was sent has left the host, where other rows may then be put. */
  default void await(Inlet inlet) {}

  /**
   * Free memory of its own for rows, in bytes, beside a reserve for samples and small matrices;
   * empty for a device that works in memory of the host.
   */
  default OptionalLong ownMemory() {
    return OptionalLong.empty();
  }

  /** The same with the reserve. */
  default OptionalLong freeMemory() {
    return ownMemory();
  }

  /**
   * Numbers of a leaf at most (4 MiB of doubles), for reading in passes. Larger leaves need more
   * memory; smaller ones leave a device with many cores idle, and spend more on adding d x d sums.
   */
  default int leafNumbers() {
    return 1 << 19;
  }

  void upload(double[] from, Vector to);

  void download(Vector from, double[] to);

  /** Row by row. */
  void upload(double[] from, Matrix to);

  /** Row by row. */
  void download(Matrix from, double[] to);

  /** All rows of a source to the front of {@code to}; several threads may read. */
  void upload(RowSource from, Rows to);

  /** Likewise, from a source whose entries are floats. */
  void upload(RowSource from, SingleRows to);

  /** to = A diag(c), widened to doubles; c null for A itself. */
  void widen(SingleRows A, Vector c, Rows to);

  /** {@code count} rows, one after the other, to rows {@code first...} of {@code to}. */
  void upload(double[] from, int count, Rows to, long first);

  /** Rows {@code first ...} of {@code from}. */
  void download(Rows from, long first, int count, double[] to);

  // ---- tall

  /** to_k = a_index(k). */
  void gather(Rows A, int[] index, Rows to);

  /** to_k = scale_k a_index(k). */
  void gather(Rows A, int[] index, Vector scale, Rows to);

  /** y = A x. */
  void times(Rows A, Vector x, Vector y);

  /** s = A x - b and q_i = ||R^-T a_i||^2 from the inverse of R, in one reading of A. */
  default void slackNorms(Rows A, Vector x, Vector b, Matrix inverseR, Vector s, Vector q) {
    times(A, x, s);
    axpy(-1, b, s);
    squaredNorms(A, inverseR, q);
  }

  /** z = A^T y. */
  void transposeTimes(Rows A, Vector y, Vector z);

  /** The products of this page in a precision; this device itself for double. */
  TallProducts in(Precision precision);

  /** to = A M, M of d columns; {@code to} may be A. */
  void timesMatrix(Rows A, Matrix M, Rows to);

  /** to = A R, R upper triangular; {@code to} may be A. */
  void timesTriangular(Rows A, Matrix R, Rows to);

  /** R of the Householder QR of diag(w) A, by blocks of rows. */
  void triangularFactor(Rows A, Vector w, Matrix R);

  /** q_i = ||a_i||^2. */
  void squaredRowNorms(Rows A, Vector q);

  /** to = [A, c]: one more column. */
  void appendColumn(Rows A, Vector c, Rows to);

  /** to = a A + to. */
  void axpy(double a, Rows A, Rows to);

  /** to = diag(factor) A; {@code to} may be A. */
  void scaleRows(Vector factor, Rows A, Rows to);

  /** to = to + diag(factor) A. */
  void addScaledRows(Vector factor, Rows A, Rows to);

  /** C = A^T B, A and B of as many rows and columns. */
  void crossGram(Rows A, Rows B, Matrix C);

  /**
   * to = (U V^T o S T^T) X by blocks; U V^T and S T^T are never formed as a whole. Where asked,
   * entries (k, k) of the product count as zero.
   */
  void hadamardTimes(Rows U, Rows V, Rows S, Rows T, boolean withoutDiagonal, Rows X, Rows to);

  // ---- small matrices

  /** R of the Householder QR of [R1; R2], both d x d; R may be one of them. */
  default void stackTriangles(Matrix R1, Matrix R2, Matrix R) {
    int d = R1.columns();
    double[] entries = new double[Math.multiplyExact(d, d)];
    try (Workspace own = new Workspace(this)) {
      Rows stack = own.rows(2L * d, d);
      Vector ones = own.vector(2L * d);
      fill(1, ones);
      download(R1, entries);
      upload(entries, d, stack, 0);
      download(R2, entries);
      upload(entries, d, stack, d);
      triangularFactor(stack, ones, R);
    }
  }

  /** G = R^T R; 0, or the order k of the leading minor that is not positive definite. */
  int cholesky(Matrix G, Matrix R);

  /** inverseR = R^-1; R must have a nonzero diagonal. */
  void invertTriangular(Matrix R, Matrix inverseR);

  /** z = (R^T R)^-1 z. */
  void solve(Matrix R, Vector z);

  /** C = A B, with A or B transposed where asked. */
  void multiply(Matrix A, boolean transposeA, Matrix B, boolean transposeB, Matrix C);

  /** y = M x, or M^T x. */
  void multiply(Matrix M, boolean transpose, Vector x, Vector y);

  /** B = a A + B. */
  void axpy(double a, Matrix A, Matrix B);

  /** B_jj = B_jj + a A_jj, and with A null B_jj + a. */
  void addDiagonal(double a, Matrix A, Matrix B);

  /** The diagonal, on the host. */
  double[] diagonal(Matrix M);

  /** {smallest, largest} of all |M_jj|; NaN where one of them is. */
  default double[] diagonalRange(Matrix M) {
    double smallest = Double.POSITIVE_INFINITY;
    double largest = 0;
    for (double value : diagonal(M)) {
      smallest = Math.min(smallest, Math.abs(value));
      largest = Math.max(largest, Math.abs(value));
    }
    return new double[] {smallest, largest};
  }

  /** ||M||_F. */
  double norm(Matrix M);

  /** B = a x y^T + B. */
  void rankOne(double a, Vector x, Vector y, Matrix B);

  /** B = A. */
  void copy(Matrix A, Matrix B);

  /** Eigenvalues of a symmetric S, ascending, and the eigenvectors as the columns of V. */
  void symmetricEigen(Matrix S, Matrix V, Vector values);

  // ---- vectors

  /** y = a. */
  void fill(double a, Vector y);

  /** y = x. */
  void copy(Vector x, Vector y);

  /** y = a x + y. */
  void axpy(double a, Vector x, Vector y);

  /** x = a x. */
  void scale(double a, Vector x);

  /** z = x o y; z may be x or y. */
  void multiply(Vector x, Vector y, Vector z);

  /** z = x / y; z may be x or y. */
  void divide(Vector x, Vector y, Vector z);

  /** x . y. */
  double dot(Vector x, Vector y);

  /** sum of u_i x_i y_i. */
  double dot(Vector u, Vector x, Vector y);

  /** The sum of all x_i. */
  double sum(Vector x);

  /** The largest x_i. */
  double max(Vector x);

  /** The first i with the largest x_i. */
  int argmax(Vector x);

  /** y_k = x_index(k). */
  void gather(Vector x, int[] index, Vector y);

  /**
   * to_i = f(a, x_i, y_i, z_i); vectors that f does not use are null, and {@code to} may be any of
   * them.
   */
  void map(Formula f, double a, Vector x, Vector y, Vector z, Vector to);

  /** A few entries x_index(k), on the host. */
  double[] pick(Vector x, int[] index);

  /** y_index(k) = values_k, a few entries. */
  void put(double[] values, int[] index, Vector y);

  @Override
  void close();
}
