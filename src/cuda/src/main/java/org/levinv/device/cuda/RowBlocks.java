package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import jcuda.driver.CUevent;
import org.levinv.device.cuda.Scratch.Use;

/**
 * Runs work on blocks of rows, wherever the rows are. Rows on the host pass through two buffers on
 * the card: while one block is worked on, the next one comes and the last one goes on a second
 * stream.
 */
final class RowBlocks {

  /** As many rows as one call can take. */
  static final int ALL = 1 << 30;

  /** What is done with {@code count} rows from {@code first} on, found at {@code at}. */
  @FunctionalInterface
  interface Work {
    void run(long first, int count, Address[] at);
  }

  /** Rows that some work reads, writes, or both. */
  record Operand(CudaRows rows, boolean read, boolean write) {
    static Operand read(CudaRows rows) {
      return new Operand(rows, true, false);
    }

    static Operand write(CudaRows rows) {
      return new Operand(rows, false, true);
    }

    static Operand update(CudaRows rows) {
      return new Operand(rows, true, true);
    }
  }

  private final CudaContext context;
  private final Scratch scratch;
  private final long blockBytes;
  private final CUevent[] ready = new CUevent[2];
  private final CUevent[] done = new CUevent[2];

  /**
   * @param blockBytes about the size of a block in a buffer
   */
  RowBlocks(CudaContext context, Scratch scratch, long blockBytes) {
    this.context = context;
    this.scratch = scratch;
    this.blockBytes = blockBytes;
    for (int k = 0; k < 2; k++) {
      ready[k] = context.event();
      done[k] = context.event();
    }
  }

  /** Rows of a block: a power of two. */
  int rowsOf(int columns) {
    long rows = Math.max(32, blockBytes / Double.BYTES / columns);
    return (int) Long.highestOneBit(Math.min(rows, ALL));
  }

  /** All rows at once where they are on the card, as far as one call can take them. */
  void whole(Work work, Operand... operands) {
    run(ALL, work, operands);
  }

  /**
   * @param most rows of a block, a power of two
   */
  void run(int most, Work work, Operand... operands) {
    long n = operands[0].rows.count();
    long rows = most;
    boolean streamed = false;
    for (Operand operand : operands) {
      if (operand.rows.isStreamed()) {
        streamed = true;
        rows = Math.min(rows, rowsOf(operand.rows.columns()));
        rows = Math.min(rows, operand.rows.host().chunkRows());
      }
    }
    rows = Math.min(rows, Math.max(1, Long.highestOneBit(2 * n - 1))); // buffers no longer than n
    Address[] at = new Address[operands.length];
    if (streamed) {
      load(0, rows, operands);
    }
    long blocks = (n + rows - 1) / rows;
    for (long k = 0; k < blocks; k++) {
      long first = k * rows;
      if (streamed && k + 1 < blocks) {
        load(k + 1, rows, operands);
      }
      for (int o = 0; o < operands.length; o++) {
        CudaRows own = operands[o].rows;
        at[o] = own.isStreamed() ? buffer(o, k, rows, operands[o]) : own.at(first);
      }
      if (streamed) {
        cuStreamWaitEvent(context.stream, ready[(int) (k % 2)], 0);
      }
      work.run(first, (int) Math.min(rows, n - first), at);
      if (streamed) {
        cuEventRecord(done[(int) (k % 2)], context.stream);
        store(k, rows, operands);
      }
    }
    if (streamed) { // what comes next may use the buffers for other rows
      cuEventRecord(ready[0], context.copies);
      cuStreamWaitEvent(context.stream, ready[0], 0);
    }
  }

  private Address buffer(int operand, long block, long rows, Operand of) {
    return scratch.get(Use.stream(operand, (int) (block % 2)), rows * of.rows.columns());
  }

  /** A block may come once the work on the one before the last is done, whose buffer it takes. */
  private void load(long block, long rows, Operand[] operands) {
    int k = (int) (block % 2);
    for (int o = 0; o < operands.length; o++) {
      if (operands[o].rows.isStreamed()) {
        buffer(o, block, rows, operands[o]); // it may grow now, while nothing uses it
      }
    }
    if (block < 2) { // work of earlier calls may still use the buffers
      cuEventRecord(done[k], context.stream);
    }
    cuStreamWaitEvent(context.copies, done[k], 0);
    for (int o = 0; o < operands.length; o++) {
      CudaRows rowsOf = operands[o].rows;
      if (rowsOf.isStreamed() && operands[o].read) {
        long first = block * rows;
        cuMemcpyHtoDAsync(
            buffer(o, block, rows, operands[o]),
            rowsOf.host().at(first),
            bytes(rowsOf, first, rows),
            context.copies);
      }
    }
    cuEventRecord(ready[k], context.copies);
  }

  private void store(long block, long rows, Operand[] operands) {
    boolean waited = false;
    for (int o = 0; o < operands.length; o++) {
      CudaRows rowsOf = operands[o].rows;
      if (rowsOf.isStreamed() && operands[o].write) {
        if (!waited) {
          cuStreamWaitEvent(context.copies, done[(int) (block % 2)], 0);
          waited = true;
        }
        long first = block * rows;
        cuMemcpyDtoHAsync(
            rowsOf.host().at(first),
            buffer(o, block, rows, operands[o]),
            bytes(rowsOf, first, rows),
            context.copies);
      }
    }
  }

  private static long bytes(CudaRows rows, long first, long most) {
    return Math.min(most, rows.count() - first) * rows.columns() * Double.BYTES;
  }

  /** Some rows on the card: where they are, or copied to {@code use}. */
  Address window(CudaRows rows, long first, int count, Use use) {
    if (!rows.isStreamed()) {
      return rows.at(first);
    }
    int columns = rows.columns();
    Address to = scratch.get(use, (long) count * columns);
    HostRows host = rows.host();
    for (long from = first; from < first + count; ) {
      long end = Math.min(first + count, (from / host.chunkRows() + 1) * host.chunkRows());
      cuMemcpyHtoDAsync(
          to.plus((from - first) * columns),
          host.at(from),
          (end - from) * columns * Double.BYTES,
          context.stream);
      from = end;
    }
    return to;
  }
}
