package org.levinv.files;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/**
 * Comma-separated numbers. A first line with a field that is no number is a header; empty lines and
 * lines that begin with # are skipped. A file is parsed once, and its numbers are held.
 */
public final class Csv {
  private Csv() {}

  /** One row for each line. */
  public static RowSource matrix(Path file) {
    return parse(file);
  }

  /** A file of one column or one row. */
  public static double[] vector(Path file) {
    CsvTable table = parse(file);
    if (table.rows() != 1 && table.columns() != 1) {
      throw new InvalidInputException(
          file
              + ": expected a vector, that is one column or one row, got "
              + table.rows()
              + " x "
              + table.columns());
    }
    if (table.rows() > Integer.MAX_VALUE - 8) {
      throw new InvalidInputException(
          file + ": expected at most 2147483639 numbers, got " + table.rows());
    }
    double[] v = new double[(int) table.rows() * table.columns()];
    table.read(0, (int) table.rows(), v);
    return v;
  }

  private static CsvTable parse(Path file) {
    CsvTable table = new CsvTable(file.toString());
    CsvNumbers numbers = new CsvNumbers(file.toString(), table);
    try (CsvReader<Boolean> reader =
        CsvReader.builder()
            .commentStrategy(CommentStrategy.SKIP) // as NumPy's savetxt writes a header
            .skipEmptyLines(true)
            .allowExtraFields(true) // CsvNumbers counts them, and says where
            .allowMissingFields(true)
            .detectBomHeader(true)
            .build(numbers, file)) {
      Iterator<Boolean> records = reader.iterator();
      while (records.hasNext()) {
        records.next();
      }
    } catch (CsvParseException e) {
      throw refusal(file, e);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": " + Reason.of(e), e);
    } catch (UncheckedIOException e) {
      throw new InvalidInputException(file + ": " + Reason.of(e.getCause()), e);
    }
    if (table.rows() == 0) {
      throw new InvalidInputException(file + ": expected lines of numbers, got none");
    }
    return table;
  }

  /** The parser wraps what a handler throws. */
  private static InvalidInputException refusal(Path file, CsvParseException e) {
    return e.getCause() instanceof InvalidInputException refusal
        ? refusal
        : new InvalidInputException(
            file + ": expected comma-separated numbers: " + e.getMessage(), e);
  }
}
