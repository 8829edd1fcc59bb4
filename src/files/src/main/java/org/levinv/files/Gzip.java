package org.levinv.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Streams that gzip packed. */
final class Gzip {
  private static final int BUFFER_BYTES = 1 << 16;

  private Gzip() {}

  /**
   * What they hold.
   *
   * @throws NotGzip if this does not begin as they do
   */
  static InputStream unpacked(InputStream in) throws IOException {
    try {
      return new GZIPInputStream(in, BUFFER_BYTES);
    } catch (ZipException e) {
      throw new NotGzip(e);
    }
  }

  /** Why one cannot be unpacked, in words that are not those of the runtime. */
  static String reason(IOException e) {
    if (e instanceof NotGzip) {
      return "expected a file that gzip packed, as its name says";
    }
    return e instanceof EOFException
        ? "the file is truncated: what gzip packed does not end"
        : "the file is damaged: what gzip packed cannot be unpacked";
  }

  /** The first bytes are no header of gzip. */
  private static final class NotGzip extends ZipException {
    private static final long serialVersionUID = 1L;

    NotGzip(IOException cause) {
      super(cause.getMessage());
      initCause(cause);
    }
  }
}
