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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.ScoreNoise;
import org.levinv.Status;
import org.levinv.Threads;
import org.levinv.VectorSink;
import org.levinv.Weights;
import org.levinv.device.RowSource;

class ResultFilesTest {
  private static final Provenance PROVENANCE =
      new Provenance(
          "0.0",
          Instant.EPOCH,
          List.of("solve"),
          new Threads(1, "threads"),
          Map.of("matrix", new FileDigest("A.npy", 128, null)));

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

  /** A disk that is full is met by all who use it: what cannot find room is not begun. */
  @Test
  void whatFindsNoRoomIsNotBegun() throws IOException {
    RowSource endless =
        new RowSource() {
          @Override
          public String name() {
            return "endless";
          }

          @Override
          public long rows() {
            return 1L << 58;
          }

          @Override
          public int columns() {
            return 1 << 20; // 2^81 bytes
          }

          @Override
          public void read(long first, int count, double[] into) {
            throw new AssertionError("read");
          }
        };
    Path out = directory.resolve("out");
    try (ResultFiles files = ResultFiles.in(out)) {
      for (Runnable stage :
          List.<Runnable>of(
              () -> files.stage("a.npy", endless), () -> files.stage("a.npy", endless.rows()))) {
        String said = assertThrows(OutputException.class, stage::run).getMessage();
        assertTrue(said.startsWith(out.resolve("a.npy") + ": cannot be written: it needs 2"), said);
        assertEquals(List.of("out"), names(directory));
      }
    }
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
          assertThrows(OutputException.class, () -> ResultFiles.check(place, List.of(), "x.npy"))
              .getMessage();
      assertTrue(message.startsWith(file.toString()), message);
    }
    Path taken = Files.createDirectory(directory.resolve("x.npy"));
    String message =
        assertThrows(OutputException.class, () -> ResultFiles.check(directory, List.of(), "x.npy"))
            .getMessage();
    assertEquals(taken + ": expected a file to write, got a directory", message);
    assertEquals(List.of("file", "x.npy"), names(directory));
  }

  @Test
  void aCheckLeavesNoTrace() throws IOException {
    ResultFiles.check(directory.resolve("deep/results"), List.of(), "x.npy");
    ResultFiles.check(directory, List.of(), "x.npy");
    assertEquals(List.of(), names(directory));
  }

  @Test
  void writesResults() throws IOException {
    Path out = directory.resolve("results");
    write(out, result(null), Options.defaults().withSeed(7), null, PROVENANCE);
    assertEquals(List.of("result.json", "x.csv", "x.npy"), names(out));
    assertArrayEquals(new double[] {1.5, -2}, Inputs.vector(out.resolve("x.npy")));
    String expected =
        """
        {
          "version" : "0.0",
          "date" : "1970-01-01T00:00:00Z",
          "command" : [ "solve" ],
          "threads" : {
            "count" : 1,
            "source" : "threads"
          },
          "inputs" : {
            "matrix" : {
              "file" : "A.npy",
              "bytes" : 128,
              "sha256" : null
            }
          },
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
          "weights" : "barrier",
          "mirror" : false,
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
            "digits" : null,
            "score_error" : null,
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
    write(directory, result(new double[] {0.5, -1}), Options.defaults(), null, PROVENANCE);
    String json = Files.readString(directory.resolve("result.json"));
    assertTrue(json.contains("\"free_direction\" : [ 0.5, -1.0 ]"), json);
  }

  @Test
  void theAnswerIsThereAsText() throws IOException {
    write(directory, result(null), Options.defaults(), List.of("p", "q"), PROVENANCE);
    assertEquals("p,q\n1.5,-2.0\n", Files.readString(directory.resolve("x.csv")));
    write(directory, result(null), Options.defaults(), null, PROVENANCE);
    assertEquals("1.5,-2.0\n", Files.readString(directory.resolve("x.csv")));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aResultWithoutAnAnswerTakesTheOldOneAway(double bad) throws IOException {
    write(directory, result(null), Options.defaults(), null, PROVENANCE);
    write(directory, result(new double[] {1, bad}, null), Options.defaults(), null, PROVENANCE);
    assertEquals(List.of("result.json"), names(directory));
    write(directory, result(null), Options.defaults(), null, PROVENANCE);
    write(directory, result(null, null), Options.defaults(), null, PROVENANCE);
    assertEquals(List.of("result.json"), names(directory));
  }

  /** At no moment does an old result.json stand beside a new x. */
  @Test
  void theOldResultGoesFirstAndTheNewOneComesLast() throws IOException {
    Files.writeString(directory.resolve("result.json"), "old");
    Files.createDirectories(directory.resolve("x.npy/in-the-way"));
    try (ResultFiles files = ResultFiles.in(directory)) {
      // a target that is in the way only at the commit
      Files.delete(directory.resolve("x.npy/in-the-way"));
      Files.delete(directory.resolve("x.npy"));
      files.stage("result.json", text("new"));
      files.stage("x.npy", text("x"));
      Files.createDirectories(directory.resolve("x.npy/in-the-way"));
      assertThrows(OutputException.class, files::commit);
    }
    assertEquals(List.of("x.npy"), names(directory));
  }

  @Test
  void inputsAreNotReplaced() throws IOException {
    Path input = Files.writeString(directory.resolve("x.npy"), "x");
    Files.writeString(directory.resolve("result.json"), "{}");
    ResultFiles.checkResult(directory, List.of(directory.resolve("A.npy")));
    Path link = directory.resolve("deep/../x.npy");
    Files.createDirectory(directory.resolve("deep"));
    for (Path same : List.of(input, link)) {
      assertEquals(
          input + ": expected another place: this file is an input",
          assertThrows(
                  OutputException.class, () -> ResultFiles.checkResult(directory, List.of(same)))
              .getMessage());
    }
  }

  @Test
  void aPlantedAnswerIsNotReplaced() throws IOException {
    Path planted = Files.writeString(directory.resolve("x.npy"), "x");
    String message =
        assertThrows(OutputException.class, () -> ResultFiles.checkResult(directory, List.of()))
            .getMessage();
    assertTrue(message.startsWith(planted + ": expected a result.json beside it"), message);
    ResultFiles.checkProblem(directory, "A.npy", "x.npy"); // by another planted one it may be
    Files.writeString(directory.resolve("result.json"), "{}");
    ResultFiles.checkResult(directory, List.of());
    assertThrows(OutputException.class, () -> ResultFiles.checkProblem(directory, "x.npy"));
    assertThrows(OutputException.class, () -> ResultFiles.check(directory, List.of(), "x.npy"));
  }

  @Test
  void vectorsComeInPieces() throws Exception {
    int n = 250_000;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (ResultFiles files = ResultFiles.in(directory)) {
      VectorSink sink = files.stage("s.npy", n);
      List<Future<?>> pieces = new ArrayList<>();
      for (int first = n - 50_000; first >= 0; first -= 50_000) {
        int start = first;
        pieces.add(
            threads.submit(
                () -> {
                  double[] piece = new double[50_000];
                  Arrays.setAll(piece, k -> start + k);
                  sink.write(start, piece.length, piece);
                  return null;
                }));
      }
      for (Future<?> piece : pieces) {
        piece.get();
      }
      assertFalse(Files.exists(directory.resolve("s.npy")));
      files.commit();
    } finally {
      threads.shutdown();
    }
    double[] expected = new double[n];
    Arrays.setAll(expected, k -> k);
    assertArrayEquals(expected, Inputs.vector(directory.resolve("s.npy")));
    assertEquals(List.of("s.npy"), names(directory));
  }

  @Test
  void aVectorWithHolesNeverAppears() throws IOException {
    try (ResultFiles files = ResultFiles.in(directory)) {
      VectorSink sink = files.stage("s.npy", 3);
      sink.write(1, 2, new double[2]);
      assertThrows(IllegalStateException.class, files::commit);
      assertThrows(IndexOutOfBoundsException.class, () -> sink.write(2, 2, new double[2]));
    }
    assertEquals(List.of(), names(directory));
  }

  @Test
  void anInterruptedThreadWritesItsResult() {
    Thread.currentThread().interrupt();
    write(directory, result(null), Options.defaults(), null, PROVENANCE);
    assertTrue(Thread.interrupted());
    assertArrayEquals(new double[] {1.5, -2}, Inputs.vector(directory.resolve("x.npy")));
  }

  private static Result result(double[] freeDirection) {
    return result(new double[] {1.5, -2}, freeDirection);
  }

  private static Result result(double[] x, double[] freeDirection) {
    return new Result(
        x,
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
        null,
        Weights.BARRIER,
        false);
  }

  private static ResultFiles.Content text(String text) {
    return out -> out.write(ByteBuffer.wrap(text.getBytes()));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void write(
      Path directory,
      Result result,
      Options options,
      List<String> columnNames,
      Provenance provenance) {
    try (ResultFiles files = ResultFiles.in(directory)) {
      files.stage(result, options, columnNames, provenance, null);
      files.commit();
    }
  }
}
