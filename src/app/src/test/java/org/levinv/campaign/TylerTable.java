package org.levinv.campaign;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.levinv.ArrayRows;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.ScaleResult;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.files.Inputs;
import org.levinv.files.ResultFiles;
import org.levinv.method.weights.WeightsProblem;
import org.levinv.method.weights.WeightsSearch;
import org.levinv.pass.SurveyPass;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * Tyler's M-estimator of five data sets: ours beside the usual fixed point S = (d/n) sum of a a^T /
 * (a^T S^-1 a), with the same primitives on the same device and in plain NumPy, all until the next
 * change is predicted to be 1e-12. What {@code ci/tyler} prints: the fastest of many runs, after a
 * second of them for the compiler, ours and the fixed point in turn; a run goes from the array of
 * rows to the scatter matrix. Arguments: the directory of wdbc's A.csv, and the NumPy script with
 * the Python that runs it, where there is one.
 */
public final class TylerTable {
  private static final double CHANGE = 1e-12;
  private static final int LIMIT = 5000;
  private static final double WARM_UP = 1;
  private static final double SECONDS = 8;
  private static final int FEWEST = 5;

  private final RowSource A;
  private double[] ours;
  private double[] fixed;
  private int rounds;
  private int evaluations;

  private TylerTable(RowSource A) {
    this.A = A;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, RowSource> data = new LinkedHashMap<>();
    data.put("Gaussian", rows(20_000, 20, 1, 0, 0));
    data.put("Cauchy", rows(10_000, 100, 2, 1, 0));
    data.put("Student t, 0.5 degrees", rows(2_000, 400, 3, 2, 0));
    data.put("correlated 0.99, Cauchy", rows(500, 200, 4, 1, 0.99));
    data.put("wdbc, real", Inputs.matrix(Path.of(args[0], "A.csv")));
    System.out.printf(
        "%-24s %11s | %20s %9s | %20s | %20s | %s%n",
        "data, milliseconds",
        "n, d",
        "ours (evaluations)",
        "verified",
        "fixed point (rounds)",
        "NumPy (rounds)",
        "difference to each");
    for (Map.Entry<String, RowSource> entry : data.entrySet()) {
      new TylerTable(entry.getValue()).compare(entry.getKey(), args);
    }
  }

  private void compare(String name, String[] args) throws IOException, InterruptedException {
    double[] best = new double[3];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    ScaleResult result = null;
    try (Device device = new CpuDevice(0);
        Inverter inverter = Inverter.open("cpu", 0)) {
      long begun = System.nanoTime();
      int counted = 0;
      while (seconds(begun) < WARM_UP + SECONDS || counted < FEWEST) {
        boolean counts = seconds(begun) > WARM_UP;
        long started = System.nanoTime();
        ours(device);
        double first = seconds(started);
        started = System.nanoTime();
        fixedPoint(device);
        double second = seconds(started);
        started = System.nanoTime();
        result = inverter.tyler(A, Options.defaults());
        double third = seconds(started);
        if (counts) {
          counted++;
          best[0] = Math.min(best[0], first);
          best[1] = Math.min(best[1], second);
          best[2] = Math.min(best[2], third);
        }
      }
    }
    Path folder = Files.createTempDirectory("tyler");
    String[] numpy = args.length > 2 ? numPy(folder, args[1], args[2]) : null;
    System.out.printf(
        Locale.ROOT,
        "%-24s %11s | %14.2f (%3d) %9.2f | %14.2f (%3d) | %20s | %.1e, %s  %s%n",
        name,
        A.rows() + ", " + A.columns(),
        1e3 * best[0],
        evaluations,
        1e3 * best[2],
        1e3 * best[1],
        rounds,
        numpy == null
            ? "not run"
            : String.format(Locale.ROOT, "%.2f (%s)", 1e3 * Double.parseDouble(numpy[1]), numpy[0]),
        difference(ours, fixed),
        numpy == null
            ? "-"
            : String.format(Locale.ROOT, "%.1e", difference(ours, read(folder.resolve("S.npy")))),
        result.status().word());
    for (String file : new String[] {"A.npy", "S.npy"}) {
      Files.deleteIfExists(folder.resolve(file));
    }
    Files.delete(folder);
  }

  /** Rounds and seconds. */
  private String[] numPy(Path folder, String script, String python)
      throws IOException, InterruptedException {
    try (ResultFiles files = ResultFiles.in(folder)) {
      files.stage("A.npy", A);
      files.commit();
    }
    Process process =
        new ProcessBuilder(python, script, folder.toString(), "" + SECONDS)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? text.trim().split(" ") : null;
  }

  private static double[] read(Path file) {
    RowSource S = Inputs.matrix(file);
    double[] all = new double[S.columns() * S.columns()];
    S.read(0, S.columns(), all);
    return all;
  }

  private static double seconds(long started) {
    return (System.nanoTime() - started) * 1e-9;
  }

  private static double difference(double[] found, double[] expected) {
    int d = (int) Math.round(Math.sqrt(found.length));
    double worst = 0;
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < d; k++) {
        double size = Math.sqrt(expected[j * d + j] * expected[k * d + k]);
        worst = Math.max(worst, Math.abs(found[j * d + k] - expected[j * d + k]) / size);
      }
    }
    return worst;
  }

  private void ours(Device device) {
    try (RowStore store = LeafStore.resident(ProblemRows.of(A), device);
        Workspace own = new Workspace(device)) {
      WeightsProblem problem =
          new WeightsProblem(store, store.run(new SurveyPass(store.rows(), store.columns(), null)));
      WeightsSearch search = new WeightsSearch(problem, own);
      search.run(CHANGE, LIMIT, (stage, k, residual) -> {});
      ours = search.scatter();
      evaluations = search.evaluations();
    }
  }

  /** A round is one Gram matrix and, but for the last, one quadratic form for each row. */
  private void fixedPoint(Device device) {
    int d = A.columns();
    try (Workspace own = new Workspace(device)) {
      TallMatrix rows = ResidentMatrix.upload(A, own);
      Vector u = own.vector(rows.rows());
      Matrix S = own.matrix(d, d);
      Matrix last = own.matrix(d, d);
      Matrix R = own.matrix(d, d);
      Matrix inverseR = own.matrix(d, d);
      rows.squaredRowNorms(u);
      device.map(Formula.RECIPROCAL, 0, u, null, null, u); // 1 / ||a||^2
      double before = 1;
      for (rounds = 1; rounds <= LIMIT; rounds++) {
        rows.weightedGram(u, S); // S = A^T diag(u) A
        device.axpy(-1, S, last);
        double change = device.norm(last) / device.norm(S);
        device.copy(S, last);
        if (change * Math.min(1, change / before) <= CHANGE) { // the next change
          break;
        }
        before = change;
        device.cholesky(S, R);
        device.invertTriangular(R, inverseR);
        rows.squaredNorms(inverseR, u); // a^T S^-1 a
        device.map(Formula.RECIPROCAL, 0, u, null, null, u);
        device.scale((double) d / rows.rows(), u);
      }
      fixed = new double[d * d];
      device.download(S, fixed);
      double trace = 0;
      for (int j = 0; j < d; j++) {
        trace += fixed[j * d + j];
      }
      for (int k = 0; k < fixed.length; k++) {
        fixed[k] *= d / trace;
      }
    }
  }

  /** Rows of correlated normals, divided by |normal|^power. */
  private static RowSource rows(int n, int d, long seed, double power, double correlation) {
    Random random = new Random(seed);
    double[][] A = new double[n][d];
    for (double[] a : A) {
      Arrays.setAll(a, j -> random.nextGaussian());
      for (int j = 1; j < d; j++) {
        a[j] = correlation * a[j - 1] + Math.sqrt(1 - correlation * correlation) * a[j];
      }
      double length = Math.pow(Math.abs(random.nextGaussian()), -power);
      for (int j = 0; j < d; j++) {
        a[j] *= length;
      }
    }
    return ArrayRows.of(A);
  }
}
