package org.levinv.device.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Inlet;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.SingleRows;
import org.levinv.device.TallProducts;
import org.levinv.device.Vector;
import org.levinv.device.cuda.GramProducts.Way;
import org.levinv.device.cuda.Scratch.Use;

/** One NVIDIA card. Vectors, matrices and rows stay on it; what comes back are numbers. */
final class CudaDevice extends CudaArithmetic {

  /** Up to so many columns a general product is as fast as a triangular one. */
  private static final int SMALL_TRIANGLE = 256;

  /** Of the card's memory, one part in so many is not for rows: sums, samples, scratch. */
  private static final int RESERVE = 4;

  /** Numbers of a leaf at most, to try others; sums change by rounding. */
  private static final String LEAF_NUMBERS = "levinv.cuda.leaf-numbers";

  /**
   * 128 MiB of doubles, which take 40 us to read at 3 TB/s: as long as some eight launches, so
   * smaller leaves would leave a card waiting for its launches; larger ones pin more of the host.
   */
  private static final int MOST_LEAF_NUMBERS = 1 << 24;

  /** Bytes of a block of rows, to measure which are the best. */
  private static final String BLOCK_BYTES = "levinv.cuda.block-bytes";

  private static final int HADAMARD_ROWS = 512;
  private static final int HADAMARD_COLUMNS = 4096;

  private final SourceUpload sources;
  private final RowBlocks blocks;
  private final GramProducts grams;
  private final TallProducts single;
  private final String name;

  /** Why not the cards before this one. */
  private List<String> passedOver = List.of();

  /**
   * @param cache what was found out before
   */
  CudaDevice(int number, long blockBytes, DiskCache cache) {
    super(number, cache);
    try {
      long usual = Math.max(1L << 18, Math.min(1L << 27, context.totalBytes / 64));
      long block = blockBytes != 0 ? blockBytes : Long.getLong(BLOCK_BYTES, usual);
      sources = new SourceUpload(context, ring);
      blocks = new RowBlocks(block);
      grams = new GramProducts(context, scratch, kernels, libraries, blocks, block, cache);
      TallProducts products = new SingleProducts(this, kernels, libraries, scratch, blocks);
      single = GuardedCalls.of(TallProducts.class, products, context);
      name =
          String.format(
              Locale.ROOT,
              "cuda:%d (%s, %.1f GiB, bus %s, driver for CUDA %s, %s, NVRTC %s)",
              number,
              context.cardName,
              (double) context.totalBytes / (1 << 30),
              context.bus,
              CudaContext.driverVersion(),
              CudaLibraries.versions(),
              CudaKernels.nvrtc());
      check();
    } catch (RuntimeException | Error e) {
      throw closed(e);
    }
  }

  /** A kernel, a reduction and a product that are known, since libraries may load and not work. */
  private void check() {
    Matrix M = allocateMatrix(2, 2);
    Matrix square = allocateMatrix(2, 2);
    upload(new double[] {1, 2, 3, 4}, M);
    multiply(M, false, M, false, square);
    double[] found = new double[4];
    download(square, found);
    double trace = reduced(null, address(square), null, 4);
    M.free();
    square.free();
    if (!Arrays.equals(found, new double[] {7, 10, 15, 22}) || trace != 54) {
      throw new DeviceException(
          "cuda:" + context.number + ": a product of two matrices came out wrong");
    }
  }

  /** Its calls by any thread, with words for what fails. */
  Device guarded() {
    return GuardedCalls.of(Device.class, this, context);
  }

  CardMemory memory() {
    return context.memory;
  }

  /** Why not the cards before this one. */
  void passedOver(List<String> reasons) {
    passedOver = List.copyOf(reasons);
  }

  GramProducts grams() {
    return grams;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String note() {
    List<String> notes = new ArrayList<>();
    passedOver.forEach(reason -> notes.add("passed over: " + reason));
    if (context.memory.note() != null) {
      notes.add(context.memory.note());
    }
    return notes.isEmpty() ? null : String.join("; ", notes);
  }

  // ---- memory

  @Override
  public Vector allocateVector(long length) {
    CudaVector v = new CudaVector(context, length);
    fill(0, v);
    return v;
  }

  @Override
  public Matrix allocateMatrix(int rows, int columns) {
    CudaMatrix M = new CudaMatrix(context, rows, columns);
    fill(0, M.at(0), M.size());
    return M;
  }

  @Override
  public Rows allocateRows(long count, int columns) {
    return new CudaRows(context, count, columns);
  }

  @Override
  public SingleRows allocateSingleRows(long count, int columns) {
    return new CudaSingleRows(context, count, columns);
  }

  @Override
  public Inlet inlet(Rows to) {
    return new CudaInlet(context, rows(to));
  }

  @Override
  public Inlet inlet(SingleRows to) {
    return new CudaInlet(context, (CudaSingleRows) to);
  }

  @Override
  public void send(Inlet inlet) {
    ((CudaInlet) inlet).send();
  }

  @Override
  public void await(Inlet inlet) {
    ((CudaInlet) inlet).await();
  }

  @Override
  public OptionalLong ownMemory() {
    return OptionalLong.of(Math.max(0, context.memory.freeBytes() - context.totalBytes / RESERVE));
  }

  @Override
  public OptionalLong freeMemory() {
    return OptionalLong.of(context.memory.freeBytes());
  }

  @Override
  public int leafNumbers() {
    return Integer.getInteger(LEAF_NUMBERS, MOST_LEAF_NUMBERS);
  }

  @Override
  public void upload(double[] from, Vector to) {
    ring.upload(from, from.length, address(to));
  }

  @Override
  public void download(Vector from, double[] to) {
    ring.download(address(from), to, to.length);
  }

  @Override
  public void upload(double[] from, Matrix to) {
    ring.upload(from, from.length, address(to));
  }

  @Override
  public void download(Matrix from, double[] to) {
    ring.download(address(from), to, to.length);
  }

  @Override
  public void upload(RowSource from, Rows to) {
    sources.run(from, rows(to));
  }

  @Override
  public void upload(RowSource from, SingleRows to) {
    sources.run(from, (CudaSingleRows) to);
  }

  @Override
  public void widen(SingleRows A, Vector c, Rows to) {
    long numbers = A.count() * A.columns();
    Address factors = c == null ? null : address(c);
    kernels.run(
        "widen",
        numbers,
        numbers,
        A.columns(),
        ((CudaSingleRows) A).row(0),
        factors,
        rows(to).row(0));
  }

  @Override
  public void upload(double[] from, int count, Rows to, long first) {
    ring.upload(from, count * to.columns(), rows(to).row(first));
  }

  @Override
  public void download(Rows from, long first, int count, double[] to) {
    ring.download(rows(from).row(first), to, count * from.columns());
  }

  @Override
  public void gather(Rows A, int[] index, Rows to) {
    gather(A, index, null, to);
  }

  @Override
  public void gather(Rows A, int[] index, Vector scale, Rows to) {
    if (index.length == 0) {
      return;
    }
    int d = A.columns();
    Address places = onCard(index);
    blocks.whole( // blocks start at even rows, and two indices are as long as one number
        (first, count, at) ->
            kernels.run(
                "gatherRows",
                (long) count * CudaKernels.lanes(d),
                (long) count,
                d,
                CudaKernels.lanes(d),
                rows(A).row(0),
                places.plus(first / 2),
                scale == null ? null : address(scale).plus(first),
                at[0]),
        rows(to));
  }

  // ---- tall

  @Override
  public TallProducts in(Precision precision) {
    return precision == Precision.SINGLE ? single : this;
  }

  /**
   * s = A x - b, u = s^-2, or s^-1 with {@code roots}, for a block of rows; b and u may be null.
   */
  void slack(
      int count, int d, Address A, Vector x, Address b, Address s, boolean roots, Address u) {
    int lanes = CudaKernels.lanes(d);
    kernels.run(
        "slack",
        (long) count * lanes,
        (long) count,
        d,
        lanes,
        A,
        address(x),
        b,
        s,
        roots ? 1 : 0,
        u);
  }

  @Override
  public void times(Rows A, Vector x, Vector y) {
    blocks.whole(
        (first, count, at) ->
            slack(count, A.columns(), at[0], x, null, address(y).plus(first), false, null),
        rows(A));
  }

  @Override
  public void transposeTimes(Rows A, Vector y, Vector z) {
    int d = A.columns();
    int width = Math.min(256, CudaKernels.powerOfTwo(d));
    int rowsOfPart = 16 * 256 / width;
    Address parts = scratch.get(Use.PARTS, (long) CudaKernels.parts(A.count(), rowsOfPart) * d);
    blocks.whole(
        (first, count, at) -> {
          int used = CudaKernels.parts(count, rowsOfPart);
          kernels.launch(
              "columnSums",
              used,
              (d + width - 1) / width,
              (long) count,
              d,
              width,
              at[0],
              address(y).plus(first),
              parts);
          kernels.sum("sumParts", d, used, (long) d, parts, first == 0 ? 0 : 1, address(z));
        },
        rows(A));
  }

  @Override
  public void weightedGram(Rows A, Vector u, Matrix G) {
    int d = A.columns();
    Way way = grams.way(rows(A), address(G));
    blocks.run(
        grams.rowsOf(way, d),
        (first, count, at) ->
            grams.add(way, first, count, d, at[0], address(u).plus(first), address(G)),
        rows(A));
  }

  @Override
  public void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G) {
    int d = A.columns();
    Way way = grams.way(rows(A), address(G));
    if (grams.isOneReading(way)) {
      blocks.whole(
          (first, count, at) ->
              grams.addSlackGram(
                  first,
                  count,
                  d,
                  at[0],
                  address(x),
                  address(b).plus(first),
                  address(s).plus(first),
                  address(G)),
          rows(A));
      return;
    }
    Address u = scratch.get(Use.WEIGHTS, A.count());
    blocks.run(
        grams.rowsOf(way, d),
        (first, count, at) -> {
          Address weights = u.plus(first);
          Address slacks = address(s).plus(first);
          boolean roots = way != Way.FUSED;
          slack(count, d, at[0], x, address(b).plus(first), slacks, roots, weights);
          if (roots) {
            grams.addSquares(way, first, count, d, at[0], weights, address(G));
          } else {
            grams.add(way, first, count, d, at[0], weights, address(G));
          }
        },
        rows(A));
  }

  @Override
  public void crossGram(Rows A, Rows B, Matrix C) {
    int d = A.columns();
    RowBlocks.Work work =
        (first, count, at) -> {
          Address other = at[at.length - 1];
          if (d <= GramProducts.SPLIT_COLUMNS) {
            grams.addSplit(first, count, d, at[0], other, address(C), false);
          } else {
            double add = first == 0 ? 0 : 1;
            libraries.gemm(true, false, d, d, count, at[0], d, other, d, add, address(C));
          }
        };
    if (A == B) {
      blocks.run(blocks.rowsOf(d), work, rows(A));
    } else {
      blocks.run(blocks.rowsOf(d), work, rows(A), rows(B));
    }
  }

  @Override
  public void quadraticForms(Rows A, Matrix N, Vector q) {
    int d = A.columns();
    if (d <= GramProducts.FEW_COLUMNS) {
      smallForms(kernels.fused("forms", d), A, N, 0, q);
      return;
    }
    blocks.run(
        blocks.rowsOf(d),
        (first, count, at) -> {
          Address product = scratch.get(Use.PRODUCT, (long) count * d);
          timesMatrix(count, d, at[0], N, product); // A N
          rowDots(count, d, at[0], product, address(q).plus(first));
        },
        rows(A));
  }

  @Override
  public void squaredNorms(Rows A, Matrix inverseR, Vector q) {
    int d = A.columns();
    if (d <= GramProducts.FEW_COLUMNS) {
      smallForms(kernels.fused("forms", d), A, inverseR, 1, q);
      return;
    }
    blocks.run(
        blocks.rowsOf(d),
        (first, count, at) -> {
          Address product = scratch.get(Use.PRODUCT, (long) count * d);
          timesTriangular(count, d, at[0], inverseR, product); // A R^-1
          rowDots(count, d, product, product, address(q).plus(first));
        },
        rows(A));
  }

  void smallForms(String kernel, Rows A, Matrix M, int squares, Vector q) {
    int d = A.columns();
    blocks.whole(
        (first, count, at) ->
            kernels.launch(
                kernel,
                (int) Math.max(1, Math.min(8L * context.multiprocessors, (count + 31L) / 32)),
                1,
                (long) count,
                d,
                at[0],
                address(M),
                squares,
                address(q).plus(first)),
        rows(A));
  }

  private void rowDots(int count, int d, Address A, Address B, Address q) {
    int lanes = CudaKernels.lanes(d);
    kernels.run("rowDots", (long) count * lanes, (long) count, d, lanes, A, B, q);
  }

  private void timesMatrix(int count, int d, Address A, Matrix M, Address to) {
    libraries.gemm(false, false, count, d, d, A, d, address(M), d, 0, to);
  }

  private void timesTriangular(int count, int d, Address A, Matrix R, Address to) {
    if (d <= SMALL_TRIANGLE) {
      timesMatrix(count, d, A, R, to); // R has zeros below
    } else {
      libraries.trmm(count, d, A, address(R), to);
    }
  }

  /** A product of a block of rows with a d x d matrix. */
  @FunctionalInterface
  private interface Product {
    void run(int count, int d, Address A, Matrix M, Address to);
  }

  private void product(Rows A, Matrix M, Rows to, Product product) {
    int d = A.columns();
    if (A != to) {
      blocks.run(
          blocks.rowsOf(d),
          (first, count, at) -> product.run(count, d, at[0], M, at[1]),
          rows(A),
          rows(to));
      return;
    }
    blocks.run(
        blocks.rowsOf(d),
        (first, count, at) -> {
          Address result = scratch.get(Use.PRODUCT, (long) count * d);
          product.run(count, d, at[0], M, result);
          copy(result, at[0], (long) count * d);
        },
        rows(A));
  }

  @Override
  public void timesMatrix(Rows A, Matrix M, Rows to) {
    product(A, M, to, this::timesMatrix);
  }

  @Override
  public void timesTriangular(Rows A, Matrix R, Rows to) {
    product(A, R, to, this::timesTriangular);
  }

  /** The R so far on top of a block of rows, column by column, is factored, block after block. */
  @Override
  public void triangularFactor(Rows A, Vector w, Matrix R) {
    int d = A.columns();
    int most = Math.max(blocks.rowsOf(d), CudaKernels.powerOfTwo(4 * d));
    int stride = d + (int) Math.min(most, A.count());
    Address stack = scratch.get(Use.STACK, (long) stride * d);
    fill(0, stack, (long) stride * d);
    blocks.run(
        most,
        (first, count, at) -> {
          transpose(count, d, address(w).plus(first), at[0], d, stack.plus(d), stride); // diag(w) A
          libraries.geqrf(d + count, d, stack, stride);
          kernels.run("keepTriangle", (long) d * d, d, (long) stride, stack);
        },
        rows(A));
    transpose(d, d, null, stack, stride, address(R), d);
  }

  @Override
  public void squaredRowNorms(Rows A, Vector q) {
    blocks.whole(
        (first, count, at) -> rowDots(count, A.columns(), at[0], at[0], address(q).plus(first)),
        rows(A));
  }

  @Override
  public void appendColumn(Rows A, Vector c, Rows to) {
    int d = A.columns();
    int lanes = CudaKernels.lanes(d + 1);
    blocks.whole(
        (first, count, at) ->
            kernels.run(
                "appendColumn",
                (long) count * lanes,
                (long) count,
                d,
                lanes,
                at[0],
                address(c).plus(first),
                at[1]),
        rows(A),
        rows(to));
  }

  @Override
  public void axpy(double a, Rows A, Rows to) {
    blocks.whole(
        (first, count, at) -> axpy(a, at[0], at[1], (long) count * A.columns()), rows(A), rows(to));
  }

  @Override
  public void scaleRows(Vector factor, Rows A, Rows to) {
    RowBlocks.Work work =
        (first, count, at) ->
            kernels.scaleRows(
                count, A.columns(), address(factor).plus(first), at[0], false, at[at.length - 1]);
    if (A == to) {
      blocks.whole(work, rows(to));
    } else {
      blocks.whole(work, rows(A), rows(to));
    }
  }

  @Override
  public void addScaledRows(Vector factor, Rows A, Rows to) {
    blocks.whole(
        (first, count, at) ->
            kernels.scaleRows(count, A.columns(), address(factor).plus(first), at[0], true, at[1]),
        rows(A),
        rows(to));
  }

  @Override
  public void hadamardTimes(
      Rows U, Rows V, Rows S, Rows T, boolean withoutDiagonal, Rows X, Rows to) {
    boolean square = U == S && V == T;
    int width = (int) Math.min(HADAMARD_COLUMNS, V.count());
    int d = U.columns();
    int columns = X.columns();
    RowBlocks.Work work =
        (first, count, at) -> {
          Address P = scratch.get(Use.PRODUCT, (long) HADAMARD_ROWS * width);
          Address Q = square ? P : scratch.get(Use.SECOND_PRODUCT, (long) HADAMARD_ROWS * width);
          for (long l = 0; l < V.count(); l += width) {
            int across = (int) Math.min(width, V.count() - l);
            Address v = rows(V).row(l);
            outer(count, across, d, at[0], v, P); // P = U V^T
            if (!square) {
              Address t = V == T ? v : rows(T).row(l);
              outer(count, across, S.columns(), at[U == S ? 0 : 2], t, Q); // Q = S T^T
            }
            long size = (long) count * across;
            int hollow = withoutDiagonal ? 1 : 0;
            kernels.run("hadamard", size, count, across, Q, hollow, l - first, P); // P = P o Q
            Address x = rows(X).row(l);
            libraries.gemm( // to = to + P X
                false, false, count, columns, across, P, across, x, columns, l == 0 ? 0 : 1, at[1]);
          }
        };
    if (U == S) {
      blocks.run(HADAMARD_ROWS, work, rows(U), rows(to));
    } else {
      blocks.run(HADAMARD_ROWS, work, rows(U), rows(to), rows(S));
    }
  }

  /** P = U V^T. */
  private void outer(int rows, int columns, int d, Address U, Address V, Address P) {
    libraries.gemm(false, true, rows, columns, d, U, d, V, d, 0, P);
  }
}
