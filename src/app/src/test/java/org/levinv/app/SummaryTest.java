package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.ScaleResult;
import org.levinv.Status;
import org.levinv.files.ResultFolder;

/** What {@code levinv show} makes of a folder. */
class SummaryTest {
  @TempDir Path directory;

  @Test
  void everyStatusHasASentence() {
    for (Status status : Status.values()) {
      assertKnown(folder(Map.of("status", status.word()), null, null));
    }
    for (ScaleResult.Status status : ScaleResult.Status.values()) {
      Map<String, Object> values = Map.of("status", status.word(), "infeasible_rows", List.of());
      assertKnown(folder(values, null, null));
    }
  }

  private static void assertKnown(ResultFolder result) {
    String sentence = Conclusion.of(result).sentence();
    assertFalse(sentence.startsWith("It ended with"), sentence);
    boolean good = List.of("converged", "inconsistent_target").contains(result.text("status"));
    assertEquals(good, sentence.startsWith("Found"), sentence); // of no other is it said
  }

  @Test
  void onlyFromAnXASearchCanGoOn() {
    Map<String, Object> values = Map.of("status", "work_limit");
    String with = Conclusion.of(folder(values, new double[] {2}, null)).next();
    String without = Conclusion.of(folder(values, null, null)).next();
    assertTrue(with.contains("--start DIR/x.npy"), with);
    assertFalse(without.contains("--start"), without);
    assertTrue(without.contains("There is no x to go on from."), without);
  }

  /** Of an x that is as far from the target as scores of 0 nobody is told to go on. */
  @Test
  void fromAnXThatIsNoBetterThanNoneNoSearchGoesOn() {
    for (String status : List.of("work_limit", "time_limit", "iteration_limit", "interrupted")) {
      Map<String, Object> values = Map.of("status", status, "relative_residual", 1.48);
      String next = Conclusion.of(folder(values, new double[] {2}, null)).next();
      assertFalse(next.contains("--start"), next);
      assertTrue(next.contains("no better than none: do not use it"), next);
      values = Map.of("status", status, "relative_residual", 0.5);
      next = Conclusion.of(folder(values, new double[] {2}, null)).next();
      assertTrue(next.contains("--start DIR/x.npy"), next);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "converged, rounding, 'the scores count as exact, and those of x agree to 2.1e-15 of themselves.'",
    "converged, given, Standard errors of x are not known.",
    "inconsistent_target, estimated, Standard errors of x are not known.",
    "not_identifiable, rounding, x has no standard errors: other x have the same scores.",
    "stalled, rounding, x has no standard errors: it is no answer."
  })
  void whyThereAreNoStandardErrorsIsSaid(String status, String source, String words) {
    Map<String, Object> values = new LinkedHashMap<>(Map.of("status", status));
    values.put("score_error", Map.of("value", 1e-16, "source", source));
    values.put("relative_residual", 2.1e-15);
    String shown = String.join("\n", Summary.of(folder(values, new double[] {2}, null), false));
    assertTrue(shown.contains(words), shown);
    values.put("x_error", List.of(0.1));
    shown = String.join("\n", Summary.of(folder(values, new double[] {2}, null), false));
    assertFalse(shown.contains("tandard errors"), shown);
  }

  @Test
  void standardErrorsMakeIntervalsAndWhatIsUnknownIsADash() {
    Map<String, Object> values = new LinkedHashMap<>(Map.of("status", "converged"));
    values.put("x_error", Arrays.asList(0.5, null));
    List<String> lines =
        Summary.of(folder(values, new double[] {2, -1}, List.of("age", "dose")), false);
    assertTrue(
        line(lines, "age").matches(" +age +2\\.0+ +0\\.50 +1\\.02\\d* +2\\.98\\d*"),
        line(lines, "age"));
    assertTrue(line(lines, "dose").matches(" +dose +-1\\.0+ +- +-"), line(lines, "dose"));
    values.put("x_error", null);
    lines = Summary.of(folder(values, new double[] {2, -1}, null), false);
    assertTrue(line(lines, "x[1]").matches(" +x\\[1\\] +-1\\.0+ +- +-"), line(lines, "x[1]"));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "4, '4, of which 1 did not end well'"})
  void allRowsTogetherAreNoGroupThatFailed(double count, String words) {
    Map<String, Object> values = new LinkedHashMap<>(Map.of("status", "stalled"));
    values.put("groups", Map.of("count", count, "failed", List.of("rows 0, 1, ...: stalled")));
    List<String> lines = Summary.of(folder(values, new double[] {2}, null), false);
    String shown = line(lines, "groups of rows");
    assertTrue(shown.strip().endsWith(" " + words), shown);
    int at = lines.indexOf("  rows 0, 1, ...: stalled");
    assertEquals("What did not end well:", lines.get(at - 1));
  }

  /** Both ends of an interval differ, however small it is. */
  @Test
  void digitsShowTheError() {
    Map<String, Object> values = new LinkedHashMap<>(Map.of("status", "inconsistent_target"));
    values.put("x_error", List.of(4.7e-7));
    double[] x = {1.771604};
    List<String> lines = Summary.of(folder(values, x, null), false);
    assertTrue(
        line(lines, "x[0]")
            .matches(" +x\\[0\\] +1\\.77160400 +4\\.7e-07 +1\\.77160308 +1\\.77160492"),
        line(lines, "x[0]"));
    assertTrue(lines.get(0).startsWith("Found the best fit"), lines.get(0));
    values.put("regularized", true);
    lines = Summary.of(folder(values, x, null), false);
    assertTrue(lines.get(0).startsWith("Found the minimum of the regularised loss"), lines.get(0));
  }

  @Test
  void manyColumnsAreCutUnlessAllAreAskedFor() {
    ResultFolder result =
        folder(
            Map.of("status", "converged"), IntStream.range(0, 99).asDoubleStream().toArray(), null);
    List<String> some = Summary.of(result, false);
    assertTrue(some.stream().anyMatch(line -> line.contains("and 59 more: --all, or x.csv")));
    assertFalse(some.stream().anyMatch(line -> line.contains("x[98]")));
    assertTrue(Summary.of(result, true).stream().anyMatch(line -> line.contains("x[98]")));
  }

  @Test
  void terminalsAreNotToldWhatToDo() {
    Map<String, Object> values = Map.of("status", "converged", "message", "a\u001b[2Jb\nc");
    List<String> lines = Summary.of(folder(values, new double[] {1}, List.of("p\u0007q")), false);
    assertEquals("  converged: a?[2Jb?c", lines.get(1));
    assertTrue(lines.stream().noneMatch(line -> line.matches(".*\\p{Cntrl}.*")));
    assertTrue(line(lines, "p?q").contains("1.0"));
  }

  @Test
  void foldersThatAreNoResultsAreRefused() throws IOException {
    Path missing = directory.resolve("missing");
    assertEquals(
        "levinv: " + missing + ": expected a folder that levinv wrote, no such file or directory",
        Run.of("show", missing).refusal());
    assertEquals(
        "levinv: "
            + directory
            + ": expected a folder with a result.json, as solve and scale write it",
        Run.of("show", directory).refusal());
    Path json = directory.resolve("result.json");
    for (String text : List.of("{\"status\": ", "[]", "{}", "{\"status\": 3}", "")) {
      Files.writeString(json, text);
      String refusal = Run.of("show", directory).refusal();
      assertTrue(refusal.startsWith("levinv: " + json + ": expected"), refusal);
    }
  }

  @Test
  void whatCommandsLeaveIsShown() throws IOException {
    Path csv = Files.writeString(directory.resolve("A.csv"), "p,q\n1,2\n3,4\n5,7\n2,-1\n1,1\n");
    Path out = directory.resolve("out");
    Run.of("scale", "--matrix", csv, "--tyler", "--out", out).succeeded();
    String shown = Run.of("show", out).succeeded().out();
    String score = "Found: Tyler's scatter matrix of the rows, with which all have the same score.";
    assertTrue(shown.startsWith(score), shown);
    assertTrue(shown.contains("  converged: all rows have the same score: relative"), shown);
    assertTrue(line(shown.lines().toList(), "rows about").endsWith("origin"), shown);
    assertTrue(shown.contains("Next: scatter.npy holds the matrix, location.npy what"), shown);
    assertTrue(shown.contains("rows, columns      5, 2"), shown);
    assertFalse(shown.contains("std. error"), shown);

    Path b = Files.writeString(directory.resolve("b.csv"), "-1\n-1\n-1\n-3\n-1\n");
    Path x = Files.writeString(directory.resolve("x.csv"), "0.25\n0.5\n");
    Path sigma = directory.resolve("sigma.npy");
    Run.of("scores", "--matrix", csv, "--offset", b, "--at", x, "--out", sigma).succeeded();
    Run.of("solve", "--matrix", csv, "--offset", b, "--scores", sigma, "--out", out).succeeded();
    shown = Run.of("show", out).succeeded().out();
    assertTrue(shown.startsWith("Found: x has the target"), shown);
    assertTrue(line(shown.lines().toList(), "p").contains("0.25"), shown);
    assertTrue(line(shown.lines().toList(), "q").contains("0.50"), shown);

    Path several = Files.createDirectory(directory.resolve("several"));
    Files.move(out, several.resolve("second"));
    Run.of("scale", "--matrix", csv, "--tyler", "--out", several.resolve("first")).succeeded();
    List<String> lines = Run.of("show", several).succeeded().out().lines().toList();
    assertEquals(3, lines.size());
    assertTrue(lines.get(1).matches(" +first +converged +\\S+"), lines.get(1));
    assertTrue(lines.get(2).matches(" +second +converged +\\S+"), lines.get(2));
  }

  private ResultFolder folder(Map<String, Object> values, double[] x, List<String> names) {
    return new ResultFolder(directory, values, x, names);
  }

  /** The one that begins with a word. */
  private static String line(List<String> lines, String word) {
    return lines.stream()
        .filter(line -> line.strip().startsWith(word + " "))
        .findFirst()
        .orElseThrow(() -> new AssertionError(word + " in " + String.join("\n", lines)));
  }
}
