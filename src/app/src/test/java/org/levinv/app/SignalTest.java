package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
  private Process startSolve() throws IOException {
    Path problem = directory.resolve("problem");
    Run.of(
            "generate",
            "--rows",
            200_000,
            "--columns",
            50,
            "--kind",
            "interior",
            "--noise",
            0.1,
            "--out",
            problem)
        .succeeded();
    return start(
        "solve",
        "--matrix",
        problem.resolve("A.npy"),
        "--offset",
        problem.resolve("b.npy"),
        "--scores",
        problem.resolve("sigma.npy"),
        "--device",
        "reference",
        "--out",
        directory.resolve("results"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSolve_leavesItsBestX(String name) throws Exception {
    Process process = startSolve();
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

  @Test
  void generate_leavesNothing() throws Exception {
    Path out = directory.resolve("generated");
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
