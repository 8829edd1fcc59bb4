package org.levinv.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Some bytes from the first to the last. */
final class BytesStream extends InputStream {
  private final Bytes bytes;
  private final long end;
  private long at;

  BytesStream(Bytes bytes, long start, long length) {
    this.bytes = bytes;
    this.at = start;
    this.end = start + length;
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
    return part;
  }

  /** GZIPInputStream asks, to find out whether another member follows. */
  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, end - at);
  }
}
