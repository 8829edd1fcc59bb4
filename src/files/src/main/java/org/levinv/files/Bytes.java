package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that several threads read at once, wherever they like: a file, or what came out of one. */
public interface Bytes extends AutoCloseable {

  /** How many there are. */
  long size() throws IOException;

  /**
   * Fills what remains of a buffer with the bytes from a position on.
   *
   * @throws IOException if they cannot be read, or end before the buffer is full
   */
  void read(long position, ByteBuffer into) throws IOException;

  /**
   * Looks whether these are still the bytes that were opened.
   *
   * @throws IOException if something wrote to them since
   */
  default void checkUnchanged() throws IOException {}

  @Override
  void close() throws IOException;
}
