package org.levinv.device.cpu;

import org.levinv.device.Rows;

/** A tall matrix, row by row. */
final class CpuRows extends Memory implements Rows {
  private final long count;
  private final int columns;

  CpuRows(long count, int columns, Idle idle) {
    super(Math.multiplyExact(count, columns), "a " + count + " x " + columns + " matrix", idle);
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
