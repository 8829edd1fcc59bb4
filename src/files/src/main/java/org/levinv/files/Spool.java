package org.levinv.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What was decoded from a file that cannot be read in place: text, compressed members, chunks. It
 * is decoded once and read as often as needed: from memory off the heap while it is small, and from
 * a temporary file once it is not. Written by one thread; read by several afterwards.
 */
final class Spool implements Bytes {
  /**
   * Bytes that stay in memory. More saves the temporary file for larger inputs, and is taken from
   * what the rows need; the vectors of a problem with a million rows fit.
   */
  static final long MOST_IN_MEMORY = 1 << 26;

  private static final int CHUNK_BYTES = 1 << 20;

  private final List<ByteBuffer> chunks = new ArrayList<>();
  private final long mostInMemory;
  private long size;
  private Path path;
  private SteadyFile file;

  Spool() {
    this(MOST_IN_MEMORY);
  }

  Spool(long mostInMemory) {
    this.mostInMemory = mostInMemory;
  }

  /** All that a stream has, or a little more than the most it should have. */
  static Spool of(InputStream in, long most) throws IOException {
    Spool spool = new Spool();
    try {
      byte[] bytes = new byte[1 << 16];
      for (int got = 0; got >= 0 && spool.size <= most; got = in.read(bytes)) {
        spool.append(ByteBuffer.wrap(bytes, 0, got));
      }
      return spool;
    } catch (IOException | RuntimeException | Error e) {
      spool.close();
      throw e;
    }
  }

  @Override
  public long size() {
    return size;
  }

  /** Adds what remains of a buffer at the end. */
  void append(ByteBuffer from) {
    long position = size;
    grow(size + from.remaining());
    write(position, from);
  }

  /** Makes room; what was not written is zero. */
  void grow(long newSize) {
    long before = size;
    size = newSize;
    if (file == null && newSize > mostInMemory) {
      moveToFile(before);
    }
    while (file == null && (long) chunks.size() * CHUNK_BYTES < newSize) {
      try {
        chunks.add(ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN));
      } catch (OutOfMemoryError e) { // the disk has what the memory does not
        moveToFile(before);
      }
    }
    if (file != null && newSize > before) {
      writeFile(newSize - 1, ByteBuffer.allocate(1));
    }
  }

  /** Adds to a little-endian double. */
  void add(long position, double value) throws IOException {
    ByteBuffer item = ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    read(position, item);
    item.putDouble(0, item.getDouble(0) + value);
    write(position, item.flip());
  }

  @Override
  public void read(long position, ByteBuffer into) throws IOException {
    if (position + into.remaining() > size) {
      throw new EOFException("the decoded numbers end at byte " + size);
    }
    if (file != null) {
      file.read(position, into);
      return;
    }
    for (long at = position; into.hasRemaining(); ) {
      int within = (int) (at % CHUNK_BYTES);
      int part = Math.min(into.remaining(), CHUNK_BYTES - within);
      into.put(into.position(), chunks.get((int) (at / CHUNK_BYTES)), within, part);
      into.position(into.position() + part);
      at += part;
    }
  }

  private void write(long position, ByteBuffer from) {
    if (file != null) {
      writeFile(position, from);
      return;
    }
    for (long at = position; from.hasRemaining(); ) {
      int within = (int) (at % CHUNK_BYTES);
      int part = Math.min(from.remaining(), CHUNK_BYTES - within);
      chunks.get((int) (at / CHUNK_BYTES)).put(within, from, from.position(), part);
      from.position(from.position() + part);
      at += part;
    }
  }

  private void moveToFile(long used) {
    path = Path.of(System.getProperty("java.io.tmpdir"), "levinv-" + Temporary.suffix());
    try {
      file = SteadyFile.create(path);
      path.toFile().deleteOnExit(); // for an interrupt from the keyboard
    } catch (IOException e) {
      throw noRoom(e);
    }
    for (int k = 0; k < chunks.size() && (long) k * CHUNK_BYTES < used; k++) {
      int part = (int) Math.min(CHUNK_BYTES, used - (long) k * CHUNK_BYTES);
      writeFile((long) k * CHUNK_BYTES, chunks.get(k).limit(part));
    }
    chunks.clear();
  }

  private void writeFile(long position, ByteBuffer from) {
    try {
      file.write(position, from);
    } catch (IOException e) {
      throw noRoom(e);
    }
  }

  private OutputException noRoom(IOException e) {
    return new OutputException(
        path
            + ": cannot be written: "
            + Reason.of(e)
            + "; decoded numbers need at least "
            + size
            + " bytes in the temporary folder, -Djava.io.tmpdir=DIR names another",
        e);
  }

  /** What cannot be deleted now is deleted when the process ends. */
  @Override
  public void close() {
    chunks.clear();
    if (file != null) {
      try {
        file.close();
        Files.deleteIfExists(path);
      } catch (IOException e) {
        // the numbers were read, and nothing is lost
      }
    }
  }
}
