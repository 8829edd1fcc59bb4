package org.levinv.files;

import java.io.IOException;
import java.io.Reader;
import org.levinv.InvalidInputException;

/** What stands between the fields of a text. */
final class Separator {
  /** Characters that are looked at: enough for a first line of some thousand columns. */
  private static final int LOOKED_AT = 1 << 16;

  /** The first of these that a line has; a comma may be that of decimals where there are others. */
  private static final String MARKS = "\t;,";

  private Separator() {}

  /** No text has it: what has is in UTF-16 without a mark that says so, or binary. */
  static final char NUL = 0;

  /**
   * The separator of a text, from its second line if that shows one: the first may be a header,
   * with names of several words. The text stays as it is.
   *
   * @throws InvalidInputException if it is none
   */
  static char of(String name, Reader text) throws IOException {
    text.mark(LOOKED_AT);
    char[] start = new char[LOOKED_AT];
    int length = 0;
    for (int got = 0; got >= 0 && length < LOOKED_AT; length += Math.max(got, 0)) {
      got = text.read(start, length, LOOKED_AT - length);
    }
    text.reset();
    String beginning = new String(start, 0, length);
    int nul = beginning.indexOf(NUL);
    if (nul >= 0) {
      throw new InvalidInputException(
          name
              + ", line "
              + (1 + beginning.substring(0, nul).chars().filter(c -> c == '\n').count())
              + ": expected text in UTF-8, or in UTF-16 with a byte order mark, got a NUL character");
    }
    String[] lines =
        beginning
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && line.charAt(0) != '#')
            .limit(2)
            .toArray(String[]::new);
    if (lines.length == 0) {
      return ',';
    }
    String last = unquoted(lines[lines.length - 1]);
    if (mark(last) < 0 && last.indexOf(' ') >= 0) {
      return ' ';
    }
    int mark = mark(last) >= 0 ? mark(last) : mark(unquoted(lines[0]));
    return mark >= 0 ? (char) mark : ',';
  }

  private static String unquoted(String line) {
    return line.replaceAll("\"[^\"]*\"", "q");
  }

  private static int mark(String line) {
    return MARKS.chars().filter(c -> line.indexOf(c) >= 0).findFirst().orElse(-1);
  }

  /** How messages describe the fields of a line. */
  static String separated(char separator) {
    return switch (separator) {
      case '\t' -> "fields separated by tabs";
      case ';' -> "fields separated by ';'";
      case ' ' -> "fields separated by blanks";
      default -> "fields separated by commas";
    };
  }
}
