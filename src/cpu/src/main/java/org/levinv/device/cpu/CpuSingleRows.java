package org.levinv.device.cpu;

import org.levinv.device.SingleRows;

/** A tall matrix of floats, row by row. */
final class CpuSingleRows extends Memory implements SingleRows {
  private final long count;
  private final int columns;

  CpuSingleRows(long count, int columns) {
    super(
        (Math.multiplyExact(count, columns) + 1) / 2,
        "a " + count + " x " + columns + " matrix of floats");
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
}
