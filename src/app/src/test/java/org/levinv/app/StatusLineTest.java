package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.Estimate;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Progress;
import org.levinv.VectorSource;

/** What people see while something runs. */
class StatusLineTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long now = 5 * SECOND;

  private StatusLine line(boolean terminal, boolean quiet, boolean verbose) {
    return new StatusLine(new Screen(err, err, terminal), quiet, verbose, () -> now);
  }

  private String shown() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    bytes.reset();
    return text;
  }

  @Test
  void aTerminalHasOneLineThatNeverWraps() {
    try (StatusLine line = line(true, false, false)) {
      line.begin(100_000, "cpu", null);
      assertEquals("\r\u001b[?7lreading all rows, 0.0 s\u001b[K\u001b[?7h", shown());
      line.step(new Progress.Step("refinement", 12, 1e-3, 2.5, 0.25)); // too soon to be shown
      assertEquals("", shown());
      now += SECOND / 2;
      line.attempt(2, 4000);
      line.step(new Progress.Step("refinement", 13, 2e-3, 3.5, 0.5));
      assertEquals(
          "\r\u001b[?7lrefining x, best residual 1.0e-03, 0.5 s (attempt 2, from 4,000 rows)"
              + "\u001b[K\u001b[?7h",
          shown());
    }
    assertEquals("\r\u001b[K", shown());
  }

  @Test
  void slowReadingsHaveAPercentage() {
    StatusLine line = line(true, false, false);
    line.doing("reading A.csv").accept(0.1);
    now += 2 * SECOND;
    shown();
    line.reading(0.4);
    assertTrue(shown().contains("reading A.csv 40%, 2.0 s"));
    line.reading(0); // another one begins
    now += SECOND / 2;
    line.reading(0.3);
    assertFalse(shown().contains("%"));
  }

  @Test
  void theEndIsEstimatedFromUsualWork() {
    StatusLine line = line(true, false, false);
    line.begin(1000, "cpu", new Estimate(1 << 20, true, 40, 1));
    now += 10 * SECOND;
    line.step(new Progress.Step("refinement", 1, 0.1, 10, 10));
    assertTrue(shown().contains("10 s, some 30 s to go"));
    now += 10 * SECOND;
    line.step(new Progress.Step("refinement", 2, 0.1, 41, 20)); // longer than usual: no word
    assertFalse(shown().contains("to go"));
  }

  @Test
  void longWorkIsAnnouncedAndShortWorkIsNot() {
    StatusLine log = line(false, false, false);
    log.begin(3_000_000, "cpu", new Estimate(3L << 30, true, 12, 95));
    assertEquals(
        "levinv: 3,000,000 rows on cpu: some 3.0 GiB of memory; usually some 2 min, reading of files"
            + " aside"
            + System.lineSeparator(),
        shown());
    log.begin(3_000_000, "cpu", new Estimate(3L << 30, false, 12, 4));
    log.begin(3_000_000, "cpu", new Estimate(3L << 30, false, Double.NaN, Double.NaN));
    assertEquals("", shown());
  }

  @Test
  void aLogHasALineAMinute() {
    StatusLine log = line(false, false, false);
    log.begin(1000, "cpu", null);
    for (int k = 0; k < 150; k++) {
      now += SECOND;
      log.step(new Progress.Step("least squares", k, 1.0 / (k + 1), k, k));
    }
    List<String> lines = shown().lines().toList();
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(
        lines.get(0).matches("levinv: least squares.*, best residual 1.7e-02, 1 min"),
        lines.get(0));
  }

  @Test
  void verboseHasALineAStepAndQuietHasNone() {
    StatusLine verbose = line(false, false, true);
    verbose.begin(1000, "cpu", null);
    verbose.attempt(1, 1000);
    verbose.step(new Progress.Step("magnitudes", 3, 0.25, 1.5, 0.1));
    List<String> lines = shown().lines().toList();
    assertEquals("levinv: attempt 1, with all rows", lines.get(0));
    assertTrue(
        lines.get(1).contains("sizes of the slacks") && lines.get(1).contains("step   3"),
        lines.get(1));
    try (StatusLine quiet = line(true, true, false)) {
      quiet.begin(1000, "cpu", new Estimate(1, true, 1, 1e9));
      quiet.step(new Progress.Step("magnitudes", 3, 0.25, 1.5, 0.1));
    }
    assertEquals("", shown());
  }

  /** A stage may begin without a residual: there is nothing to tell of it, and no best one. */
  @Test
  void residualsThatAreNotKnownAreLeftOut() {
    StatusLine verbose = line(true, false, true);
    verbose.begin(10, "cpu", null);
    verbose.step(new Progress.Step("signs", 0, Double.POSITIVE_INFINITY, 1.5, 0.1));
    now += SECOND;
    verbose.step(new Progress.Step("refinement", 0, Double.NaN, 2.5, 0.2));
    String said = shown();
    assertTrue(said.contains("work 1.5") && said.contains("work 2.5"), said);
    assertFalse(said.contains("residual"), said);
  }

  /** Not every residual is one of scores: the best of those that are is told. */
  @Test
  void bestResidualsAreOfScores() {
    StatusLine line = line(true, false, false);
    line.begin(10, "cpu", null);
    line.step(new Progress.Step("verification", 1, 1e-2, 1, 1));
    line.step(new Progress.Step("magnitudes", 1, 1e-9, 1, 1));
    now += SECOND;
    shown();
    line.step(new Progress.Step("groups: cell", 1, 1e-9, 1, 1));
    assertTrue(
        shown().contains("group by group, refining x in its cell of signs, best residual 1.0e-02"));
  }

  /** What the library tells: attempts with their rows, and readings from 0 to 1. */
  @Test
  void solvesTellOfAttemptsAndReadings() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(30_000, 4).withKind(Kind.MIXED));
    List<Long> attempts = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    Progress heard =
        new Progress() {
          @Override
          public void step(Step step) {}

          @Override
          public void attempt(int number, long rows) {
            assertEquals(attempts.size() + 1, number);
            attempts.add(rows);
          }

          @Override
          public synchronized void reading(double share) {
            shares.add(share);
          }
        };
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      double[] b = planted.offset().toArray();
      double[] sigma = inverter.scores(planted.matrix(), b, planted.solution());
      inverter.invert(
          new Problem(planted.matrix(), VectorSource.of("b", b), VectorSource.of("sigma", sigma)),
          Options.defaults().withProgress(heard));
      Estimate estimate = inverter.estimate(planted.matrix(), Options.defaults());
      assertTrue(estimate.resident());
      assertTrue(estimate.bytes() >= 30_000L * (4 + 2) * Double.BYTES, estimate.toString());
      assertTrue(estimate.work() > 0 && estimate.seconds() > 0, estimate.toString());
      assertFalse(
          inverter.estimate(planted.matrix(), Options.defaults().withMemory(600_000)).resident());
    }
    assertTrue(attempts.get(0) < 30_000, attempts.toString());
    assertTrue(shares.contains(0.0) && shares.stream().anyMatch(share -> share > 0.5));
    assertTrue(shares.stream().allMatch(share -> share >= 0 && share <= 1));
  }

  @Test
  void textThatIsDecodedTellsHowFarItIs(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("A.csv");
    Files.writeString(file, "1.25,2.5\n".repeat(100_000));
    List<Double> shares = new ArrayList<>();
    org.levinv.files.Inputs.matrix(file, shares::add).close();
    assertTrue(shares.size() > 5, "" + shares.size());
    assertEquals(1, shares.get(shares.size() - 1));
    assertEquals(shares.stream().sorted().toList(), shares);
  }
}
