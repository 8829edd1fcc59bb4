package org.levinv.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.DoubleConsumer;

/** Some bytes from the first to the last. */
final class BytesStream extends InputStream {
  private final Bytes bytes;
  private final long start;
  private final long end;
  private final DoubleConsumer progress;
  private long at;

  /**
   * @param progress hears what share of them was read
   */
  BytesStream(Bytes bytes, long start, long length, DoubleConsumer progress) {
    this.bytes = bytes;
    this.start = start;
    this.at = start;
    this.end = start + length;
    this.progress = progress;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (at == end) {
      return -1;
    }
    int part = (int) Math.min(length, end - at);
    bytes.read(at, ByteBuffer.wrap(into, from, part));
    at += part;
    progress.accept((double) (at - start) / (end - start));
    return part;
  }

  /** GZIPInputStream asks, to find out whether another member follows. */
  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, end - at);
  }
}
