package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What a command did. */
record Run(int code, String out, String err) {

  /** Runs a command in this process. */
  static Run of(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    int code =
        Main.execute(
            words,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Run(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /**
   * Runs a command in another process that cannot write more than so many blocks to a file: of 512
   * or 1024 bytes, as the shell likes. The write beyond them fails for real.
   */
  static Run withSmallDisk(int blocks, Object... args) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "sh",
            "-c",
            "ulimit -f " + blocks + "; exec \"$@\"",
            "sh",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    Arrays.stream(args).map(Object::toString).forEach(builder.command()::add);
    builder.environment().remove("LEVINV_DEBUG");
    Process process = builder.start();
    process.getOutputStream().close();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out, err);
  }

  /** Bad input or usage: one line that says so, and nothing else. */
  String refusal() {
    assertEquals(Main.BAD_INPUT, code, err);
    assertEquals("", out);
    List<String> lines = err.lines().toList();
    assertEquals(1, lines.size(), err);
    return lines.get(0);
  }

  Run succeeded() {
    assertEquals(Main.SUCCESS, code, err);
    return this;
  }

  /** All files below a directory, sorted. */
  static List<String> files(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> !file.equals(directory))
          .map(file -> directory.relativize(file).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
