package org.levinv.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.levinv.InvalidInputException;

/**
 * NIST's Matrix Market files: array (dense) and coordinate (sparse), real, integer and pattern,
 * general, symmetric and skew-symmetric. The text is decoded once, into a dense matrix: entries
 * that are not there are zeros, those that are there twice are added, as SciPy does.
 */
final class MatrixMarket {
  private final String name;
  private final BufferedReader text;
  private final Spool spool;
  private long line;

  private MatrixMarket(String name, BufferedReader text, Spool spool) {
    this.name = name;
    this.text = text;
    this.spool = spool;
  }

  static StoredArray open(Input input) throws IOException {
    Spool spool = new Spool();
    try (BufferedReader text = Text.reader(input.stream())) {
      StoredArray array = new MatrixMarket(input.name(), text, spool).read();
      input.file().checkUnchanged();
      return array;
    } catch (IOException | RuntimeException | Error e) {
      spool.close();
      throw e;
    }
  }

  /**
   * The first line.
   *
   * @param dense every entry, column by column
   * @param pattern no values; all entries are 1
   * @param mirrored what an entry is on the other side of the diagonal, or 0 where there is nothing
   */
  private record Kind(boolean dense, boolean pattern, int mirrored) {}

  private StoredArray read() throws IOException {
    Kind kind = kind(nextLine());
    long[] extents = extents(kind);
    long rows = extents[0];
    long columns = extents[1];
    if (kind.mirrored() != 0 && rows != columns) {
      throw refusal("a square matrix where it is symmetric, got " + rows + " x " + columns);
    }
    if (kind.dense()) {
      readColumns(kind, rows, columns);
    } else {
      readEntries(kind, rows, columns, extents[2]);
    }
    if (skipToContent() != null) {
      throw refusal("no more than the entries that line 2 announces");
    }
    return new StoredArray(
        name, spool, 0, ItemType.DOUBLE, kind.dense(), List.of(rows, columns), null);
  }

  private Kind kind(String first) {
    String[] words = first == null ? new String[0] : first.toLowerCase(Locale.ROOT).split("\\s+");
    boolean known =
        words.length == 5
            && words[0].equals("%%matrixmarket")
            && words[1].equals("matrix")
            && Set.of("array", "coordinate").contains(words[2])
            && Set.of("real", "double", "integer", "unsigned-integer", "pattern").contains(words[3])
            && Set.of("general", "symmetric", "skew-symmetric").contains(words[4]);
    if (!known) {
      throw refusal(
          "%%MatrixMarket matrix array|coordinate real|integer|pattern"
              + " general|symmetric|skew-symmetric, got "
              + (first == null ? "an empty file" : "'" + Quoted.of(first) + "'"));
    }
    int mirrored = words[4].equals("general") ? 0 : words[4].equals("symmetric") ? 1 : -1;
    return new Kind(words[2].equals("array"), words[3].equals("pattern"), mirrored);
  }

  private long[] extents(Kind kind) throws IOException {
    String[] fields = fields("its size");
    int expected = kind.dense() ? 2 : 3;
    long[] extents = new long[expected];
    for (int k = 0; k < expected; k++) {
      extents[k] = k < fields.length ? index(fields[k], Long.MAX_VALUE) : -1;
    }
    boolean holds =
        extents[0] > 0
            && extents[1] > 0
            && extents[0] <= Long.MAX_VALUE / Double.BYTES / extents[1];
    if (fields.length != expected || !holds || !kind.dense() && extents[2] < 0) {
      throw refusal(kind.dense() ? "its size: rows columns" : "its size: rows columns entries");
    }
    return extents;
  }

  /** Columns one after the other; a symmetric matrix has what is on and below its diagonal. */
  private void readColumns(Kind kind, long rows, long columns) throws IOException {
    if (kind.mirrored() != 0) {
      spool.grow(rows * columns * Double.BYTES);
    }
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (long j = 0; j < columns; j++) {
      long start = kind.mirrored() == 0 ? 0 : kind.mirrored() > 0 ? j : j + 1;
      for (long i = start; i < rows; i++) {
        String[] fields = fields("an entry");
        if (fields.length != 1) {
          throw refusal("one number, got " + fields.length);
        }
        double value = number(fields[0]);
        if (kind.mirrored() != 0) {
          put(kind, rows, j, i, value); // of the transpose, which the order of columns makes right
          continue;
        }
        if (buffer.remaining() < Double.BYTES) {
          spool.append(buffer.flip());
          buffer.clear();
        }
        buffer.putDouble(value);
      }
    }
    spool.append(buffer.flip());
  }

  private void readEntries(Kind kind, long rows, long columns, long entries) throws IOException {
    spool.grow(rows * columns * Double.BYTES);
    int width = kind.pattern() ? 2 : 3;
    for (long k = 0; k < entries; k++) {
      String[] fields = fields("an entry");
      if (fields.length != width) {
        throw refusal(
            (kind.pattern() ? "row column" : "row column value")
                + ", got "
                + fields.length
                + " fields");
      }
      long i = index(fields[0], rows) - 1;
      long j = index(fields[1], columns) - 1;
      if (i < 0 || j < 0) {
        throw refusal(
            "a row from 1 to "
                + rows
                + " and a column from 1 to "
                + columns
                + ", got "
                + Quoted.of(fields[0] + " " + fields[1]));
      }
      put(kind, columns, i, j, kind.pattern() ? 1 : number(fields[2]));
    }
  }

  private void put(Kind kind, long width, long i, long j, double value) throws IOException {
    spool.add((i * width + j) * Double.BYTES, value);
    if (kind.mirrored() != 0 && i != j) {
      spool.add((j * width + i) * Double.BYTES, kind.mirrored() * value);
    }
  }

  private String[] fields(String what) throws IOException {
    String content = skipToContent();
    if (content == null) {
      throw refusal(what + ", got the end of the file");
    }
    return content.split("\\s+");
  }

  /** The next line that is neither empty nor a comment, or null at the end. */
  private String skipToContent() throws IOException {
    String next = nextLine();
    while (next != null && (next.isEmpty() || next.charAt(0) == '%')) {
      next = nextLine();
    }
    return next;
  }

  private String nextLine() throws IOException {
    line++;
    String next = text.readLine();
    return next == null ? null : next.strip();
  }

  /** A number from 0 to a bound, or -1. */
  private static long index(String text, long most) {
    try {
      long value = Long.parseLong(text);
      return value <= most ? value : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private double number(String text) {
    double value = CsvNumbers.parse(text.toCharArray(), 0, text.length());
    if (!Double.isFinite(value)) {
      throw refusal("a finite number, got '" + Quoted.of(text) + "'");
    }
    return value;
  }

  private InvalidInputException refusal(String expected) {
    return new InvalidInputException(name + ", line " + line + ": expected " + expected);
  }
}
