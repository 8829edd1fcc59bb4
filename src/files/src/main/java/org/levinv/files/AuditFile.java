package org.levinv.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.levinv.Audit;
import org.levinv.InvalidInputException;
import org.levinv.Weights;

/** The file that {@code levinv audit} leaves in its folder. */
public final class AuditFile {

  /** Its name. */
  public static final String NAME = "audit.json";

  /** What it has for each number of decimals; null is what is not known. */
  private static final List<String> OF_DECIMALS =
      List.of("digits", "x_error", "eta_error", "relative_eta_error", "signs", "zeros");

  private AuditFile() {}

  /** Whether a folder has one, and no result of a search. */
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(NAME))
        && !Files.exists(directory.resolve(ResultFiles.RESULT));
  }

  /**
   * What the audit found.
   *
   * @throws InvalidInputException if the file cannot be read, or is none of levinv's
   */
  public static Audit read(Path directory) {
    Path file = directory.resolve(NAME);
    Map<String, Object> values = JsonFile.read(file);
    if (!(values.get("weights") instanceof String weights)
        || !(values.get("decimals") instanceof List<?> decimals)) {
      throw new InvalidInputException(file + ": expected weights and decimals, got none");
    }
    try {
      return audit(weights, decimals, values);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(file + ": " + e.getMessage(), e);
    }
  }

  private static Audit audit(String weights, List<?> decimals, Map<String, Object> values) {
    return new Audit(
        (long) ResultFolder.number(values.get("rows")),
        (int) ResultFolder.number(values.get("columns")),
        Weights.of(weights),
        Boolean.TRUE.equals(values.get("mirror")),
        Boolean.TRUE.equals(values.get("free")) || decimals.isEmpty(),
        Boolean.TRUE.equals(values.get("enough_rows")),
        decimals.stream().map(one -> decimals(ResultFolder.entries(one))).toList());
  }

  private static Audit.Decimals decimals(Map<String, Object> one) {
    if (!one.keySet().containsAll(OF_DECIMALS)) {
      throw new InvalidInputException(
          "expected of each of the decimals " + String.join(", ", OF_DECIMALS));
    }
    double[] error = ResultFolder.numbers(one.get("x_error"));
    return new Audit.Decimals(
        (int) ResultFolder.number(one.get("digits")),
        error == null ? new double[0] : error,
        ResultFolder.number(one.get("eta_error")),
        ResultFolder.number(one.get("relative_eta_error")),
        ResultFolder.number(one.get("signs")),
        (long) ResultFolder.number(one.get("zeros")));
  }
}
