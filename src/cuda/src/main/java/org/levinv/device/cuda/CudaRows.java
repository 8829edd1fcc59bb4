package org.levinv.device.cuda;

import org.levinv.device.Rows;

/** A tall matrix on the card. */
final class CudaRows extends CudaMemory implements Rows {
  private final long count;
  private final int columns;

  CudaRows(CudaContext context, long count, int columns) {
    super(context, Math.multiplyExact(count, columns));
    this.count = count;
    this.columns = columns;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public int columns() {
    return columns;
  }

  /** Row {@code first}. */
  Address row(long first) {
    return at(first * columns);
  }
}
