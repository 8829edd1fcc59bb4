package org.levinv.device.cuda;

import org.levinv.device.Vector;

/** A vector on the card. */
final class CudaVector extends CudaMemory implements Vector {
  private final long length;

  CudaVector(CudaContext context, long length) {
    super(context, length);
    this.length = length;
  }

  @Override
  public long length() {
    return length;
  }
}
