package org.levinv.files;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.levinv.InvalidInputException;

/**
 * The Python dictionary in the header of a .npy file: its keys are strings, its values strings,
 * booleans or tuples of integers. Anything else is refused.
 */
final class PythonDict {
  private final String name;
  private final String text;
  private final int origin;
  private int at;

  private PythonDict(String name, String text, int origin) {
    this.name = name;
    this.text = text;
    this.origin = origin;
  }

  /**
   * @param name the file, for messages
   * @param origin where in the file the text begins, for messages
   * @return values that are {@code String}, {@code Boolean} or {@code List} of {@code Long}
   */
  static Map<String, Object> parse(String name, String text, int origin) {
    PythonDict dict = new PythonDict(name, text, origin);
    Map<String, Object> entries = dict.entries();
    dict.skipSpace();
    if (dict.at < text.length()) {
      throw dict.unexpected("the end of the header");
    }
    return entries;
  }

  private Map<String, Object> entries() {
    Map<String, Object> entries = new LinkedHashMap<>();
    expect('{');
    while (!accept('}')) {
      String key = string();
      expect(':');
      if (entries.put(key, value()) != null) {
        throw fail("expected every key once, got '" + Quoted.of(key) + "' twice");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    return entries;
  }

  private Object value() {
    return switch (peek()) {
      case '\'', '"' -> string();
      case '(' -> tuple();
      case 'T' -> word("True", true);
      case 'F' -> word("False", false);
      case '[' ->
          throw fail(
              "expected one type of number, got a structured array: save each field as an array of its own");
      default -> throw unexpected("a string, True, False or a tuple of integers");
    };
  }

  private boolean word(String word, boolean value) {
    if (!text.startsWith(word, at)) {
      throw unexpected(word);
    }
    at += word.length();
    return value;
  }

  private String string() {
    char quote = peek();
    if (quote != '\'' && quote != '"') {
      throw unexpected("a string");
    }
    int end = text.indexOf(quote, at + 1);
    if (end < 0) {
      throw fail("expected a closing " + quote + ", got the end of the header");
    }
    String string = text.substring(at + 1, end);
    if (string.chars().anyMatch(c -> c == '\\' || Character.isISOControl(c))) {
      throw fail("expected a plain string, got an escape or a control character");
    }
    at = end + 1;
    return string;
  }

  private List<Long> tuple() {
    List<Long> tuple = new ArrayList<>();
    expect('(');
    while (!accept(')')) {
      tuple.add(integer());
      if (!accept(',')) {
        if (tuple.size() == 1) {
          throw unexpected("',' (a tuple of one integer)");
        }
        expect(')');
        break;
      }
    }
    return tuple;
  }

  private long integer() {
    char sign = peek();
    int start = at;
    int end = sign == '-' ? at + 1 : at;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    if (end == start || sign == '-' && end == start + 1) {
      throw unexpected("an integer");
    }
    at = end;
    if (at < text.length() && text.charAt(at) == 'L') {
      at++; // Python 2 wrote long integers so
    }
    try {
      return Long.parseLong(text.substring(start, end));
    } catch (NumberFormatException e) {
      at = start;
      throw fail("expected an integer of 64 bits, got " + Quoted.of(text.substring(start, end)));
    }
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw unexpected("'" + c + "'");
    }
  }

  private boolean accept(char c) {
    boolean found = peek() == c;
    if (found) {
      at++;
    }
    return found;
  }

  /** The next character that is not white space, or NUL at the end. */
  private char peek() {
    skipSpace();
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private InvalidInputException unexpected(String expected) {
    if (at >= text.length()) {
      return fail("expected " + expected + ", got the end of the header");
    }
    char c = text.charAt(at);
    String got = c > ' ' && c < 127 ? "'" + c + "'" : String.format("0x%02x", (int) c);
    return fail("expected " + expected + ", got " + got);
  }

  private InvalidInputException fail(String message) {
    return new InvalidInputException(name + ", header, byte " + (origin + at) + ": " + message);
  }
}
