package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a .npy file of n numbers, each piece where it belongs. Every thread borrows a buffer, so
 * none waits for another.
 */
final class NpySink implements FileSink {
  private static final int BUFFER_NUMBERS = 1 << 15;

  private final Path target;
  private final SteadyFile file;
  private final long length;
  private final ByteBuffer header;
  private final int headerBytes;
  private final AtomicLong written = new AtomicLong();
  private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

  /**
   * @param target for messages
   * @param file to write, closed with this
   */
  NpySink(Path target, SteadyFile file, long length) {
    this.target = target;
    this.file = file;
    this.length = length;
    this.header = Npy.header(List.of(length));
    this.headerBytes = header.remaining();
  }

  /** Writes what comes before the numbers. */
  void begin() throws IOException {
    file.write(0, header);
  }

  @Override
  public void write(long first, int count, double[] values) throws IOException {
    Objects.checkFromIndexSize(first, count, length);
    ByteBuffer idleBuffer = idle.poll();
    ByteBuffer buffer =
        idleBuffer != null
            ? idleBuffer
            : ByteBuffer.allocateDirect(BUFFER_NUMBERS * Double.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
    try {
      for (int done = 0; done < count; done += BUFFER_NUMBERS) {
        int part = Math.min(BUFFER_NUMBERS, count - done);
        buffer.clear().asDoubleBuffer().put(values, done, part);
        file.write(headerBytes + (first + done) * Double.BYTES, buffer.limit(part * Double.BYTES));
      }
    } catch (IOException e) {
      throw new IOException(target + ": cannot be written: " + Reason.of(e), e);
    } finally {
      idle.push(buffer);
    }
    written.addAndGet(count);
  }

  /** Numbers that were written. */
  void read(long first, int count, double[] into) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.read(headerBytes + first * Double.BYTES, bytes);
    bytes.flip().asDoubleBuffer().get(into, 0, count);
  }

  @Override
  public void end() throws IOException {
    requireAll();
    file.force();
    file.close();
  }

  void requireAll() {
    if (written.get() < length) {
      throw new IllegalStateException(
          target + ": expected " + length + " entries before the commit, got " + written.get());
    }
  }

  @Override
  public boolean isFor(Path path) {
    return target.equals(path);
  }

  @Override
  public void close() {
    idle.clear();
    try {
      file.close();
    } catch (IOException e) {
      // it is deleted next
    }
  }
}
