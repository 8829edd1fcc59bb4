package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Numbers that lie one after the other. Each reading thread borrows a buffer for the time of a
 * read, so there are as many buffers as there were ever readers at once, and no thread waits for
 * another.
 */
final class Items implements AutoCloseable {
  /** Bytes of a buffer: what a call of the system costs is small beside what it copies. */
  private static final int BUFFER_BYTES = 1 << 20;

  private final Bytes bytes;
  private final long offset;
  private final ItemType type;
  private final int most;
  private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

  /**
   * @param offset where the first number begins, in bytes
   * @param count all numbers
   */
  Items(Bytes bytes, long offset, ItemType type, long count) {
    this.bytes = bytes;
    this.offset = offset;
    this.type = type;
    this.most = (int) Math.min(BUFFER_BYTES / type.size(), count);
  }

  /** How they are stored. */
  ItemType type() {
    return type;
  }

  /** Numbers that lie together. */
  void read(long item, int count, double[] into, int at) throws IOException {
    ByteBuffer idleBuffer = idle.poll();
    ByteBuffer buffer =
        idleBuffer == null ? ByteBuffer.allocateDirect(most * type.size()) : idleBuffer;
    try {
      for (int done = 0; done < count; done += most) {
        int part = Math.min(most, count - done);
        read(item + done, buffer.clear().limit(part * type.size()));
        type.decode(buffer, 0, part, into, at + done);
      }
    } finally {
      idle.push(buffer);
    }
  }

  /** Fills what remains of a buffer with numbers as they are stored. */
  void read(long item, ByteBuffer into) throws IOException {
    bytes.read(offset + item * type.size(), into);
  }

  /** Looks whether the numbers are still those that were opened. */
  void checkUnchanged() throws IOException {
    bytes.checkUnchanged();
  }

  @Override
  public void close() throws IOException {
    idle.clear();
    bytes.close();
  }
}
