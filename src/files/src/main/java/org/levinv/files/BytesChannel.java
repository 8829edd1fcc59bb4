package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** Bytes for a library that wants a channel. Closing it leaves them open. */
final class BytesChannel implements SeekableByteChannel {
  private final Bytes bytes;
  private final long size;
  private long position;
  private boolean open = true;

  BytesChannel(Bytes bytes) throws IOException {
    this.bytes = bytes;
    this.size = bytes.size();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (position >= size) {
      return -1;
    }
    int part = (int) Math.min(into.remaining(), size - position);
    int limit = into.limit();
    bytes.read(position, into.limit(into.position() + part));
    into.limit(limit);
    position += part;
    return part;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long newPosition) {
    position = newPosition;
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int write(ByteBuffer from) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long newSize) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
