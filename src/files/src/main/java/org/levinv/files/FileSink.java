package org.levinv.files;

import java.io.IOException;
import java.nio.file.Path;
import org.levinv.VectorSink;

/** Keeps numbers in a file that gets its name later. */
interface FileSink extends VectorSink, AutoCloseable {

  /**
   * After the last piece: brings the file to the disk.
   *
   * @throws IllegalStateException if entries are missing
   */
  void end() throws IOException;

  /** Whether the numbers go to this file in the end. */
  boolean isFor(Path path);

  @Override
  void close();
}
