package org.levinv.device.cuda;

import org.levinv.device.SingleRows;

/** A tall matrix of floats on the card. */
final class CudaSingleRows extends CudaTall implements SingleRows {
  CudaSingleRows(CudaContext context, long count, int columns) {
    super(context, count, columns, Float.BYTES);
  }
}
