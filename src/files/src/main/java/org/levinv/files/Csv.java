package org.levinv.files;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.levinv.InvalidInputException;

/**
 * Numbers as text, a row on each line, separated by commas, semicolons, tabs or blanks, whichever
 * the lines show. A first line without any number, or with the column numbers 0, 1, 2, ..., has the
 * columns' names; lines that begin with # are skipped, and empty lines but for those amid a single
 * column, where a number is missing. The text is decoded once.
 */
final class Csv {
  private Csv() {}

  static StoredArray open(Input input) throws IOException {
    Spool spool = new Spool();
    try (Reader text = Text.reader(input.stream())) {
      char separator = Separator.of(input.name(), text);
      CsvNumbers numbers = new CsvNumbers(input.name(), separator, spool);
      parse(input, separator == ' ' ? new BlankRuns(text) : text, separator, numbers);
      numbers.finish();
      input.file().checkUnchanged();
      return new StoredArray(
          input.name(),
          spool,
          0,
          ItemType.DOUBLE,
          false,
          List.of(numbers.rows(), (long) numbers.columns()),
          numbers.columnNames());
    } catch (IOException | RuntimeException | Error e) {
      spool.close();
      throw e;
    }
  }

  private static void parse(Input input, Reader text, char separator, CsvNumbers numbers)
      throws IOException {
    try (CsvReader<Boolean> reader =
        CsvReader.builder()
            .fieldSeparator(separator)
            .commentStrategy(CommentStrategy.READ) // as NumPy's savetxt writes a header
            .skipEmptyLines(false) // CsvNumbers skips them, where no number is missing
            .allowExtraFields(true) // CsvNumbers counts them, and says where
            .allowMissingFields(true)
            .trimWhitespacesAroundQuotes(true)
            .build(numbers, text)) {
      Iterator<Boolean> records = reader.iterator();
      while (records.hasNext()) {
        records.next();
      }
    } catch (CsvParseException e) {
      throw refusal(input.name(), numbers, e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The parser wraps what a handler throws, and has few words for what it finds itself. */
  private static RuntimeException refusal(String name, CsvNumbers numbers, CsvParseException e) {
    if (e.getCause() instanceof InvalidInputException || e.getCause() instanceof OutputException) {
      return (RuntimeException) e.getCause();
    }
    return new InvalidInputException(
        name
            + ", line "
            + numbers.line()
            + ": expected "
            + Separator.separated(numbers.separator())
            + ", each without quotes or with one at both of its ends",
        e);
  }

  /** Writes one row below the names of its columns, or without a header where they have none. */
  static void writeRow(WritableByteChannel out, List<String> names, double[] row)
      throws IOException {
    String header =
        names == null
            ? ""
            : names.stream().map(Csv::quoted).collect(Collectors.joining(",", "", "\n"));
    String numbers =
        Arrays.stream(row).mapToObj(Double::toString).collect(Collectors.joining(",", "", "\n"));
    ResultFiles.writeAll(out, ByteBuffer.wrap((header + numbers).getBytes(StandardCharsets.UTF_8)));
  }

  /** As RFC 4180 has it; a # at the start of a line would be a comment. */
  private static String quoted(String name) {
    boolean plain = name.chars().noneMatch(c -> c == ',' || c == '"' || c == '#' || c < ' ');
    return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}
