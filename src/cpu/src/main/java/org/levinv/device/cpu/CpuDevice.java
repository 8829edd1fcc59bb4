package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_daxpy;
import static org.bytedeco.openblas.global.openblas.cblas_dcopy;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_dgemv;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.HostDevice;
import org.levinv.device.Inlet;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.SingleRows;
import org.levinv.device.TallProducts;
import org.levinv.device.Team;
import org.levinv.device.Vector;

/** OpenBLAS on all cores, or on as many as asked for. */
public final class CpuDevice extends HostDevice {

  /** Rows are read in pieces of about this many doubles (256 KiB), which stay in the cache. */
  private static final int PIECE = 1 << 15;

  private final CpuDevice[] members;
  private final Blas blas;
  private final RowBlocks blocks;
  private final Panels panels;
  private final GramProducts grams;
  private final RowProducts products;
  private final SingleProducts single;
  private final MatrixKernels matrices;
  private final Idle idle = new Idle();
  private final boolean leads;
  private boolean closed;

  /**
   * @param limit on the cores used, or 0 for all
   * @throws DeviceException if OpenBLAS cannot be loaded
   */
  public CpuDevice(int limit) {
    this(Blas.load(), RowBlocks.on(lanes(limit)), null);
    BlasThreads.take();
    Arrays.setAll(members, k -> new CpuDevice(blas, RowBlocks.ofMember(), this));
  }

  /**
   * @param leader of the team that this is a member of, with one thread and one part; null for the
   *     leader itself, which makes the members
   */
  private CpuDevice(Blas blas, RowBlocks blocks, CpuDevice leader) {
    this.blas = blas;
    this.blocks = blocks;
    leads = leader == null;
    panels = leads ? new Panels(blas.kernels()) : leader.panels;
    grams = new GramProducts(blocks, panels);
    products = new RowProducts(blocks, panels);
    single = new SingleProducts(blocks, panels, grams);
    matrices = new MatrixKernels(blocks.lanes, blocks.scratch[0]);
    members = leads ? new CpuDevice[blocks.lanes.count()] : new CpuDevice[] {this};
  }

  private static int lanes(int limit) {
    int cores = Runtime.getRuntime().availableProcessors();
    return limit == 0 ? cores : Math.min(limit, cores);
  }

  @Override
  public Team team() {
    return new Team() {
      @Override
      public int size() {
        return members.length;
      }

      @Override
      public Device member(int k) {
        return members[k];
      }

      @Override
      public void run(int count, IntConsumer work) {
        blocks.lanes.run(count, work::accept);
      }
    };
  }

  @Override
  public String name() {
    int threads = blocks.lanes.count();
    return "cpu (" + blas + ", " + threads + (threads == 1 ? " thread)" : " threads)");
  }

  @Override
  protected void split(int count, double operations, RangeWork work) {
    int use = blocks.lanesFor(operations * count, count);
    blocks.lanes.run(
        use,
        lane ->
            work.run((int) ((long) count * lane / use), (int) ((long) count * (lane + 1) / use)));
  }

  // ---- memory

  @Override
  public Matrix allocateMatrix(int rows, int columns) {
    CpuMatrix M = new CpuMatrix(rows, columns);
    Pointer.memset(M.at(0), 0, 8L * rows * columns);
    return M;
  }

  @Override
  public Rows allocateRows(long count, int columns) {
    return new CpuRows(count, columns, idle);
  }

  @Override
  public SingleRows allocateSingleRows(long count, int columns) {
    return new CpuSingleRows(count, columns);
  }

  @Override
  public Inlet inlet(Rows to) {
    return new CpuInlet(to);
  }

  @Override
  public Inlet inlet(SingleRows to) {
    return new CpuInlet(to);
  }

  @Override
  public void upload(double[] from, Matrix to) {
    Memory.of(to).at(0).put(from, 0, from.length);
  }

  @Override
  public void download(Matrix from, double[] to) {
    Memory.of(from).at(0).get(to, 0, to.length);
  }

  @Override
  public void upload(RowSource from, Rows to) {
    int d = to.columns();
    blocks.forBlocks(
        blocks.partsForReading(to.count(), d),
        to.count(),
        Math.max(1, PIECE / d),
        (own, lane, first, count) -> {
          double[] piece = own.strip(count * d);
          from.readShared(first, count, piece);
          Memory.of(to).at(first * d).put(piece, 0, count * d);
        });
  }

  @Override
  public void upload(RowSource from, SingleRows to) {
    int d = to.columns();
    blocks.forBlocks(
        blocks.partsForReading(to.count(), d),
        to.count(),
        Math.max(1, PIECE / d),
        (own, lane, first, count) -> {
          double[] piece = own.strip(count * d);
          from.readShared(first, count, piece);
          CpuInlet.putFloats(piece, count * d, to, first * d, own.floats(RowBlocks.STRIP));
        });
  }

  @Override
  public void widen(SingleRows A, Vector c, Rows to) {
    int d = A.columns();
    double[] factors = c == null ? null : values(c);
    blocks.forBlocks(
        blocks.partsFor(2.0 * A.count() * d, A.count()),
        A.count(),
        RowBlocks.stripRows(d),
        (own, lane, first, count) -> {
          int numbers = count * d;
          float[] narrow = own.floats(numbers);
          double[] wide = own.strip(numbers);
          FloatPointer from = ((Memory) A).floats();
          from.position(first * d).get(narrow, 0, numbers);
          for (int k = 0; k < numbers; k++) {
            wide[k] = narrow[k];
          }
          for (int i = 0; factors != null && i < numbers; i += d) {
            for (int j = 0; j < d; j++) {
              wide[i + j] *= factors[j];
            }
          }
          Memory.of(to).at(first * d).put(wide, 0, numbers);
        });
  }

  @Override
  public void upload(double[] from, int count, Rows to, long first) {
    int d = to.columns();
    blocks.forBlocks(
        blocks.partsFor(8.0 * count * d, count),
        count,
        count,
        (own, lane, start, rows) ->
            Memory.of(to).at((first + start) * d).put(from, (int) start * d, rows * d));
  }

  @Override
  public void download(Rows from, long first, int count, double[] to) {
    Memory.of(from).at(first * from.columns()).get(to, 0, count * from.columns());
  }

  @Override
  public void gather(Rows A, int[] index, Rows to) {
    int d = A.columns();
    DoublePointer a = Memory.of(A).at(0);
    DoublePointer t = Memory.of(to).at(0);
    for (int k = 0; k < index.length; k++) {
      cblas_dcopy(d, a.position((long) index[k] * d), 1, t.position((long) k * d), 1);
    }
  }

  @Override
  public void gather(Rows A, int[] index, Vector scale, Rows to) {
    gather(A, index, to);
    int d = A.columns();
    DoublePointer t = Memory.of(to).at(0);
    BlockKernels.scaleRows(
        blocks.scratch[0], t, Memory.of(to).at(0), index.length, d, values(scale), 0);
  }

  // ---- tall

  @Override
  public TallProducts in(Precision precision) {
    return precision == Precision.SINGLE ? single : this;
  }

  @Override
  public void times(Rows A, Vector x, Vector y) {
    int d = A.columns();
    blocks.forBlocks(
        blocks.partsFor(2.0 * A.count() * d * 8, A.count()), // 8: bound by memory
        A.count(),
        RowBlocks.blockRows(d),
        (own, lane, first, count) -> BlockKernels.times(own, A, first, count, x, y));
  }

  @Override
  public void transposeTimes(Rows A, Vector y, Vector z) {
    int d = A.columns();
    int use = blocks.partsFor(2.0 * A.count() * d * 8, A.count());
    double[][] parts = new double[use][d];
    int most = RowBlocks.blockRows(d);
    blocks.forBlocks(
        use,
        A.count(),
        most,
        (own, lane, first, count) -> {
          DoublePointer sum = own.memory(3, d + (long) most).at(0).put(parts[lane], 0, d);
          DoublePointer v = own.memory(3, 0).at(d).put(values(y), (int) first, count);
          cblas_dgemv(
              CblasRowMajor,
              CblasTrans,
              count,
              d,
              1,
              Memory.of(A).at(first * d),
              d,
              v,
              1,
              1,
              sum,
              1);
          sum.get(parts[lane], 0, d);
        });
    fill(0, z);
    for (double[] part : parts) {
      for (int j = 0; j < d; j++) {
        values(z)[j] += part[j];
      }
    }
  }

  @Override
  public void weightedGram(Rows A, Vector u, Matrix G) {
    grams.weightedGram(A, u, G);
  }

  @Override
  public void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G) {
    grams.slackGram(A, x, b, s, G);
  }

  @Override
  public void crossGram(Rows A, Rows B, Matrix C) {
    grams.crossGram(A, B, C);
  }

  @Override
  public void triangularFactor(Rows A, Vector w, Matrix R) {
    grams.triangularFactor(A, w, R);
  }

  @Override
  public void quadraticForms(Rows A, Matrix N, Vector q) {
    products.quadraticForms(A, N, q);
  }

  @Override
  public void squaredNorms(Rows A, Matrix inverseR, Vector q) {
    products.squaredNorms(A, inverseR, q);
  }

  @Override
  public void slackNorms(Rows A, Vector x, Vector b, Matrix inverseR, Vector s, Vector q) {
    products.slackNorms(A, x, b, inverseR, s, q);
  }

  @Override
  public void timesMatrix(Rows A, Matrix M, Rows to) {
    products.timesMatrix(A, M, to);
  }

  @Override
  public void timesTriangular(Rows A, Matrix R, Rows to) {
    products.timesTriangular(A, R, to);
  }

  @Override
  public void squaredRowNorms(Rows A, Vector q) {
    int d = A.columns();
    blocks.forBlocks(
        blocks.partsFor(8.0 * A.count() * d, A.count()),
        A.count(),
        RowBlocks.blockRows(d),
        (own, lane, first, count) -> {
          DoublePointer a = Memory.of(A).at(first * d);
          BlockKernels.rowDots(own, a, a, count, d, values(q), (int) first);
        });
  }

  @Override
  public void appendColumn(Rows A, Vector c, Rows to) {
    int d = A.columns();
    int most = RowBlocks.stripRows(d + 1);
    double[] strip = blocks.scratch[0].strip(most * (2 * d + 1));
    for (long first = 0; first < A.count(); first += most) {
      int count = (int) Math.min(most, A.count() - first);
      Memory.of(A).at(first * d).get(strip, 0, count * d);
      for (int k = 0; k < count; k++) {
        System.arraycopy(strip, k * d, strip, most * d + k * (d + 1), d);
        strip[most * d + k * (d + 1) + d] = values(c)[(int) first + k];
      }
      Memory.of(to).at(first * (d + 1)).put(strip, most * d, count * (d + 1));
    }
  }

  @Override
  public void axpy(double a, Rows A, Rows to) {
    int d = A.columns();
    blocks.forBlocks(
        blocks.partsFor(8.0 * A.count() * d, A.count()),
        A.count(),
        RowBlocks.blockRows(d),
        (own, lane, first, count) ->
            cblas_daxpy(
                count * d, a, Memory.of(A).at(first * d), 1, Memory.of(to).at(first * d), 1));
  }

  @Override
  public void scaleRows(Vector factor, Rows A, Rows to) {
    int d = A.columns();
    blocks.forBlocks(
        blocks.partsFor(8.0 * A.count() * d, A.count()),
        A.count(),
        RowBlocks.blockRows(d),
        (own, lane, first, count) ->
            BlockKernels.scaleRows(
                own,
                Memory.of(A).at(first * d),
                Memory.of(to).at(first * d),
                count,
                d,
                values(factor),
                (int) first));
  }

  @Override
  public void addScaledRows(Vector factor, Rows A, Rows to) {
    int d = A.columns();
    int most = RowBlocks.stripRows(d);
    double[] factors = values(factor);
    blocks.forBlocks(
        blocks.partsFor(8.0 * A.count() * d, A.count()),
        A.count(),
        most,
        (own, lane, first, count) -> {
          int size = count * d;
          double[] strip = own.strip(2 * most * d);
          Memory.of(A).at(first * d).get(strip, 0, size);
          Memory.of(to).at(first * d).get(strip, size, size);
          for (int k = 0; k < count; k++) {
            double f = factors[(int) first + k];
            int end = (k + 1) * d;
            for (int j = k * d; j < end; j++) {
              strip[size + j] += f * strip[j];
            }
          }
          Memory.of(to).at(first * d).put(strip, size, size);
        });
  }

  @Override
  public void hadamardTimes(
      Rows U, Rows V, Rows S, Rows T, boolean withoutDiagonal, Rows X, Rows to) {
    int d = U.columns();
    int columns = X.columns();
    int s = (int) V.count();
    int mostRows = 256;
    int mostColumns = RowBlocks.BLOCK / mostRows;
    boolean square = U == S && V == T;
    blocks.forBlocks(
        blocks.partsFor(2.0 * U.count() * s * (d + columns), U.count()),
        U.count(),
        mostRows,
        (own, lane, first, count) -> {
          DoublePointer P = own.memory(0, RowBlocks.BLOCK).at(0);
          DoublePointer Q = square ? P : own.memory(1, RowBlocks.BLOCK).at(0);
          for (int l = 0; l < s; l += mostColumns) {
            int width = Math.min(mostColumns, s - l);
            outer(Memory.of(U).at(first * d), Memory.of(V).at((long) l * d), P, count, width, d);
            if (!square) {
              outer(Memory.of(S).at(first * d), Memory.of(T).at((long) l * d), Q, count, width, d);
            }
            hadamard(own, P, Q, count * width);
            if (withoutDiagonal) {
              for (int k = Math.max(0, l - (int) first);
                  k < Math.min(count, l + width - (int) first);
                  k++) {
                P.put((long) k * width + first + k - l, 0);
              }
            }
            cblas_dgemm( // to = to + P X
                CblasRowMajor,
                CblasNoTrans,
                CblasNoTrans,
                count,
                columns,
                width,
                1, //
                P,
                width,
                Memory.of(X).at((long) l * columns),
                columns,
                l == 0 ? 0 : 1, //
                Memory.of(to).at(first * columns),
                columns);
          }
        });
  }

  /** P = U V^T. */
  private static void outer(
      DoublePointer U, DoublePointer V, DoublePointer P, int rows, int columns, int d) {
    cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, rows, columns, d, 1, U, d, V, d, 0, P, columns);
  }

  /** P = P o Q; Q may be P. */
  private static void hadamard(Scratch own, DoublePointer P, DoublePointer Q, int size) {
    double[] strip = own.strip(2 * RowBlocks.STRIP);
    for (int i = 0; i < size; i += RowBlocks.STRIP) {
      int length = Math.min(RowBlocks.STRIP, size - i);
      P.position(i).get(strip, 0, length);
      Q.position(i).get(strip, RowBlocks.STRIP, length);
      for (int k = 0; k < length; k++) {
        strip[k] *= strip[k + RowBlocks.STRIP];
      }
      P.position(i).put(strip, 0, length);
    }
    P.position(0);
    Q.position(0);
  }

  // ---- small matrices

  @Override
  public int cholesky(Matrix G, Matrix R) {
    return matrices.cholesky(G, R);
  }

  @Override
  public void invertTriangular(Matrix R, Matrix inverseR) {
    matrices.invertTriangular(R, inverseR);
  }

  @Override
  public void solve(Matrix R, Vector z) {
    matrices.solve(R, z);
  }

  @Override
  public void multiply(Matrix A, boolean transposeA, Matrix B, boolean transposeB, Matrix C) {
    matrices.multiply(A, transposeA, B, transposeB, C);
  }

  @Override
  public void multiply(Matrix M, boolean transpose, Vector x, Vector y) {
    matrices.multiply(M, transpose, x, y);
  }

  @Override
  public void axpy(double a, Matrix A, Matrix B) {
    matrices.axpy(a, A, B);
  }

  @Override
  public void addDiagonal(double a, Matrix A, Matrix B) {
    matrices.addDiagonal(a, A, B);
  }

  @Override
  public double[] diagonal(Matrix M) {
    return matrices.diagonal(M);
  }

  @Override
  public double norm(Matrix M) {
    return matrices.norm(M);
  }

  @Override
  public void rankOne(double a, Vector x, Vector y, Matrix B) {
    matrices.rankOne(a, x, y, B);
  }

  @Override
  public void copy(Matrix A, Matrix B) {
    matrices.copy(A, B);
  }

  @Override
  public void symmetricEigen(Matrix S, Matrix V, Vector eigenvalues) {
    matrices.symmetricEigen(S, V, eigenvalues);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (CpuDevice member : members) {
      if (member != this) {
        member.close();
      }
    }
    if (leads) {
      BlasThreads.giveBack();
    }
    blocks.close();
    single.free();
    idle.free();
  }
}
