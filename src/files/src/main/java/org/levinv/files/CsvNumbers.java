package org.levinv.files;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.levinv.InvalidInputException;

/** Turns the fields of a .csv file into numbers, line by line, without a copy of the text. */
final class CsvNumbers extends AbstractBaseCsvCallbackHandler<Boolean> {
  private static final int MOST_SHOWN = 40;
  private static final Pattern NOT_FINITE =
      Pattern.compile("[+-]?(nan|inf|infinity)", Pattern.CASE_INSENSITIVE);

  private final String name;
  private final CsvTable table;
  private double[] row = new double[16];
  private int width;
  private boolean headerAllowed = true;
  private boolean header;
  private long firstLine;
  private int expectedWidth = -1;

  CsvNumbers(String name, CsvTable table) {
    this.name = name;
    this.table = table;
  }

  @Override
  protected void handleBegin(long line) {
    width = 0;
    header = false;
  }

  @Override
  protected void handleField(int index, char[] text, int offset, int length, boolean quoted) {
    if (index == row.length) {
      row = Arrays.copyOf(row, 2 * row.length);
    }
    width = index + 1;
    if (!header) {
      row[index] = number(new String(text, offset, length).strip());
    }
  }

  @Override
  protected Boolean buildRecord() {
    if (width == 0) {
      return Boolean.TRUE; // an empty line
    }
    if (expectedWidth < 0) {
      expectedWidth = width;
      firstLine = getStartingLineNumber();
    } else if (width != expectedWidth) {
      throw new InvalidInputException(
          name
              + ", line "
              + getStartingLineNumber()
              + ": expected "
              + expectedWidth
              + " fields as in line "
              + firstLine
              + ", got "
              + width);
    }
    if (!header) {
      table.add(row, width);
    }
    headerAllowed = false;
    return Boolean.TRUE;
  }

  private double number(String text) {
    if (NOT_FINITE.matcher(text).matches()) {
      throw refusal("a finite number", text);
    }
    double value = isNumber(text) ? parse(text) : Double.NaN;
    if (Double.isNaN(value)) {
      if (!headerAllowed) {
        throw refusal("a number", text);
      }
      header = true;
    } else if (Double.isInfinite(value)) {
      throw refusal("a finite number", text);
    }
    return value;
  }

  /** Java's own parser also takes 1d, 1f and 0x1p3. */
  private static boolean isNumber(String text) {
    if (text.isEmpty()) {
      return false;
    }
    char last = text.charAt(text.length() - 1);
    return (last >= '0' && last <= '9' || last == '.')
        && text.indexOf('x') < 0
        && text.indexOf('X') < 0;
  }

  private static double parse(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private InvalidInputException refusal(String expected, String text) {
    String shown = text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "..." : text;
    String got =
        text.isEmpty() ? "an empty field" : "'" + shown.replaceAll("\\p{Cntrl}", " ") + "'";
    return new InvalidInputException(
        name
            + ", line "
            + getStartingLineNumber()
            + ", column "
            + width
            + ": expected "
            + expected
            + ", got "
            + got);
  }
}
