package org.levinv.files;

import com.fasterxml.jackson.core.io.NumberInput;
import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.levinv.InvalidInputException;

/**
 * Turns the fields of a text into numbers, line by line, without a copy of the text. The first line
 * is kept until the second has come, which shows whether it can be a header.
 */
final class CsvNumbers extends AbstractBaseCsvCallbackHandler<Boolean> {
  private static final int MOST_SHOWN = 40;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Rows that must have whole numbers below a blank heading to be an index for sure. */
  private static final int ROWS_OF_INDEX = 100;

  /** What pandas calls the index of a file that it has read as a column. */
  private static final String FORMER_INDEX = "Unnamed: 0";

  private static final String WITHOUT =
      "; write the file without it (pandas: index=False, R: row.names=FALSE)";

  /** What spreadsheets write where there is no number. It begins as a comment does. */
  private static final Pattern ERROR = Pattern.compile("#(N/A|[A-Z0-9/]+[!?])");

  private static final Set<String> MISSING =
      Set.of("", "na", "nan", "n/a", "#n/a", "null", "none", "inf", "-inf", "+inf", "infinity");

  private final String name;
  private final char separator;
  private final Spool spool;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private List<String> first = new ArrayList<>();
  private long firstLine;
  private List<String> columnNames;
  private int columns;
  private int width;
  private long rows;

  /** The first of the empty lines since the last line with fields, or 0. */
  private long emptyLine;

  /** Whether all that stood under a blank heading were whole numbers, as rows have for labels. */
  private boolean isIndex;

  /** The first of them, for a message. */
  private final List<String> labels = new ArrayList<>();

  CsvNumbers(String name, char separator, Spool spool) {
    this.name = name;
    this.separator = separator;
    this.spool = spool;
  }

  long rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  /** Those of the header, or null. */
  List<String> columnNames() {
    return columnNames;
  }

  char separator() {
    return separator;
  }

  /** Where the last line began. */
  long line() {
    return getStartingLineNumber();
  }

  @Override
  protected void handleBegin(long line) {
    width = 0;
  }

  @Override
  protected void handleField(int index, char[] text, int offset, int length, boolean quoted) {
    if (index == 0 && first != null && columns > 0) {
      judgeFirstLine(new String(text, offset, length));
    }
    width = index + 1;
    if (first != null) {
      first.add(new String(text, offset, length).strip());
    } else if (width <= columns) {
      add(number(text, offset, length), index);
    }
  }

  @Override
  protected void handleEmpty() {
    if (emptyLine == 0) {
      emptyLine = line();
    }
  }

  @Override
  protected void handleComment(char[] text, int offset, int length) {
    String line = '#' + new String(text, offset, length);
    int end = line.indexOf(separator);
    String start = (end < 0 ? line : line.substring(0, end)).strip();
    if (ERROR.matcher(start).matches()) {
      width = 1;
      throw notANumber(start, Double.NaN);
    }
  }

  @Override
  protected Boolean buildRecord() {
    if (width == 0) {
      return Boolean.TRUE; // an empty line or a comment
    }
    if (first != null) {
      columns = width;
      firstLine = line();
      emptyLine = 0;
      return Boolean.TRUE;
    }
    if (width != columns) {
      throw unequal();
    }
    rows++;
    if (emptyLine > 0 && rows > 1) {
      throw missing();
    }
    emptyLine = 0;
    return Boolean.TRUE;
  }

  /** After the last line. */
  void finish() {
    if (columns > 0 && first != null) {
      judgeFirstLine(null);
    }
    if (rows == 0) {
      String got = columnNames == null ? "none" : "names alone: '" + heading() + "'";
      throw new InvalidInputException(name + ": expected lines of numbers, got " + got);
    }
    if (isIndex) {
      throw index();
    }
    spool.append(buffer.flip());
  }

  /**
   * @param next the first field of the second line, or null where there is none
   */
  private void judgeFirstLine(String next) {
    List<String> fields = first;
    first = null;
    if (isHeader(fields, next)) {
      columnNames = List.copyOf(fields);
      isIndex = isNameless();
      requireDistinct(columnNames);
      return;
    }
    for (int k = 0; k < fields.size(); k++) {
      char[] text = fields.get(k).toCharArray();
      width = k + 1;
      add(number(text, 0, text.length), k);
    }
    rows = 1;
  }

  /** A name that comes twice is that of a column that comes twice, or of two that were mixed up. */
  private void requireDistinct(List<String> names) {
    Map<String, Integer> columnOf = new HashMap<>();
    for (int k = 0; k < names.size(); k++) {
      String heading = names.get(k);
      Integer before =
          MISSING.contains(heading.toLowerCase(Locale.ROOT)) ? null : columnOf.put(heading, k);
      if (before != null) {
        throw new InvalidInputException(
            name
                + ", line "
                + firstLine
                + named()
                + ": expected a name of its own for each column, got '"
                + Quoted.of(heading, MOST_SHOWN)
                + "' for columns "
                + (before + 1)
                + " and "
                + (k + 1));
      }
    }
  }

  /**
   * Names, all of them; or column numbers, as pandas writes them where there are no names. A lone 0
   * is one where the next line shows how decimals are written, and a number elsewhere.
   */
  private static boolean isHeader(List<String> fields, String next) {
    boolean blank = fields.get(0).isEmpty();
    List<String> headings = fields.subList(blank ? 1 : 0, fields.size());
    boolean counted =
        next != null && (blank ? !headings.isEmpty() : headings.size() > 1 || isDecimal(next));
    boolean named = false;
    for (int k = 0; k < headings.size(); k++) {
      counted &= headings.get(k).equals(String.valueOf(k));
      named |= !MISSING.contains(headings.get(k).toLowerCase(Locale.ROOT));
    }
    return counted || named && headings.stream().allMatch(CsvNumbers::isNoNumber);
  }

  private static boolean isDecimal(String text) {
    return text.indexOf('.') >= 0 || text.indexOf('e') >= 0;
  }

  private static boolean isNoNumber(String text) {
    return Double.isNaN(parse(text.toCharArray(), 0, text.length()));
  }

  private void add(double value, int column) {
    if (column == 0 && isIndex) {
      watchIndex(value);
    }
    if (buffer.remaining() < Double.BYTES) {
      spool.append(buffer.flip());
      buffer.clear();
    }
    buffer.putDouble(value);
  }

  /** Whether there is a header without a name for the first column. */
  private boolean isNameless() {
    return columnNames != null
        && (columnNames.get(0).isEmpty() || columnNames.get(0).equals(FORMER_INDEX));
  }

  private void watchIndex(double value) {
    isIndex = value == Math.rint(value);
    if (isIndex && labels.size() < 2) {
      labels.add(String.format(Locale.ROOT, "%.0f", value));
    }
    if (isIndex && rows == ROWS_OF_INDEX) {
      throw index();
    }
  }

  private double number(char[] text, int offset, int length) {
    int from = offset;
    int to = offset + length;
    while (from < to && isBlank(text[from])) {
      from++;
    }
    while (from < to && isBlank(text[to - 1])) {
      to--;
    }
    double value = parse(text, from, to - from);
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw notANumber(new String(text, from, to - from), value);
    }
    return value;
  }

  private static boolean isBlank(char c) {
    return c <= ' ' && c != Separator.NUL;
  }

  /** The first line as a message shows it. */
  private String heading() {
    return Quoted.of(String.join(String.valueOf(separator), columnNames), MOST_SHOWN);
  }

  /** NaN for what is no number; the parser itself also takes 1d, 1f, 0x1p3 and NaN. */
  static double parse(char[] text, int offset, int length) {
    for (int k = offset; k < offset + length; k++) {
      char c = text[k];
      if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
        return Double.NaN;
      }
    }
    try {
      return length == 0 ? Double.NaN : NumberInput.parseDouble(text, offset, length, true);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private InvalidInputException notANumber(String text, double value) {
    boolean finite =
        Double.isNaN(value) && !text.toLowerCase(Locale.ROOT).matches("[+-]?(nan|inf|infinity)");
    String got = text.isEmpty() ? "an empty field" : "'" + Quoted.of(text, MOST_SHOWN) + "'";
    String hint = "";
    if (width == 1 && isNameless()) {
      hint = " under a blank heading, as if the lines had names" + WITHOUT;
    } else if (separator != ',' && text.matches("[+-]?\\d*,\\d+([eE][+-]?\\d+)?")) {
      hint = "; write decimals with a point";
    }
    return new InvalidInputException(
        name
            + ", line "
            + (first == null && rows == 0 && columnNames == null ? firstLine : line())
            + ", column "
            + width
            + named()
            + ": expected "
            + (finite ? "a number" : "a finite number")
            + ", got "
            + got
            + hint);
  }

  /** In a column of numbers an empty line is a number that is missing, unless it comes last. */
  private InvalidInputException missing() {
    return new InvalidInputException(
        name
            + ", line "
            + emptyLine
            + ": expected "
            + (columns == 1 ? "a number" : "numbers")
            + ", got an empty line");
  }

  private InvalidInputException unequal() {
    boolean names = columnNames != null && width == columns + 1 && rows == 0;
    return new InvalidInputException(
        name
            + ", line "
            + line()
            + named()
            + ": expected "
            + columns
            + " fields as in line "
            + firstLine
            + ", got "
            + width
            + (names ? ", as if the lines had names" + WITHOUT : ""));
  }

  private InvalidInputException index() {
    return new InvalidInputException(
        name
            + ", column 1: expected a column of the matrix, got the row numbers "
            + String.join(", ", labels)
            + ", ... under "
            + (columnNames.get(0).isEmpty() ? "a blank heading" : "'" + FORMER_INDEX + "'")
            + ", that is an index"
            + WITHOUT);
  }

  /** Commas need no word. */
  private String named() {
    return separator == ',' ? "" : " (" + Separator.separated(separator) + ")";
  }
}
