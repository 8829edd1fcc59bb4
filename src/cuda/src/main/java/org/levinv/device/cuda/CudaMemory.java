package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import jcuda.driver.CUevent;
import org.levinv.device.Buffer;

/** Numbers that the card reaches: on the card, or on the host where the card is full. */
class CudaMemory implements Buffer {
  private final CudaContext context;
  private final long bytes;
  private final boolean isScratch;
  private Address start;
  private PinnedMemory host;

  /** Of a copy that is on its way here, beside the kernels; or null. */
  private CUevent arrival;

  private long usedIn;

  /** A buffer. */
  CudaMemory(CudaContext context, long doubles) {
    this(context, doubles, false);
  }

  /**
   * @param isScratch for sums and workspaces: never on the host
   */
  CudaMemory(CudaContext context, long doubles, boolean isScratch) {
    this.context = context;
    this.isScratch = isScratch;
    bytes = Math.multiplyExact(Double.BYTES, Math.max(1, doubles));
    usedIn = context.memory.call();
    start = context.memory.allocate(this);
  }

  final long bytes() {
    return bytes;
  }

  final boolean isScratch() {
    return isScratch;
  }

  final boolean isOnHost() {
    return host != null;
  }

  /** The call of the device that used it last. */
  final long usedIn() {
    return usedIn;
  }

  /** While it is allocated, or moved. */
  final void onHost(PinnedMemory memory) {
    host = memory;
  }

  final void moveTo(Address at) {
    start = at;
  }

  /**
   * Entry {@code index}, for work in the stream of the kernels: what is on its way is there then.
   */
  final Address at(long index) {
    awaitArrival();
    return place(index);
  }

  /** Likewise, for what brings it here. */
  final Address place(long index) {
    if (start == null) {
      throw new IllegalStateException("this memory has been freed");
    }
    usedIn = context.memory.call();
    return start.plus(index);
  }

  /** Kernels that use it from now on run after {@code sent}. */
  final void arrivesWith(CUevent sent) {
    arrival = sent;
  }

  /** Kernels from now on run after what is on its way. */
  final void awaitArrival() {
    if (arrival != null && !context.isClosing()) {
      CUevent sent = arrival;
      arrival = null;
      cuStreamWaitEvent(context.stream, sent, 0);
    }
  }

  @Override
  public void free() {
    if (start != null) {
      Address freed = start;
      start = null;
      context.quietly(this::awaitArrival); // or the next owner would get what comes late
      context.memory.free(freed, host, this);
    }
  }
}
