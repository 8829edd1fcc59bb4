package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jcuda.driver.CUevent;
import org.levinv.device.DeviceException;
import org.levinv.device.cuda.Scratch.Use;

/**
 * A^T diag(u) A over blocks of rows. Which way is the fastest depends on the card, on cuBLAS and on
 * the shape: large problems measure all of them once, and the choice is kept on disk, since each
 * way rounds differently and later runs are to give the same bits. Smaller problems and users
 * without a cache folder take a fixed table.
 */
final class GramProducts {

  /** The ways, in the order in which they are tried. */
  enum Way {
    /** A kernel of our own, in one pass over A; for few columns. */
    FUSED,
    /** Dgemm on many short pieces of the block at once, and an ordered sum. */
    BATCHED,
    /** Dsyrkx, or Dsyrk of squares: half the operations. */
    SYRKX,
    /** Dgemm. */
    GEMM
  }

  /** n d^2 from which the ways are measured; a number, or Infinity for never. */
  static final String TUNE_FROM = "levinv.cuda.tune-from";

  private static final String TUNE_FROM_DEFAULT = "1e10";

  /** The fused kernels take up to so many columns. */
  static final int FEW_COLUMNS = 64;

  /**
   * Up to so many columns a product over many rows leaves most of the card idle unless the rows are
   * split; more columns fill it.
   */
  static final int SPLIT_COLUMNS = 512;

  /**
   * A way must be faster than that of the table by this factor to replace it, and its slowest
   * measurement faster than the fastest of the table's: others may be at work on the card.
   */
  private static final double CLEARLY = 0.95;

  /** Measurements of a way: the least counts, and their spread says how far to trust it. */
  private static final int MEASUREMENTS = 5;

  /**
   * Calls of a measurement, between two events of the card: the host's launches (some 10 us) are
   * then no part of it.
   */
  private static final int CALLS = 4;

  /**
   * Parts of the fused kernels at most, whatever the card, for the same bits: six rounds or more of
   * its multiprocessors (108 to 170), so that the last round leaves few idle. More parts are more
   * to add: at d = 64 they are 32 MiB.
   */
  private static final int FUSED_PARTS = 1024;

  /**
   * Rows of a part at least: two tiles of 32, or as many as the 8 warps of a block take at once.
   */
  private static final int FUSED_ROWS = 64;

  private final CudaContext context;
  private final Scratch scratch;
  private final CudaKernels kernels;
  private final CudaLibraries libraries;
  private final RowBlocks blocks;
  private final DiskCache cache;
  private final long blockBytes;
  private final double tuneFrom;
  private final Map<String, Way> chosen = new HashMap<>();

  GramProducts(
      CudaContext context,
      Scratch scratch,
      CudaKernels kernels,
      CudaLibraries libraries,
      RowBlocks blocks,
      long blockBytes,
      DiskCache cache) {
    this.context = context;
    this.scratch = scratch;
    this.kernels = kernels;
    this.libraries = libraries;
    this.blocks = blocks;
    this.blockBytes = blockBytes;
    this.cache = cache;
    tuneFrom = tuneFrom();
  }

  private static double tuneFrom() {
    String value = System.getProperty(TUNE_FROM, TUNE_FROM_DEFAULT);
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new DeviceException(
          "cuda: property " + TUNE_FROM + ": expected a number, got '" + value + "'", e);
    }
  }

  // ---- choice

  static Way fixed(int d) {
    return d <= FEW_COLUMNS ? Way.FUSED : d <= SPLIT_COLUMNS ? Way.BATCHED : Way.SYRKX;
  }

  /** Those that d columns allow: with as many that two parts of a sum fill a block, no parts. */
  List<Way> ways(int d) {
    return Arrays.stream(Way.values())
        .filter(way -> way != Way.FUSED || d <= FEW_COLUMNS)
        .filter(way -> way != Way.BATCHED || d <= SPLIT_COLUMNS || mostParts(d) > 1)
        .toList();
  }

  private long mostParts(int d) {
    return Math.max(1, blockBytes / Double.BYTES / ((long) d * d));
  }

  /**
   * The way for these rows, the same in every call and in every later run.
   *
   * @param G which is about to be written, and serves as the result of what is measured
   */
  Way way(CudaRows A, Address G) {
    int d = A.columns();
    if (!cache.isUsable() || (double) A.count() * d * d < tuneFrom) {
      return fixed(d);
    }
    String key = key(A);
    Way way = chosen.get(key);
    if (way == null) {
      way = remembered(key);
      if (way == null) {
        way = tuned(A, G, key);
      }
      chosen.put(key, way);
    }
    return way;
  }

  /** Changes with all that the choice depends on; n by its order of magnitude. */
  String key(CudaRows A) {
    return DiskCache.key(
        "weightedGram",
        context.cardName,
        String.valueOf(context.multiprocessors), // a slice of a card has its name
        CudaContext.driverVersion(),
        CudaLibraries.versions(),
        A.columns() <= FEW_COLUMNS ? kernels.fused("gram", A.columns()) : "",
        String.valueOf(A.columns()),
        String.valueOf((int) Math.log10(A.count())));
  }

  /**
   * The first line names the way; the others are what was measured, for those who wonder.
   *
   * @return null where there is none
   */
  private Way remembered(String key) {
    byte[] kept = cache.read(key);
    String name =
        kept == null ? "" : new String(kept, StandardCharsets.UTF_8).lines().findFirst().orElse("");
    return Arrays.stream(Way.values())
        .filter(way -> way.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** What counts is what is on disk in the end: another process may have been first. */
  private Way tuned(CudaRows A, Address G, String key) {
    Way fixed = fixed(A.columns());
    if (context.memory.freeBytes() < 4 * blockBytes) { // scratch for all ways is short
      return fixed;
    }
    Map<Way, Seconds> seconds = seconds(A, G);
    StringBuilder text = new StringBuilder(best(fixed, seconds).name());
    seconds.forEach((way, of) -> text.append(String.format(Locale.ROOT, "%n%s %s", way, of)));
    cache.writeOnce(key, text.toString().getBytes(StandardCharsets.UTF_8));
    Way kept = remembered(key);
    return kept == null ? fixed : kept;
  }

  /** That of the table, or the fastest of those that are faster beyond doubt. */
  static Way best(Way fixed, Map<Way, Seconds> seconds) {
    Seconds bound = seconds.get(fixed);
    Way best = fixed;
    for (Map.Entry<Way, Seconds> other : seconds.entrySet()) {
      Seconds its = other.getValue();
      boolean isClear = its.least < CLEARLY * bound.least && its.most < bound.least;
      if (isClear && its.least < seconds.get(best).least) {
        best = other.getKey();
      }
    }
    return best;
  }

  /** Of a call, by the card's clock: the least and the most of some measurements. */
  record Seconds(double least, double most) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.3e to %.3e s", least, most);
    }
  }

  /** Rows that the ways are measured on. */
  int measuredRows(CudaRows A) {
    return (int) Math.min(A.count(), blocks.rowsOf(A.columns()));
  }

  /** Of each way on the first block of rows on the card. */
  Map<Way, Seconds> seconds(CudaRows A, Address G) {
    int d = A.columns();
    int count = measuredRows(A);
    Address u = scratch.get(Use.WEIGHTS, count);
    kernels.run("fill", count, (long) count, 1.0, u);
    Map<Way, Seconds> seconds = new EnumMap<>(Way.class);
    for (Way way : ways(d)) {
      seconds.put(way, seconds(() -> add(way, 0, count, d, A.row(0), u, G)));
    }
    return seconds;
  }

  private Seconds seconds(Runnable product) {
    CUevent begin = context.timedEvent();
    CUevent end = context.timedEvent();
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    product.run(); // allocates, loads, and raises clocks
    for (int m = 0; m < MEASUREMENTS; m++) {
      cuEventRecord(begin, context.stream);
      for (int call = 0; call < CALLS; call++) {
        product.run();
      }
      cuEventRecord(end, context.stream);
      cuEventSynchronize(end);
      float[] milliseconds = new float[1];
      cuEventElapsedTime(milliseconds, begin, end);
      double seconds = 1e-3 * milliseconds[0] / CALLS;
      least = Math.min(least, seconds);
      most = Math.max(most, seconds);
    }
    context.free(begin);
    context.free(end);
    return new Seconds(least, most);
  }

  /** Rows of a block for a way, as {@link RowBlocks#run} takes them. */
  int rowsOf(Way way, int d) {
    return way == Way.FUSED ? RowBlocks.ALL : blocks.rowsOf(d);
  }

  // ---- products

  /** G = A^T diag(u) A for a block of rows, plus G after the first block. */
  void add(Way way, long first, int count, int d, Address A, Address u, Address G) {
    if (way == Way.FUSED) {
      addFused(first, count, d, A, u, G);
      return;
    }
    addProduct(way, first, count, d, A, scaled(count, d, A, u), G); // A^T (diag(u) A)
  }

  /** G = A^T diag(w)^2 A likewise, not fused: one matrix is both factors, and is read once. */
  void addSquares(Way way, long first, int count, int d, Address A, Address w, Address G) {
    Address rows = scaled(count, d, A, w);
    addProduct(way, first, count, d, rows, rows, G); // (diag(w) A)^T (diag(w) A)
  }

  private Address scaled(int count, int d, Address A, Address factor) {
    Address rows = scratch.get(Use.SCALED_ROWS, (long) count * d);
    kernels.scaleRows(count, d, factor, A, false, rows);
    return rows;
  }

  private void addProduct(Way way, long first, int count, int d, Address A, Address B, Address G) {
    if (way == Way.BATCHED) {
      addSplit(first, count, d, A, B, G, true);
      return;
    }
    double add = first == 0 ? 0 : 1;
    if (way == Way.SYRKX) {
      libraries.symmetricProduct(count, d, A, B, add, G);
    } else {
      libraries.gemm(true, false, d, d, count, A, d, B, d, add, G);
    }
    kernels.run("mirror", (long) d * d, d, G);
  }

  private void addFused(long first, int count, int d, Address A, Address u, Address G) {
    int used = fusedParts(count);
    Address parts = scratch.get(Use.PARTS, (long) used * d * d);
    kernels.launch(kernels.fused("gram", d), used, 1, (long) count, d, A, u, parts);
    kernels.sum("sumGrams", (long) d * d, used, d, parts, first == 0 ? 0 : 1, G);
  }

  private static int fusedParts(int count) {
    return Math.max(1, Math.min(FUSED_PARTS, (count + FUSED_ROWS - 1) / FUSED_ROWS));
  }

  /** Whether slacks and their Gram matrix come from one reading of the rows. */
  boolean isOneReading(Way way) {
    return way == Way.FUSED && kernels.hasUnits();
  }

  /** s = A x - b and G = A^T diag(s)^-2 A for a block of rows, plus G after the first block. */
  void addSlackGram(
      long first, int count, int d, Address A, Address x, Address b, Address s, Address G) {
    int used = fusedParts(count);
    Address parts = scratch.get(Use.PARTS, (long) used * d * d);
    kernels.launch(kernels.fused("slackGram", d), used, 1, (long) count, d, A, b, x, s, parts);
    kernels.sum("sumGrams", (long) d * d, used, d, parts, first == 0 ? 0 : 1, G);
  }

  /** C = A^T B, plus C after the first block, as an ordered sum over parts of the rows. */
  void addSplit(long first, int count, int d, Address A, Address B, Address C, boolean symmetric) {
    long square = (long) d * d;
    int split = (int) Math.max(1, Math.min(Math.min(64, mostParts(d)), count / (2L * d)));
    int rows = count / split;
    int rest = count - split * rows;
    Address parts = scratch.get(Use.PARTS, (split + 1) * square);
    libraries.batchedCrossGrams(split, rows, d, A, B, parts);
    if (rest > 0) {
      long start = (long) split * rows * d;
      Address part = parts.plus(split * square);
      libraries.gemm(true, false, d, d, rest, A.plus(start), d, B.plus(start), d, 0, part);
    }
    int used = split + (rest > 0 ? 1 : 0);
    int add = first == 0 ? 0 : 1;
    if (symmetric) {
      kernels.sum("sumGrams", square, used, d, parts, add, C);
    } else {
      kernels.sum("sumParts", square, used, square, parts, add, C);
    }
  }
}
