package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.ScoreNoise;
import org.levinv.Status;

class ResultFilesTest {
  @TempDir Path directory;

  @Test
  void filesAppearTogether() throws IOException {
    Path out = directory.resolve("deep/results");
    try (ResultFiles files = ResultFiles.in(out)) {
      files.stage("a", text("first"));
      files.stage("b", text("second"));
      assertFalse(Files.exists(out.resolve("a")));
      files.commit();
    }
    assertEquals(List.of("a", "b"), names(out));
    assertEquals("second", Files.readString(out.resolve("b")));
  }

  @Test
  void filesAreReplaced() throws IOException {
    Files.writeString(directory.resolve("a"), "old");
    try (ResultFiles files = ResultFiles.in(directory)) {
      files.stage("a", text("new"));
      assertEquals("old", Files.readString(directory.resolve("a")));
      files.commit();
    }
    assertEquals("new", Files.readString(directory.resolve("a")));
  }

  @Test
  void nothingRemainsWithoutCommit() throws IOException {
    try (ResultFiles files = ResultFiles.in(directory.resolve("deep/results"))) {
      files.stage("a", text("first"));
    }
    assertEquals(List.of(), names(directory));
  }

  @Test
  void nothingRemainsOfAFailedWrite() throws IOException {
    Path out = directory.resolve("deep/results");
    try (ResultFiles files = ResultFiles.in(out)) {
      files.stage("a", text("first"));
      OutputException e =
          assertThrows(
              OutputException.class,
              () ->
                  files.stage(
                      "b",
                      channel -> {
                        channel.write(ByteBuffer.allocate(10));
                        throw new IOException("No space left on device");
                      }));
      assertEquals(
          out.resolve("b") + ": cannot be written: No space left on device", e.getMessage());
    }
    assertEquals(List.of(), names(directory));
  }

  @Test
  void nothingRemainsWhereTheInputFails() throws IOException {
    try (ResultFiles files = ResultFiles.in(directory)) {
      assertThrows(
          InvalidInputException.class,
          () ->
              files.stage(
                  "a",
                  channel -> {
                    throw new InvalidInputException("A.npy, row 3: gone");
                  }));
    }
    assertEquals(List.of(), names(directory));
  }

  @Test
  void nothingRemainsOfAFailedCommit() throws IOException {
    try (ResultFiles files = ResultFiles.in(directory)) {
      files.stage("a", text("first"));
      files.stage("b", text("second"));
      Files.createDirectories(directory.resolve("b/in-the-way"));
      assertThrows(OutputException.class, files::commit);
    }
    assertEquals(List.of("b"), names(directory));
  }

  @Test
  void placesThatCannotBeWrittenAreFoundBeforeTheWork() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    for (Path place : List.of(file, file.resolve("below"))) {
      String message =
          assertThrows(OutputException.class, () -> ResultFiles.check(place, "x.npy")).getMessage();
      assertTrue(message.startsWith(file.toString()), message);
    }
    Path taken = Files.createDirectory(directory.resolve("x.npy"));
    String message =
        assertThrows(OutputException.class, () -> ResultFiles.check(directory, "x.npy"))
            .getMessage();
    assertEquals(taken + ": expected a file to write, got a directory", message);
    assertEquals(List.of("file", "x.npy"), names(directory));
  }

  @Test
  void aCheckLeavesNoTrace() throws IOException {
    ResultFiles.check(directory.resolve("deep/results"), "x.npy");
    ResultFiles.check(directory, "x.npy");
    assertEquals(List.of(), names(directory));
  }

  @Test
  void writesResults() throws IOException {
    Path out = directory.resolve("results");
    ResultFiles.writeResult(out, result(null), Options.defaults().withSeed(7), "0.0");
    assertEquals(List.of("result.json", "x.npy"), names(out));
    assertArrayEquals(new double[] {1.5, -2}, Npy.vector(out.resolve("x.npy")));
    String expected =
        """
        {
          "version" : "0.0",
          "status" : "not_identifiable",
          "message" : "so \\"far\\"",
          "method" : "magnitudes, position",
          "device" : "reference",
          "device_note" : null,
          "rows" : 4,
          "columns" : 2,
          "signs" : "positive",
          "iterations" : 9,
          "relative_residual" : 1.0E-13,
          "loss" : null,
          "work" : 12.5,
          "passes" : 11.0,
          "seconds" : 0.25,
          "jacobian_ratio" : null,
          "free_direction" : null,
          "score_error" : {
            "value" : 1.0E-16,
            "source" : "rounding"
          },
          "x_error" : null,
          "groups" : {
            "count" : 1,
            "failed" : [ ]
          },
          "warnings" : [ "one", "two" ],
          "seed" : 7,
          "tolerance" : 1.0E-10,
          "options" : {
            "signs" : "auto",
            "start" : null,
            "method" : "auto",
            "tolerance" : 1.0E-10,
            "max_iterations" : 500,
            "max_work" : null,
            "time_limit" : null,
            "memory" : 0,
            "seed" : 7,
            "precision" : "double",
            "accuracy" : 0.5,
            "certificate" : false,
            "regularization" : false
          }
        }
        """;
    assertEquals(expected, Files.readString(out.resolve("result.json")));
  }

  @Test
  void writesTheFreeDirection() throws IOException {
    ResultFiles.writeResult(directory, result(new double[] {0.5, -1}), Options.defaults(), "0.0");
    String json = Files.readString(directory.resolve("result.json"));
    assertTrue(json.contains("\"free_direction\" : [ 0.5, -1.0 ]"), json);
  }

  private static Result result(double[] freeDirection) {
    return new Result(
        new double[] {1.5, -2},
        Status.NOT_IDENTIFIABLE,
        "so \"far\"",
        "magnitudes, position",
        "reference",
        null,
        4,
        2,
        "positive",
        9,
        1e-13,
        Double.NaN,
        12.5,
        11,
        0.25,
        Double.POSITIVE_INFINITY,
        freeDirection,
        new ScoreNoise(1e-16, ScoreNoise.Source.ROUNDING),
        null,
        RowGroups.ONE,
        List.of("one", "two"),
        null,
        null);
  }

  private static ResultFiles.Content text(String text) {
    return out -> out.write(ByteBuffer.wrap(text.getBytes()));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
