package org.levinv.device.cpu;

import java.util.Arrays;

/** Rows in blocks that stay in the caches, shared among the lanes. */
final class RowBlocks {

  /**
   * A block of rows has about this many doubles (1 MiB): it stays in a core's cache from one call
   * to the next.
   */
  static final int BLOCK = 1 << 17;

  /**
   * Rows pass through Java in strips of about this many doubles (16 KiB), which stay in the
   * first-level cache.
   */
  static final int STRIP = 1 << 11;

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

  final Lanes lanes;
  final Scratch[] scratch;

  private RowBlocks(Lanes lanes, int parts) {
    this.lanes = lanes;
    scratch = new Scratch[parts];
    Arrays.setAll(scratch, k -> new Scratch());
  }

  /** On {@code threads} threads. */
  static RowBlocks on(int threads) {
    return new RowBlocks(new Lanes(threads), PARTS);
  }

  /** One thread, one part. */
  static RowBlocks ofMember() {
    return new RowBlocks(new Lanes(1), 1);
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

  static int stripRows(int columns) {
    return Math.max(1, STRIP / columns);
  }

  /** Parts of work on {@code rows} rows: at most one for each, and for {@link #PART_FLOPS}. */
  int partsFor(double flops, long rows) {
    return (int) Math.max(1, Math.min(Math.min(scratch.length, flops / PART_FLOPS), rows));
  }

  /** Likewise where each part has a d x d sum of its own: parts of d/2 rows at least. */
  int partsFor(double flops, long rows, int d) {
    return partsFor(flops, Math.max(1, 2 * rows / d));
  }

  /** Parts of the reading of {@code rows} rows of d columns. */
  int partsForReading(long rows, int d) {
    return partsFor(READ_FLOPS * rows * d, rows);
  }

  /** Lanes that share d x d sums. */
  int sharing() {
    return Math.min(lanes.count(), scratch.length);
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

  /** Lanes for {@code operations} of the host on {@code count} numbers. */
  int lanesFor(double operations, int count) {
    return HOST_FLOPS * operations < PART_FLOPS ? 1 : Math.min(lanes.count(), count);
  }

  void close() {
    lanes.close();
    for (Scratch own : scratch) {
      own.free();
    }
  }
}
