package org.levinv.files;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Characters from bytes. */
final class Text {
  private static final int BUFFER = 1 << 16;

  private Text() {}

  /**
   * UTF-8, or UTF-16 where a byte order mark says so; the mark is left out. What is no UTF-8 can
   * only be part of a name, and becomes a replacement character.
   */
  static BufferedReader reader(InputStream in) throws IOException {
    InputStream bytes = new BufferedInputStream(in, BUFFER);
    bytes.mark(3);
    byte[] start = bytes.readNBytes(3);
    bytes.reset();
    int first = start.length < 2 ? 0 : (start[0] & 0xff) << 8 | start[1] & 0xff;
    Charset charset = StandardCharsets.UTF_8;
    int mark = 0;
    if (first == 0xfffe) {
      charset = StandardCharsets.UTF_16LE;
      mark = 2;
    } else if (first == 0xfeff) {
      charset = StandardCharsets.UTF_16BE;
      mark = 2;
    } else if (first == 0xefbb && start.length == 3 && (start[2] & 0xff) == 0xbf) {
      mark = 3;
    }
    bytes.skipNBytes(mark);
    return new BufferedReader(new InputStreamReader(bytes, charset), BUFFER);
  }
}
