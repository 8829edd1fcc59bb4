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
