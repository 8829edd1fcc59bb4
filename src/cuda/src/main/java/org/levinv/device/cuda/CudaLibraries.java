package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasDgemm;
import static jcuda.jcublas.JCublas2.cublasDgemmStridedBatched;
import static jcuda.jcublas.JCublas2.cublasDgemv;
import static jcuda.jcublas.JCublas2.cublasDger;
import static jcuda.jcublas.JCublas2.cublasDnrm2_v2_64;
import static jcuda.jcublas.JCublas2.cublasDsyrk;
import static jcuda.jcublas.JCublas2.cublasDsyrkx;
import static jcuda.jcublas.JCublas2.cublasDtrmm;
import static jcuda.jcublas.JCublas2.cublasDtrsm;
import static jcuda.jcublas.JCublas2.cublasDtrsv;
import static jcuda.jcublas.JCublas2.cublasGetVersion;
import static jcuda.jcublas.JCublas2.cublasSetMathMode;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSetWorkspace;
import static jcuda.jcublas.JCublas2.cublasSgemm;
import static jcuda.jcublas.JCublas2.cublasSgemmStridedBatched;
import static jcuda.jcublas.JCublas2.cublasSsyrkx;
import static jcuda.jcublas.cublasDiagType.CUBLAS_DIAG_NON_UNIT;
import static jcuda.jcublas.cublasFillMode.CUBLAS_FILL_MODE_LOWER;
import static jcuda.jcublas.cublasMath.CUBLAS_DEFAULT_MATH;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_N;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_T;
import static jcuda.jcublas.cublasSideMode.CUBLAS_SIDE_LEFT;
import static jcuda.jcublas.cublasSideMode.CUBLAS_SIDE_RIGHT;
import static jcuda.jcusolver.JCusolver.cusolverGetVersion;
import static jcuda.jcusolver.JCusolverDn.cusolverDnCreate;
import static jcuda.jcusolver.JCusolverDn.cusolverDnDestroy;
import static jcuda.jcusolver.JCusolverDn.cusolverDnDgeqrf;
import static jcuda.jcusolver.JCusolverDn.cusolverDnDgeqrf_bufferSize;
import static jcuda.jcusolver.JCusolverDn.cusolverDnDpotrf;
import static jcuda.jcusolver.JCusolverDn.cusolverDnDpotrf_bufferSize;
import static jcuda.jcusolver.JCusolverDn.cusolverDnDsyevd;
import static jcuda.jcusolver.JCusolverDn.cusolverDnDsyevd_bufferSize;
import static jcuda.jcusolver.JCusolverDn.cusolverDnSetStream;
import static jcuda.jcusolver.cusolverEigMode.CUSOLVER_EIG_MODE_VECTOR;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.jcublas.cublasHandle;
import jcuda.jcusolver.cusolverDnHandle;
import jcuda.runtime.cudaStream_t;
import org.levinv.device.cuda.Scratch.Use;

/**
 * cuBLAS and cuSOLVER, which read matrices column by column, for matrices that are stored row by
 * row. A matrix M here is M^T there; each method names the product in terms of the matrices here.
 *
 * <p>Blocks of rows are short enough for the 32-bit forms; where a block starts is a 64-bit
 * address.
 */
final class CudaLibraries {

  /** What cuBLAS recommends for recent cards; its own would be set anew with each stream. */
  private static final long WORKSPACE = 32L << 20;

  private static final int UPPER_BY_ROWS = CUBLAS_FILL_MODE_LOWER;

  private final CudaContext context;
  private final Scratch scratch;
  private final cublasHandle blas = new cublasHandle();
  private final cusolverDnHandle solver = new cusolverDnHandle();
  private final ByteBuffer scalars = direct(32);
  private final Pointer alpha = Pointer.to(scalars);
  private final Pointer beta = Pointer.to(scalars).withByteOffset(8);
  private final Pointer result = Pointer.to(scalars).withByteOffset(16);
  private final ByteBuffer infoBytes = direct(8);
  private final Pointer infoHere = Pointer.to(infoBytes);

  CudaLibraries(CudaContext context, Scratch scratch) {
    this.context = context;
    this.scratch = scratch;
    cudaStream_t stream = new cudaStream_t(context.stream);
    cublasCreate(blas);
    context.own(() -> cublasDestroy(blas));
    cublasSetStream(blas, stream);
    long workspace = Math.min(WORKSPACE, Math.max(1L << 16, context.totalBytes / 256));
    CudaMemory memory = new CudaMemory(context, workspace / 8, true);
    cublasSetWorkspace(blas, memory.at(0), workspace);
    cublasSetMathMode(blas, CUBLAS_DEFAULT_MATH);
    cusolverDnCreate(solver);
    context.own(() -> cusolverDnDestroy(solver));
    cusolverDnSetStream(solver, stream);
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Such as "cuBLAS 12.6.4, cuSOLVER 11.7.1". */
  static String versions() {
    return blasVersion() + ", " + solverVersion();
  }

  /** Also where there is no card: the library takes no handle for this. */
  static String blasVersion() {
    int[] version = new int[1];
    cublasGetVersion(new cublasHandle(), version);
    return "cuBLAS " + dotted(version[0], 10000);
  }

  static String solverVersion() {
    int[] version = new int[1];
    cusolverGetVersion(version);
    return "cuSOLVER " + dotted(version[0], 1000);
  }

  private static String dotted(int version, int major) {
    return version / major + "." + version % major / 100 + "." + version % 100;
  }

  private void set(double a, double b) {
    scalars.putDouble(0, a);
    scalars.putDouble(8, b);
  }

  private void setSingle(float a, float b) {
    scalars.putFloat(0, a);
    scalars.putFloat(8, b);
  }

  private static int operation(boolean transpose) {
    return transpose ? CUBLAS_OP_T : CUBLAS_OP_N;
  }

  // ---- cuBLAS

  /**
   * C = op(A) op(B) + b C, C of {@code rows} x {@code columns}, with {@code strideA} numbers from
   * row to row of A, and so on.
   */
  void gemm(
      boolean transposeA,
      boolean transposeB,
      int rows,
      int columns,
      int inner,
      Address A,
      int strideA,
      Address B,
      int strideB,
      double b,
      Address C) {
    set(1, b);
    cublasDgemm( // C^T = op(B)^T op(A)^T + b C^T
        blas,
        operation(transposeB),
        operation(transposeA),
        columns,
        rows,
        inner,
        alpha,
        B,
        strideB,
        A,
        strideA,
        beta,
        C,
        columns);
  }

  /** C_p = A_p^T B_p for {@code count} blocks of {@code rows} rows, A and B of d columns. */
  void batchedCrossGrams(int count, int rows, int d, Address A, Address B, Address C) {
    set(1, 0);
    long block = (long) rows * d;
    cublasDgemmStridedBatched( // C^T = B^T A
        blas,
        CUBLAS_OP_N,
        CUBLAS_OP_T,
        d,
        d,
        rows,
        alpha,
        B,
        d,
        block,
        A,
        d,
        block,
        beta,
        C,
        d,
        (long) d * d,
        count);
  }

  /** G = A^T B + b G, upper triangle, where that is symmetric; one matrix as both is read once. */
  void symmetricProduct(int rows, int d, Address A, Address B, double b, Address G) {
    set(1, b);
    if (A == B) {
      cublasDsyrk(blas, UPPER_BY_ROWS, CUBLAS_OP_N, d, rows, alpha, A, d, beta, G, d);
      return;
    }
    cublasDsyrkx(blas, UPPER_BY_ROWS, CUBLAS_OP_N, d, rows, alpha, A, d, B, d, beta, G, d);
  }

  // of floats

  /** C = A M, A of {@code rows} x d, M d x d. */
  void gemmSingle(int rows, int d, Address A, Address M, Address C) {
    setSingle(1, 0);
    cublasSgemm( // C^T = M^T A^T
        blas, CUBLAS_OP_N, CUBLAS_OP_N, d, rows, d, alpha, M, d, A, d, beta, C, d);
  }

  /** C_p = A_p^T B_p for {@code count} blocks of {@code rows} rows, A and B of d columns. */
  void batchedCrossGramsSingle(int count, int rows, int d, Address A, Address B, Address C) {
    setSingle(1, 0);
    long block = (long) rows * d;
    cublasSgemmStridedBatched( // C^T = B^T A
        blas,
        CUBLAS_OP_N,
        CUBLAS_OP_T,
        d,
        d,
        rows,
        alpha,
        B,
        d,
        block,
        A,
        d,
        block,
        beta,
        C,
        d,
        (long) d * d,
        count);
  }

  /** G = A^T B, upper triangle, where that is symmetric. */
  void symmetricProductSingle(int rows, int d, Address A, Address B, Address G) {
    setSingle(1, 0);
    cublasSsyrkx(blas, UPPER_BY_ROWS, CUBLAS_OP_N, d, rows, alpha, A, d, B, d, beta, G, d);
  }

  // of doubles again

  /** C = A R, A of {@code rows} x d, R upper triangular; C is not A. */
  void trmm(int rows, int d, Address A, Address R, Address C) {
    set(1, 0);
    cublasDtrmm( // C^T = R^T A^T
        blas,
        CUBLAS_SIDE_LEFT,
        UPPER_BY_ROWS,
        CUBLAS_OP_N,
        CUBLAS_DIAG_NON_UNIT,
        d,
        rows,
        alpha,
        R,
        d,
        A,
        d,
        C,
        d);
  }

  /**
   * B = R^-1 B, d x d. With the identity it inverts R: the work space of cuSOLVER's trtri cannot be
   * asked for, since JCuda 12.6 takes the arrays for the sizes as pointers and crashes.
   */
  void trsm(int d, Address R, Address B) {
    set(1, 0);
    cublasDtrsm( // B^T = B^T R^-T
        blas,
        CUBLAS_SIDE_RIGHT,
        UPPER_BY_ROWS,
        CUBLAS_OP_N,
        CUBLAS_DIAG_NON_UNIT,
        d,
        d,
        alpha,
        R,
        d,
        B,
        d);
  }

  /** y = M x, or M^T x. */
  void gemv(boolean transpose, int rows, int columns, Address M, Address x, Address y) {
    set(1, 0);
    cublasDgemv(blas, operation(!transpose), columns, rows, alpha, M, columns, x, 1, beta, y, 1);
  }

  /** B = a x y^T + B. */
  void ger(double a, int rows, int columns, Address x, Address y, Address B) {
    set(a, 0);
    cublasDger(blas, columns, rows, alpha, y, 1, x, 1, B, columns); // B^T = a y x^T + B^T
  }

  /** z = R^-T z, or R^-1 z. */
  void trsv(boolean transpose, int d, Address R, Address z) {
    cublasDtrsv(blas, UPPER_BY_ROWS, operation(!transpose), CUBLAS_DIAG_NON_UNIT, d, R, d, z, 1);
  }

  /** ||v||. */
  double norm(long size, Address v) {
    cublasDnrm2_v2_64(blas, size, v, 1, result);
    cuStreamSynchronize(context.stream);
    return scalars.getDouble(16);
  }

  // ---- cuSOLVER

  /** R^T R = R in place, upper triangle; 0 or the order of the minor that is not positive. */
  int potrf(int d, Address R) {
    int[] size = new int[1];
    cusolverDnDpotrf_bufferSize(solver, UPPER_BY_ROWS, d, R, d, size);
    Address info = scratch.get(Use.INFO, 1);
    cusolverDnDpotrf(solver, UPPER_BY_ROWS, d, R, d, work(size[0]), size[0], info);
    return read(info, "potrf");
  }

  /** QR of S, {@code rows} x d, column by column; R replaces its top. */
  void geqrf(int rows, int d, Address S, int stride) {
    int[] size = new int[1];
    cusolverDnDgeqrf_bufferSize(solver, rows, d, S, stride, size);
    Address info = scratch.get(Use.INFO, 1);
    Address tau = scratch.get(Use.TAU, d);
    cusolverDnDgeqrf(solver, rows, d, S, stride, tau, work(size[0]), size[0], info);
    read(info, "geqrf");
  }

  /** Eigenvectors of a symmetric S as its rows, in place; 0, or how many did not converge. */
  int syevd(int d, Address S, Address values) {
    int[] size = new int[1];
    cusolverDnDsyevd_bufferSize(
        solver, CUSOLVER_EIG_MODE_VECTOR, UPPER_BY_ROWS, d, S, d, values, size);
    Address info = scratch.get(Use.INFO, 1);
    cusolverDnDsyevd(
        solver,
        CUSOLVER_EIG_MODE_VECTOR,
        UPPER_BY_ROWS,
        d,
        S,
        d,
        values,
        work(size[0]),
        size[0],
        info);
    return read(info, "syevd");
  }

  private Address work(long doubles) {
    return scratch.get(Use.LIBRARY, Math.max(1, doubles));
  }

  private int read(Address info, String routine) {
    cuMemcpyDtoHAsync(infoHere, info, 4, context.stream);
    cuStreamSynchronize(context.stream);
    int value = infoBytes.getInt(0);
    if (value < 0) {
      throw new IllegalStateException(
          routine + ": argument " + -value + " is not valid; this is a bug in levinv");
    }
    return value;
  }
}
