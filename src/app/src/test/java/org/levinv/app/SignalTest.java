package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.files.Inputs;
import org.levinv.files.JsonFile;

/** Real processes, ended by real signals. */
@DisabledOnOs(OS.WINDOWS)
class SignalTest {

  /** Time of a processor after which a process that was started is certainly in its solve. */
  private static final Duration IN_THE_SOLVE = Duration.ofSeconds(5);

  @TempDir Path directory;

  private Process start(Object... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Djava.io.tmpdir=" + directory,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    Arrays.stream(args).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command)
        .redirectOutput(directory.resolve("out.txt").toFile())
        .redirectError(directory.resolve("err.txt").toFile())
        .start();
  }

  private static void await(Process process, BooleanSupplier there) throws Exception {
    while (!there.getAsBoolean()) {
      assertTrue(process.isAlive(), "ended before it could be signalled");
      Thread.sleep(20);
    }
  }

  private static Duration cpuTime(Process process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO); // not known before its start
  }

  private static int signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("a process went on after SIG" + name);
    }
    return process.exitValue();
  }

  /** On the plain loops of the reference: tens of seconds. */
  private Process startSolve(double noise, Object... more) throws IOException {
    Run.of(
            "generate",
            "--rows",
            200_000,
            "--columns",
            50,
            "--kind",
            "interior",
            "--noise",
            noise,
            "--out",
            directory.resolve("problem"))
        .succeeded();
    return start(solve("reference", more));
  }

  private Object[] solve(String device, Object... more) {
    Path problem = directory.resolve("problem");
    Object[] command = {
      "solve",
      "--matrix",
      problem.resolve("A.npy"),
      "--offset",
      problem.resolve("b.npy"),
      "--scores",
      problem.resolve("sigma.npy"),
      "--device",
      device,
      "--out",
      directory.resolve("results")
    };
    return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSolve_leavesItsBestX(String name) throws Exception {
    Process process = startSolve(0.1);
    await(process, () -> cpuTime(process).compareTo(IN_THE_SOLVE) > 0);
    assertEquals(130, signal(process, name));
    assertEquals(List.of("result.json", "x.csv", "x.npy"), Run.files(directory.resolve("results")));
    Map<String, Object> result = JsonFile.read(directory.resolve("results/result.json"));
    assertEquals("interrupted", result.get("status"));
    double[] x = Inputs.vector(directory.resolve("results/x.npy"));
    assertEquals(50, x.length);
    assertTrue(Arrays.stream(x).allMatch(Double::isFinite));
    List<String> said = Files.readAllLines(directory.resolve("err.txt"));
    assertTrue(said.stream().allMatch(line -> line.startsWith("levinv: warning: ")), "" + said);
  }

  /** SIGKILL: there is no time to write anything, and no one to say so. */
  @Test
  void aSolveThatIsKilled_goesOn() throws Exception {
    Process process = startSolve(0, "--checkpoint", 0);
    Path checkpoint = directory.resolve("results/checkpoint.json");
    await(process, () -> says(checkpoint, "refinement"));
    signal(process, "KILL");
    Run rest = Run.of(solve("cpu", "--checkpoint", 0)).succeeded();
    assertTrue(rest.err().contains("goes on from its checkpoint"), rest.err());
    Map<String, Object> result = JsonFile.read(directory.resolve("results/result.json"));
    assertArrayEquals(
        Inputs.vector(directory.resolve("problem/x.npy")),
        Inputs.vector(directory.resolve("results/x.npy")),
        1e-10);
    assertTrue(Files.notExists(checkpoint));
    Run.of(solve("cpu")).succeeded();
    Map<String, Object> whole = JsonFile.read(directory.resolve("results/result.json"));
    double saved = number(whole.get("work")) - number(result.get("work"));
    assertTrue(saved > 0, "units of work saved: " + saved);
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }

  private static boolean says(Path file, String word) {
    try {
      return Files.exists(file) && Files.readString(file).contains(word);
    } catch (IOException e) {
      return false; // replaced between two looks
    }
  }

  /** Numbers of a text go to a temporary file once there are many: that one is being read. */
  @Test
  void whileFilesAreRead_itSaysSoAndLeavesNothing() throws Exception {
    Path A = directory.resolve("A.csv");
    Files.write(A, Collections.nCopies(240_000, "1" + ",1".repeat(99)));
    Process process =
        start("solve", "--matrix", A, "--offset", A, "--scores", A, "--out", out("read"));
    await(process, () -> hasFile(directory, "levinv-"));
    assertEquals(130, signal(process, "INT"));
    assertEquals("levinv: interrupted\n", Files.readString(directory.resolve("err.txt")));
    assertEquals(List.of("A.csv", "err.txt", "out.txt"), Run.files(directory));
  }

  private Path out(String name) {
    return directory.resolve(name);
  }

  @Test
  void generate_leavesNothing() throws Exception {
    Path out = out("generated");
    Process process =
        start(
            "generate",
            "--rows",
            1_000_000,
            "--columns",
            6,
            "--kind",
            "mixed",
            "--device",
            "reference",
            "--out",
            out);
    await(process, () -> hasFile(out, ".A.npy"));
    assertEquals(130, signal(process, "TERM"));
    assertTrue(Files.notExists(out), () -> Run.files(out).toString());
    assertEquals("levinv: interrupted\n", Files.readString(directory.resolve("err.txt")));
  }

  private static boolean hasFile(Path folder, String prefix) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith(prefix));
    } catch (IOException e) {
      return false; // gone between two looks
    }
  }
}
