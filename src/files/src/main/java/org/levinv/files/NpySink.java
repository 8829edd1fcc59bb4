package org.levinv.files;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.levinv.VectorSink;

/** A .npy file of n numbers, each piece written where it belongs. */
final class NpySink implements VectorSink, AutoCloseable {
  private final Path target;
  private final FileChannel file;
  private final long length;
  private final long headerBytes;
  private long written;

  /**
   * @param target for messages
   * @param path of the new file
   */
  NpySink(Path target, Path path, long length) throws IOException {
    this.target = target;
    this.length = length;
    ByteBuffer header = Npy.header(List.of(length));
    headerBytes = header.remaining();
    file = FileChannel.open(path, CREATE_NEW, WRITE);
    write(header, 0);
  }

  @Override
  public void write(long first, int count, double[] values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values, 0, count);
    write(bytes, headerBytes + first * Double.BYTES);
    synchronized (this) {
      written += count;
    }
  }

  private void write(ByteBuffer bytes, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
  }

  /** After the last piece. */
  void end() {
    if (written < length) {
      throw new IllegalStateException(
          target + ": expected " + length + " entries before the commit, got " + written);
    }
    try {
      file.force(true);
      file.close();
    } catch (IOException e) {
      throw ResultFiles.failure(target, e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      // it is deleted next
    }
  }
}
