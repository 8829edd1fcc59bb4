package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import jcuda.driver.CUevent;
import org.levinv.device.Inlet;

/**
 * Pinned memory that any thread fills and that goes to rows on the card in a stream of copies,
 * beside the kernels: those that were launched before see the rows that were there, those that
 * follow see the new ones.
 */
final class CudaInlet implements Inlet {
  private final CudaContext context;
  private final CudaTall to;
  private final long bytes;
  private final PinnedMemory memory;
  private final DoubleBuffer doubles;
  private final FloatBuffer floats;
  private final CUevent used;
  private final CUevent sent;
  private boolean isFree;

  CudaInlet(CudaContext context, CudaTall to) {
    this.context = context;
    this.to = to;
    bytes = to.count() * to.columns() * to.width();
    memory = PinnedMemory.allocate(bytes);
    context.own(this, this::free);
    doubles = to.width() == Double.BYTES ? memory.bytes.asDoubleBuffer() : null;
    floats = to.width() == Double.BYTES ? null : memory.bytes.asFloatBuffer();
    used = context.event();
    sent = context.event();
  }

  @Override
  public void put(double[] rows, int count, long first) {
    int at = Math.toIntExact(first * to.columns());
    int numbers = count * to.columns();
    if (doubles != null) {
      doubles.put(at, rows, 0, numbers);
      return;
    }
    for (int k = 0; k < numbers; k++) {
      floats.put(at + k, (float) rows[k]);
    }
  }

  /** After the kernels that were launched before, and before the first one that uses the rows. */
  void send() {
    cuEventRecord(used, context.stream);
    cuStreamWaitEvent(context.uploads, used, 0);
    cuMemcpyHtoDAsync(to.place(0), memory.pointer, bytes, context.uploads);
    cuEventRecord(sent, context.uploads);
    to.arrivesWith(sent);
  }

  void await() {
    cuEventSynchronize(sent);
  }

  @Override
  public void free() {
    if (!isFree) {
      isFree = true;
      context.disown(this);
      context.quietly(to::awaitArrival);
      context.freeAfterCopies(List.of(memory));
      context.free(used);
      context.free(sent);
    }
  }
}
