package org.levinv.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.levinv.ArrayRows;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.files.ResultFiles;
import org.levinv.model.Scores;
import org.levinv.tall.ResidentMatrix;

/**
 * How fast the tall operations, a score evaluation and a whole solve are beside dgemm, the memory
 * and local solvers, all in one run: what {@code ci/benchmark} prints. Arguments: sizes such as
 * 4000x200, budget=SECONDS for each figure, limit=SECONDS for a local solver, least-squares=SCRIPT
 * that runs SciPy's.
 */
public final class Benchmark {
  private static final int[][] SIZES = {{4000, 200}, {20000, 100}, {200000, 30}, {3000, 1000}};

  /** Local solvers run at this size. */
  private static final int LOCAL_ROWS = 4000;

  private static final int LOCAL_COLUMNS = 200;

  /** The local solvers' start: no slack differs by more from that of the truth. */
  private static final double NEAR = 0.05;

  private final double budget;
  private final double limit;
  private final Path script;
  private final double bandwidth;

  private Benchmark(double budget, double limit, Path script) {
    this.budget = budget;
    this.limit = limit;
    this.script = script;
    this.bandwidth = CopyBandwidth.measure(budget);
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    List<int[]> sizes = new ArrayList<>();
    double budget = 2;
    double limit = 600;
    Path script = null;
    for (String arg : args) {
      if (arg.matches("[0-9]+x[0-9]+")) {
        sizes.add(Stream.of(arg.split("x")).mapToInt(Integer::parseInt).toArray());
      } else if (arg.startsWith("budget=")) {
        budget = Double.parseDouble(arg.substring(7));
      } else if (arg.startsWith("limit=")) {
        limit = Double.parseDouble(arg.substring(6));
      } else if (arg.startsWith("least-squares=")) {
        script = Path.of(arg.substring(14));
      } else {
        throw new IllegalArgumentException(
            "expected ROWSxCOLUMNS, budget=, limit= or least-squares=, got " + arg);
      }
    }
    Benchmark benchmark = new Benchmark(budget, limit, script);
    for (int[] size : sizes.isEmpty() ? List.of(SIZES) : sizes) {
      benchmark.run(new Problems(size[0], size[1]));
    }
  }

  private void run(Problems p) throws IOException, InterruptedException {
    System.out.printf(Locale.ROOT, "%nn = %d, d = %d, A %.1f MB%n", p.n, p.d, megabytes(p));
    double[] target;
    double evaluation;
    try (CpuDevice device = new CpuDevice(0);
        Workspace space = new Workspace(device)) {
      System.out.println(device.name());
      System.out.printf(
          "%-34s %11s %11s %9s %9s %8s%n",
          "", "minimum s", "median s", "GFLOP/s", "of dgemm", "of copy");
      double dgemm = dgemm(p, device);
      operations(p, device, dgemm);
      Scores scores = new Scores(ResidentMatrix.upload(ArrayRows.of(p.A), space), space);
      Vector x = space.upload(p.x);
      Vector b = space.upload(p.b);
      Timing time = Timing.of(budget, () -> scores.atPoint(x, b));
      evaluation = time.minimum();
      line("(d) one score evaluation", time, 2 * unit(p), dgemm, 0);
    }
    double solve;
    try (Inverter inverter = Inverter.open()) {
      target = inverter.scores(ArrayRows.of(p.A), p.b, p.x);
      solve = solve(p, inverter, target, evaluation);
    }
    if (p.n == LOCAL_ROWS && p.d == LOCAL_COLUMNS) {
      hipparchus(p, target, solve);
      scipy(p, target, solve);
    } else {
      double flops = 4.0 * p.n * p.n * p.d;
      System.out.printf(
          Locale.ROOT,
          "(f) local solvers: not run; each Jacobian -2 L W A needs %.1e flops for P o P (%.1f GB), a whole solve of levinv %.1e%n",
          flops,
          8e-9 * p.n * p.n,
          solve / evaluation * 2 * unit(p));
    }
  }

  private static double megabytes(Problems p) {
    return 8e-6 * p.n * p.d;
  }

  /** n d^2. */
  private static double unit(Problems p) {
    return (double) p.n * p.d * p.d;
  }

  /** Prints a line; {@code dgemm} in flops a second, {@code megabytes} read or 0. */
  private void line(String label, Timing time, double flops, double dgemm, double megabytes) {
    double rate = flops / time.minimum();
    System.out.printf(
        Locale.ROOT,
        "%-34s %11.5f %11.5f %9.1f %9s %8s%n",
        label,
        time.minimum(),
        time.median(),
        rate * 1e-9,
        dgemm > 0 ? String.format(Locale.ROOT, "%.0f %%", 100 * rate / dgemm) : "",
        megabytes > 0
            ? String.format(
                Locale.ROOT, "%.0f %%", 100 * megabytes * 1e6 / time.minimum() / bandwidth)
            : "");
  }

  /** Flops a second of the better of two products with A. */
  private double dgemm(Problems p, Device device) {
    try (Workspace space = new Workspace(device)) {
      Rows A = space.rows(p.n, p.d);
      Rows B = space.rows(p.n, p.d);
      Matrix C = space.matrix(p.d, p.d);
      device.upload(ArrayRows.of(p.A), A);
      device.upload(ArrayRows.of(p.A), B);
      Timing cross = Timing.of(budget, () -> device.crossGram(A, B, C));
      line("(a) dgemm A^T B", cross, 2 * unit(p), 0, 2 * megabytes(p));
      device.upload(identity(p.d), C);
      Timing product = Timing.of(budget, () -> device.timesMatrix(A, C, B));
      line("(a) dgemm A M", product, 2 * unit(p), 0, 2 * megabytes(p));
      return 2 * unit(p) / Math.min(cross.minimum(), product.minimum());
    }
  }

  private void operations(Problems p, Device device, double dgemm) {
    try (Workspace space = new Workspace(device)) {
      Rows A = space.rows(p.n, p.d);
      device.upload(ArrayRows.of(p.A), A);
      Random random = new Random(2);
      Vector positive = space.upload(random.doubles(p.n, 0.5, 2).toArray());
      Vector mixed = space.upload(random.doubles(p.n, -1, 1).toArray());
      Matrix G = space.matrix(p.d, p.d);
      Matrix R = space.matrix(p.d, p.d);
      Matrix inverseR = space.matrix(p.d, p.d);
      Vector q = space.vector(p.n);
      double size = megabytes(p);
      line(
          "(b) weightedGram, positive",
          Timing.of(budget, () -> device.weightedGram(A, positive, G)),
          unit(p),
          dgemm,
          size);
      if (device.cholesky(G, R) != 0) {
        throw new IllegalStateException("the Gram matrix is not positive definite");
      }
      device.invertTriangular(R, inverseR);
      line(
          "(b) weightedGram, mixed signs",
          Timing.of(budget, () -> device.weightedGram(A, mixed, G)),
          unit(p),
          dgemm,
          size);
      line(
          "(c) quadraticForms",
          Timing.of(budget, () -> device.quadraticForms(A, G, q)),
          2 * unit(p),
          dgemm,
          size);
      line(
          "(c) squaredNorms",
          Timing.of(budget, () -> device.squaredNorms(A, inverseR, q)),
          unit(p),
          dgemm,
          size);
    }
  }

  private static double[] identity(int d) {
    double[] identity = new double[d * d];
    for (int j = 0; j < d; j++) {
      identity[j * d + j] = 1;
    }
    return identity;
  }

  // ---- solves
  // --------------------------------------------------------------------------------------------------------------

  private double solve(Problems p, Inverter inverter, double[] target, double evaluation) {
    Problem problem = Problem.of(p.A, p.b, target);
    Options options = Options.defaults().withSigns(Signs.positive());
    Result[] result = new Result[1];
    Timing time = Timing.of(3 * budget, () -> result[0] = inverter.invert(problem, options));
    System.out.printf(
        Locale.ROOT,
        "%-34s %11.5f %11.5f   = %.1f evaluations of the scores; %s, residual %.1e, work %.1f, passes %.1f%n",
        "(e) whole solve, signs given",
        time.minimum(),
        time.median(),
        time.minimum() / evaluation,
        result[0].status().word(),
        result[0].relativeResidual(),
        result[0].work(),
        result[0].passes());
    RowSource rows = problem.A();
    Timing verification = Timing.of(budget, () -> inverter.scores(rows, p.b, p.x));
    System.out.printf(
        Locale.ROOT,
        "%-34s %11.5f %11.5f   = %.1f evaluations, %.0f %% of the solve%n",
        "    one verification, as in (e)",
        verification.minimum(),
        verification.median(),
        verification.minimum() / evaluation,
        100 * verification.minimum() / time.minimum());
    return time.minimum();
  }

  private void hipparchus(Problems p, double[] target, double solve) {
    try (CpuDevice device = new CpuDevice(0);
        DeviceModel model = new DeviceModel(device, p.A, p.b)) {
      hipparchus("scores and J on our device", model, p, target, solve);
    }
    hipparchus("all of it Hipparchus", new HipparchusModel(p.A, p.b), p, target, solve);
  }

  private void hipparchus(
      String label, LocalModel model, Problems p, double[] target, double solve) {
    LocalSolver.Outcome outcome = new LocalSolver(model, target).solve(p.near(NEAR), limit);
    System.out.printf(
        Locale.ROOT,
        "(f) Hipparchus Levenberg-Marquardt, %s: %.2f s (%.2f s of it for %d scores and Jacobians), %s, residual %.1e%n",
        label,
        outcome.seconds(),
        outcome.jacobianSeconds(),
        outcome.evaluations(),
        outcome.iterations() < 0 ? "stopped: time limit" : outcome.iterations() + " iterations",
        outcome.relativeResidual());
    ratio("Hipparchus", outcome.seconds(), outcome.goodAfter(), solve);
  }

  private static void ratio(String name, double seconds, double goodAfter, double solve) {
    System.out.printf(
        Locale.ROOT,
        "    %s / (e) = %.0f; residual %.0e %s%n",
        name,
        seconds / solve,
        LocalSolver.GOOD,
        goodAfter < Double.POSITIVE_INFINITY
            ? String.format(
                Locale.ROOT, "reached after %.2f s, / (e) = %.0f", goodAfter, goodAfter / solve)
            : "not reached");
  }

  private void scipy(Problems p, double[] target, double solve)
      throws IOException, InterruptedException {
    if (script == null) {
      System.out.println(
          "    SciPy least_squares: not run; python3 with scipy is not on this machine or the script was not named");
      return;
    }
    Path folder = Files.createTempDirectory("levinv-benchmark");
    try {
      try (ResultFiles files = ResultFiles.in(folder)) {
        files.stage("A.npy", ArrayRows.of(p.A));
        files.stage("b.npy", p.b);
        files.stage("sigma.npy", target);
        files.stage("start.npy", p.near(NEAR));
        files.commit();
      }
      Process python =
          new ProcessBuilder("python3", script.toString(), folder.toString(), "" + limit)
              .redirectErrorStream(true)
              .start();
      String text =
          new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
      int code = python.waitFor();
      String[] numbers = text.split("\\s+");
      if (code != 0 || numbers.length != 5) {
        System.out.println("    SciPy least_squares: failed: " + text);
        return;
      }
      double seconds = Double.parseDouble(numbers[0]);
      double goodAfter = Double.parseDouble(numbers[1]);
      System.out.printf(
          "(f) SciPy least_squares (trf)      %s s, %s evaluations, %s, residual %s%n",
          numbers[0], numbers[3], numbers[4], numbers[2]);
      ratio("SciPy", seconds, goodAfter, solve);
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }
}
