package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.files.Inputs;

/** {@code levinv scores}: of A, of diag(w) A and at an x; and what has no scores. */
class ScoresTest {
  @TempDir Path directory;

  /** The level of a factor of each row. */
  private static final int[] LEVEL = {0, 1, 0, 2, 1, 0, 2, 2, 0};

  @BeforeEach
  void writeTheDesign() throws IOException {
    Files.writeString(
        path("A.csv"),
        IntStream.of(LEVEL)
            .mapToObj(k -> IntStream.range(0, 3).mapToObj(j -> j == k ? "1" : "0"))
            .map(row -> row.collect(Collectors.joining(",")))
            .collect(Collectors.joining("\n", "p,q,r\n", "\n")));
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  private Path column(String name, double... values) throws IOException {
    return Files.writeString(
        path(name),
        Arrays.stream(values)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining("\n", "v\n", "\n")));
  }

  private Run scores(Object... more) {
    Object[] args =
        Arrays.copyOf(
            new Object[] {"scores", "--matrix", path("A.csv"), "--out", path("h.npy")},
            5 + more.length);
    System.arraycopy(more, 0, args, 5, more.length);
    return Run.of(args);
  }

  /** With more rows than one piece has, read by several threads: the digits tell the bits. */
  @Test
  void asTextTheyAreTheSame() {
    Run.of("generate", "--rows", 70_000, "--columns", 3, "--kind", "mixed", "--out", path("p"))
        .succeeded();
    for (String out : List.of("s.npy", "s.csv")) {
      Run.of("scores", "--matrix", path("p/A.npy"), "--out", path(out)).succeeded();
    }
    assertArrayEquals(Inputs.vector(path("s.npy")), Inputs.vector(path("s.csv")));
    assertEquals(
        List.of("A.csv", "p", "p/A.npy", "p/b.npy", "p/sigma.npy", "p/x.npy", "s.csv", "s.npy"),
        Run.files(directory));
  }

  /** Of a one-way layout: one over the rows of the level, or the share of the squared weights. */
  @Test
  void withoutAnXTheyAreHatValues() throws IOException {
    String said = scores().succeeded().out();
    assertTrue(said.contains("about 15 digits hold"), said);
    assertArrayEquals(
        IntStream.of(LEVEL).mapToDouble(k -> new double[] {1 / 4.0, 1 / 2.0, 1 / 3.0}[k]).toArray(),
        Inputs.vector(path("h.npy")),
        1e-15);
    double[] w = {1, 2, 3, 0, 5, -6, 7e-3, 8e-3, 9};
    scores("--row-weights", column("w.csv", w), "--memory", "64m").succeeded();
    double[] total = new double[3];
    for (int i = 0; i < w.length; i++) {
      total[LEVEL[i]] += w[i] * w[i];
    }
    assertArrayEquals(
        IntStream.range(0, w.length).mapToDouble(i -> w[i] * w[i] / total[LEVEL[i]]).toArray(),
        Inputs.vector(path("h.npy")),
        1e-15);
  }

  /** Weights of real columns, which are of very different units, give back the scores. */
  @Test
  void weightsOfRealDataGiveTheirScores() throws IOException {
    Path data = Path.of("../examples/wdbc");
    Run.of(
            "scale",
            "--matrix",
            data.resolve("A.csv"),
            "--scores",
            data.resolve("sigma.csv"),
            "--out",
            path("scaled"))
        .succeeded();
    Run.of(
            "scores",
            "--matrix",
            data.resolve("A.csv"),
            "--row-weights",
            path("scaled/weights.npy"),
            "--out",
            path("h.npy"))
        .succeeded();
    double[] sigma = Inputs.vector(data.resolve("sigma.csv"));
    assertArrayEquals(sigma, Inputs.vector(path("h.npy")), 1e-9);
  }

  /** A level whose rows all weigh nothing is none. */
  @Test
  void columnsWithoutWeightAreDependent() throws IOException {
    String said = scores("--row-weights", column("w.csv", 1, 0, 1, 1, 0, 1, 1, 1, 1)).refusal();
    assertTrue(said.contains("expected independent columns, rank 3, got rank 2: column 1 "), said);
    assertFalse(Files.exists(path("h.npy")));
  }

  /** The third column is the sum of the others: any rounding would make numbers of it. */
  @Test
  void dependentColumnsAreRefusedWithTheirRank() throws IOException {
    Files.writeString(
        path("A.csv"),
        IntStream.range(1, 20)
            .mapToObj(i -> i + "," + Math.sqrt(i) + "," + (i + Math.sqrt(i)))
            .collect(Collectors.joining("\n", "p,q,r\n", "\n")));
    String plain = scores().refusal();
    String expected = "rank 3, got rank 2: column 2 (r) depends on columns 0 (p) and 1 (q)";
    assertTrue(plain.endsWith(expected), plain);
    Path b = column("b.csv", IntStream.range(1, 20).mapToDouble(i -> -i % 5 - 1).toArray());
    String at = scores("--offset", b, "--at", column("x.csv", 0.3, 0.1, 0.7)).refusal();
    assertTrue(at.endsWith(expected), at);
    assertFalse(Files.exists(path("h.npy")));
  }

  @Test
  void aSlackOfZeroNamesItsRow() throws IOException {
    Path b = column("b.csv", 0, 0, 0, 0, 2, 0, 0, 0, 0);
    String said = scores("--offset", b, "--at", column("x.csv", 1, 2, 3)).refusal();
    assertTrue(said.contains("A.csv, row 4: expected a nonzero a_i.x - b_i, got 0"), said);
    assertFalse(Files.exists(path("h.npy")));
  }

  @Test
  void fewDigitsAreWarnedOf() throws IOException {
    Files.writeString(
        path("A.csv"),
        IntStream.range(1, 20)
            .mapToObj(i -> i + "," + (i + 1e-12 * (i % 3)))
            .collect(Collectors.joining("\n", "p,q\n", "\n")));
    Run run = scores().succeeded();
    assertTrue(run.err().contains("warning: the columns of the matrix are nearly"), run.err());
    assertEquals("", scores("--quiet").out());
  }

  @ParameterizedTest
  @CsvSource({
    "--at, x.csv, --offset b with it",
    "--offset, b.csv, --at x with it",
  })
  void anXNeedsItsOffset(String option, String file, String expected) throws IOException {
    String said = scores(option, column(file, 1, 2, 3)).refusal();
    assertTrue(said.contains(expected), said);
  }

  @Test
  void anXHasWeightsOfItsOwn() throws IOException {
    Path b = column("b.csv", 1, 1, 1, 1, 1, 1, 1, 1, 1);
    Path x = column("x.csv", 0, 0, 0);
    String said = scores("--offset", b, "--at", x, "--row-weights", b).refusal();
    assertTrue(said.contains("--row-weights: expected no --at"), said);
  }
}
