package org.levinv.device.cuda;

/** Runs work on blocks of rows, so that what it needs beside them stays small. */
final class RowBlocks {

  /** As many rows as one call can take. */
  static final int ALL = 1 << 30;

  /** What is done with {@code count} rows from {@code first} on, found at {@code at}. */
  @FunctionalInterface
  interface Work {
    void run(long first, int count, Address[] at);
  }

  private final long blockBytes;

  /**
   * @param blockBytes about the size of a block
   */
  RowBlocks(long blockBytes) {
    this.blockBytes = blockBytes;
  }

  /** Rows of a block: a power of two. */
  int rowsOf(int columns) {
    long rows = Math.max(32, blockBytes / Double.BYTES / columns);
    return (int) Long.highestOneBit(Math.min(rows, ALL));
  }

  /** All rows at once, as far as one call can take them. */
  void whole(Work work, CudaRows... operands) {
    run(ALL, work, operands);
  }

  /**
   * @param most rows of a block, a power of two
   */
  void run(int most, Work work, CudaRows... operands) {
    long n = operands[0].count();
    Address[] at = new Address[operands.length];
    for (long first = 0; first < n; first += most) {
      for (int o = 0; o < operands.length; o++) {
        at[o] = operands[o].row(first);
      }
      work.run(first, (int) Math.min(most, n - first), at);
    }
  }
}
