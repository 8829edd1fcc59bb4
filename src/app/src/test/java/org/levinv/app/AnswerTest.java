package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import org.levinv.files.JsonFile;

/** What a solve leaves beside its answer. */
class AnswerTest {
  private static final int N = 60;
  private static final int D = 3;

  @TempDir Path directory;

  @BeforeEach
  void generate() {
    Run.of(
            "generate",
            "--rows",
            N,
            "--columns",
            D,
            "--kind",
            "mixed",
            "--noise",
            "1e-3",
            "--out",
            path("problem"))
        .succeeded();
  }

  @Test
  void vectorsAreThoseAtTheAnswer() throws IOException {
    solve("--write", "scores,residuals,slacks").succeeded();
    assertEquals(
        List.of("residuals.npy", "result.json", "scores.npy", "slacks.npy", "x.csv", "x.npy"),
        Run.files(path("results")));
    double[] scores = Inputs.vector(path("results/scores.npy"));
    double[] residuals = Inputs.vector(path("results/residuals.npy"));
    double[] target = Inputs.vector(path("problem/sigma.npy"));
    Run.of(
            "scores",
            "--matrix",
            path("problem/A.npy"),
            "--offset",
            path("problem/b.npy"),
            "--at",
            path("results/x.npy"),
            "--out",
            path("again.npy"))
        .succeeded();
    assertArrayEquals(Inputs.vector(path("again.npy")), scores); // the same bits
    double[] expected = new double[N];
    Arrays.setAll(expected, i -> scores[i] - target[i]);
    assertArrayEquals(expected, residuals);
    // slacks are rounded once, and the plain sums here some times
    assertArrayEquals(slacks(), Inputs.vector(path("results/slacks.npy")), 1e-13);
    Map<?, ?> evaluation = (Map<?, ?>) JsonFile.read(path("results/result.json")).get("evaluation");
    assertEquals(List.of("scores.npy", "residuals.npy", "slacks.npy"), evaluation.get("files"));
    assertEquals(null, evaluation.get("message"));
    assertTrue(((Number) evaluation.get("passes")).doubleValue() >= 2);
    assertTrue(((Number) evaluation.get("work")).doubleValue() >= 2);
  }

  /** Scores beside the coefficients of a model are its hat values, not those of other weights. */
  @Test
  void scoresAreThoseOfTheWeights() throws IOException {
    modelScores(path("problem/x.npy"), path("hat.npy"));
    Run.of(
            "solve",
            "--weights",
            "logistic",
            "--matrix",
            path("problem/A.npy"),
            "--scores",
            path("hat.npy"),
            "--out",
            path("model"),
            "--write",
            "scores,residuals")
        .succeeded();
    modelScores(path("model/x.npy"), path("again.npy"));
    double[] scores = Inputs.vector(path("model/scores.npy"));
    assertArrayEquals(Inputs.vector(path("again.npy")), scores); // the same bits
    assertArrayEquals(Inputs.vector(path("hat.npy")), scores, 1e-9); // the fit's tolerance
  }

  private void modelScores(Path at, Path out) {
    Run.of(
            "scores",
            "--weights",
            "logistic",
            "--matrix",
            path("problem/A.npy"),
            "--at",
            at,
            "--out",
            out)
        .succeeded();
  }

  /** What lies beside a result.json belongs to it, and what others put there stays. */
  @Test
  void vectorsOfAnEarlierResultGoAndFilesOfOthersStay() throws IOException {
    solve("--write", "scores").succeeded();
    Files.writeString(path("results/slacks.npy"), "someone's own");
    solve().succeeded();
    assertEquals(
        List.of("result.json", "slacks.npy", "x.csv", "x.npy"), Run.files(path("results")));
    assertFalse(JsonFile.read(path("results/result.json")).containsKey("evaluation"));
  }

  @Test
  void reportsOfAnswersAndOfFailures() throws IOException {
    solve("--report", "--write", "slacks").succeeded();
    assertEquals(
        List.of("report.html", "result.json", "slacks.npy", "x.csv", "x.npy"),
        Run.files(path("results")));
    String page = Files.readString(path("results/report.html"));
    assertTrue(page.contains("inconsistent_target") && page.contains("plot-scores"), page);
    Map<?, ?> evaluation = (Map<?, ?>) JsonFile.read(path("results/result.json")).get("evaluation");
    assertEquals(List.of("slacks.npy", "report.html"), evaluation.get("files"));
    // a work limit ends the solve before its first step
    Run failed = solve("--report", "--max-work", "1e-3");
    assertEquals(Main.NO_ANSWER, failed.code(), failed.err());
    assertEquals(
        List.of("report.html", "result.json", "x.csv", "x.npy"), Run.files(path("results")));
    page = Files.readString(path("results/report.html"));
    assertTrue(page.contains("class=\"status bad\">work_limit"), page);
    solve().succeeded();
    assertEquals(List.of("result.json", "x.csv", "x.npy"), Run.files(path("results")));
  }

  @Test
  void aVectorThatWouldReplaceAnInputIsRefused() throws IOException {
    Files.createDirectories(path("results"));
    Files.copy(path("problem/sigma.npy"), path("results/scores.npy"));
    Run run = Run.of(with(path("results/scores.npy"), "--write", "scores"));
    assertTrue(run.refusal().contains("this file is an input"), run.err());
    assertEquals(List.of("scores.npy"), Run.files(path("results")));
  }

  @Test
  void limitsOfTheSolveDoNotEndTheEvaluation() throws IOException {
    Run run = solve("--max-work", "1e-3", "--write", "slacks");
    assertEquals(Main.NO_ANSWER, run.code(), run.err());
    assertArrayEquals(slacks(), Inputs.vector(path("results/slacks.npy")), 1e-12);
  }

  /** The answer was found and is written; that the vector is missing is said, and no success. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aDiskThatFillsUpLeavesTheAnswer() throws Exception {
    Run.of(
            "generate",
            "--rows",
            40_000,
            "--columns",
            2,
            "--kind",
            "interior",
            "--out",
            path("problem"))
        .succeeded();
    // 200 blocks are 200 KiB at most, and the scores take 320
    Run run =
        Run.withSmallDisk(
            200,
            with(path("problem/sigma.npy"), "--device", "reference", "--write", "scores,slacks"));
    assertEquals(Main.BAD_INPUT, run.code(), run.err());
    assertTrue(run.err().contains(".npy: cannot be written: "), run.err());
    assertEquals(List.of("result.json", "x.csv", "x.npy"), Run.files(path("results")));
    Map<?, ?> result = JsonFile.read(path("results/result.json"));
    assertEquals("converged", result.get("status"));
    assertEquals(List.of(), ((Map<?, ?>) result.get("evaluation")).get("files"));
  }

  @Test
  void gradientsHaveNoResiduals() throws IOException {
    Files.writeString(path("g.csv"), "1\n1\n1\n");
    Run run =
        Run.of(
            "solve-gradient",
            "--matrix",
            path("problem/A.npy"),
            "--offset",
            path("problem/b.npy"),
            "--gradient",
            path("g.csv"),
            "--start",
            path("problem/x.npy"),
            "--out",
            path("results"),
            "--write",
            "residuals");
    assertTrue(run.refusal().contains("expected scores or slacks"), run.err());
  }

  /** A x - b at the answer. */
  private double[] slacks() throws IOException {
    double[] x = Inputs.vector(path("results/x.npy"));
    double[] s = Inputs.vector(path("problem/b.npy"));
    try (RowSource A = Inputs.matrix(path("problem/A.npy"))) {
      double[] row = new double[D];
      for (int i = 0; i < N; i++) {
        A.read(i, 1, row);
        s[i] = -s[i];
        for (int j = 0; j < D; j++) {
          s[i] += row[j] * x[j];
        }
      }
    }
    return s;
  }

  private Run solve(Object... more) {
    return Run.of(with(path("problem/sigma.npy"), more));
  }

  private Object[] with(Path scores, Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "solve",
                "--matrix",
                path("problem/A.npy"),
                "--offset",
                path("problem/b.npy"),
                "--scores",
                scores,
                "--out",
                path("results")));
    args.addAll(Arrays.asList(more));
    return args.toArray();
  }

  private Path path(String name) {
    return directory.resolve(name);
  }
}
