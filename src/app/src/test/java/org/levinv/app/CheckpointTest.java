package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.files.Inputs;
import org.levinv.files.JsonFile;

/** Searches that end early and go on. */
class CheckpointTest {
  @TempDir Path directory;

  @BeforeEach
  void generate() {
    Run.of(
            "generate",
            "--rows",
            20_000,
            "--columns",
            20,
            "--kind",
            "mixed",
            "--out",
            directory.resolve("problem"))
        .succeeded();
  }

  private Path problem(String name) {
    return directory.resolve("problem").resolve(name);
  }

  private Path results(String name) {
    return directory.resolve("results").resolve(name);
  }

  private Run solve(Object... more) {
    return solveFor(problem("sigma.npy"), more);
  }

  private Run solveFor(Path scores, Object... more) {
    return Run.of(
        with(
            new Object[] {
              "solve",
              "--matrix",
              problem("A.npy"),
              "--offset",
              problem("b.npy"),
              "--scores",
              scores,
              "--out",
              directory.resolve("results")
            },
            more));
  }

  private static Object[] with(Object[] first, Object... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray();
  }

  /** Ends where the limit is, with the checkpoint of a refinement. */
  private Map<?, ?> solveInPart() {
    double whole = number("work", wholeSolve());
    Run run = solve("--checkpoint", 0, "--max-work", 0.7 * whole);
    assertEquals(Main.NO_ANSWER, run.code(), run.err());
    assertEquals(
        List.of("checkpoint.json", "result.json", "x.csv", "x.npy"),
        Run.files(directory.resolve("results")));
    Map<?, ?> standing = (Map<?, ?>) JsonFile.read(results("checkpoint.json")).get("standing");
    assertEquals("refinement", standing.get("stage"));
    Map<String, Object> part = JsonFile.read(results("result.json"));
    assertEquals(number("work", part), number("work", standing), "all that it spent");
    assertEquals(number("seconds", part), number("seconds", standing));
    return standing;
  }

  private Map<String, Object> wholeSolve() {
    solve().succeeded();
    return JsonFile.read(results("result.json"));
  }

  private static double number(String key, Map<?, ?> of) {
    return ((Number) of.get(key)).doubleValue();
  }

  @Test
  void whatALimitEnded_goesOn() {
    Map<String, Object> whole = wholeSolve();
    double[] x = Inputs.vector(results("x.npy"));
    Map<?, ?> spent = solveInPart();
    assertEquals(Main.NO_ANSWER, solve("--checkpoint", 0, "--max-work", 1).code());
    double more = number("work", JsonFile.read(results("result.json")));
    Run run = solve("--checkpoint", 0).succeeded();
    assertTrue(run.err().contains("levinv: goes on from its checkpoint, after "), run.err());
    Map<String, Object> rest = JsonFile.read(results("result.json"));
    assertArrayEquals(x, Inputs.vector(results("x.npy")), 1e-12);
    assertTrue(number("work", rest) < number("work", whole), rest.get("work") + " for the rest");
    Map<?, ?> before = (Map<?, ?>) rest.get("resumed");
    assertEquals(number("work", spent) + more, number("work", before), 1e-9, "of both runs");
    assertTrue(number("seconds", before) > number("seconds", spent));
    assertEquals(List.of("result.json", "x.csv", "x.npy"), Run.files(directory.resolve("results")));
  }

  @Test
  void aRunWithoutOne_leavesNoneOfAnEarlierSearch() {
    solveInPart();
    assertEquals(Main.NO_ANSWER, solve("--max-work", 5).code());
    assertTrue(Files.exists(results("checkpoint.json"))); // which that run did not go beyond
    solve().succeeded();
    assertEquals(List.of("result.json", "x.csv", "x.npy"), Run.files(directory.resolve("results")));
  }

  @Test
  void anotherRun_isNotAnsweredWithIt() throws IOException {
    solveInPart();
    Path file = results("checkpoint.json");
    String before = file + ": expected the checkpoint of a run with the same inputs and options, ";
    String after = "; remove it to begin anew, or name another folder";
    String seed = solve("--checkpoint", 0, "--seed", 3).refusal();
    assertEquals("levinv: " + before + "got one with seed 0, not 3" + after, seed);
    String signs = solve("--checkpoint", 0, "--signs", "unknown").refusal();
    assertTrue(signs.contains("got one with signs auto, not unknown"), signs);
    double[] sigma = Inputs.vector(problem("sigma.npy"));
    Files.writeString(problem("sigma.csv"), text(sigma));
    String scores = solveFor(problem("sigma.csv"), "--checkpoint", 0).refusal();
    assertTrue(scores.contains("got one with another scores, "), scores);
    solve("--checkpoint", 0, "--threads", 1, "--max-work", 500).succeeded();
  }

  private static String text(double[] values) {
    StringBuilder text = new StringBuilder();
    Arrays.stream(values).forEach(value -> text.append(value).append('\n'));
    return text.toString();
  }

  @Test
  void whatIsNoCheckpoint_isRefused() throws IOException {
    Files.createDirectories(directory.resolve("results"));
    Files.writeString(results("checkpoint.json"), "{\"version\": ");
    String refusal = solve("--checkpoint", 1).refusal();
    assertEquals(
        "levinv: " + results("checkpoint.json") + ": expected JSON, but the file is truncated",
        refusal);
    Files.writeString(results("checkpoint.json"), "");
    refusal = solve("--checkpoint", 1).refusal();
    assertTrue(refusal.endsWith(": expected a JSON object, got an empty file"), refusal);
    Files.writeString(results("checkpoint.json"), "[1]");
    refusal = solve("--checkpoint", 1).refusal();
    assertTrue(refusal.endsWith(": expected a JSON object, got ["), refusal);
    Files.writeString(results("checkpoint.json"), "{\"version\": oh}");
    refusal = solve("--checkpoint", 1).refusal();
    assertTrue(refusal.contains("checkpoint.json, line 1, column "), refusal);
    assertTrue(refusal.endsWith(": expected JSON"), refusal);
    Files.writeString(results("checkpoint.json"), "{}");
    refusal = solve("--checkpoint", 1).refusal();
    assertTrue(refusal.contains("got one with version null, not "), refusal);
  }

  @Test
  void whatHasNone_isRefused() {
    String refusal = solve("--checkpoint", -1).refusal();
    assertEquals(
        "levinv: --checkpoint: expected a number of seconds, 0 or more, got -1.0", refusal);
  }

  /** Of damage that is still JSON each kind names the file. */
  @Test
  void aDamagedSearch_isRefusedByName() throws IOException {
    solveInPart();
    Path file = results("checkpoint.json");
    String whole = Files.readString(file);
    String start = whole.substring(0, whole.indexOf("\"standing\""));
    for (String damage :
        List.of(
            "'stage': 'refinement', 'searches': 0, 'attempts': 0, 'work': 1, 'seconds': 1, 'x': [1]"
                + "|: expected an x of 20 entries, one for each column of the matrix, got 1",
            "'stage': 'dream', 'searches': 0, 'attempts': 0, 'work': 1, 'seconds': 1, 'x': null"
                + "|: standing: expected a stage of a search, got dream",
            "'stage': 'refinement', 'searches': 0, 'attempts': 0, 'work': 1, 'seconds': 1, 'x': null"
                + "|: standing: expected an x at stage REFINEMENT",
            "'stage': 'attempt'|: standing: expected work and seconds of 0 or more, got NaN and"
                + " NaN")) {
      String[] parts = damage.split("\\|");
      String standing = "\"standing\": {" + parts[0].replace('\'', '"') + "}}";
      Files.writeString(file, start + standing);
      assertEquals("levinv: " + file + parts[1], solve("--checkpoint", 0).refusal());
    }
  }

  /** What is found stays, and what was cut off goes on. */
  @Test
  void severalTargets_goOn() throws IOException {
    double whole = number("work", wholeSolve());
    double[] noisy = Inputs.vector(problem("sigma.npy"));
    Random random = new Random(1);
    Arrays.setAll(noisy, i -> noisy[i] * (1 + 1e-3 * random.nextGaussian()));
    Path second = Files.writeString(problem("second.csv"), text(noisy)); // takes more
    Object[] targets = {"--scores", second, "--checkpoint", 0};
    Run run = solve(with(targets, "--max-work", 1.2 * whole, "--quiet"));
    assertEquals(Main.NO_ANSWER, run.code(), run.err());
    assertEquals("", run.out());
    assertTrue(run.err().contains("levinv: " + results("second") + ": work_limit: "), run.err());
    Run rest = solve(targets).succeeded();
    assertTrue(
        rest.out().contains(results("sigma") + ": converged, found by an earlier run"), rest.out());
    assertTrue(rest.err().contains("goes on from its checkpoint"), rest.err());
    for (String name : List.of("sigma", "second")) {
      assertTrue(Files.exists(results(name).resolve("x.npy")), name);
      assertTrue(Files.notExists(results(name).resolve("checkpoint.json")), name);
    }
  }

  @Test
  void rowWeights_goOn() {
    Object[] scale = {
      "scale", "--matrix", problem("A.npy"), "--tyler", "--location", "hr", "--out", results("")
    };
    Run.of(scale).succeeded();
    double[] whole = Inputs.vector(results("weights.npy"));
    double[] location = Inputs.vector(results("location.npy"));
    double work = number("work", JsonFile.read(results("result.json")));
    List<String> stages = new ArrayList<>();
    for (double share : new double[] {0.4, 0.85}) {
      Run part = Run.of(with(scale, "--checkpoint", 0, "--max-work", share * work));
      assertEquals(Main.NO_ANSWER, part.code(), part.out() + part.err());
      double spent = number("work", JsonFile.read(results("result.json")));
      Map<?, ?> standing = (Map<?, ?>) JsonFile.read(results("checkpoint.json")).get("standing");
      stages.add(standing.get("stage").toString());
      Run rest = Run.of(with(scale, "--checkpoint", 0)).succeeded();
      assertTrue(rest.err().contains("goes on from its checkpoint"), rest.err());
      assertArrayEquals(whole, Inputs.vector(results("weights.npy")), 1e-9 * whole[0]);
      assertArrayEquals(location, Inputs.vector(results("location.npy")), 1e-9);
      Map<String, Object> result = JsonFile.read(results("result.json"));
      assertTrue(number("work", result) < work, result.get("work") + " of " + work);
      assertEquals(spent, number("work", (Map<?, ?>) result.get("resumed")));
      assertTrue(Files.notExists(results("checkpoint.json")));
    }
    assertEquals(List.of("location", "weights"), stages);
    Run.of(with(scale, "--checkpoint", 0, "--max-work", 0.4 * work));
    scale[5] = "mean";
    String other = Run.of(with(scale, "--checkpoint", 0)).refusal();
    assertTrue(other.contains("got one with location hr, not mean"), other);
  }

  @Test
  void localMethods_goOn() throws IOException {
    double[] truth = Inputs.vector(problem("x.npy"));
    Files.writeString(problem("x0.csv"), text(Arrays.stream(truth).map(v -> v + 1e-6).toArray()));
    Object[] local = {"--method", "newton", "--start", problem("x0.csv"), "--checkpoint", 0};
    Run run = solve(with(local, "--max-work", 30));
    assertEquals(Main.NO_ANSWER, run.code(), run.err());
    Run rest = solve(local).succeeded();
    assertTrue(rest.err().contains("goes on from its checkpoint"), rest.err());
    assertArrayEquals(truth, Inputs.vector(results("x.npy")), 1e-10);
  }
}
