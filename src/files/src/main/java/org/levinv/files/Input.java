package org.levinv.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.DoubleConsumer;

/**
 * A file to read, open.
 *
 * @param name what messages call it: the file and its member
 * @param path the file
 * @param member what was asked for in it, or null
 * @param file its bytes
 * @param compressed by gzip
 * @param progress hears what share of it was decoded, where it has to be
 */
record Input(
    String name,
    Path path,
    String member,
    SteadyFile file,
    boolean compressed,
    DoubleConsumer progress) {

  /** The content from its beginning on, unpacked. */
  InputStream stream() throws IOException {
    InputStream in = new BytesStream(file, 0, file.size(), progress);
    return compressed ? Gzip.unpacked(in) : in;
  }

  /** The content to be read anywhere: the file itself, or what is unpacked from it. */
  Bytes bytes() throws IOException {
    if (!compressed) {
      return file;
    }
    try (InputStream in = stream()) {
      return Spool.of(in, Long.MAX_VALUE);
    }
  }
}
