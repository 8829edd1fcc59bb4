package org.levinv.device.cuda;

import org.levinv.device.SingleRows;

/** A tall matrix of floats on the card. */
final class CudaSingleRows extends CudaMemory implements SingleRows {
  private final long count;
  private final int columns;

  CudaSingleRows(CudaContext context, long count, int columns) {
    super(context, (Math.multiplyExact(count, columns) + 1) / 2); // in doubles
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
    return at(0).plusFloats(first * columns);
  }
}
