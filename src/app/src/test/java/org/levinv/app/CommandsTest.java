package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import org.levinv.files.JsonFile;
import org.levinv.files.ResultFiles;

/** The commands from files to files, on a device. */
class CommandsTest {
  @TempDir Path directory;

  @Test
  void devicesAreListed() {
    Run run = Run.of("devices").succeeded();
    assertTrue(run.out().contains("reference"), run.out());
    assertTrue(run.out().contains("cpu"), run.out());
  }

  @Test
  void generatesProblemsWhoseScoresSumToTheColumns() throws IOException {
    generate("interior");
    assertEquals(List.of("A.npy", "b.npy", "sigma.npy", "x.npy"), Run.files(path("problem")));
    try (RowSource A = Inputs.matrix(path("problem/A.npy"))) {
      assertEquals(60, A.rows());
      assertEquals(3, A.columns());
    }
    assertEquals(60, vector("b.npy").length);
    assertEquals(3, vector("x.npy").length);
    assertEquals(3, Arrays.stream(vector("sigma.npy")).sum(), 1e-12);
  }

  @Test
  void generatesTheSameBitsAgain() throws IOException {
    generate("mixed", "--condition", "1e3", "--row-scale", "2", "--noise", "0.01");
    Files.move(path("problem"), path("first"));
    generate("mixed", "--condition", "1e3", "--row-scale", "2", "--noise", "0.01");
    for (String name : List.of("A.npy", "b.npy", "sigma.npy", "x.npy")) {
      assertEquals(-1, Files.mismatch(path("first/" + name), path("problem/" + name)), name);
    }
  }

  @Test
  void scoresAreThoseOfTheProblem() throws IOException {
    generate("mixed");
    Path out = path("made/scores.npy");
    Run run =
        Run.of(
            "scores",
            "--matrix",
            path("problem/A.npy"),
            "--offset",
            path("problem/b.npy"),
            "--at",
            path("problem/x.npy"),
            "--out",
            out,
            "--device",
            "reference");
    assertTrue(
        run.succeeded().out().startsWith("60 scores written to " + out + "; condition number "),
        run.out());
    assertEquals(List.of("scores.npy"), Run.files(path("made")));
    assertArrayEquals(vector("sigma.npy"), Inputs.vector(out), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu", "reference"})
  void recoversThePlantedPoint(String device) throws IOException {
    generate("interior");
    Run run = solve("--device", device);
    assertEquals(1, run.succeeded().out().lines().count(), run.out());
    assertTrue(run.out().startsWith("converged: "), run.out());
    assertRecovered();
    Map<String, Object> result = result();
    assertEquals(
        Set.of(
            ("version date command threads inputs status message method device device_note rows columns signs iterations"
                    + " relative_residual loss work passes seconds jacobian_ratio free_direction"
                    + " score_error x_error weights mirror groups warnings seed tolerance options")
                .split(" ")),
        result.keySet());
    assertEquals("converged", result.get("status"));
    assertEquals(60, result.get("rows"));
    assertEquals(3, result.get("columns"));
    assertTrue(((Number) result.get("relative_residual")).doubleValue() < 1e-10);
    assertTrue(((Number) result.get("work")).doubleValue() > 0);
    assertTrue(((Number) result.get("passes")).doubleValue() > 0);
  }

  @Test
  void readsCsvWithAHeader() throws IOException {
    generate("interior");
    try (RowSource A = Inputs.matrix(path("problem/A.npy"))) {
      double[] row = new double[3];
      List<String> lines = new ArrayList<>(List.of("p,q,r"));
      for (int i = 0; i < 60; i++) {
        A.read(i, 1, row);
        lines.add(row[0] + "," + row[1] + "," + row[2]);
      }
      Files.write(path("problem/A.csv"), lines);
    }
    for (String name : List.of("b", "sigma")) {
      String lines =
          Arrays.stream(vector(name + ".npy"))
              .mapToObj(String::valueOf)
              .collect(Collectors.joining("\n", name + "\n", "\n"));
      Files.writeString(path("problem/" + name + ".csv"), lines);
    }
    Run.of(
            "solve",
            "--matrix",
            path("problem/A.csv"),
            "--offset",
            path("problem/b.csv"),
            "--scores",
            path("problem/sigma.csv"),
            "--out",
            path("results"))
        .succeeded();
    assertRecovered();
    List<String> written = Files.readAllLines(path("results/x.csv"));
    assertEquals("p,q,r", written.get(0));
    assertArrayEquals(Inputs.vector(path("results/x.npy")), Inputs.vector(path("results/x.csv")));
  }

  @Test
  void inputsAndPlantedAnswersStayAsTheyAre() throws IOException {
    generate("interior");
    List<Object> args =
        List.of(
            "solve",
            "--matrix",
            path("problem/A.npy"),
            "--offset",
            path("problem/b.npy"),
            "--scores",
            path("problem/sigma.npy"),
            "--out");
    Run planted = Run.of(with(args.toArray(), path("problem")));
    assertTrue(planted.refusal().contains("expected a result.json beside it"), planted.err());
    assertEquals(List.of("A.npy", "b.npy", "sigma.npy", "x.npy"), Run.files(path("problem")));
    Run.of(with(args.toArray(), path("results"))).succeeded();
    Run again = Run.of(with(args.toArray(), path("results"), "--start", path("results/x.npy")));
    assertTrue(again.refusal().contains("this file is an input"), again.err());
    Run.of(with(args.toArray(), path("results"))).succeeded();
    String scores =
        Run.of(
                "scores",
                "--matrix",
                path("problem/A.npy"),
                "--offset",
                path("problem/b.npy"),
                "--at",
                path("problem/x.npy"),
                "--out",
                path("problem/b.npy"))
            .refusal();
    assertTrue(scores.contains("this file is an input"), scores);
    String over =
        Run.of("generate", "--rows", 9, "--columns", 2, "--kind", "mixed", "--out", path("results"))
            .refusal();
    assertTrue(over.contains("expected a folder without results"), over);
  }

  @Test
  void takesSignsFromAFileOrRetrievesThem() throws IOException {
    generate("mixed");
    double[] signs = new double[60];
    double[] b = vector("b.npy");
    double[] x = vector("x.npy");
    try (RowSource A = Inputs.matrix(path("problem/A.npy"))) {
      double[] row = new double[3];
      for (int i = 0; i < 60; i++) {
        A.read(i, 1, row);
        signs[i] = row[0] * x[0] + row[1] * x[1] + row[2] * x[2] - b[i];
      }
    }
    write(path("signs.npy"), signs);
    solve("--signs", path("signs.npy")).succeeded();
    assertRecovered();
    assertEquals("given", result().get("signs"));
    solve("--signs", "unknown", "--seed", 5).succeeded();
    assertRecovered();
    assertEquals("unknown", result().get("signs"));
    assertEquals(5, result().get("seed"));
  }

  @Test
  void takesAStartPoint() throws IOException {
    generate("interior");
    solve("--start", path("problem/x.npy"), "--signs", "positive").succeeded();
    assertRecovered();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gradient", "newton", "sampled-newton", "gauss-newton"})
  void localMethodsImproveAStartPoint(String method) throws IOException {
    generate("interior");
    double[] start = vector("x.npy");
    start[0] += 1e-3;
    write(path("start.npy"), start);
    Run run =
        solve(
                "--method",
                method,
                "--start",
                path("start.npy"),
                "--max-iterations",
                20000,
                "--certificate")
            .succeeded();
    assertTrue(run.out().contains("certificate: "), run.out());
    assertRecovered();
    Map<String, Object> result = result();
    assertEquals("converged", result.get("status"));
    assertEquals(method, result.get("method"));
    assertEquals("positive", result.get("signs"));
    assertNotNull(result.get("choice"));
    assertNotNull(result.get("linear_rate"));
    Map<?, ?> certificate = (Map<?, ?>) result.get("certificate");
    assertTrue(((Number) certificate.get("smallest_eigenvalue")).doubleValue() > 0);
    assertEquals(true, certificate.get("start_inside"));
  }

  @Test
  void theRegularizerMovesTheAnswer() throws IOException {
    generate("interior");
    solve("--regularization", "0.01").succeeded();
    assertEquals("inconsistent_target", result().get("status"));
    assertTrue(result().get("method").toString().endsWith("then newton"));
    double[] once = Inputs.vector(path("results/x.npy"));
    double[] omega = new double[60];
    Arrays.fill(omega, 0.01);
    write(path("omega.npy"), omega);
    solve(
            "--regularization",
            path("omega.npy"),
            "--method",
            "gauss-newton",
            "--start",
            path("problem/x.npy"))
        .succeeded();
    assertArrayEquals(once, Inputs.vector(path("results/x.npy")), 1e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"newton", "sampled-newton"})
  void theGradientProblemIsSolved(String method) throws IOException {
    generate("interior");
    double[] x = vector("x.npy");
    double[] sigma = vector("sigma.npy");
    double[] b = vector("b.npy");
    double[] g = new double[3];
    try (RowSource A = Inputs.matrix(path("problem/A.npy"))) {
      double[] row = new double[3];
      for (int i = 0; i < 60; i++) {
        A.read(i, 1, row);
        double slack = row[0] * x[0] + row[1] * x[1] + row[2] * x[2] - b[i];
        for (int j = 0; j < 3; j++) {
          g[j] += row[j] * sigma[i] / slack;
        }
      }
    }
    write(path("g.npy"), g);
    double[] start = x.clone();
    start[1] -= 1e-3;
    write(path("start.npy"), start);
    Run.of(
            "solve-gradient",
            "--matrix",
            path("problem/A.npy"),
            "--offset",
            path("problem/b.npy"),
            "--gradient",
            path("g.npy"),
            "--start",
            path("start.npy"),
            "--method",
            method,
            "--out",
            path("results"))
        .succeeded();
    assertRecovered();
    assertEquals("converged", result().get("status"));
    assertEquals(method, result().get("method"));
  }

  @Test
  void scalesRowsForScoresAndForTyler() throws IOException {
    generate("interior");
    Object[] args = {"scale", "--matrix", path("problem/A.npy"), "--out", path("results")};
    Run.of(with(args, "--scores", path("problem/sigma.npy"))).succeeded();
    assertEquals(List.of("result.json", "weights.npy"), Run.files(path("results")));
    assertEquals("converged", result().get("status"));
    double[] w = Inputs.vector(path("results/weights.npy"));
    assertTrue(Arrays.stream(w).allMatch(value -> value > 0));
    Run.of(with(args, "--tyler")).succeeded();
    assertEquals(
        List.of("distances.npy", "location.npy", "result.json", "scatter.npy", "weights.npy"),
        Run.files(path("results")));
    assertEquals("origin", result().get("location"));
    Run.of(with(args, "--tyler", "--location", "HR", "--normalize", "det")).succeeded();
    assertEquals("hr", result().get("location"));
    assertEquals("det", result().get("normalise"));
    assertEquals(0.0, result().get("shrinkage"));
    assertEquals(60, Inputs.vector(path("results/distances.npy")).length);
    Run.of(with(args, "--tyler", "--location", path("results/location.npy"))).refusal();
    Files.copy(path("results/location.npy"), path("mu.npy"));
    Run.of(with(args, "--tyler", "--location", path("mu.npy"), "--shrinkage", "0.1")).succeeded();
    assertEquals("given", result().get("location"));
    assertEquals(0.1, result().get("shrinkage"));
    assertArrayEquals(Inputs.vector(path("mu.npy")), Inputs.vector(path("results/location.npy")));
    String alone =
        Run.of(with(args, "--scores", path("problem/sigma.npy"), "--location", "mean")).refusal();
    assertTrue(alone.contains("--location: expected --tyler"), alone);
    String size = Run.of(with(args, "--tyler", "--normalise", "norm")).refusal();
    assertTrue(size.contains("--normalise: expected trace or det, got 'norm'"), size);
    try (RowSource S = Inputs.matrix(path("results/scatter.npy"))) {
      assertEquals(3, S.rows());
      assertEquals(3, S.columns());
    }
    double[] sigma = vector("sigma.npy");
    sigma[0] = 1.5;
    write(path("problem/sigma.npy"), sigma);
    String large = Run.of(with(args, "--scores", path("problem/sigma.npy"))).refusal();
    assertTrue(large.endsWith("row 0: expected a leverage score between 0 and 1, got 1.5"), large);
    sigma[0] = sigma[1]; // no farther off than noise
    write(path("problem/sigma.npy"), sigma);
    assertEquals(Main.NO_ANSWER, Run.of(with(args, "--scores", path("problem/sigma.npy"))).code());
    assertEquals("infeasible_target", result().get("status"));
    String missing = Run.of(args).refusal();
    assertTrue(missing.contains("--tyler"), missing);
  }

  private static Object[] with(Object[] args, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  @Test
  void limitsEndASolveWithItsBestX() throws IOException {
    generate("mixed");
    assertEquals(Main.NO_ANSWER, solve("--max-work", "30").code());
    assertEquals("work_limit", result().get("status"));
    assertEquals(3, Inputs.vector(path("results/x.npy")).length);
    assertEquals(Main.NO_ANSWER, solve("--time-limit", "1e-9").code());
    Map<String, Object> late = result();
    assertEquals("time_limit", late.get("status"));
    assertTrue(
        late.get("message").toString().endsWith(" s > 1.00e-09 s; no x was found by then"),
        late.toString());
    assertEquals(List.of("result.json"), Run.files(path("results"))); // nor is the last one left
    Map<?, ?> options = (Map<?, ?>) late.get("options");
    assertEquals(1e-9, ((Number) options.get("time_limit")).doubleValue());
    solve("--max-work", "1e6", "--time-limit", "1e4", "--memory", "200m").succeeded();
    assertRecovered();
    options = (Map<?, ?>) result().get("options");
    assertEquals(200L << 20, ((Number) options.get("memory")).longValue());
  }

  @Test
  void quietPrintsNothing() throws IOException {
    generate("interior");
    Run run = solve("--quiet").succeeded();
    assertEquals("", run.out());
    assertEquals("", run.err());
    assertRecovered();
  }

  @Test
  void writesResultsThatAreNoAnswer() throws IOException {
    generate("interior");
    write(path("problem/b.npy"), new double[60]); // every multiple of x has the same scores
    Run.of(
            "scores",
            "--matrix",
            path("problem/A.npy"),
            "--offset",
            path("problem/b.npy"),
            "--at",
            path("problem/x.npy"),
            "--out",
            path("problem/sigma.npy"))
        .succeeded();
    assertEquals(Main.NO_ANSWER, solve().code());
    assertEquals(List.of("result.json", "x.csv", "x.npy"), Run.files(path("results")));
    assertEquals("not_identifiable", result().get("status"));
    assertNotNull(result().get("free_direction"));
  }

  @Test
  void aDeviceThatIsNotThereIsBadInput() throws IOException {
    generate("interior");
    String message = solve("--device", "abacus").refusal();
    assertTrue(message.contains("abacus"), message);
    assertFalse(Files.exists(path("results")));
  }

  @Test
  void numbersThatAreNotFiniteInTheMatrixAreBadInput() throws IOException {
    generate("interior");
    Path A = path("problem/A.npy");
    long size = Files.size(A);
    try (FileChannel channel = FileChannel.open(A, StandardOpenOption.WRITE)) {
      byte[] nan = {0, 0, 0, 0, 0, 0, (byte) 0xf8, 0x7f};
      channel.write(ByteBuffer.wrap(nan), size - 8);
    }
    assertEquals(
        "levinv: " + A + ", row 59, column 2: expected a finite number, got NaN",
        solve().refusal());
    assertFalse(Files.exists(path("results")));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aDiskThatFillsUpLeavesNothing() throws Exception {
    Run run =
        Run.withSmallDisk(
            400,
            "generate",
            "--rows",
            20_000,
            "--columns",
            8,
            "--kind",
            "interior",
            "--device",
            "reference",
            "--out",
            path("deep/problem"));
    String message = run.refusal();
    assertTrue(message.startsWith("levinv: " + path("deep/problem/A.npy")), message);
    assertTrue(message.contains("cannot be written: "), message);
    assertEquals(List.of(), Run.files(directory));
  }

  private void generate(String kind, String... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "generate",
                "--rows",
                60,
                "--columns",
                3,
                "--kind",
                kind,
                "--device",
                "reference",
                "--out",
                path("problem")));
    args.addAll(List.of(more));
    Run.of(args.toArray()).succeeded();
  }

  private Run solve(Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "solve",
                "--matrix",
                path("problem/A.npy"),
                "--offset",
                path("problem/b.npy"),
                "--scores",
                path("problem/sigma.npy"),
                "--out",
                path("results")));
    args.addAll(Arrays.asList(more));
    return Run.of(args.toArray());
  }

  private void assertRecovered() {
    assertEquals(List.of("result.json", "x.csv", "x.npy"), Run.files(path("results")));
    assertArrayEquals(vector("x.npy"), Inputs.vector(path("results/x.npy")), 1e-9);
  }

  private Map<String, Object> result() throws IOException {
    return JsonFile.read(path("results/result.json"));
  }

  private double[] vector(String name) {
    return Inputs.vector(path("problem/" + name));
  }

  private static void write(Path file, double[] v) {
    try (ResultFiles files = ResultFiles.in(file.getParent())) {
      files.stage(file.getFileName().toString(), v);
      files.commit();
    }
  }

  private Path path(String name) {
    return directory.resolve(name);
  }
}
