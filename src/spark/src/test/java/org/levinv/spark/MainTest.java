package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.Options;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Signs;
import org.levinv.VectorSource;
import org.levinv.app.Screen;
import org.levinv.files.Inputs;
import org.levinv.files.ResultFiles;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The command of spark-submit, in the Spark of this process. */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MainTest {
  private static final Path SCHEMA = Path.of("../app/src/main/schema/result.schema.json");

  private static JavaSparkContext context;
  private static Planted problem;

  @TempDir Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ByteArrayOutputStream problems = new ByteArrayOutputStream();
  private Path result;
  private String out;

  @BeforeAll
  static void open() {
    context = Contexts.local();
    context
        .hadoopConfiguration()
        .set("fs." + PlantedFileSystem.SCHEME + ".impl", PlantedFileSystem.class.getName());
    problem = new Planted(Recipe.of(5_000, 6).withKind(Kind.MIXED).withSeed(1));
  }

  @AfterAll
  static void close() {
    context.close();
  }

  @BeforeEach
  void write() {
    problem.write(folder);
    result = folder.resolve("result");
    out = result.toUri().toString();
  }

  private int run(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(List.of("--out", out));
    said.reset();
    problems.reset();
    return Main.execute(
        arguments.toArray(String[]::new), new PrintStream(said), new PrintStream(problems));
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private String[] files(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--matrix",
                file("A.npy"),
                "--offset",
                file("b.npy"),
                "--scores",
                file("sigma.npy")));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private void assertRefused(String expected, String... arguments) {
    assertEquals(2, run(arguments), problems::toString);
    assertEquals("levinv: " + expected, problems.toString().strip());
  }

  /** What the schema of the distribution says of the result. */
  private JsonNode assertSchema() throws IOException {
    JsonNode json = new ObjectMapper().readTree(result.resolve("result.json").toFile());
    assertEquals(
        Set.of(),
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(Files.readString(SCHEMA))
            .validate(json));
    return json;
  }

  // ---- results

  @Test
  void writesWhatSolveWrites_fromFilesAndFromATable() throws IOException {
    double[] expected = problem.resident(Options.defaults()).x();
    assertEquals(0, run(files("--partitions", "3")), problems::toString);
    assertArrayEquals(expected, Inputs.vector(result.resolve("x.npy")));
    assertTrue(Files.exists(result.resolve("x.csv")));
    JsonNode json = assertSchema();
    assertEquals("converged", json.get("status").asText());
    assertEquals(5_000, json.get("rows").asInt());
    assertEquals("--partitions", json.at("/command/7").asText());
    assertTrue(said.toString().startsWith("converged: "), said::toString);
    problem.table(context, false, 1).write().parquet(file("table"));
    assertEquals(
        0, run("--table", file("table"), "--sign-column", "sign", "--quiet"), problems::toString);
    assertEquals("", said.toString());
    assertEquals("given", assertSchema().get("signs").asText());
    Signs signs = Signs.given(VectorSource.of("signs", problem.signs));
    double[] given = problem.resident(Options.defaults().withSigns(signs)).x();
    assertArrayEquals(given, Inputs.vector(result.resolve("x.npy")));
  }

  @Test
  void rowsAtTheAnswer_onAnyFileSystem() throws IOException {
    out = result.toUri().toString().replaceFirst("file:/*", PlantedFileSystem.SCHEME + ":/");
    String signs = file("signs.npy").replaceFirst("^", PlantedFileSystem.SCHEME + ":");
    assertEquals(
        0, run(files("--signs", signs, "--write", "residuals,scores")), problems::toString);
    JsonNode json = assertSchema();
    assertEquals("rows.parquet", json.at("/evaluation/files/0").asText());
    List<Row> rows =
        Planted.session(context)
            .read()
            .parquet(result.resolve("rows.parquet").toString())
            .orderBy("row")
            .collectAsList();
    assertEquals(5_000, rows.size());
    assertEquals(List.of("row", "leverage", "residual"), List.of(rows.get(0).schema().names()));
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(i, rows.get(i).getLong(0));
      assertEquals(problem.sigma[i], rows.get(i).getDouble(1), 1e-10);
      assertEquals(rows.get(i).getDouble(1) - problem.sigma[i], rows.get(i).getDouble(2));
    }
    // a later result has no such rows, and starts where it is told
    assertEquals(0, run(files("--start", result.resolve("x.npy").toString())), problems::toString);
    assertFalse(Files.exists(result.resolve("rows.parquet")));
    assertNull(assertSchema().get("evaluation"));
    assertNotNull(assertSchema().at("/options/start"));
  }

  @Test
  void priorWeights_fromAFileAndFromAColumn() throws IOException {
    Planted.Weighted weighted = problem.new Weighted(Options.defaults());
    try (ResultFiles files = ResultFiles.in(folder)) {
      files.stage("sigma.npy", weighted.sigma);
      files.stage("v.npy", weighted.v);
      files.commit();
    }
    weighted.table(context, 1).write().parquet(file("table"));
    for (String[] arguments :
        List.of(
            files("--prior-weights", file("v.npy"), "--write", "scores"),
            new String[] {
              "--table", file("table"), "--prior-weight-column", "weight", "--write", "scores"
            })) {
      assertEquals(0, run(arguments), problems::toString);
      assertEquals("converged", assertSchema().get("status").asText());
      assertArrayEquals(weighted.resident.x(), Inputs.vector(result.resolve("x.npy")));
      List<Row> rows =
          Planted.session(context)
              .read()
              .parquet(result.resolve("rows.parquet").toString())
              .orderBy("row")
              .collectAsList();
      for (int i = 0; i < rows.size(); i++) {
        assertEquals(weighted.sigma[i], rows.get(i).getDouble(1), 1e-10);
      }
    }
    assertRefused(
        "--prior-weights: expected with --matrix, got --table; --prior-weight-column names a"
            + " column of them",
        "--table",
        file("table"),
        "--prior-weights",
        file("v.npy"));
    assertRefused(
        "--prior-weight-column: expected with --table, got --matrix",
        files("--prior-weight-column", "weight"));
    try (ResultFiles files = ResultFiles.in(folder)) {
      weighted.v[7] = 0;
      files.stage("v.npy", weighted.v);
      files.commit();
    }
    assertRefused(
        file("v.npy") + ", row 7: expected a weight above 0, got 0.0",
        files("--prior-weights", file("v.npy")));
  }

  @Test
  void whatIsNoAnswer_isExitCode3() throws IOException {
    assertEquals(3, run(files("--max-work", "3", "--write", "scores")), problems::toString);
    JsonNode json = assertSchema();
    assertEquals("work_limit", json.get("status").asText());
    assertEquals("rows.parquet", json.at("/evaluation/files/0").asText());
    assertTrue(Files.exists(result.resolve("rows.parquet/_SUCCESS")));
  }

  @Test
  void aSignal_leavesTheBestSoFar() throws Exception {
    Planted large = new Planted(Recipe.of(20_000, 6).withNoise(0.05).withSeed(3));
    large.write(folder);
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx1g",
                "-cp",
                Contexts.classPath(),
                "-Dspark.master=local[1]",
                "-Dspark.ui.enabled=false"));
    command.addAll(Contexts.opens());
    command.addAll(List.of("org.levinv.spark.Main", "--verbose", "--out", out));
    command.addAll(List.of(files("--tolerance", "1e-15", "--partitions", "4")));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      StringBuilder heard = new StringBuilder();
      process
          .inputReader()
          .lines()
          .peek(line -> heard.append(line).append('\n'))
          .filter(line -> line.contains("residual"))
          .findFirst()
          .ifPresent(line -> process.toHandle().destroy()); // SIGTERM
      process.inputReader().lines().forEach(line -> heard.append(line).append('\n'));
      assertTrue(process.waitFor(2, TimeUnit.MINUTES));
      assertEquals(130, process.exitValue(), heard::toString);
      assertEquals("interrupted", assertSchema().get("status").asText());
    } finally {
      process.destroyForcibly();
    }
  }

  // ---- what is refused

  @Test
  void whatCannotBeUsed_isExitCode2_andOneLine() throws IOException {
    assertEquals(2, run(files("--signs", file("none.npy"))));
    assertTrue(
        problems.toString().startsWith("levinv: --signs: expected auto, positive, negative,"),
        problems::toString);
    assertEquals(2, run("--matrix", file("none.npy"), "--offset", "b.npy", "--scores", "s.npy"));
    assertTrue(problems.toString().contains("none.npy: cannot be read: "), problems::toString);
    assertEquals(1, problems.toString().lines().count(), problems::toString);
    assertRefused(
        "expected --matrix, --offset and --scores, or --table alone", "--matrix", file("A.npy"));
    assertRefused("--matrix: expected a name, got ''", "--matrix", "");
    assertRefused("--signs: expected a name, got ' '", files("--signs", " "));
    assertRefused("--write: expected scores, residuals or slacks, got none", files("--write", ","));
    assertRefused(
        "--sign-column: expected with --table, got --matrix", files("--sign-column", "sign"));
    assertEquals(2, run("--table", file("nowhere")));
    assertTrue(problems.toString().startsWith("levinv: --table "), problems::toString);
    assertEquals(2, run("--table", file("A.npy"), "--format", "nothing"));
    assertTrue(
        problems.toString().contains("[DATA_SOURCE_NOT_FOUND]")
            && problems.toString().lines().count() == 1,
        problems::toString);
    assertRefused(
        "unknown option '--no-such-option' (see levinv-spark --help)", files("--no-such-option"));
    assertRefused(
        "--time-limit: expected a number of seconds above 0, got -1.0",
        files("--time-limit", "-1"));
    assertRefused(
        "--tolerance: expected a number, got 'abc'" + " (see levinv-spark --help)",
        files("--tolerance", "abc"));
    assertRefused("--partitions: expected 0 or more, got -1", files("--partitions", "-1"));
    out = folder.toUri().toString();
    ResultFiles.in(folder).close();
    try (ResultFiles files = ResultFiles.in(folder)) {
      files.stage("x.npy", problem.x);
      files.commit();
    }
    assertEquals(2, run(files()));
    assertTrue(problems.toString().contains("expected a result.json beside it"), out);
    assertEquals(2, run(files("--start", file("x.npy"))));
    assertTrue(problems.toString().contains("this file is an input"), problems::toString);
    assertArrayEquals(problem.x, Inputs.vector(folder.resolve("x.npy")));
  }

  @Test
  void aTableThatCannotBeReadToItsEnd_isAFailureOfTheCluster() throws IOException {
    problem.table(context, false, 1).write().parquet(file("table"));
    try (Stream<Path> parts = Files.list(folder.resolve("table"))) {
      Path part = parts.filter(path -> path.toString().endsWith(".parquet")).findFirst().get();
      byte[] bytes = Files.readAllBytes(part);
      for (int k = 100; k < bytes.length / 2; k++) {
        bytes[k] ^= 0x55;
      }
      Files.write(part, bytes);
      Files.deleteIfExists(part.resolveSibling("." + part.getFileName() + ".crc"));
    }
    assertEquals(4, run("--table", file("table")), problems::toString);
    assertTrue(problems.toString().startsWith("levinv: Spark: "), problems::toString);
    assertEquals(1, problems.toString().lines().count(), problems::toString);
  }

  /** None is unknown: it works here, or is refused with a reason. */
  @Test
  void everyOptionOfSolve_isThereOrRefusedWithAReason() {
    PrintStream nowhere = new PrintStream(problems);
    Screen screen = new Screen(nowhere, nowhere, false);
    CommandLine solve = org.levinv.app.Main.commandLine(screen).getSubcommands().get("solve");
    CommandLine here = Main.commandLine(screen);
    for (OptionSpec option : solve.getCommandSpec().options()) {
      String name = option.longestName();
      boolean isHere = here.getCommandSpec().findOption(name) != null;
      String reason = NotOnACluster.reason(List.of(name + "=x"));
      assertTrue(isHere == (reason == null), name);
    }
    assertRefused(
        "--device: expected no such option on Spark: a task has the card that Spark gives it,"
            + " by spark.executor.resource.gpu, or the processor",
        files("--device", "cpu"));
  }
}
