package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.InvalidInputException;
import org.levinv.device.DeviceException;
import org.levinv.files.JsonFile;
import org.levinv.files.OutputException;
import picocli.CommandLine.Model.CommandSpec;

/** What people see when something fails. */
class FailureTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);

  @Test
  @DisabledIfEnvironmentVariable(
      named = "LEVINV_DEBUG",
      matches = ".*",
      disabledReason = "it asks for stack traces")
  void everyFailureIsOneLineWithItsExitCode() {
    assertFailure(2, "levinv: b.npy: gone", new InvalidInputException("b.npy: gone"));
    assertFailure(2, "levinv: x.npy: disk full", new OutputException("x.npy: disk full"));
    assertFailure(4, "levinv: cuda:0: lost, again", new DeviceException("cuda:0: lost,\n again"));
    assertFailure(4, "levinv: out of memory: the Java heap has", new OutOfMemoryError("heap"));
    assertFailure(1, "levinv: a bug in levinv", new IllegalStateException("two\nlines"));
    assertFailure(1, "levinv: a bug in levinv", new StackOverflowError());
    assertFailure(1, "levinv: a bug in levinv", new NoClassDefFoundError("org/levinv/Result"));
    err.reset();
    Throwable late = new IllegalStateException("Shutdown in progress"); // as the runtime has it
    assertEquals(
        130, new Main().failed(new Screen(stream, stream, false), late, CommandSpec.create()));
    assertEquals("", err.toString(StandardCharsets.UTF_8));
    Throwable few = new FileNotFoundException("levinv.jar (Too many open files)");
    assertFailure(
        4, "levinv: too many open files: ulimit -n", new ExceptionInInitializerError(few));
  }

  /** Whoever meets one has to know what helps to find it. */
  @Test
  void aBugSaysWhatToSend() {
    assertFailure(1, "levinv: a bug in levinv", new IllegalStateException("one"));
    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("one; please report it"), said);
    assertTrue(said.contains("levinv --version and levinv devices"), said);
  }

  /** Of bad input, and of arguments that cannot be understood; a search that fails has a result. */
  @Test
  void programsAreToldInJson() throws IOException {
    for (String[] words :
        new String[][] {
          {"show", "no \"such\" folder", "--json-errors"},
          {"--json-errors", "show", "no \"such\" folder"},
          {"solve", "--matirx", "no \"such\" folder", "--json-errors"}
        }) {
      Run run = Run.of((Object[]) words);
      assertEquals(2, run.code());
      assertTrue(run.err().startsWith("{\"exit_code\":2,\"message\":\""), run.err());
      assertTrue(run.err().matches("\\{.*\",\"version\":\".*\"}\\R"), run.err());
      assertEquals("", run.out());
    }
    Path folder = directory.resolve("a \"b\" \\c\td é");
    Path file =
        Files.writeString(
            directory.resolve("said.json"), Run.of("show", folder, "--json-errors").err());
    assertEquals(
        folder.toString().replace('\t', ' ')
            + ": expected a folder that levinv wrote, no such file or directory",
        JsonFile.read(file).get("message"));
  }

  private void assertFailure(int code, String expected, Throwable failure) {
    err.reset();
    assertEquals(
        code, new Main().failed(new Screen(stream, stream, false), failure, CommandSpec.create()));
    String text = err.toString(StandardCharsets.UTF_8);
    assertTrue(text.startsWith(expected), text);
    assertEquals(1, text.lines().count(), text);
  }
}
