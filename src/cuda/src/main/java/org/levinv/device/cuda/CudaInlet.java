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
import org.levinv.device.cuda.CudaContext.PinnedMemory;

/**
 * Pinned memory that any thread fills and that goes to rows on the card in a stream of copies,
 * beside the kernels: those that were launched before see the rows that were there, those that
 * follow see the new ones.
 */
final class CudaInlet implements Inlet {
  private final CudaContext context;
  private final Address to;
  private final int columns;
  private final long bytes;
  private final PinnedMemory memory;
  private final DoubleBuffer doubles;
  private final FloatBuffer floats;
  private final CUevent used;
  private final CUevent sent;
  private boolean isFree;

  CudaInlet(CudaContext context, CudaRows to) {
    this(context, to.row(0), to.count(), to.columns(), Double.BYTES);
  }

  CudaInlet(CudaContext context, CudaSingleRows to) {
    this(context, to.row(0), to.count(), to.columns(), Float.BYTES);
  }

  private CudaInlet(CudaContext context, Address to, long count, int columns, int width) {
    this.context = context;
    this.to = to;
    this.columns = columns;
    bytes = count * columns * width;
    memory = PinnedMemory.allocate(bytes);
    context.own(this, this::free);
    doubles = width == Double.BYTES ? memory.bytes.asDoubleBuffer() : null;
    floats = width == Double.BYTES ? null : memory.bytes.asFloatBuffer();
    used = context.event();
    sent = context.event();
  }

  @Override
  public void put(double[] rows, int count, long first) {
    int at = Math.toIntExact(first * columns);
    int numbers = count * columns;
    if (doubles != null) {
      doubles.put(at, rows, 0, numbers);
      return;
    }
    for (int k = 0; k < numbers; k++) {
      floats.put(at + k, (float) rows[k]);
    }
  }

  void send() {
    cuEventRecord(used, context.stream);
    cuStreamWaitEvent(context.copies, used, 0);
    cuMemcpyHtoDAsync(to, memory.pointer, bytes, context.copies);
    cuEventRecord(sent, context.copies);
    cuStreamWaitEvent(context.stream, sent, 0);
  }

  void await() {
    cuEventSynchronize(sent);
  }

  @Override
  public void free() {
    if (!isFree) {
      isFree = true;
      context.disown(this);
      context.freeAfterCopies(List.of(memory));
      context.free(used);
      context.free(sent);
    }
  }
}
