package org.levinv.device.cuda;

import org.levinv.device.Buffer;
import org.levinv.device.cuda.CudaContext.PinnedMemory;
import org.levinv.device.cuda.CudaContext.Shortage;

/** Numbers that the card reaches: on the card, or on the host where the card is full. */
class CudaMemory implements Buffer {
  private final CudaContext context;
  private final long bytes;
  private Address start;
  private PinnedMemory host;

  CudaMemory(CudaContext context, long doubles) {
    this(context, doubles, Shortage.SHRINK_OR_HOST);
  }

  CudaMemory(CudaContext context, long doubles, Shortage shortage) {
    this.context = context;
    bytes = Math.multiplyExact(Double.BYTES, Math.max(1, doubles));
    start = context.allocate(bytes, this, shortage);
  }

  /** Called while it is allocated. */
  final void onHost(PinnedMemory memory) {
    host = memory;
  }

  /** Entry {@code index}. */
  final Address at(long index) {
    if (start == null) {
      throw new IllegalStateException("this memory has been freed");
    }
    return start.plus(index);
  }

  @Override
  public void free() {
    if (start != null) {
      Address freed = start;
      start = null;
      context.free(freed, bytes, host, this);
    }
  }
}
