package org.levinv.device.cuda;

import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import org.levinv.device.cuda.CudaContext.PinnedMemory;

/**
 * Rows in memory of the host, pinned where possible, in chunks: each holds a power of two of rows
 * and is no longer than a buffer of Java can be.
 */
final class HostRows {
  private static final long MOST_BYTES = 1L << 30;

  private final CudaContext context;
  private final int columns;
  private final long chunkRows;
  private final List<PinnedMemory> chunks = new ArrayList<>();
  private final List<DoubleBuffer> values = new ArrayList<>();

  /**
   * @param chunkBytes about the size of a chunk
   */
  HostRows(CudaContext context, long count, int columns, long chunkBytes) {
    this.context = context;
    this.columns = columns;
    long rowBytes = (long) columns * Double.BYTES;
    chunkRows = Long.highestOneBit(Math.max(1, Math.min(MOST_BYTES, chunkBytes) / rowBytes));
    try {
      for (long first = 0; first < count; first += chunkRows) {
        PinnedMemory chunk = PinnedMemory.allocate(Math.min(chunkRows, count - first) * rowBytes);
        chunks.add(chunk);
        values.add(chunk.bytes.asDoubleBuffer());
      }
    } catch (RuntimeException e) {
      free();
      throw e;
    }
  }

  /** Rows of a chunk; blocks of a power of two of rows, at most so many, lie in one chunk. */
  long chunkRows() {
    return chunkRows;
  }

  Pointer at(long row) {
    return chunks
        .get((int) (row / chunkRows))
        .pointer
        .withByteOffset(row % chunkRows * columns * Double.BYTES);
  }

  private int place(long row) {
    return (int) (row % chunkRows * columns);
  }

  private DoubleBuffer chunk(long row) {
    return values.get((int) (row / chunkRows));
  }

  void read(long first, int count, double[] to) {
    for (int k = 0; k < count; k++) {
      chunk(first + k).get(place(first + k), to, k * columns, columns);
    }
  }

  void write(double[] from, int count, long first) {
    for (int k = 0; k < count; k++) {
      chunk(first + k).put(place(first + k), from, k * columns, columns);
    }
  }

  void copyRow(long row, DoubleBuffer into, int at) {
    into.put(at, chunk(row), place(row), columns);
  }

  void free() {
    context.freeAfterCopies(chunks);
    chunks.clear();
    values.clear();
  }
}
