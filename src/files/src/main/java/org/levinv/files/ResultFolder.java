package org.levinv.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/**
 * A folder that a command left: what its result.json says, and the vectors of d numbers beside it.
 *
 * @param directory the folder
 * @param values of result.json: strings, numbers, booleans, lists and maps of them, or null
 * @param x d values, or null where there is no answer
 * @param names of the columns, d of them, or null
 */
public record ResultFolder(
    Path directory, Map<String, Object> values, double[] x, List<String> names) {

  /**
   * Reads a folder, but no vector of n numbers.
   *
   * @throws InvalidInputException if there is no result.json, or one that is none of levinv's
   */
  public static ResultFolder read(Path directory) {
    if (!Files.isDirectory(directory)) {
      String got = Files.exists(directory) ? "got a file" : "no such file or directory";
      throw new InvalidInputException(directory + ": expected a folder that levinv wrote, " + got);
    }
    Path json = directory.resolve(ResultFiles.RESULT);
    if (!Files.isRegularFile(json)) {
      throw new InvalidInputException(
          directory + ": expected a folder with a result.json, as solve and scale write it");
    }
    Map<String, Object> values = JsonFile.read(json);
    if (!(values.get("status") instanceof String && values.get("message") instanceof String)) {
      throw new InvalidInputException(
          json + ": expected a status and a message, as levinv writes them");
    }
    Path answer = directory.resolve(ResultFiles.ANSWER);
    boolean answered = Files.isRegularFile(answer);
    return new ResultFolder(
        directory, values, answered ? Inputs.vector(answer) : null, names(directory));
  }

  /**
   * The folders of results in a folder that is none itself, such as of a solve with many targets,
   * by name; none where there are none.
   */
  public static List<Path> below(Path directory) {
    if (!Files.isDirectory(directory) || Files.exists(directory.resolve(ResultFiles.RESULT))) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(entry -> Files.isRegularFile(entry.resolve(ResultFiles.RESULT)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new InvalidInputException(directory + ": " + Reason.of(e), e);
    } catch (UncheckedIOException e) { // from the middle of the list
      throw new InvalidInputException(directory + ": " + Reason.of(e.getCause()), e);
    }
  }

  private static List<String> names(Path directory) {
    Path text = directory.resolve(ResultFiles.ANSWER_TEXT);
    if (!Files.isRegularFile(text)) {
      return null;
    }
    try (RowSource row = Inputs.matrix(text)) {
      return Inputs.columnNames(row);
    }
  }

  /** A string, or null. */
  public String text(String key) {
    return values.get(key) instanceof String text ? text : null;
  }

  /** A number, or NaN. */
  public double number(String key) {
    return number(values.get(key));
  }

  /** Numbers with NaN for null, or null where there are none. */
  public double[] numbers(String key) {
    return numbers(values.get(key));
  }

  /** The same of a value. */
  static double[] numbers(Object value) {
    return value instanceof List<?> list
        ? list.stream().mapToDouble(ResultFolder::number).toArray()
        : null;
  }

  /** Strings; none where there are none. */
  public List<String> texts(String key) {
    return texts(values.get(key));
  }

  /** The entries of an object; none where there is none. */
  public Map<String, Object> object(String key) {
    return entries(values.get(key));
  }

  /** The entries of an object in an object; none where there is none. */
  static Map<String, Object> entries(Object value) {
    Map<String, Object> entries = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, entry) -> entries.put(String.valueOf(name), entry));
    }
    return entries;
  }

  /** A number in an object, or NaN. */
  public static double number(Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** Strings in an object. */
  public static List<String> texts(Object value) {
    return value instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
  }
}
