package org.levinv.device.cuda;

import org.levinv.device.Rows;

/** A tall matrix on the card. */
final class CudaRows extends CudaTall implements Rows {
  CudaRows(CudaContext context, long count, int columns) {
    super(context, count, columns, Double.BYTES);
  }
}
