package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;

import java.util.Arrays;
import jcuda.CudaException;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.cuda.Scratch.Use;

/** A card, and what it does with vectors and small matrices. */
abstract class CudaArithmetic implements Device {

  /** Entries that a block of a reduction takes at least. */
  private static final int REDUCED = 2048;

  /**
   * Numbers in the scratch of reductions: pairs of {@link CudaKernels#PARTS} parts, and the result.
   */
  private static final int RESULT = 2 * CudaKernels.PARTS;

  final CudaContext context;
  final Scratch scratch;
  final CudaKernels kernels;
  final CudaLibraries libraries;
  final PinnedRing ring;

  /** What {@link Use#INDEX} holds. */
  private int[] uploadedIndex;

  /**
   * @param cache what was found out before
   */
  CudaArithmetic(int number, DiskCache cache) {
    context = new CudaContext(number);
    try {
      scratch = new Scratch(context);
      context.memory.onShortage(this::shrink);
      kernels = new CudaKernels(context, cache);
      libraries = new CudaLibraries(context, scratch);
      ring = new PinnedRing(context);
    } catch (RuntimeException | Error e) {
      throw closed(e);
    }
  }

  /** For what failed while the card was opened: all that was there already is given back. */
  final RuntimeException closed(Throwable failure) {
    Throwable said =
        failure instanceof CudaException e ? GuardedCalls.failure(context, "opening", e) : failure;
    context.close();
    if (said instanceof Error e) {
      throw e;
    }
    return (RuntimeException) said;
  }

  private void shrink() {
    scratch.free();
    uploadedIndex = null;
  }

  static Address address(Vector v) {
    return ((CudaVector) v).at(0);
  }

  static Address address(Matrix M) {
    return ((CudaMatrix) M).at(0);
  }

  static CudaRows rows(Rows A) {
    return (CudaRows) A;
  }

  final void copy(Address from, Address to, long doubles) {
    cuMemcpyDtoDAsync(to, from, Double.BYTES * doubles, context.stream);
  }

  final void fill(double a, Address y, long doubles) {
    kernels.run("fill", doubles, doubles, a, y);
  }

  /** The index on the card; one that is used again and again crosses the bus once. */
  final Address onCard(int[] index) {
    boolean there = Arrays.equals(index, uploadedIndex);
    if (!there) {
      uploadedIndex = null;
    }
    Address at = scratch.get(Use.INDEX, (index.length + 1) / 2);
    if (!there) {
      ring.upload(index, at);
      uploadedIndex = index.clone();
    }
    return at;
  }

  // ---- small matrices

  @Override
  public final int cholesky(Matrix G, Matrix R) {
    int d = G.columns();
    copy(G, R);
    int info = libraries.potrf(d, address(R)); // G = R^T R
    kernels.run("clearLower", (long) d * d, d, address(R));
    return info;
  }

  @Override
  public final void invertTriangular(Matrix R, Matrix inverseR) {
    int d = R.columns();
    fill(0, address(inverseR), (long) d * d);
    addDiagonal(1, null, inverseR);
    libraries.trsm(d, address(R), address(inverseR)); // R^-1
    kernels.run("clearLower", (long) d * d, d, address(inverseR));
  }

  @Override
  public final void solve(Matrix R, Vector z) {
    libraries.trsv(true, R.columns(), address(R), address(z)); // R^T v = z
    libraries.trsv(false, R.columns(), address(R), address(z)); // R z = v
  }

  @Override
  public final void multiply(Matrix A, boolean transposeA, Matrix B, boolean transposeB, Matrix C) {
    int inner = transposeA ? A.rows() : A.columns();
    libraries.gemm( // C = op(A) op(B)
        transposeA,
        transposeB,
        C.rows(),
        C.columns(),
        inner,
        address(A),
        A.columns(),
        address(B),
        B.columns(),
        0,
        address(C));
  }

  @Override
  public final void multiply(Matrix M, boolean transpose, Vector x, Vector y) {
    libraries.gemv(transpose, M.rows(), M.columns(), address(M), address(x), address(y));
  }

  @Override
  public final void axpy(double a, Matrix A, Matrix B) {
    axpy(a, address(A), address(B), ((CudaMatrix) A).size());
  }

  @Override
  public final void addDiagonal(double a, Matrix A, Matrix B) {
    int d = B.columns();
    kernels.run("addDiagonal", d, d, a, A == null ? null : address(A), address(B));
  }

  @Override
  public final double[] diagonal(Matrix M) {
    int d = M.columns();
    Address few = scratch.get(Use.FEW, d);
    kernels.run("diagonal", d, d, address(M), few);
    return fetch(few, d);
  }

  @Override
  public final double[] diagonalRange(Matrix M) {
    Address found = scratch.get(Use.RESULT, RESULT + 2);
    kernels.launch("diagonalRange", 1, 1, M.columns(), address(M), found);
    return fetch(found, 2);
  }

  @Override
  public final double norm(Matrix M) {
    return libraries.norm(((CudaMatrix) M).size(), address(M));
  }

  @Override
  public final void rankOne(double a, Vector x, Vector y, Matrix B) {
    libraries.ger(a, B.rows(), B.columns(), address(x), address(y), address(B));
  }

  @Override
  public final void copy(Matrix A, Matrix B) {
    copy(address(A), address(B), ((CudaMatrix) A).size());
  }

  @Override
  public final void symmetricEigen(Matrix S, Matrix V, Vector values) {
    int d = S.columns();
    Address vectors = scratch.get(Use.STACK, (long) d * d);
    copy(address(S), vectors, (long) d * d);
    int info = libraries.syevd(d, vectors, address(values)); // S = V diag(values) V^T
    if (info > 0) {
      throw new DeviceException(
          "cuda:" + context.number + ": syevd did not converge (" + info + ")");
    }
    transpose(d, d, null, vectors, d, address(V), d);
  }

  // ---- vectors

  @Override
  public final void fill(double a, Vector y) {
    fill(a, address(y), y.length());
  }

  @Override
  public final void copy(Vector x, Vector y) {
    copy(address(x), address(y), x.length());
  }

  final void axpy(double a, Address x, Address y, long length) {
    kernels.run("axpy", length, length, a, x, y);
  }

  @Override
  public final void axpy(double a, Vector x, Vector y) {
    axpy(a, address(x), address(y), x.length());
  }

  @Override
  public final void scale(double a, Vector x) {
    kernels.run("scale", x.length(), x.length(), a, address(x));
  }

  @Override
  public final void multiply(Vector x, Vector y, Vector z) {
    kernels.run("multiply", x.length(), x.length(), address(x), address(y), address(z));
  }

  @Override
  public final void divide(Vector x, Vector y, Vector z) {
    kernels.run("divide", x.length(), x.length(), address(x), address(y), address(z));
  }

  @Override
  public final void map(Formula f, double a, Vector x, Vector y, Vector z, Vector to) {
    Address X = address(x);
    Address Y = y == null ? X : address(y);
    Address Z = z == null ? X : address(z);
    kernels.run("map", to.length(), to.length(), kernels.number(f), a, X, Y, Z, address(to));
  }

  @Override
  public final double dot(Vector x, Vector y) {
    return reduced(null, address(x), address(y), x.length());
  }

  @Override
  public final double dot(Vector u, Vector x, Vector y) {
    return reduced(address(u), address(x), address(y), x.length());
  }

  @Override
  public final double sum(Vector x) {
    return reduced(null, address(x), null, x.length());
  }

  /** sum of u_i x_i y_i, in an order that depends on the length alone. */
  final double reduced(Address u, Address x, Address y, long length) {
    int parts = CudaKernels.parts(length, REDUCED);
    Address found = scratch.get(Use.RESULT, RESULT + 2);
    kernels.launch("sum", parts, 1, length, u, x, y, found);
    if (parts > 1) {
      kernels.launch("sum", 1, 1, (long) parts, null, found, null, found.plus(RESULT));
      found = found.plus(RESULT);
    }
    return fetch(found, 1)[0];
  }

  @Override
  public final double max(Vector x) {
    return largest(x, 0)[0];
  }

  @Override
  public final int argmax(Vector x) {
    return (int) largest(x, 1)[1];
  }

  /** The largest entry and the first place that has it. */
  private double[] largest(Vector x, int strict) {
    int parts = CudaKernels.parts(x.length(), REDUCED);
    Address found = scratch.get(Use.RESULT, RESULT + 2);
    kernels.launch("largest", parts, 1, x.length(), strict, address(x), null, found);
    if (parts > 1) {
      kernels.launch("largest", 1, 1, (long) parts, 0, address(x), found, found.plus(RESULT));
      found = found.plus(RESULT);
    }
    return fetch(found, 2);
  }

  private double[] fetch(Address from, int count) {
    double[] few = new double[count];
    ring.download(from, few, count);
    return few;
  }

  @Override
  public final void gather(Vector x, int[] index, Vector y) {
    if (index.length > 0) {
      kernels.run(
          "gather", index.length, (long) index.length, onCard(index), address(x), address(y));
    }
  }

  @Override
  public final double[] pick(Vector x, int[] index) {
    if (index.length == 0) {
      return new double[0];
    }
    Address few = scratch.get(Use.FEW, index.length);
    kernels.run("gather", index.length, (long) index.length, onCard(index), address(x), few);
    return fetch(few, index.length);
  }

  @Override
  public final void put(double[] values, int[] index, Vector y) {
    if (index.length == 0) {
      return;
    }
    Address few = scratch.get(Use.FEW, index.length);
    ring.upload(values, index.length, few);
    kernels.run("scatter", index.length, (long) index.length, onCard(index), few, address(y));
  }

  /** to_ji = w_i from_ij. */
  final void transpose(
      int rows, int columns, Address w, Address from, long strideFrom, Address to, long strideTo) {
    long tiles = (long) ((rows + 31) / 32) * ((columns + 31) / 32);
    kernels.run("transpose", 256 * tiles, rows, columns, w, from, strideFrom, to, strideTo);
  }

  @Override
  public final void close() {
    context.close();
  }
}
