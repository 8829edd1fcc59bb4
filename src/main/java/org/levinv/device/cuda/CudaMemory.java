package org.levinv.device.cuda;

import org.levinv.device.Buffer;
import org.levinv.device.cuda.CudaContext.PinnedMemory;
import org.levinv.device.cuda.CudaContext.Shortage;

/** Numbers that the card reaches: on the card, or on the host where the card is full. */
class CudaMemory implements Buffer {
  private final CudaContext context;
  private Address start;
  private PinnedMemory host;

  CudaMemory(CudaContext context, long doubles) {
    this(context, doubles, Shortage.SHRINK_OR_HOST);
  }

  CudaMemory(CudaContext context, long doubles, Shortage shortage) {
    this.context = context;
    start = context.allocate(Math.multiplyExact(8, Math.max(1, doubles)), this, shortage);
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
      context.free(freed, host, this);
    }
  }
}
