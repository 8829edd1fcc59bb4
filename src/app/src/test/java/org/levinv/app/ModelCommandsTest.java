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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.files.Inputs;
import org.levinv.files.JsonFile;

/** Generalised linear models on the command line. */
class ModelCommandsTest {
  private static final int N = 80;

  @TempDir Path directory;

  private Path path(String name) {
    return directory.resolve(name);
  }

  private Path column(String name, double... values) throws IOException {
    List<String> lines = Arrays.stream(values).mapToObj(Double::toString).toList();
    return Files.write(path(name), lines);
  }

  private Run generate(Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("generate", "--rows", N, "--columns", 4, "--out", path("problem")));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray());
  }

  private Run solve(Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("solve", "--weights", "logistic", "--matrix", path("problem/A.npy")));
    arguments.addAll(
        List.of("--scores", path("problem/sigma.npy"), "--out", path("results"), "--quiet"));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray());
  }

  @Test
  void coefficientsOfAGeneratedModelAreFound() throws IOException {
    double[] v = new double[N];
    Arrays.setAll(v, i -> 1 + i % 3);
    Path prior = column("v.csv", v);
    generate("--weights", "logistic", "--reach", 3, "--prior-weights", prior).succeeded();
    double[] x = Inputs.vector(path("problem/x.npy"));
    solve("--prior-weights", prior, "--orient", "1:" + (x[1] > 0 ? "+" : "-")).succeeded();
    assertArrayEquals(x, Inputs.vector(path("results/x.npy")), 1e-8);
    Map<?, ?> result = JsonFile.read(path("results/result.json"));
    assertEquals(true, result.get("mirror"));
    assertTrue(((Map<?, ?>) result.get("inputs")).containsKey("prior-weights"));
    solve("--orient", "1:+"); // without its prior weights the model has other hat values
    assertTrue(
        Arrays.stream(Inputs.vector(path("results/x.npy"))).noneMatch(c -> Math.abs(c) == x[1]));
    double[] y = new double[N];
    double[] eta = predictor(x);
    Arrays.setAll(y, i -> eta[i] < 0 ? 1 : 0); // of the mirror image
    solve("--prior-weights", prior, "--orient", column("y.csv", y)).succeeded();
    double[] mirrored = Arrays.stream(x).map(c -> -c).toArray();
    assertArrayEquals(mirrored, Inputs.vector(path("results/x.npy")), 1e-8);
  }

  @Test
  void responsesThatTellNothingAreSaidAndStrangeOnesRefused() throws IOException {
    generate("--weights", "logistic", "--reach", 3).succeeded();
    double[] y = new double[N];
    Arrays.fill(y, 0.5);
    String said = solve("--orient", column("y.csv", y)).succeeded().err();
    assertTrue(
        said.startsWith(
            "levinv: warning: orient: what was given tells x and -x, which have the same scores,"
                + " not apart"),
        said);
    y[7] = 1;
    assertEquals("", solve("--orient", column("y.csv", y)).succeeded().err());
    y[3] = 2.5;
    assertEquals(
        "levinv: " + path("y.csv") + ", row 3: expected a response from 0 to 1, got 2.5",
        solve("--orient", column("y.csv", y)).refusal());
  }

  @Test
  void numbersTooLargeForWeightsAreSaidInTheirWords() throws IOException {
    generate("--weights", "logistic").succeeded();
    Path x = column("x.csv", 1e300, 1e300, 1e300, 1e300);
    Object[] at = {"--weights", "logistic", "--matrix", path("problem/A.npy"), "--at", x};
    String expected =
        "levinv: "
            + path("problem/A.npy")
            + ", diag(f(Ax - b)) A, with f of the weights logistic, is singular at this x in the"
            + " range of doubles";
    for (String command : List.of("audit", "scores")) {
      List<Object> words = new ArrayList<>(List.of(command));
      words.addAll(List.of(at));
      words.addAll(List.of("--out", path(command.equals("audit") ? "audit" : "s.npy")));
      assertEquals(expected, Run.of(words.toArray()).refusal());
    }
  }

  /** Hat values printed with few digits: the search descends, and goes on from there. */
  @Test
  void whatALimitEndedGoesOn() throws IOException {
    generate("--weights", "logistic", "--reach", 3).succeeded();
    double[] h = Inputs.vector(path("problem/sigma.npy"));
    Path printed = column("h.csv", Arrays.stream(h).map(v -> Math.round(v * 1e4) / 1e4).toArray());
    Object[] scores = {"--scores", printed, "--orient", "1:+", "--checkpoint", 0};
    Run.of(kept(scores)).succeeded();
    double[] whole = Inputs.vector(path("kept/x.npy"));
    double work = number("work");
    Files.delete(path("kept/result.json"));
    Files.delete(path("kept/x.npy"));
    String stage = null;
    for (double share = 0.1; !"least_squares".equals(stage); share += 0.1) {
      assertTrue(share < 1, "no descent in " + work);
      Run.of(kept(scores, "--max-work", share * work));
      Map<?, ?> checkpoint = JsonFile.read(path("kept/checkpoint.json"));
      Map<?, ?> standing = (Map<?, ?>) checkpoint.get("standing");
      stage = standing.get("stage").toString();
      if (!"least_squares".equals(stage)) {
        Files.delete(path("kept/checkpoint.json"));
      }
    }
    String other = Run.of(kept(scores, "--orient", "1:-")).refusal();
    assertTrue(other.contains("--orient: expected to be given once, got it again"), other);
    scores[3] = "1:-";
    other = Run.of(kept(scores)).refusal();
    assertTrue(other.contains("got one with orient 1:+, not 1:-"), other);
    scores[3] = "1:+";
    Run rest = Run.of(kept(scores)).succeeded();
    assertTrue(rest.err().contains("goes on from its checkpoint"), rest.err());
    assertArrayEquals(whole, Inputs.vector(path("kept/x.npy")), 1e-6);
    assertTrue(number("work") < work, number("work") + " of " + work);
    assertTrue(Files.notExists(path("kept/checkpoint.json")));
  }

  private Object[] kept(Object[] scores, Object... more) {
    List<Object> words =
        new ArrayList<>(
            List.of("solve", "--weights", "logistic", "--matrix", path("problem/A.npy")));
    words.addAll(List.of("--out", path("kept")));
    words.addAll(List.of(scores));
    words.addAll(List.of(more));
    return words.toArray();
  }

  private double number(String key) {
    return ((Number) JsonFile.read(path("kept/result.json")).get(key)).doubleValue();
  }

  @Test
  void severalTargetsHaveTheirFolders() throws IOException {
    generate("--weights", "logistic", "--reach", 3).succeeded();
    Files.copy(path("problem/sigma.npy"), path("h.npy"));
    Run.of(
            kept(
                new Object[] {"--scores", path("problem/sigma.npy"), "--scores", path("h.npy")},
                "--quiet"))
        .succeeded();
    solve().succeeded();
    byte[] alone = Files.readAllBytes(path("results/x.npy"));
    assertArrayEquals(alone, Files.readAllBytes(path("kept/sigma/x.npy")));
    assertArrayEquals(alone, Files.readAllBytes(path("kept/h/x.npy")));
  }

  private double[] predictor(double[] x) {
    double[] eta = new double[N];
    double[] row = new double[4];
    try (var A = Inputs.matrix(path("problem/A.npy"))) {
      for (int i = 0; i < N; i++) {
        A.read(i, 1, row);
        for (int j = 0; j < 4; j++) {
          eta[i] += row[j] * x[j];
        }
      }
    }
    return eta;
  }

  @Test
  void anAuditSaysWhatScoresGiveAway() throws IOException {
    generate("--weights", "logistic").succeeded();
    Run run =
        Run.of(
            "audit",
            "--weights",
            "logistic",
            "--matrix",
            path("problem/A.npy"),
            "--at",
            path("problem/x.npy"),
            "--out",
            path("audit"));
    run.succeeded();
    assertEquals(List.of("audit.json", "audit.svg"), Run.files(path("audit")));
    Map<?, ?> audit = JsonFile.read(path("audit/audit.json"));
    assertEquals(true, audit.get("mirror"));
    assertTrue(run.out().contains(audit.get("message").toString()), run.out());
    assertEquals(run.out(), Run.of("show", path("audit")).succeeded().out());
    List<?> decimals = (List<?>) audit.get("decimals");
    assertEquals(7, decimals.size());
    double before = Double.POSITIVE_INFINITY;
    for (Object one : decimals) {
      double error = ((Number) ((Map<?, ?>) one).get("relative_eta_error")).doubleValue();
      assertTrue(error > 0 && error < before); // one decimal more is some ten times nearer
      before = error;
      assertEquals(4, ((List<?>) ((Map<?, ?>) one).get("x_error")).size());
    }
    assertTrue(Files.readString(path("audit/audit.svg")).startsWith("<svg xmlns="));
    generate("--weights", "poisson").succeeded();
    Run free =
        Run.of(
            "audit",
            "--weights",
            "poisson",
            "--matrix",
            path("problem/A.npy"),
            "--at",
            path("problem/x.npy"),
            "--out",
            path("audit"));
    assertTrue(free.out().contains("do not determine this model"), free.out() + free.err());
  }

  /** Scores of diag(Ax - b)^-1 A are no hat values of a fit, nor is A x a predictor of one. */
  @Test
  void anAuditCallsScoresWhatTheyAre() {
    Path problem = path("planted");
    Run.of("generate", "--rows", 60, "--columns", 3, "--kind", "mixed", "--out", problem)
        .succeeded();
    Object[] audit = {
      "audit",
      "--matrix",
      problem.resolve("A.npy"),
      "--offset",
      problem.resolve("b.npy"),
      "--at",
      problem.resolve("x.npy"),
      "--out",
      path("audit")
    };
    String said = Run.of(audit).succeeded().out();
    assertTrue(said.contains("leverage scores with ") && said.contains(" give A x away"), said);
    assertFalse(said.contains("hat value") || said.contains("linear predictor"), said);
  }

  /** A linear predictor below 0 is no fit of a gamma model, and its hat values are none. */
  @Test
  void predictorsThatNoModelHasAreRefused() throws IOException {
    generate("--weights", "gamma").succeeded();
    double[] x = Inputs.vector(path("problem/x.npy"));
    Arrays.setAll(x, j -> -x[j]);
    Path at = column("x.csv", x);
    Path out = path("s.npy");
    for (String name : List.of("gamma", "inverse-gaussian")) {
      Object[] scores = {
        "scores", "--weights", name, "--matrix", path("problem/A.npy"), "--at", at, "--out", out
      };
      String said = Run.of(scores).refusal();
      assertTrue(
          said.contains("row 0: expected a_i.x - b_i above 0 for the weights " + name), said);
      assertTrue(Files.notExists(out));
      Object[] audit = {
        "audit", "--weights", name, "--matrix", path("problem/A.npy"), "--at", at, "--out", out
      };
      assertTrue(Run.of(audit).refusal().contains("above 0 for the weights " + name));
      assertTrue(Files.notExists(out));
    }
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    String said = generate("--weights", "logistic", "--kind", "mixed").refusal();
    assertTrue(said.contains("without --kind"), said);
    said = generate("--kind", "mixed", "--reach", "2").refusal();
    assertTrue(said.contains("expected --weights NAME"), said);
    said = generate().refusal();
    assertTrue(said.contains("--kind: expected interior or mixed, or --weights"), said);
    generate("--weights", "poisson", "--with-offset").succeeded();
    said = solve("--orient", "7:+").refusal();
    assertTrue(said.contains("a number from 0 to 3, got '7'"), said);
    said = solve("--orient", "age").refusal();
    assertTrue(said.contains("got 'age'"), said);
    double[] v = new double[N];
    Arrays.fill(v, -1);
    said = solve("--prior-weights", column("v.csv", v)).refusal();
    assertTrue(said.contains("v.csv, row 0: expected a weight above 0"), said);
  }
}
