package org.levinv.files;

import java.io.IOException;
import java.io.Reader;

/** Text with one blank for every run of blanks, and none at the ends of a line. */
final class BlankRuns extends Reader {
  private final Reader text;
  private final char[] block = new char[1 << 16];
  private int at;
  private int end;

  /** Blanks were seen, and will be one if the line goes on. */
  private boolean pending;

  private boolean lineStart = true;

  BlankRuns(Reader text) {
    this.text = text;
  }

  @Override
  public int read(char[] into, int from, int length) throws IOException {
    int to = from;
    while (to < from + length) {
      if (at == end) {
        if (to > from) {
          break;
        }
        at = 0;
        end = text.read(block);
        if (end < 0) {
          end = 0;
          return -1;
        }
      }
      to = next(into, to);
    }
    return to - from;
  }

  /** Takes one character, or puts the blank before it. */
  private int next(char[] into, int to) {
    char c = block[at];
    if (c == ' ') {
      at++;
      pending = !lineStart;
      return to;
    }
    boolean lineEnd = c == '\n' || c == '\r';
    if (pending && !lineEnd) {
      pending = false;
      into[to] = ' ';
    } else {
      at++;
      pending = false;
      lineStart = lineEnd;
      into[to] = c;
    }
    return to + 1;
  }

  @Override
  public void close() throws IOException {
    text.close();
  }
}
