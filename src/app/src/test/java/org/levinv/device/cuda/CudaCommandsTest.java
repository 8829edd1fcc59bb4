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
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.app.Main;
import org.levinv.files.Inputs;

/** The commands in processes of their own, as a user starts them, on the simulated libraries. */
class CudaCommandsTest {
  private static final int ROWS = 2000;
  private static final int COLUMNS = 30;

  /** Bytes of a card: its largest workspace of a solve (1,167,360) and half a megabyte. */
  private static final String LITTLE = "1700000";

  /** Two matrices that are cleared, a product and its sum: the check of a card. */
  private static final int LAUNCHES_OF_OPENING = 4;

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
    return solve(environment, device, "double");
  }

  private Run solve(Map<String, String> environment, String device, String precision)
      throws Exception {
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
        "--precision",
        precision,
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
  void buffersMakeRoomWhereMemoryIsShort() throws Exception {
    Map<String, String> small = Map.of("SIMULATED_CUDA_MEMORY", LITTLE);
    Run run = solve(small, "cuda");
    assertEquals(0, run.code(), run.err());
    assertTrue(
        Files.readString(folder.resolve("result/result.json"))
            .contains("lay in memory of the host, which is far slower"));
    assertRecovered();
    assertClean(run);
  }

  /** Rows stay on the cards between targets, and in the second memory they pass. */
  @ParameterizedTest
  @ValueSource(strings = {"cuda", "cuda:0,1", "small"})
  void manyTargets_haveTheBitsOfOne(String device) throws Exception {
    Map<String, String> environment =
        device.equals("small")
            ? Map.of("SIMULATED_CUDA_MEMORY", LITTLE)
            : Map.of("SIMULATED_CUDA_DEVICES", "2");
    String name = device.equals("small") ? "cuda" : device;
    Path other = folder.resolve("other.npy");
    Files.copy(Path.of(file("sigma.npy")), other, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(0, solve(environment, name).code());
    byte[] one = Files.readAllBytes(folder.resolve("result/x.npy"));
    Run run =
        levinv(
            environment,
            "solve",
            "--matrix",
            file("A.npy"),
            "--offset",
            file("b.npy"),
            "--scores",
            file("sigma.npy"),
            "--scores",
            other.toString(),
            "--out",
            folder.resolve("many").toString(),
            "--device",
            name);
    assertEquals(0, run.code(), run.err());
    assertArrayEquals(one, Files.readAllBytes(folder.resolve("many/sigma/x.npy")));
    assertArrayEquals(one, Files.readAllBytes(folder.resolve("many/other/x.npy")));
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

  /**
   * The right x, or one line that says what failed, with exit code 4, or 2 where the card could not
   * be opened; and nothing is left.
   */
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
          boolean opening = k <= LAUNCHES_OF_OPENING;
          assertEquals(opening ? 2 : 4, run.code(), trial);
          assertTrue(
              run.err().startsWith("levinv: " + (opening ? "--device: " : "") + "cuda:0"), trial);
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
  void withoutADriver_autoTakesTheCpu() throws Exception {
    Map<String, String> nowhere = Map.of("LD_LIBRARY_PATH", folder.toString());
    Run auto = solve(nowhere, "auto");
    assertEquals(0, auto.code(), auto.err());
    assertEquals("", auto.err());
    String result = Files.readString(folder.resolve("result/result.json"), StandardCharsets.UTF_8);
    assertTrue(result.contains("\"device\" : \"cpu"), result);
    Run named = solve(nowhere, "cuda");
    assertEquals(2, named.code(), named.err());
    assertTrue(named.err().contains("libcuda.so.1 was not found"), named.err());
  }

  @Test
  void aSmallProblemOnACard_isSaidToBeSmall() throws Exception {
    Run run = solve(Map.of(), "cuda");
    assertEquals(0, run.code(), run.err());
    assertRecovered();
    String result = Files.readString(folder.resolve("result/result.json"), StandardCharsets.UTF_8);
    assertTrue(result.contains("\"device\" : \"cuda:0 (simulated"), result);
    assertTrue(result.contains("is small for a card: the CPU may well be faster"), result);
    assertClean(run);
  }

  @Test
  void withADriverAndNoCard_thatIsSaid() throws Exception {
    Map<String, String> none = Map.of("SIMULATED_CUDA_DEVICES", "0");
    Run run = solve(none, "cuda");
    assertEquals(2, run.code(), run.err());
    assertTrue(run.err().contains("cuda: no card: "), run.err());
    List<String> lines = levinv(none, "devices").out().lines().toList();
    assertTrue(lines.get(0).startsWith("cuda: not available: no card: "), lines.get(0));
    assertEquals(
        "cuda libraries: driver for CUDA 12.6, cuBLAS 12.6.1, cuSOLVER 11.6.4, NVRTC 12.6",
        lines.get(1));
  }

  /** Codes that a machine's set-up causes come with what to look at. */
  @Test
  void aDriverThatDoesNotWork_isExplained() throws Exception {
    Map<String, String> hints =
        Map.of(
            "802",
            "nvidia-fabricmanager",
            "803",
            "an upgrade without a reboot",
            "999",
            "/dev/nvidia");
    for (Map.Entry<String, String> hint : hints.entrySet()) {
      Run run = solve(Map.of("SIMULATED_CUDA_FAIL_INIT", hint.getKey()), "cuda");
      assertEquals(2, run.code(), run.err());
      assertTrue(run.err().contains("the driver does not work: cuInit: CUDA_ERROR_"), run.err());
      assertTrue(run.err().contains(hint.getValue()), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
  }

  @Test
  void aSmallProblem_isSolvedByTheCpu() throws Exception {
    Run run = solve(Map.of(), "auto");
    assertEquals(0, run.code(), run.err());
    assertRecovered();
    String result = Files.readString(folder.resolve("result/result.json"), StandardCharsets.UTF_8);
    assertTrue(result.contains("\"device\" : \"cpu"), result);
    assertTrue(result.contains("\"device_note\" : null"), result);
  }

  @Test
  void aCardInUse_isPassedOver() throws Exception {
    Map<String, String> exclusive =
        Map.of("SIMULATED_CUDA_DEVICES", "2", "SIMULATED_CUDA_FAIL_CARD", "0:46");
    Run run = solve(exclusive, "cuda");
    assertEquals(0, run.code(), run.err());
    assertRecovered();
    String result = Files.readString(folder.resolve("result/result.json"), StandardCharsets.UTF_8);
    assertTrue(result.contains("\"device\" : \"cuda:1 (simulated"), result);
    assertTrue(result.contains("passed over: cuda:0: "), result);
    assertTrue(result.contains("exclusive mode"), result);
    assertClean(run);
    Run named = solve(exclusive, "cuda:0");
    assertEquals(2, named.code(), named.err());
    assertTrue(named.err().contains("exclusive mode"), named.err());
    List<String> lines = levinv(exclusive, "devices").out().lines().toList();
    assertTrue(lines.get(0).startsWith("cuda:0: not available: "), lines.get(0));
    assertTrue(lines.get(1).startsWith("cuda:1 (simulated"), lines.get(1));
  }

  /** It has other kernels for few columns, in double and in single precision. */
  @ParameterizedTest
  @ValueSource(strings = {"double", "mixed"})
  void aCardWithoutMatrixUnits_works(String precision) throws Exception {
    Run run = solve(Map.of("SIMULATED_CUDA_CAPABILITY", "89"), "cuda", precision);
    assertEquals(0, run.code(), run.err());
    assertRecovered();
    assertClean(run);
  }

  /** The driver compiles what NVRTC does not know for the card. */
  @Test
  void aCardNewerThanTheCompiler_works() throws Exception {
    Run run = solve(Map.of("SIMULATED_CUDA_CAPABILITY", "120"), "cuda");
    assertEquals(0, run.code(), run.err());
    assertRecovered();
    assertClean(run);
  }

  @Test
  void aCardOlderThanTheCompiler_isSaidToBe() throws Exception {
    Run run = solve(Map.of("SIMULATED_CUDA_CAPABILITY", "70"), "cuda");
    assertEquals(2, run.code(), run.err());
    assertTrue(run.err().contains("sm_70) is older than what NVRTC 12.6 compiles for"), run.err());
  }

  /** The call, the room on the card and the versions: nobody will ask a second time. */
  @Test
  void aCallThatFails_isNamedWithWhatElseCountsForIt() throws Exception {
    Run run = solve(Map.of("SIMULATED_CUDA_FAIL_LAUNCH", "3"), "cuda"); // the product of the check
    assertEquals(2, run.code(), run.err());
    assertTrue(run.err().contains("cublasDgemm"), run.err());
    assertTrue(
        run.err().contains(" bytes free on the card, driver for CUDA 12.6, cuBLAS 12"), run.err());
  }

  @Test
  void devices_namesTheCardAndItsLibraries() throws Exception {
    Run run = levinv(Map.of(), "devices");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().startsWith("cuda:0 (simulated CUDA device"), run.out());
    assertTrue(run.out().contains("cuBLAS 12."), run.out());
  }
}
