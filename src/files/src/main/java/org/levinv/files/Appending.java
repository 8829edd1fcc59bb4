package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Writes a file from its beginning on. Closing it leaves the file open. */
final class Appending implements WritableByteChannel {
  private final SteadyFile file;
  private long position;

  Appending(SteadyFile file) {
    this.file = file;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int count = from.remaining();
    file.write(position, from);
    position += count;
    return count;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
