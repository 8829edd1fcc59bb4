package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.Options;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Signs;
import org.levinv.files.Inputs;
import org.levinv.files.ResultFolder;

/** The command of spark-submit, in the Spark of this process. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MainTest {
  private static JavaSparkContext context;

  @TempDir Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ByteArrayOutputStream problems = new ByteArrayOutputStream();

  @BeforeAll
  static void open() {
    context = Contexts.local();
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private int run(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(List.of("--out", folder.resolve("result").toUri().toString()));
    said.reset();
    problems.reset();
    return Main.execute(
        arguments.toArray(String[]::new), new PrintStream(said), new PrintStream(problems));
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private String[] files() {
    return new String[] {
      "--matrix", file("A.npy"), "--offset", file("b.npy"), "--scores", file("sigma.npy")
    };
  }

  private String[] files(String... more) {
    List<String> all = new ArrayList<>(List.of(files()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void writesWhatSolveWrites_fromFilesAndFromATable() {
    Planted problem = new Planted(Recipe.of(5_000, 6).withKind(Kind.MIXED).withSeed(1));
    problem.write(folder);
    double[] expected = problem.resident(Options.defaults()).x();
    assertEquals(0, run(files("--partitions", "3")), problems::toString);
    assertArrayEquals(expected, Inputs.vector(folder.resolve("result/x.npy")));
    assertTrue(Files.exists(folder.resolve("result/x.csv")));
    ResultFolder result = ResultFolder.read(folder.resolve("result"));
    assertEquals("converged", result.text("status"));
    assertEquals(5_000, result.number("rows"));
    assertTrue(said.toString().startsWith("converged: "), said::toString);
    problem.table(context, false, 1).write().parquet(file("table"));
    assertEquals(
        0, run("--table", file("table"), "--sign-column", "sign", "--quiet"), problems::toString);
    assertEquals("", said.toString());
    result = ResultFolder.read(folder.resolve("result"));
    assertEquals("given", result.text("signs"));
    double[] given =
        problem
            .resident(
                Options.defaults()
                    .withSigns(Signs.given(org.levinv.VectorSource.of("signs", problem.signs))))
            .x();
    assertArrayEquals(given, Inputs.vector(folder.resolve("result/x.npy")));
  }

  @Test
  void exitCodes() {
    Planted problem = new Planted(Recipe.of(5_000, 6).withSeed(2));
    problem.write(folder);
    assertEquals(3, run(files("--max-work", "3")));
    assertEquals("work_limit", ResultFolder.read(folder.resolve("result")).text("status"));
    assertEquals(2, run(files("--signs", file("none.npy"))));
    assertTrue(problems.toString().contains("none.npy: cannot be read: "), problems::toString);
    assertEquals(1, problems.toString().lines().count(), problems::toString);
    assertEquals(2, run("--matrix", file("A.npy")));
    assertEquals(
        "levinv: expected --matrix, --offset and --scores, or --table alone",
        problems.toString().strip());
    assertEquals(2, run("--table", file("nowhere")));
    assertTrue(problems.toString().startsWith("levinv: --table "), problems::toString);
    assertEquals(2, run(files("--no-such-option")));
    assertEquals(2, run(files("--time-limit", "-1")));
    assertFalse(problems.toString().contains("bug"), problems::toString);
  }
}
