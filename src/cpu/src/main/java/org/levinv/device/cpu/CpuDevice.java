package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas.CblasRight;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgelqf_work;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_daxpy;
import static org.bytedeco.openblas.global.openblas.cblas_dcopy;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_dgemv;
import static org.bytedeco.openblas.global.openblas.cblas_dsyrk;
import static org.bytedeco.openblas.global.openblas.cblas_dtrmm;

import java.util.Arrays;
import java.util.Set;
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

  /**
   * A block of rows has about this many doubles (1 MiB): it stays in a core's cache from one call
   * to the next.
   */
  private static final int BLOCK = 1 << 17;

  /**
   * Rows pass through Java in strips of about this many doubles (16 KiB), which stay in the
   * first-level cache.
   */
  private static final int STRIP = 1 << 11;

  /** Rows are read in pieces of about this many doubles (256 KiB), which stay in the cache. */
  private static final int PIECE = 1 << 15;

  /** Flops of BLAS in the time of reading one number. */
  private static final double READ_FLOPS = 30;

  /** Below this many flops a second part costs more than it saves. */
  private static final double PART_FLOPS = 4e6;

  /**
   * Parts that large work is cut into, more than most machines' cores need: the cut depends on the
   * work alone, so that sums have the same bits on one thread and on many. More parts cost memory
   * and adding of d x d sums.
   */
  private static final int PARTS = 8;

  /** Flops of BLAS in the time of one operation of the host. */
  private static final double HOST_FLOPS = 10;

  /**
   * The processors, by OpenBLAS's names, for which it has kernels for small products that leave out
   * the packing of the arguments; it has none for small triangles.
   */
  private static final Set<String> SMALL_PRODUCTS =
      Set.of("SkylakeX", "Cooperlake", "Sapphirerapids");

  /**
   * With these kernels triangles of small order are computed as panels of this many columns, each
   * by one general product down to the diagonal; without them the symmetric and the triangular
   * product are faster.
   */
  static final int PANEL = 16;

  /** Rows of a panel's product in a Gram matrix. */
  static final int GRAM_ROWS = 128;

  /** Up to this d panels form a Gram matrix faster than the symmetric product. */
  private static final int MOST_GRAM_PANELS = 512;

  /** Up to this d panels multiply by a triangle faster than the triangular product. */
  private static final int MOST_TRIANGLE_PANELS = 224;

  /**
   * Up to this d a Gram matrix with weights of both signs is a general product: twice the flops,
   * but sorting the rows by their signs takes a call for each.
   */
  private static final int SHORT_ROWS = 24;

  private final Lanes lanes;
  private final int parts;
  private final CpuDevice[] members;
  private final Blas blas;
  private final boolean smallProducts;
  final Scratch[] scratch;
  private final Idle idle = new Idle();
  private final SingleProducts single = new SingleProducts(this);
  private final MatrixKernels matrices;
  private final boolean leads;
  private boolean closed;

  /**
   * @param limit on the cores used, or 0 for all
   * @throws DeviceException if OpenBLAS cannot be loaded
   */
  public CpuDevice(int limit) {
    blas = Blas.load();
    BlasThreads.take();
    leads = true;
    smallProducts = SMALL_PRODUCTS.stream().anyMatch(blas.kernels()::equalsIgnoreCase);
    int cores = Runtime.getRuntime().availableProcessors();
    lanes = new Lanes(limit == 0 ? cores : Math.min(limit, cores));
    parts = PARTS;
    scratch = scratches(parts);
    matrices = new MatrixKernels(lanes, scratch[0]);
    members = new CpuDevice[lanes.count()];
    Arrays.setAll(members, k -> new CpuDevice(this));
  }

  /** A member of the team of another: one thread, one part. */
  private CpuDevice(CpuDevice leader) {
    leads = false;
    blas = leader.blas;
    smallProducts = leader.smallProducts;
    lanes = new Lanes(1);
    parts = 1;
    scratch = scratches(parts);
    matrices = new MatrixKernels(lanes, scratch[0]);
    members = new CpuDevice[] {this};
  }

  private static Scratch[] scratches(int count) {
    Scratch[] all = new Scratch[count];
    Arrays.setAll(all, k -> new Scratch());
    return all;
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
        lanes.run(count, work::accept);
      }
    };
  }

  @Override
  public String name() {
    return "cpu (" + blas + ", " + lanes.count() + (lanes.count() == 1 ? " thread)" : " threads)");
  }

  // ---- rows, blocks and lanes

  @Override
  protected void split(int count, double operations, RangeWork work) {
    int use = HOST_FLOPS * operations * count < PART_FLOPS ? 1 : Math.min(lanes.count(), count);
    lanes.run(
        use,
        lane ->
            work.run((int) ((long) count * lane / use), (int) ((long) count * (lane + 1) / use)));
  }

  /** What a lane does with {@code count} rows from {@code first} on. */
  @FunctionalInterface
  interface BlockWork {
    void run(Scratch own, int lane, long first, int count);
  }

  static int blockRows(int columns) {
    return Math.max(16, BLOCK / columns);
  }

  /** Rows of a product with a d x d matrix: as fast as it gets, by measurement. */
  static int productRows(int d) {
    return d <= 50 || d > 400 ? 384 : d <= 100 ? 96 : 192;
  }

  boolean gramByPanels(int d) {
    return smallProducts
        && d <= MOST_GRAM_PANELS
        && d % 256 != 0; // strides of 2 KiB fight for the same cache lines
  }

  boolean triangleByPanels(int d) {
    return smallProducts && d <= MOST_TRIANGLE_PANELS;
  }

  /** Parts of work on {@code rows} rows: at most one for each, and for {@link #PART_FLOPS}. */
  int partsFor(double flops, long rows) {
    return (int) Math.max(1, Math.min(Math.min(parts, flops / PART_FLOPS), rows));
  }

  /** Likewise where each part has a d x d sum of its own: parts of d/2 rows at least. */
  private int partsFor(double flops, long rows, int d) {
    return partsFor(flops, Math.max(1, 2 * rows / d));
  }

  /**
   * Splits {@code n} rows into {@code use} equal shares, and each share into equal blocks of at
   * most {@code most} rows.
   */
  void forBlocks(int use, long n, int most, BlockWork work) {
    lanes.run(
        use,
        lane -> {
          long from = n * lane / use;
          long share = n * (lane + 1) / use - from;
          long blocks = (share + most - 1) / most;
          for (long k = 0; k < blocks; k++) {
            long first = from + share * k / blocks;
            work.run(scratch[lane], lane, first, (int) (from + share * (k + 1) / blocks - first));
          }
        });
  }

  static Memory memory(Rows A) {
    return (CpuRows) A;
  }

  static Memory memory(Matrix M) {
    return (CpuMatrix) M;
  }

  static int stripRows(int columns) {
    return Math.max(1, STRIP / columns);
  }

  /** to = diag(factor) from, for {@code count} rows; factor k belongs to row k. */
  private static void scaleRows(
      Scratch own,
      DoublePointer from,
      DoublePointer to,
      int count,
      int d,
      double[] factor,
      int offset) {
    int most = stripRows(d);
    double[] strip = own.strip(most * d);
    long start = from.position();
    long target = to.position();
    for (int i = 0; i < count; i += most) {
      int rows = Math.min(most, count - i);
      from.position(start + (long) i * d).get(strip, 0, rows * d);
      for (int k = 0; k < rows; k++) {
        double f = factor[offset + i + k];
        int end = (k + 1) * d;
        for (int j = k * d; j < end; j++) {
          strip[j] *= f;
        }
      }
      to.position(target + (long) i * d).put(strip, 0, rows * d);
    }
    from.position(start);
    to.position(target);
  }

  /** Rows of a tile in which a triangle is mirrored. */
  private static final int TILE = 32;

  /** Below this order one lane adds up and mirrors faster than several. */
  private static final int SHARED_ORDER = 128;

  /** G = the sum of the lanes' upper triangles, in order, and their mirror image below. */
  private void sumGrams(int use, int d, Matrix G) {
    int tiles = (d + TILE - 1) / TILE;
    int share = d < SHARED_ORDER ? 1 : Math.min(lanes.count(), parts);
    lanes.run(
        share,
        lane -> {
          for (int tile = lane; tile < tiles; tile += share) {
            int from = tile * TILE;
            sumRows(use, d, from, Math.min(d, from + TILE), true, G);
          }
        });
    lanes.run(
        share,
        lane -> {
          for (int tile = lane; tile < tiles; tile += share) {
            mirror(scratch[lane], G, tile * TILE);
          }
        });
  }

  /** C = the sum of the lanes' matrices, in order. */
  private void sumParts(int use, int d, Matrix C) {
    sumRows(use, d, 0, d, false, C);
  }

  private void sumRows(int use, int d, int from, int to, boolean upper, Matrix G) {
    long size = (long) d * d;
    DoublePointer sum = memory(G).at(0);
    for (int lane = 0; lane < use; lane++) {
      DoublePointer part = scratch[lane].memory(2, size).at(0);
      for (int j = from; j < to; j++) {
        int first = upper ? j : 0;
        long start = (long) j * d + first;
        if (lane == 0) {
          cblas_dcopy(d - first, part.position(start), 1, sum.position(start), 1);
        } else {
          cblas_daxpy(d - first, 1, part.position(start), 1, sum.position(start), 1);
        }
      }
    }
  }

  /**
   * Rows {@code from ... from + TILE - 1} of the upper triangle become columns of the lower one.
   */
  private static void mirror(Scratch own, Matrix G, int from) {
    int d = G.columns();
    int rows = Math.min(TILE, d - from);
    int width = d - from;
    double[] values = own.strip(rows * width + TILE);
    int column = rows * width;
    DoublePointer g = memory(G).at(0);
    for (int j = 0; j < rows; j++) {
      g.position((long) (from + j) * d + from).get(values, j * width, width);
    }
    for (int k = 1; k < width; k++) {
      int length = Math.min(rows, k);
      for (int j = 0; j < length; j++) {
        values[column + j] = values[j * width + k];
      }
      g.position((long) (from + k) * d + from).put(values, column, length);
    }
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
    memory(to).at(0).put(from, 0, from.length);
  }

  @Override
  public void download(Matrix from, double[] to) {
    memory(from).at(0).get(to, 0, to.length);
  }

  @Override
  public void upload(RowSource from, Rows to) {
    int d = to.columns();
    forBlocks(
        partsFor(READ_FLOPS * to.count() * d, to.count()),
        to.count(),
        Math.max(1, PIECE / d),
        (own, lane, first, count) -> {
          double[] piece = own.strip(count * d);
          from.readShared(first, count, piece);
          memory(to).at(first * d).put(piece, 0, count * d);
        });
  }

  @Override
  public void upload(RowSource from, SingleRows to) {
    int d = to.columns();
    forBlocks(
        partsFor(READ_FLOPS * to.count() * d, to.count()),
        to.count(),
        Math.max(1, PIECE / d),
        (own, lane, first, count) -> {
          double[] piece = own.strip(count * d);
          from.readShared(first, count, piece);
          CpuInlet.putFloats(piece, count * d, to, first * d, own.floats(STRIP));
        });
  }

  @Override
  public void widen(SingleRows A, Vector c, Rows to) {
    int d = A.columns();
    double[] factors = c == null ? null : values(c);
    forBlocks(
        partsFor(2.0 * A.count() * d, A.count()),
        A.count(),
        stripRows(d),
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
          memory(to).at(first * d).put(wide, 0, numbers);
        });
  }

  @Override
  public void upload(double[] from, int count, Rows to, long first) {
    int d = to.columns();
    forBlocks(
        partsFor(8.0 * count * d, count),
        count,
        count,
        (own, lane, start, rows) ->
            memory(to).at((first + start) * d).put(from, (int) start * d, rows * d));
  }

  @Override
  public void download(Rows from, long first, int count, double[] to) {
    memory(from).at(first * from.columns()).get(to, 0, count * from.columns());
  }

  @Override
  public void gather(Rows A, int[] index, Rows to) {
    int d = A.columns();
    DoublePointer a = memory(A).at(0);
    DoublePointer t = memory(to).at(0);
    for (int k = 0; k < index.length; k++) {
      cblas_dcopy(d, a.position((long) index[k] * d), 1, t.position((long) k * d), 1);
    }
  }

  @Override
  public void gather(Rows A, int[] index, Vector scale, Rows to) {
    gather(A, index, to);
    int d = A.columns();
    DoublePointer t = memory(to).at(0);
    scaleRows(scratch[0], t, memory(to).at(0), index.length, d, values(scale), 0);
  }

  // ---- tall

  @Override
  public TallProducts in(Precision precision) {
    return precision == Precision.SINGLE ? single : this;
  }

  @Override
  public void times(Rows A, Vector x, Vector y) {
    int d = A.columns();
    forBlocks(
        partsFor(2.0 * A.count() * d * 8, A.count()), // 8: bound by memory
        A.count(),
        blockRows(d),
        (own, lane, first, count) -> {
          DoublePointer v = own.memory(3, d + (long) count).at(0).put(values(x), 0, d);
          DoublePointer s = own.memory(3, 0).at(d);
          cblas_dgemv(
              CblasRowMajor, CblasNoTrans, count, d, 1, memory(A).at(first * d), d, v, 1, 0, s, 1);
          s.get(values(y), (int) first, count);
        });
  }

  @Override
  public void transposeTimes(Rows A, Vector y, Vector z) {
    int d = A.columns();
    int use = partsFor(2.0 * A.count() * d * 8, A.count());
    double[][] parts = new double[use][d];
    int most = blockRows(d);
    forBlocks(
        use,
        A.count(),
        most,
        (own, lane, first, count) -> {
          DoublePointer sum = own.memory(3, d + (long) most).at(0).put(parts[lane], 0, d);
          DoublePointer v = own.memory(3, 0).at(d).put(values(y), (int) first, count);
          cblas_dgemv(
              CblasRowMajor, CblasTrans, count, d, 1, memory(A).at(first * d), d, v, 1, 1, sum, 1);
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
    double[] weights = values(u);
    gram(A, G, (own, lane, first, count) -> addGram(own, A, first, count, weights, (int) first));
  }

  @Override
  public void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G) {
    gram(
        A,
        G,
        (own, lane, first, count) ->
            addGram(own, A, first, count, slackWeights(own, A, first, count, x, b, s), 0));
  }

  /** s = A x - b and u = s^-2 for {@code count} rows. */
  static double[] slackWeights(
      Scratch own, Rows A, long first, int count, Vector x, Vector b, Vector s) {
    slack(own, A, first, count, x, b, s);
    double[] slack = values(s);
    double[] u = own.weights(2 * count);
    for (int i = 0; i < count; i++) {
      double value = slack[(int) first + i];
      double w = value == 0 ? 0 : 1 / value;
      u[i] = w * w;
    }
    return u;
  }

  /** s = A x - b for {@code count} rows. */
  private static void slack(
      Scratch own, Rows A, long first, int count, Vector x, Vector b, Vector s) {
    int d = A.columns();
    double[] slack = values(s);
    double[] offset = values(b);
    DoublePointer v = own.memory(3, d + (long) count).at(0).put(values(x), 0, d);
    DoublePointer y = own.memory(3, 0).at(d);
    DoublePointer a = memory(A).at(first * d);
    cblas_dgemv(CblasRowMajor, CblasNoTrans, count, d, 1, a, d, v, 1, 0, y, 1);
    y.get(slack, (int) first, count);
    for (int i = (int) first; i < first + count; i++) {
      slack[i] -= offset[i];
    }
  }

  /** G = sum of what {@code work} adds to the upper triangles of the lanes. */
  private void gram(Rows A, Matrix G, BlockWork work) {
    int d = A.columns();
    gram(A, G, gramByPanels(d) ? blockRows(d) : productRows(d), work);
  }

  /** Likewise, by blocks of at most {@code most} rows. */
  void gram(Rows A, Matrix G, int most, BlockWork work) {
    int d = A.columns();
    long size = (long) d * d;
    int use = partsFor((double) A.count() * d * d, A.count(), d);
    lanes.run(
        use,
        lane -> Pointer.memset(scratch[lane].memory(2, size).at(0), 0, 8 * size)); // no part yet
    forBlocks(use, A.count(), most, work);
    sumGrams(use, d, G);
  }

  /**
   * G = G + A^T diag(u) A of {@code count} rows, upper triangle, in the lane's own G; the weight of
   * row k is entry {@code offset + k} of u.
   */
  private void addGram(Scratch own, Rows A, long first, int count, double[] u, int offset) {
    int d = A.columns();
    DoublePointer a = memory(A).at(first * d);
    if (gramByPanels(d)) {
      DoublePointer G = own.memory(2, (long) d * d).at(0);
      DoublePointer few = own.memory(0, (long) GRAM_ROWS * d).at(0);
      for (int i = 0; i < count; i += GRAM_ROWS) {
        int rows = Math.min(GRAM_ROWS, count - i);
        scaleRows(own, a.position((long) i * d), few, rows, d, u, offset + i);
        addPanels(a, few, G, rows, d);
      }
      return;
    }
    DoublePointer scaled = own.memory(0, (long) count * d).at(0);
    double[] root = own.weights(2 * count); // u may be in the first half
    int negative = 0;
    for (int i = 0; i < count; i++) {
      double value = u[offset + i];
      root[count + i] = Math.sqrt(Math.abs(value));
      negative += value < 0 ? 1 : 0;
    }
    scaleRows(own, a, scaled, count, d, root, count);
    if (negative == 0 || negative == count) {
      syrk(own, scaled, count, d, negative == 0 ? 1 : -1);
      return;
    }
    if (d <= SHORT_ROWS) {
      scaleRows(own, a, scaled, count, d, u, offset);
      addProduct(a, scaled, own.memory(2, (long) d * d).at(0), count, d);
      return;
    }
    // rows with u > 0, scaled by sqrt(u), are added; rows with u < 0, by sqrt(-u), subtracted
    DoublePointer sorted = own.memory(1, (long) count * d).at(0);
    int below = 0;
    int above = count; // negative rows to the front, the others to the back
    for (int i = 0; i < count; i++) {
      int k = u[offset + i] < 0 ? below++ : --above;
      cblas_dcopy(d, scaled.position((long) i * d), 1, sorted.position((long) k * d), 1);
    }
    syrk(own, sorted.position(0), below, d, -1);
    syrk(own, sorted.position((long) below * d), count - below, d, 1);
  }

  /** G = G + A^T B. */
  private static void addProduct(
      DoublePointer A, DoublePointer B, DoublePointer G, int count, int d) {
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, d, d, count, 1, A, d, B, d, 1, G, d);
  }

  /** G = G + A^T B, upper triangle, panel by panel. */
  private static void addPanels(
      DoublePointer A, DoublePointer B, DoublePointer G, int count, int d) {
    for (int j = 0; j < d; j += PANEL) {
      int width = Math.min(PANEL, d - j);
      cblas_dgemm( // rows up to the diagonal of columns j ...
          CblasRowMajor,
          CblasTrans,
          CblasNoTrans,
          j + width,
          width,
          count,
          1,
          A,
          d,
          B.position(j),
          d,
          1,
          G.position(j),
          d);
    }
    B.position(0);
    G.position(0);
  }

  /** G = G + sign B^T B, upper triangle, in the lane's own G. */
  private static void syrk(Scratch own, DoublePointer B, int count, int d, double sign) {
    DoublePointer G = own.memory(2, (long) d * d).at(0);
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, d, count, sign, B, d, 1, G, d);
  }

  @Override
  public void quadraticForms(Rows A, Matrix N, Vector q) {
    int d = A.columns();
    Memory U = upperForm(N);
    forBlocks(
        partsFor((double) A.count() * d * d, A.count()),
        A.count(),
        productRows(d),
        (own, lane, first, count) -> {
          DoublePointer a = memory(A).at(first * d);
          DoublePointer product = own.memory(0, (long) count * d).at(0);
          trmm(a, U.at(0), product, count, d); // A U
          rowDots(own, a, product, count, d, values(q), (int) first);
        });
  }

  /** Number of the scratch memory of the first lane that no other product uses. */
  private static final int UPPER_FORM = 4;

  /** U = diag(N) + triu(N + N^T), with a^T U a = a^T N a for any N and half the operations. */
  private Memory upperForm(Matrix N) {
    int d = N.columns();
    Memory U = scratch[0].memory(UPPER_FORM, (long) d * d);
    double[] row = scratch[0].strip(d);
    for (int j = 0; j < d; j++) {
      memory(N).at((long) j * d).get(row, 0, d);
      Arrays.fill(row, 0, j, 0);
      U.at((long) j * d).put(row, 0, d);
    }
    for (int j = 0; j + 1 < d; j++) { // what is below the diagonal, column by column
      long below = (long) (j + 1) * d + j;
      cblas_daxpy(d - 1 - j, 1, memory(N).at(below), d, U.at((long) j * d + j + 1), 1);
    }
    return U;
  }

  @Override
  public void squaredNorms(Rows A, Matrix inverseR, Vector q) {
    int d = A.columns();
    forBlocks(
        partsFor((double) A.count() * d * d, A.count()),
        A.count(),
        productRows(d),
        (own, lane, first, count) -> {
          DoublePointer a = memory(A).at(first * d);
          DoublePointer product = own.memory(0, (long) count * d).at(0);
          trmm(a, memory(inverseR).at(0), product, count, d);
          rowDots(own, product, product, count, d, values(q), (int) first);
        });
  }

  @Override
  public void slackNorms(Rows A, Vector x, Vector b, Matrix inverseR, Vector s, Vector q) {
    int d = A.columns();
    forBlocks(
        partsFor((double) A.count() * d * d, A.count()),
        A.count(),
        productRows(d),
        (own, lane, first, count) -> {
          slack(own, A, first, count, x, b, s);
          DoublePointer a = memory(A).at(first * d);
          DoublePointer product = own.memory(0, (long) count * d).at(0);
          trmm(a, memory(inverseR).at(0), product, count, d);
          rowDots(own, product, product, count, d, values(q), (int) first);
        });
  }

  /** C = A R, A of {@code count} rows, R d x d, upper triangular with zeros below. */
  private void trmm(DoublePointer A, DoublePointer R, DoublePointer C, int count, int d) {
    if (triangleByPanels(d)) {
      for (int j = 0; j < d; j += PANEL) {
        int width = Math.min(PANEL, d - j);
        cblas_dgemm( // columns j ... need the rows of R up to their diagonal
            CblasRowMajor,
            CblasNoTrans,
            CblasNoTrans,
            count,
            width,
            j + width,
            1,
            A,
            d,
            R.position(j),
            d,
            0,
            C.position(j),
            d);
      }
      R.position(0);
      C.position(0);
      return;
    }
    Pointer.memcpy(C, A, 8L * count * d);
    cblas_dtrmm(
        CblasRowMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, count, d, 1, R, d, C, d);
  }

  /** C = A M, A of {@code count} rows, M d x d. */
  private static void gemm(DoublePointer A, DoublePointer M, DoublePointer C, int count, int d) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, count, d, d, 1, A, d, M, d, 0, C, d);
  }

  /** q_i = a_i . b_i for {@code count} rows; A and B may be the same. */
  private static void rowDots(
      Scratch own, DoublePointer A, DoublePointer B, int count, int d, double[] q, int first) {
    int most = stripRows(d);
    int size = most * d;
    boolean same = A == B;
    double[] strip = own.strip(2 * size);
    int shift = same ? 0 : size;
    long startA = A.position();
    long startB = B.position();
    for (int i = 0; i < count; i += most) {
      int rows = Math.min(most, count - i);
      A.position(startA + (long) i * d).get(strip, 0, rows * d);
      if (!same) {
        B.position(startB + (long) i * d).get(strip, size, rows * d);
      }
      for (int k = 0; k < rows; k++) {
        q[first + i + k] = dot(strip, k * d, shift, d);
      }
    }
    A.position(startA);
    B.position(startB);
  }

  /**
   * The dot product of d values from {@code start} on with those {@code shift} further, in four
   * partial sums.
   */
  static double dot(double[] v, int start, int shift, int d) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int j = start;
    int end = start + d;
    for (; j + 3 < end; j += 4) {
      s0 += v[j] * v[j + shift];
      s1 += v[j + 1] * v[j + 1 + shift];
      s2 += v[j + 2] * v[j + 2 + shift];
      s3 += v[j + 3] * v[j + 3 + shift];
    }
    for (; j < end; j++) {
      s0 += v[j] * v[j + shift];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public void timesMatrix(Rows A, Matrix M, Rows to) {
    int d = A.columns();
    forBlocks(
        partsFor(2.0 * A.count() * d * d, A.count()),
        A.count(),
        productRows(d),
        (own, lane, first, count) -> {
          DoublePointer product = own.memory(0, (long) count * d).at(0);
          gemm(memory(A).at(first * d), memory(M).at(0), product, count, d);
          Pointer.memcpy(memory(to).at(first * d), product, 8L * count * d);
        });
  }

  @Override
  public void timesTriangular(Rows A, Matrix R, Rows to) {
    int d = A.columns();
    forBlocks(
        partsFor((double) A.count() * d * d, A.count()),
        A.count(),
        productRows(d),
        (own, lane, first, count) -> {
          DoublePointer product = own.memory(0, (long) count * d).at(0);
          trmm(memory(A).at(first * d), memory(R).at(0), product, count, d);
          Pointer.memcpy(memory(to).at(first * d), product, 8L * count * d);
        });
  }

  /**
   * A lane stacks its R so far on a block of rows and factors the stack; row by row, that is the LQ
   * factorisation of its transpose, column by column.
   */
  @Override
  public void triangularFactor(Rows A, Vector w, Matrix R) {
    int d = A.columns();
    int most = Math.max(blockRows(d), 4 * d);
    int use = A.count() < 4L * d ? 1 : partsFor(2.0 * A.count() * d * d, A.count(), d);
    long size = (long) d * d;
    boolean[] begun = new boolean[use];
    forBlocks(
        use,
        A.count(),
        most,
        (own, lane, first, count) -> {
          DoublePointer stack = own.memory(0, size + (long) count * d).at(0);
          int above = 0; // rows of R in the stack: none yet, or as many as make it square
          if (begun[lane]) {
            Pointer.memcpy(stack, own.memory(2, size).at(0), 8 * size);
            above = d;
          } else if (count < d) {
            Pointer.memset(stack, 0, 8 * size);
            above = d;
          }
          begun[lane] = true;
          scaleRows(
              own,
              memory(A).at(first * d),
              stack.getPointer((long) above * d),
              count,
              d,
              values(w),
              (int) first);
          factorStack(own, stack, above + count, d);
        });
    for (int lane = 1; lane < use; lane++) { // R of the first lane, R of the next one below
      Scratch own = scratch[0];
      DoublePointer stack = own.memory(0, 2 * size).at(0);
      Pointer.memcpy(stack, own.memory(2, size).at(0), 8 * size);
      Pointer.memcpy(stack.getPointer(size), scratch[lane].memory(2, size).at(0), 8 * size);
      factorStack(own, stack, 2 * d, d);
    }
    Pointer.memcpy(memory(R).at(0), scratch[0].memory(2, size).at(0), 8 * size);
  }

  /** The R of a stack of rows, to the lane's own R. */
  private static void factorStack(Scratch own, DoublePointer stack, int rows, int d) {
    int work = 64 * d;
    DoublePointer tau = own.memory(3, d + (long) work).at(0);
    MatrixKernels.check(
        LAPACKE_dgelqf_work(LAPACK_COL_MAJOR, d, rows, stack, d, tau, own.memory(3, 0).at(d), work),
        "dgelqf");
    DoublePointer R = own.memory(2, (long) d * d).at(0);
    Pointer.memcpy(R, stack, 8L * d * d);
    MatrixKernels.clearLower(R, d);
  }

  @Override
  public void squaredRowNorms(Rows A, Vector q) {
    int d = A.columns();
    forBlocks(
        partsFor(8.0 * A.count() * d, A.count()),
        A.count(),
        blockRows(d),
        (own, lane, first, count) -> {
          DoublePointer a = memory(A).at(first * d);
          rowDots(own, a, a, count, d, values(q), (int) first);
        });
  }

  @Override
  public void appendColumn(Rows A, Vector c, Rows to) {
    int d = A.columns();
    int most = stripRows(d + 1);
    double[] strip = scratch[0].strip(most * (2 * d + 1));
    for (long first = 0; first < A.count(); first += most) {
      int count = (int) Math.min(most, A.count() - first);
      memory(A).at(first * d).get(strip, 0, count * d);
      for (int k = 0; k < count; k++) {
        System.arraycopy(strip, k * d, strip, most * d + k * (d + 1), d);
        strip[most * d + k * (d + 1) + d] = values(c)[(int) first + k];
      }
      memory(to).at(first * (d + 1)).put(strip, most * d, count * (d + 1));
    }
  }

  @Override
  public void axpy(double a, Rows A, Rows to) {
    int d = A.columns();
    forBlocks(
        partsFor(8.0 * A.count() * d, A.count()),
        A.count(),
        blockRows(d),
        (own, lane, first, count) ->
            cblas_daxpy(count * d, a, memory(A).at(first * d), 1, memory(to).at(first * d), 1));
  }

  @Override
  public void scaleRows(Vector factor, Rows A, Rows to) {
    int d = A.columns();
    forBlocks(
        partsFor(8.0 * A.count() * d, A.count()),
        A.count(),
        blockRows(d),
        (own, lane, first, count) ->
            scaleRows(
                own,
                memory(A).at(first * d),
                memory(to).at(first * d),
                count,
                d,
                values(factor),
                (int) first));
  }

  @Override
  public void addScaledRows(Vector factor, Rows A, Rows to) {
    int d = A.columns();
    int most = stripRows(d);
    double[] factors = values(factor);
    forBlocks(
        partsFor(8.0 * A.count() * d, A.count()),
        A.count(),
        most,
        (own, lane, first, count) -> {
          int size = count * d;
          double[] strip = own.strip(2 * most * d);
          memory(A).at(first * d).get(strip, 0, size);
          memory(to).at(first * d).get(strip, size, size);
          for (int k = 0; k < count; k++) {
            double f = factors[(int) first + k];
            int end = (k + 1) * d;
            for (int j = k * d; j < end; j++) {
              strip[size + j] += f * strip[j];
            }
          }
          memory(to).at(first * d).put(strip, size, size);
        });
  }

  @Override
  public void crossGram(Rows A, Rows B, Matrix C) {
    int d = A.columns();
    long size = (long) d * d;
    int use = partsFor(2.0 * A.count() * d * d, A.count(), d);
    for (int lane = 0; lane < use; lane++) {
      Pointer.memset(scratch[lane].memory(2, size).at(0), 0, 8 * size);
    }
    forBlocks(
        use,
        A.count(),
        productRows(d),
        (own, lane, first, count) ->
            cblas_dgemm( // C = C + A^T B
                CblasRowMajor,
                CblasTrans,
                CblasNoTrans,
                d,
                d,
                count,
                1, //
                memory(A).at(first * d),
                d,
                memory(B).at(first * d),
                d, //
                1,
                own.memory(2, size).at(0),
                d));
    sumParts(use, d, C);
  }

  @Override
  public void hadamardTimes(
      Rows U, Rows V, Rows S, Rows T, boolean withoutDiagonal, Rows X, Rows to) {
    int d = U.columns();
    int columns = X.columns();
    int s = (int) V.count();
    int mostRows = 256;
    int mostColumns = BLOCK / mostRows;
    boolean square = U == S && V == T;
    forBlocks(
        partsFor(2.0 * U.count() * s * (d + columns), U.count()),
        U.count(),
        mostRows,
        (own, lane, first, count) -> {
          DoublePointer P = own.memory(0, BLOCK).at(0);
          DoublePointer Q = square ? P : own.memory(1, BLOCK).at(0);
          for (int l = 0; l < s; l += mostColumns) {
            int width = Math.min(mostColumns, s - l);
            outer(memory(U).at(first * d), memory(V).at((long) l * d), P, count, width, d);
            if (!square) {
              outer(memory(S).at(first * d), memory(T).at((long) l * d), Q, count, width, d);
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
                memory(X).at((long) l * columns),
                columns,
                l == 0 ? 0 : 1, //
                memory(to).at(first * columns),
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
    double[] strip = own.strip(2 * STRIP);
    for (int i = 0; i < size; i += STRIP) {
      int length = Math.min(STRIP, size - i);
      P.position(i).get(strip, 0, length);
      Q.position(i).get(strip, STRIP, length);
      for (int k = 0; k < length; k++) {
        strip[k] *= strip[k + STRIP];
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
    lanes.close();
    single.free();
    idle.free();
    for (Scratch own : scratch) {
      own.free();
    }
  }
}
