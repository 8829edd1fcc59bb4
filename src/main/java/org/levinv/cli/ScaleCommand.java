package org.levinv.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.levinv.InterruptedScaleException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.ScaleResult;
import org.levinv.device.RowSource;
import org.levinv.io.ResultFiles;
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
    versionProvider = Main.Version.class)
final class ScaleCommand implements Callable<Integer> {
  private static final Options DEFAULTS = Options.defaults();

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

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description = "Relative residual of the scores that counts as converged (default 1e-10).")
  private double tolerance = DEFAULTS.tolerance();

  @Option(
      names = "--max-iterations",
      paramLabel = "N",
      description = "Limit on the evaluations of the scores (default 500).")
  private int maxIterations = DEFAULTS.maxIterations();

  @Mixin private CommonOptions common;

  ScaleCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    common.check();
    Options options = DEFAULTS.withTolerance(tolerance).withMaxIterations(maxIterations);
    List<Path> inputs =
        target.scores == null ? List.of(matrix.file()) : List.of(matrix.file(), target.scores);
    ResultFiles.check(out, inputs, "weights.npy", "scatter.npy", "result.json");
    ScaleResult result;
    try (RowSource A = matrix.open()) {
      Shapes.checkTall(A);
      double[] sigma = null;
      if (target.scores != null) {
        sigma = Shapes.rowsVector(target.scores, A);
      }
      try (Inverter inverter = common.open();
          StatusLine line = StatusLine.on(screen, common.quiet())) {
        Options heard = options.withProgress(line);
        result = sigma == null ? inverter.tyler(A, heard) : inverter.scale(A, sigma, heard);
      }
    } catch (InterruptedScaleException e) {
      ResultFiles.writeScale(out, e.reached(), target.tyler);
      throw e;
    }
    ResultFiles.writeScale(out, result, target.tyler);
    report(result);
    return result.status() == ScaleResult.Status.CONVERGED ? Main.SUCCESS : Main.NO_ANSWER;
  }

  private void report(ScaleResult result) {
    if (common.quiet()) {
      return;
    }
    result.warnings().forEach(warning -> screen.problem("warning: " + warning));
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
