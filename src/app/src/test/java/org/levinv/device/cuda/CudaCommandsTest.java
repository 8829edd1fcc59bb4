package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.app.Main;
import org.levinv.files.Inputs;

/** The commands in processes of their own, as a user starts them, on the simulated libraries. */
class CudaCommandsTest {
  private static final int ROWS = 2000;
  private static final int COLUMNS = 30;

  @TempDir private Path folder;

  private record Run(int code, String out, String err, String report) {}

  @BeforeEach
  void problem() {
    CudaForTests.require();
    String[] generate = {
      "generate",
      "--rows",
      "" + ROWS,
      "--columns",
      "" + COLUMNS,
      "--kind",
      "interior",
      "--out",
      folder.resolve("problem").toString()
    };
    ByteArrayOutputStream ignored = new ByteArrayOutputStream();
    assertEquals(0, Main.execute(generate, new PrintStream(ignored), new PrintStream(ignored)));
  }

  private String file(String name) {
    return folder.resolve("problem").resolve(name).toString();
  }

  private Run levinv(Map<String, String> environment, String... arguments) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED", // as the launcher does
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    builder.command().addAll(Arrays.asList(arguments));
    Path report = folder.resolve("report");
    builder.environment().put("LD_LIBRARY_PATH", CudaForTests.libraries().toString());
    builder.environment().put("SIMULATED_CUDA_REPORT", report.toString());
    builder.environment().putAll(environment);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    int code = process.waitFor();
    return new Run(
        code,
        Files.readString(out),
        Files.readString(err),
        Files.exists(report) ? Files.readString(report) : "");
  }

  private Run solve(Map<String, String> environment, String device) throws Exception {
    return levinv(
        environment,
        "solve",
        "--matrix",
        file("A.npy"),
        "--offset",
        file("b.npy"),
        "--scores",
        file("sigma.npy"),
        "--out",
        folder.resolve("result").toString(),
        "--device",
        device);
  }

  private void assertRecovered() throws IOException {
    assertArrayEquals(
        Inputs.vector(Path.of(file("x.npy"))), Inputs.vector(folder.resolve("result/x.npy")), 1e-7);
  }

  private static void assertClean(Run run) {
    assertTrue(run.report().startsWith("clean"), run.report() + run.err());
  }

  @Test
  void solves() throws Exception {
    Run run = solve(Map.of(), "cuda");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("on cuda:0 (simulated CUDA device"), run.out());
    assertEquals("", run.err());
    assertRecovered();
    assertClean(run);
  }

  @Test
  void streamsWhereMemoryIsAQuarterOfA() throws Exception {
    Map<String, String> small = Map.of("SIMULATED_CUDA_MEMORY", "" + ROWS * COLUMNS * 8 / 4);
    Run run = solve(small, "cuda");
    assertEquals(0, run.code(), run.err());
    assertRecovered();
    assertClean(run);
  }

  @Test
  void aLostDevice_isCode4() throws Exception {
    Run early = solve(Map.of("SIMULATED_CUDA_LOSE_DEVICE", "20"), "cuda");
    assertEquals(4, early.code(), early.err());
    assertTrue(early.err().startsWith("levinv: cuda"), early.err());
    assertFalse(Files.exists(folder.resolve("result")), "nothing was reached");
  }

  @Test
  void aDeviceLostLate_isCode4AndLeavesTheBestX() throws Exception {
    Run whole = solve(Map.of(), "cuda");
    long launches =
        whole
            .report()
            .lines()
            .filter(line -> line.startsWith("launches "))
            .mapToLong(line -> Long.parseLong(line.substring("launches ".length())))
            .findFirst()
            .orElseThrow();
    Files.delete(folder.resolve("result/x.npy"));
    Files.delete(folder.resolve("result/result.json"));
    Run late = solve(Map.of("SIMULATED_CUDA_LOSE_DEVICE", "" + (launches - 3)), "cuda");
    assertEquals(4, late.code(), late.err());
    assertTrue(late.err().contains("the best x so far is kept"), late.err());
    assertRecovered();
    String result = Files.readString(folder.resolve("result/result.json"), StandardCharsets.UTF_8);
    assertTrue(result.contains("\"status\" : \"device_failed\""), result);
  }

  /** The right x, or exit code 4 and one line that says what failed; and nothing is left. */
  @Test
  void failures_areSurvivedOrSaid() throws Exception {
    int survived = 0;
    int said = 0;
    for (String failure : List.of("FAIL_ALLOCATION", "FAIL_LAUNCH", "LOSE_DEVICE")) {
      for (int k : new int[] {1, 2, 5, 40, 170}) {
        Run run = solve(Map.of("SIMULATED_CUDA_" + failure, "" + k), "cuda");
        String trial = failure + " " + k + ": " + run.err();
        if (run.code() == 0) {
          assertEquals("", run.err(), trial);
          assertRecovered();
          survived++;
        } else {
          assertEquals(4, run.code(), trial);
          assertTrue(run.err().startsWith("levinv: cuda:0"), trial);
          assertEquals(1, run.err().lines().count(), trial);
          said++;
        }
        assertClean(run);
      }
    }
    assertEquals(5, survived, "one allocation that fails does no harm");
    assertEquals(10, said, "one launch that fails does");
  }

  @Test
  void libraries_thatAreMissingAreNamed() throws Exception {
    Path driverOnly = Files.createDirectory(folder.resolve("driver"));
    Files.copy(
        CudaForTests.libraries().resolve("libcuda.so.1"), driverOnly.resolve("libcuda.so.1"));
    Run run = levinv(Map.of("LD_LIBRARY_PATH", driverOnly.toString()), "devices");
    assertEquals(0, run.code(), run.err());
    String line = run.out().lines().findFirst().orElseThrow();
    assertTrue(line.startsWith("cuda: not available: libcublas.so.12 was not found"), line);
    assertTrue(line.contains("libcusolver.so.11"), line);
    assertTrue(line.contains("libnvrtc.so.12"), line);
    assertTrue(line.contains("cuda13-bridge"), line);
  }

  @Test
  void aCardThatIsNotThere_isBadInput() throws Exception {
    Run run = solve(Map.of(), "cuda:7");
    assertEquals(2, run.code(), run.err());
    assertTrue(run.err().contains("cuda:7: expected a number below that of the cards"), run.err());
  }

  @Test
  void withoutADriver_autoTakesTheCpuAndSaysWhy() throws Exception {
    Map<String, String> nowhere = Map.of("LD_LIBRARY_PATH", folder.toString());
    Run auto = solve(nowhere, "auto");
    assertEquals(0, auto.code(), auto.err());
    assertEquals("", auto.err());
    String result = Files.readString(folder.resolve("result/result.json"), StandardCharsets.UTF_8);
    assertTrue(result.contains("\"device\" : \"cpu"), result);
    assertTrue(result.contains("libcuda.so.1 was not found"), result);
    Run named = solve(nowhere, "cuda");
    assertEquals(2, named.code(), named.err());
    assertTrue(named.err().contains("libcuda.so.1 was not found"), named.err());
  }

  @Test
  void auto_takesTheCard_andSaysThatTheProblemIsSmallForIt() throws Exception {
    Run run = solve(Map.of(), "auto");
    assertEquals(0, run.code(), run.err());
    assertRecovered();
    String result = Files.readString(folder.resolve("result/result.json"), StandardCharsets.UTF_8);
    assertTrue(result.contains("\"device\" : \"cuda:0 (simulated"), result);
    assertTrue(result.contains("is small for a card: the CPU may well be faster"), result);
    assertClean(run);
  }

  @Test
  void devices_namesTheCardAndItsLibraries() throws Exception {
    Run run = levinv(Map.of(), "devices");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().startsWith("cuda:0 (simulated CUDA device"), run.out());
    assertTrue(run.out().contains("cuBLAS 12."), run.out());
  }
}
