package org.levinv.device.cpu;

import org.levinv.device.Matrix;

/** A small matrix, row by row. */
final class CpuMatrix extends Memory implements Matrix {
  private final int rows;
  private final int columns;

  CpuMatrix(int rows, int columns) {
    super((long) rows * columns, "a " + rows + " x " + columns + " matrix");
    this.rows = rows;
    this.columns = columns;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }
}
