package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.CblasLeft;
import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotrf_work;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dtrtri_work;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_daxpy;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_dgemv;
import static org.bytedeco.openblas.global.openblas.cblas_dger;
import static org.bytedeco.openblas.global.openblas.cblas_dnrm2;
import static org.bytedeco.openblas.global.openblas.cblas_dtrsm;
import static org.bytedeco.openblas.global.openblas.cblas_dtrsv;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Pointer;
import org.levinv.device.DeviceException;
import org.levinv.device.HostDevice;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;

/**
 * Operations on d x d matrices. Large ones are cut into tiles that all lanes work on: the threads
 * of BLAS would look for more work for some 30 ms after each call, on the cores of the lanes, and
 * their number would show in the last bits.
 */
final class MatrixKernels {

  /** From this order on all lanes work; below, meeting takes as long as the work. */
  private static final int SHARED_ORDER = 256;

  /**
   * Rows and columns of a tile: products of this size are as fast as larger ones, and there are
   * enough of them from {@link #SHARED_ORDER} on.
   */
  private static final int TILE = 128;

  /** Number of the scratch memory for vectors. */
  private static final int VECTORS = 3;

  private final Lanes lanes;
  private final Scratch own;

  /**
   * @param own of the calling thread
   */
  MatrixKernels(Lanes lanes, Scratch own) {
    this.lanes = lanes;
    this.own = own;
  }

  private static DoublePointer at(Matrix M, long index) {
    return Memory.of(M).at(index);
  }

  /** What is done with one tile of rows or columns. */
  @FunctionalInterface
  private interface TileWork {
    void run(int first, int count);
  }

  /** Columns or rows {@code from} to before {@code d}, by tiles. */
  private void forTiles(int from, int d, TileWork work) {
    int tiles = (d - from + TILE - 1) / TILE;
    lanes.run(
        tiles,
        k -> {
          int first = from + k * TILE;
          work.run(first, Math.min(TILE, d - first));
        });
  }

  static void check(int info, String routine) {
    if (info < 0) {
      throw new IllegalStateException(
          routine + ": argument " + -info + " is not valid; this is a bug in levinv");
    }
  }

  /** Zeros below the diagonal. */
  static void clearLower(DoublePointer R, int d) {
    double[] zeros = new double[d];
    for (int j = 1; j < d; j++) {
      R.position((long) j * d).put(zeros, 0, j);
    }
    R.position(0);
  }

  // ---- factors

  /** G = R^T R; 0, or the order of the first leading minor that is not positive. */
  int cholesky(Matrix G, Matrix R) {
    int d = G.columns();
    copy(G, R);
    int step = d < SHARED_ORDER ? d : TILE;
    int info = 0;
    for (int k = 0; k < d && info == 0; k += step) {
      int order = Math.min(step, d - k);
      info = factorTile(R, k, order);
      if (info == 0 && k + order < d) {
        eliminate(R, k, order);
      }
    }
    clearLower(at(R, 0), d);
    return info;
  }

  /** The factor of the tile at diagonal entry {@code k}; lower by columns is upper by rows. */
  private static int factorTile(Matrix R, int k, int order) {
    int d = R.columns();
    DoublePointer tile = at(R, (long) k * d + k);
    int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, (byte) 'L', order, tile, d);
    check(info, "dpotrf");
    return info == 0 ? 0 : k + info;
  }

  /** The rows of R beside a tile T that is factored, and what is left of G below them. */
  private void eliminate(Matrix R, int k, int order) {
    int d = R.columns();
    int next = k + order;
    long row = (long) k * d;
    forTiles(
        next,
        d,
        (j, width) ->
            cblas_dtrsm( // R_kj = T^-T G_kj
                CblasRowMajor,
                CblasLeft,
                CblasUpper,
                CblasTrans,
                CblasNonUnit,
                order,
                width,
                1,
                at(R, row + k),
                d,
                at(R, row + j),
                d));
    forTiles(
        next,
        d,
        (j, width) ->
            cblas_dgemm( // G_ij = G_ij - R_ki^T R_kj for all i down to the diagonal
                CblasRowMajor,
                CblasTrans,
                CblasNoTrans,
                j + width - next,
                width,
                order,
                -1,
                at(R, row + next),
                d,
                at(R, row + j),
                d,
                1,
                at(R, (long) next * d + j),
                d));
  }

  /** R^-1 of an upper triangle with zeros below. */
  void invertTriangular(Matrix R, Matrix inverseR) {
    int d = R.columns();
    if (d < SHARED_ORDER) {
      copy(R, inverseR);
      int info =
          LAPACKE_dtrtri_work(LAPACK_COL_MAJOR, (byte) 'L', (byte) 'N', d, at(inverseR, 0), d);
      check(info, "dtrtri");
      requireRegular(info);
      return;
    }
    DoublePointer r = at(R, 0);
    Pointer.memset(at(inverseR, 0), 0, 8L * d * d);
    DoublePointer identity = at(inverseR, 0);
    for (int j = 0; j < d; j++) {
      long jj = (long) j * d + j;
      requireRegular(r.get(jj) == 0 ? j + 1 : 0);
      identity.put(jj, 1);
    }
    forTiles(
        0,
        d,
        (j, width) ->
            cblas_dtrsm( // columns j ... of R^-1, which end at the diagonal
                CblasRowMajor,
                CblasLeft,
                CblasUpper,
                CblasNoTrans,
                CblasNonUnit,
                j + width,
                width,
                1,
                at(R, 0),
                d,
                at(inverseR, j),
                d));
  }

  private static void requireRegular(int zero) {
    if (zero > 0) {
      throw new IllegalArgumentException("R has a zero at diagonal entry " + zero);
    }
  }

  /** z = (R^T R)^-1 z. */
  void solve(Matrix R, Vector z) {
    int d = R.columns();
    double[] values = HostDevice.values(z);
    DoublePointer v = own.memory(VECTORS, d).at(0).put(values, 0, d);
    DoublePointer r = at(R, 0);
    cblas_dtrsv(CblasRowMajor, CblasUpper, CblasTrans, CblasNonUnit, d, r, d, v, 1);
    cblas_dtrsv(CblasRowMajor, CblasUpper, CblasNoTrans, CblasNonUnit, d, r, d, v, 1);
    v.get(values, 0, d);
  }

  /** Eigenvectors as columns of V, eigenvalues ascending. */
  void symmetricEigen(Matrix S, Matrix V, Vector eigenvalues) {
    int d = S.columns();
    Memory work = own.memory(0, (long) d * d + d);
    DoublePointer vectors = work.at(0);
    DoublePointer found = work.at((long) d * d);
    Pointer.memcpy(vectors, at(S, 0), 8L * d * d);
    int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, (byte) 'V', (byte) 'U', d, vectors, d, found);
    check(info, "dsyevd");
    if (info > 0) {
      throw new DeviceException("cpu: dsyevd did not converge (" + info + ")");
    }
    found.get(HostDevice.values(eigenvalues), 0, d);
    double[] column = new double[d];
    double[] all = new double[Math.multiplyExact(d, d)];
    for (int k = 0; k < d; k++) {
      vectors.position((long) k * d).get(column, 0, d);
      for (int i = 0; i < d; i++) {
        all[i * d + k] = column[i];
      }
    }
    at(V, 0).put(all, 0, all.length);
  }

  // ---- products and sums

  /** C = A B, either of them transposed. */
  void multiply(Matrix A, boolean transposeA, Matrix B, boolean transposeB, Matrix C) {
    int rows = C.rows();
    if (rows < SHARED_ORDER) {
      multiply(A, transposeA, B, transposeB, C, 0, rows);
    } else {
      forTiles(0, rows, (first, count) -> multiply(A, transposeA, B, transposeB, C, first, count));
    }
  }

  /** Some rows of the product. */
  private static void multiply(
      Matrix A, boolean transposeA, Matrix B, boolean transposeB, Matrix C, int first, int count) {
    cblas_dgemm(
        CblasRowMajor,
        transposeA ? CblasTrans : CblasNoTrans,
        transposeB ? CblasTrans : CblasNoTrans,
        count,
        C.columns(),
        transposeA ? A.rows() : A.columns(),
        1,
        at(A, transposeA ? first : (long) first * A.columns()),
        A.columns(),
        at(B, 0),
        B.columns(),
        0,
        at(C, (long) first * C.columns()),
        C.columns());
  }

  /** y = M x, or M^T x. */
  void multiply(Matrix M, boolean transpose, Vector x, Vector y) {
    int in = (int) x.length();
    int out = (int) y.length();
    DoublePointer v = own.memory(VECTORS, (long) in + out).at(0).put(HostDevice.values(x), 0, in);
    DoublePointer z = own.memory(VECTORS, 0).at(in);
    cblas_dgemv(
        CblasRowMajor,
        transpose ? CblasTrans : CblasNoTrans,
        M.rows(),
        M.columns(),
        1,
        at(M, 0),
        M.columns(),
        v,
        1,
        0,
        z,
        1);
    z.get(HostDevice.values(y), 0, out);
  }

  /** B = B + a A. */
  void axpy(double a, Matrix A, Matrix B) {
    DoublePointer from = at(A, 0);
    DoublePointer to = at(B, 0);
    int d = A.columns();
    for (int j = 0; j < A.rows(); j++) {
      cblas_daxpy(d, a, from.position((long) j * d), 1, to.position((long) j * d), 1);
    }
  }

  /** diag(B) = diag(B) + a diag(A), or + a where A is null. */
  void addDiagonal(double a, Matrix A, Matrix B) {
    int d = B.columns();
    DoublePointer from = A == null ? null : at(A, 0);
    DoublePointer to = at(B, 0);
    for (int j = 0; j < d; j++) {
      long jj = (long) j * d + j;
      to.put(jj, to.get(jj) + (A == null ? a : a * from.get(jj)));
    }
  }

  /** The diagonal, d values. */
  double[] diagonal(Matrix M) {
    int d = M.columns();
    double[] diagonal = new double[d];
    DoublePointer m = at(M, 0);
    for (int j = 0; j < d; j++) {
      diagonal[j] = m.get((long) j * d + j);
    }
    return diagonal;
  }

  /** ||M||_F. */
  double norm(Matrix M) {
    return cblas_dnrm2(M.rows() * M.columns(), at(M, 0), 1);
  }

  /** B = B + a x y^T. */
  void rankOne(double a, Vector x, Vector y, Matrix B) {
    int rows = B.rows();
    int columns = B.columns();
    DoublePointer v =
        own.memory(VECTORS, (long) rows + columns).at(0).put(HostDevice.values(x), 0, rows);
    DoublePointer z = own.memory(VECTORS, 0).at(rows).put(HostDevice.values(y), 0, columns);
    cblas_dger(CblasRowMajor, rows, columns, a, v, 1, z, 1, at(B, 0), columns);
  }

  /** B = A. */
  void copy(Matrix A, Matrix B) {
    Pointer.memcpy(at(B, 0), at(A, 0), 8L * A.rows() * A.columns());
  }
}
