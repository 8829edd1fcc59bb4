package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.files.JsonFile;

/** Several targets in one command. */
class ManyScoresTest {
  @TempDir Path directory;

  private Path file(String name) {
    return directory.resolve("p").resolve(name);
  }

  private Run solve(Path out, Path[] targets, Object... more) {
    Object[] words = new Object[9 + 2 * targets.length + more.length];
    System.arraycopy(more, 0, words, words.length - more.length, more.length);
    Object[] first = {
      "solve",
      "--matrix",
      file("A.npy"),
      "--offset",
      file("b.npy"),
      "--signs",
      "positive",
      "--out",
      out
    };
    System.arraycopy(first, 0, words, 0, first.length);
    for (int k = 0; k < targets.length; k++) {
      words[9 + 2 * k] = "--scores";
      words[10 + 2 * k] = targets[k];
    }
    return Run.of(words);
  }

  @BeforeEach
  void problem() throws IOException {
    Run.of("generate", "--rows", 90, "--columns", 3, "--kind", "interior", "--out", file(""))
        .succeeded();
    Path at = directory.resolve("at.csv");
    Files.writeString(at, "0\n0\n0\n");
    Run.of(
            "scores",
            "--matrix",
            file("A.npy"),
            "--offset",
            file("b.npy"),
            "--at",
            at,
            "--out",
            directory.resolve("zero.npy"))
        .succeeded();
  }

  @Test
  void eachHasItsFolder_withTheBytesOfASolveOfItsOwn() throws IOException {
    Path all = directory.resolve("all");
    Path[] targets = {file("sigma.npy"), directory.resolve("zero.npy")};
    Run run = solve(all, targets);
    for (Path target : targets) {
      String name = target.getFileName().toString().replace(".npy", "");
      Path one = directory.resolve("one-" + name);
      int code = solve(one, new Path[] {target}).code();
      assertTrue(run.code() >= code, run.out()); // the worst
      assertArrayEquals(
          Files.readAllBytes(one.resolve("x.npy")),
          Files.readAllBytes(all.resolve(name).resolve("x.npy")));
      Map<?, ?> inputs =
          (Map<?, ?>) JsonFile.read(all.resolve(name).resolve("result.json")).get("inputs");
      assertEquals(target.toString(), ((Map<?, ?>) inputs.get("scores")).get("file"));
      assertEquals(3, inputs.size());
      assertTrue(run.out().contains(all.resolve(name) + ":"), run.out());
    }
  }

  @Test
  void eachHasItsReport_withTheStepsOfItsOwnSolve() throws IOException {
    Path all = directory.resolve("all");
    Path[] targets = {file("sigma.npy"), directory.resolve("zero.npy")};
    solve(all, targets, "--report", "--write", "scores");
    for (Path target : targets) {
      String name = target.getFileName().toString().replace(".npy", "");
      Path one = directory.resolve("one-" + name);
      solve(one, new Path[] {target}, "--report", "--write", "scores");
      assertArrayEquals(
          Files.readAllBytes(one.resolve("scores.npy")),
          Files.readAllBytes(all.resolve(name).resolve("scores.npy")));
      assertEquals(marks(one), marks(all.resolve(name)));
    }
  }

  /** Points of plots: those of the convergence are the steps that were heard. */
  private static long marks(Path folder) throws IOException {
    return Files.readString(folder.resolve("report.html")).split("<circle").length;
  }

  /** So large that time and memory are told beforehand, for which the device is measured. */
  @Test
  void largeProblems_areAnnouncedBeforeAnyTarget() throws IOException {
    Path large = directory.resolve("large");
    Run.of("generate", "--rows", 4000, "--columns", 500, "--kind", "interior", "--out", large)
        .succeeded();
    Path other = directory.resolve("other.npy");
    Files.copy(large.resolve("sigma.npy"), other);
    Run run =
        Run.of(
            "solve",
            "--matrix",
            large.resolve("A.npy"),
            "--offset",
            large.resolve("b.npy"),
            "--scores",
            large.resolve("sigma.npy"),
            "--scores",
            other,
            "--max-work",
            2,
            "--out",
            directory.resolve("all"));
    assertEquals(Main.NO_ANSWER, run.code(), run.err());
  }

  @Test
  void equalNames_areRefusedBeforeAnyWork() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other")).resolve("sigma.npy");
    Files.copy(file("sigma.npy"), other);
    Path out = directory.resolve("out");
    String message = solve(out, new Path[] {file("sigma.npy"), other}).refusal();
    assertTrue(message.contains("expected files of different names"), message);
    assertTrue(Files.notExists(out));
  }
}
