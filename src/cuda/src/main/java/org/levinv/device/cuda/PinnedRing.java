package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import java.nio.FloatBuffer;
import java.util.List;
import jcuda.driver.CUevent;

/**
 * The way of Java arrays to the card and back: through two pinned buffers in turn, so that filling
 * one overlaps with the copy of the other. Pinned once, since pinning is slow.
 */
final class PinnedRing {
  private static final int BYTES = 1 << 22;

  private final CudaContext context;
  private final PinnedMemory[] buffers = new PinnedMemory[2];
  private final CUevent[] done = new CUevent[2];

  /** What is downloaded. */
  private final CUevent ready;

  private int next;

  PinnedRing(CudaContext context) {
    this.context = context;
    for (int k = 0; k < buffers.length; k++) {
      PinnedMemory buffer = PinnedMemory.allocate(BYTES);
      context.own(() -> context.freeAfterCopies(List.of(buffer)));
      buffers[k] = buffer;
      done[k] = context.event();
    }
    ready = context.event();
  }

  /** What a step of a copy does with numbers {@code from ...} of an array and a buffer. */
  @FunctionalInterface
  private interface Step {
    void run(PinnedMemory buffer, long from, int count);
  }

  /** The next buffer once nothing uses it. */
  private PinnedMemory take() {
    next = 1 - next;
    cuEventSynchronize(done[next]);
    return buffers[next];
  }

  private void uploadSteps(long count, int width, Address to, Step fill) {
    int most = BYTES / width;
    for (long from = 0; from < count; from += most) {
      int length = (int) Math.min(most, count - from);
      PinnedMemory buffer = take();
      fill.run(buffer, from, length);
      long bytes = (long) length * width;
      cuMemcpyHtoDAsync(to.plus(from * width / 8), buffer.pointer, bytes, context.stream);
      cuEventRecord(done[next], context.stream);
    }
  }

  void upload(double[] from, int count, Address to) {
    uploadSteps(
        count,
        Double.BYTES,
        to,
        (buffer, first, length) -> buffer.bytes.asDoubleBuffer().put(0, from, (int) first, length));
  }

  void upload(int[] from, Address to) {
    uploadSteps(
        from.length,
        Integer.BYTES,
        to,
        (buffer, first, length) -> buffer.bytes.asIntBuffer().put(0, from, (int) first, length));
  }

  /** Numbers that are floats. */
  void uploadFloats(double[] from, int count, Address to) {
    uploadSteps(
        count,
        Float.BYTES,
        to,
        (buffer, first, length) -> {
          FloatBuffer into = buffer.bytes.asFloatBuffer();
          for (int k = 0; k < length; k++) {
            into.put(k, (float) from[(int) first + k]);
          }
        });
  }

  void download(Address from, double[] to, int count) {
    int most = BYTES / Double.BYTES;
    if (count > most) {
      downloadSteps(from, to, count, most);
      return;
    }
    PinnedMemory buffer = take(); // few numbers wait for nothing but the kernels
    cuMemcpyDtoHAsync(buffer.pointer, from, (long) count * Double.BYTES, context.stream);
    cuStreamSynchronize(context.stream);
    buffer.bytes.asDoubleBuffer().get(0, to, 0, count);
  }

  /** One buffer is emptied while the next one is filled, beside copies to the card. */
  private void downloadSteps(Address from, double[] to, int count, int most) {
    cuEventRecord(ready, context.stream);
    cuStreamWaitEvent(context.downloads, ready, 0);
    for (long first = 0; first < (long) count + most; first += most) {
      long before = first - most;
      int filled = next;
      if (first < count) {
        PinnedMemory buffer = take();
        long bytes = Double.BYTES * Math.min(most, count - first);
        cuMemcpyDtoHAsync(buffer.pointer, from.plus(first), bytes, context.downloads);
        cuEventRecord(done[next], context.downloads);
      }
      if (before >= 0) {
        cuEventSynchronize(done[filled]);
        int length = (int) Math.min(most, count - before);
        buffers[filled].bytes.asDoubleBuffer().get(0, to, (int) before, length);
      }
    }
  }
}
