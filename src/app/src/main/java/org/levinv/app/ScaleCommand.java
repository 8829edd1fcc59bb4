package org.levinv.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.ScaleResult;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.files.Digests;
import org.levinv.files.ResultFiles;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code levinv scale}. */
@Command(
    name = "scale",
    description = {
      "Finds row weights w > 0 such that diag(w) A has the given leverage scores, and writes"
          + " weights.npy and result.json.",
      "With --tyler all scores are d/n (radial isotropic position), and scatter.npy is Tyler's"
          + " M-estimator of scatter, d x d with trace d."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "  levinv scale --matrix A.npy --scores sigma.npy --out weights",
      "  levinv scale --matrix A.csv --tyler --out scatter"
    })
final class ScaleCommand implements Callable<Integer> {
  /** What the scores shall be. */
  static final class Target {
    @Option(
        names = "--scores",
        paramLabel = "sigma",
        required = true,
        description = "The target scores, n values that sum to d.")
    private Path scores;

    @Option(names = "--tyler", required = true, description = "d/n for every row.")
    private boolean tyler;
  }

  private final Screen screen;

  @Mixin private MatrixArgument matrix;

  @ArgGroup(multiplicity = "1")
  private Target target;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The directory for the results, made where it is missing.")
  private Path out;

  @Mixin private LimitArguments limits;

  @Mixin private CommonOptions common;

  ScaleCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    common.check();
    Options options = limits.apply(Options.defaults());
    ResultFiles.check(out, inputs().values(), "weights.npy", "scatter.npy", "result.json");
    try (StatusLine line = common.line(screen);
        Digests digests = Digests.of(inputs());
        RowSource A = matrix.open(line);
        Inverter inverter = common.open();
        ResultFiles files = ResultFiles.in(out)) {
      Shapes.checkTall(A);
      VectorSink weights = files.stage("weights.npy", A.rows());
      ScaleResult result = solve(inverter, A, options, weights, line);
      if (target.tyler) {
        files.stage("scatter.npy", result.scatter());
      }
      files.stage(
          result,
          options,
          common.provenance(inverter, digests, result.status() != ScaleResult.Status.INTERRUPTED));
      files.commit();
      line.clear();
      report(result);
      return switch (result.status()) {
        case CONVERGED -> Main.SUCCESS;
        case INTERRUPTED -> Main.INTERRUPTED;
        case DEVICE_FAILED -> Main.DEVICE_FAILURE;
        default -> Main.NO_ANSWER;
      };
    }
  }

  /** What must stay as it is. */
  private Map<String, Path> inputs() {
    Map<String, Path> inputs = new LinkedHashMap<>();
    inputs.put("matrix", matrix.file());
    if (!target.tyler) {
      inputs.put("scores", target.scores);
    }
    return inputs;
  }

  private ScaleResult solve(
      Inverter inverter, RowSource A, Options options, VectorSink weights, StatusLine line) {
    try (VectorSource sigma = target.tyler ? null : Shapes.openRows(target.scores, A, line)) {
      common.begin(line, inverter, A, null);
      Options heard = options.withProgress(line);
      return sigma == null
          ? inverter.tyler(A, heard, weights)
          : inverter.scale(A, sigma, heard, weights);
    }
  }

  private void report(ScaleResult result) {
    if (result.status() == ScaleResult.Status.DEVICE_FAILED) {
      screen.problem(result.message());
      return;
    }
    result.warnings().forEach(warning -> screen.problem("warning: " + warning));
    if (common.quiet()) {
      return;
    }
    screen.say(
        String.format(
            Locale.ROOT,
            "%s: %s (%d evaluations, work %.1f, %.2f s on %s)",
            result.status().word(),
            result.message(),
            result.evaluations(),
            result.work(),
            result.seconds(),
            result.device()));
  }
}
