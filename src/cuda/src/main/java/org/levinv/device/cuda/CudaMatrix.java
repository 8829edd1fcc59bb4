package org.levinv.device.cuda;

import org.levinv.device.Matrix;

/** A small matrix on the card, row by row: for cuBLAS its transpose, column by column. */
final class CudaMatrix extends CudaMemory implements Matrix {
  private final int rows;
  private final int columns;

  CudaMatrix(CudaContext context, int rows, int columns) {
    super(context, (long) rows * columns);
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

  long size() {
    return (long) rows * columns;
  }
}
