package org.levinv.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Standing;

/**
 * The file in the folder of a result to be that says where its search stands. Only a run with the
 * same inputs, by their digests, and the same options goes on from it; limits, device, threads and
 * memory may be others.
 */
public final class Checkpoint {

  /** Its name. */
  public static final String NAME = "checkpoint.json";

  static final String STANDING = "standing";

  private final Path directory;
  private final Map<String, Object> deciding;

  /**
   * Of a search.
   *
   * @param directory of its result
   * @param options of which those count that lead to another answer
   * @param more that leads to another answer, by the words of the command line
   */
  public Checkpoint(Path directory, Options options, Map<String, String> more) {
    this.directory = directory;
    deciding = deciding(options);
    deciding.putAll(more);
  }

  /** Whether an earlier run left one. */
  public boolean exists() {
    return Files.isRegularFile(file());
  }

  /** Whether there is a result beside it. */
  public boolean hasResult() {
    return Files.isRegularFile(directory.resolve(ResultFiles.RESULT));
  }

  /** Its path. */
  public Path file() {
    return directory.resolve(NAME);
  }

  /**
   * Replaces the file; at each moment there is a whole one.
   *
   * @param standing null for a search that has ended, whose result is there
   * @throws OutputException if that fails
   */
  public void write(Standing standing, Provenance provenance) {
    try (ResultFiles files = ResultFiles.in(directory)) {
      files.stage(NAME, out -> ResultJson.write(out, standing, deciding, provenance));
      files.commit();
    }
  }

  /**
   * Where the earlier run stood; null where it had ended.
   *
   * @param provenance of the run that is to go on
   * @throws InvalidInputException if the file cannot be read, or is of other inputs or options
   */
  public Standing read(Provenance provenance) {
    Map<String, Object> values = JsonFile.read(file());
    requireSame("version", provenance.version(), values.get("version"));
    Map<String, Object> inputs = ResultFolder.entries(values.get("inputs"));
    if (!inputs.keySet().equals(provenance.inputs().keySet())) {
      throw other("inputs " + inputs.keySet(), provenance.inputs().keySet());
    }
    provenance
        .inputs()
        .forEach(
            (use, file) -> {
              Map<String, Object> earlier = ResultFolder.entries(inputs.get(use));
              boolean isSame =
                  file.sha256() != null
                      && file.sha256().equals(earlier.get("sha256"))
                      && member(file.name()).equals(member(String.valueOf(earlier.get("file"))));
              if (!isSame) {
                throw other("another " + use + ", " + earlier.get("file"), file.name());
              }
            });
    Map<String, Object> given = ResultFolder.entries(values.get("options"));
    deciding.forEach((name, value) -> requireSame(name, value, given.get(name)));
    boolean hasEnded = values.containsKey(STANDING) && values.get(STANDING) == null;
    return hasEnded ? null : standing(ResultFolder.entries(values.get(STANDING)));
  }

  /** The name of an array in a file; "" where the file is the array. */
  private static String member(String name) {
    int colon = name.lastIndexOf(':');
    return colon < 0 ? "" : name.substring(colon);
  }

  private void requireSame(String name, Object ours, Object theirs) {
    if (!Objects.equals(text(ours), text(theirs))) {
      throw other(name.replace('_', '-') + " " + text(theirs), text(ours));
    }
  }

  /** A number of the file may come back as one of another type. */
  private static String text(Object value) {
    return value instanceof Number number
        ? String.valueOf(number.doubleValue())
        : String.valueOf(value);
  }

  private InvalidInputException other(String theirs, Object ours) {
    return new InvalidInputException(
        file()
            + ": expected the checkpoint of a run with the same inputs and options, got one with "
            + theirs
            + ", not "
            + ours
            + "; remove it to begin anew, or name another folder");
  }

  /** The options that lead to another answer, as {@link ResultJson} names them. */
  static Map<String, Object> deciding(Options options) {
    double[] omega = options.local().regularization();
    Map<String, Object> deciding = new LinkedHashMap<>();
    deciding.put("signs", options.signs().toString());
    deciding.put("start", Arrays.toString(options.start()));
    deciding.put("method", options.local().method().word());
    deciding.put("regularization", omega != null && omega.length == 1 ? omega[0] : null);
    deciding.put("accuracy", options.local().accuracy());
    deciding.put("tolerance", options.tolerance());
    deciding.put("seed", String.valueOf(options.seed())); // more digits than a double has
    deciding.put("precision", options.precision().name().toLowerCase(Locale.ROOT));
    deciding.put("digits", options.digits());
    deciding.put("score_error", options.scoreError());
    return deciding;
  }

  private Standing standing(Map<String, Object> values) {
    try {
      return new Standing(
          stage(String.valueOf(values.get("stage"))),
          (int) ResultFolder.number(values.get("searches")),
          (int) ResultFolder.number(values.get("attempts")),
          ResultFolder.numbers(values.get("x")),
          ResultFolder.number(values.get("work")),
          ResultFolder.number(values.get("seconds")));
    } catch (InvalidInputException e) { // numbers that no search has
      throw new InvalidInputException(file() + ": " + e.getMessage(), e);
    }
  }

  private static Standing.Stage stage(String word) {
    return Arrays.stream(Standing.Stage.values())
        .filter(stage -> word(stage).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "standing: expected a stage of a search, got " + Quoted.of(word)));
  }

  static String word(Standing.Stage stage) {
    return stage.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Lets it go: the search has ended.
   *
   * @throws OutputException if that fails
   */
  public void remove() {
    try {
      Files.deleteIfExists(file());
    } catch (IOException e) {
      throw ResultFiles.failure(file(), e);
    }
  }
}
