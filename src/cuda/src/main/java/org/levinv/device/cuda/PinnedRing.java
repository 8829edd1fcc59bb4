package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.util.List;
import jcuda.driver.CUevent;
import org.levinv.device.cuda.CudaContext.PinnedMemory;

/**
 * The way of Java arrays to the card and back: through two pinned buffers in turn, so that filling
 * one overlaps with the copy of the other. Pinned once, since pinning is slow.
 */
final class PinnedRing {
  private static final int BYTES = 1 << 22;

  private final CudaContext context;
  private final PinnedMemory[] buffers = new PinnedMemory[2];
  private final CUevent[] done = new CUevent[2];
  private int next;

  PinnedRing(CudaContext context) {
    this.context = context;
    for (int k = 0; k < buffers.length; k++) {
      PinnedMemory buffer = PinnedMemory.allocate(BYTES);
      context.own(() -> context.freeAfterCopies(List.of(buffer)));
      buffers[k] = buffer;
      done[k] = context.event();
    }
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

  void upload(double[] from, int offset, int count, Address to) {
    uploadSteps(
        count,
        Double.BYTES,
        to,
        (buffer, first, length) ->
            buffer.bytes.asDoubleBuffer().put(0, from, offset + (int) first, length));
  }

  void upload(int[] from, Address to) {
    uploadSteps(
        from.length,
        Integer.BYTES,
        to,
        (buffer, first, length) -> buffer.bytes.asIntBuffer().put(0, from, (int) first, length));
  }

  /** Numbers from wherever they are, {@code width} of them at a time. */
  void upload(long pieces, int width, Address to, Piece source) {
    int most = Math.max(1, BYTES / Double.BYTES / width);
    for (long first = 0; first < pieces; first += most) {
      int count = (int) Math.min(most, pieces - first);
      PinnedMemory buffer = take();
      java.nio.DoubleBuffer into = buffer.bytes.asDoubleBuffer();
      for (int k = 0; k < count; k++) {
        source.copy(first + k, into, k * width);
      }
      cuMemcpyHtoDAsync(
          to.plus(first * width),
          buffer.pointer,
          (long) count * width * Double.BYTES,
          context.stream);
      cuEventRecord(done[next], context.stream);
    }
  }

  /** Puts piece {@code k} at a place of a buffer. */
  @FunctionalInterface
  interface Piece {
    void copy(long k, java.nio.DoubleBuffer into, int at);
  }

  void download(Address from, double[] to, int offset, int count) {
    int most = BYTES / Double.BYTES;
    for (int first = 0; first < count; first += most) {
      int length = Math.min(most, count - first);
      PinnedMemory buffer = take();
      cuMemcpyDtoHAsync(
          buffer.pointer, from.plus(first), (long) length * Double.BYTES, context.stream);
      cuStreamSynchronize(context.stream);
      buffer.bytes.asDoubleBuffer().get(0, to, offset + first, length);
    }
  }
}
