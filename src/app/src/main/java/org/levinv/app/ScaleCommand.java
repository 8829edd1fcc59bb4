package org.levinv.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.ScaleResult;
import org.levinv.Tyler;
import org.levinv.TylerResult;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.files.Digests;
import org.levinv.files.Provenance;
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
          + " M-estimator of scatter, d x d with trace d. Rows are about the origin, unless"
          + " --location names another point: location.npy is that point, and distances.npy has the"
          + " distance of each row from it, sqrt((a - mu)^T S^-1 (a - mu))."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "  levinv scale --matrix A.npy --scores sigma.npy --out weights",
      "  levinv scale --matrix A.csv --tyler --out scatter",
      "  levinv scale --matrix A.csv --tyler --location hr --normalise det --out scatter"
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

    @Option(
        names = "--tyler",
        required = true,
        description = "d/n for every row: Tyler's estimator of scatter, about the origin.")
    private boolean tyler;
  }

  private final Screen screen;

  @Mixin private MatrixArgument matrix;

  @ArgGroup(multiplicity = "1")
  private Target target;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "The directory for the results, made where it is missing.")
  private Path out;

  @Mixin private TylerArguments tyler;

  @Mixin private CheckpointArguments checkpoint;

  @Mixin private LimitArguments limits;

  @Mixin private MemoryArgument memory;

  @Mixin private CommonOptions common;

  ScaleCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    common.check();
    checkpoint.check();
    Options options = memory.apply(limits.apply(Options.defaults()));
    if (target.tyler) {
      tyler.check();
    } else {
      tyler.refuse();
    }
    ResultFiles.check(
        out,
        inputs().values(),
        "weights.npy",
        "scatter.npy",
        "location.npy",
        "distances.npy",
        "result.json");
    try (StatusLine line = common.line(screen);
        Digests digests = Digests.of(inputs());
        RowSource A = matrix.open(line);
        Inverter inverter = common.open(A);
        ResultFiles files = ResultFiles.in(out)) {
      CheckpointArguments.Sources sources = wait -> common.provenance(inverter, digests, wait);
      CheckpointArguments.Kept kept =
          checkpoint.keep(out, options, tyler.words(), screen, line, sources);
      Options from = kept.resume(A.columns());
      Options heard = from.withProgress(kept.listen(line));
      ScaleResult result =
          target.tyler
              ? tyler(inverter, A, heard, files, line, sources)
              : weights(inverter, A, heard, files, line, sources);
      files.commit();
      if (result.status().stopped()) {
        kept.spent(result.work(), result.seconds());
      }
      kept.end(result.status().stopped());
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
    if (target.tyler) {
      tyler.files().forEach(file -> inputs.put("location", file));
    } else {
      inputs.put("scores", target.scores);
    }
    return inputs;
  }

  private ScaleResult tyler(
      Inverter inverter,
      RowSource A,
      Options options,
      ResultFiles files,
      StatusLine line,
      CheckpointArguments.Sources sources) {
    Tyler how = tyler.tyler(A);
    VectorSink weights = files.stage("weights.npy", A.rows());
    VectorSink distances = files.stage("distances.npy", A.rows());
    common.begin(line, inverter, A, null);
    TylerResult found = inverter.tyler(A, how, options, weights, distances);
    files.stage("scatter.npy", found.scale().scatter());
    files.stage("location.npy", found.location());
    files.stage(found, options, provenance(found.scale(), sources));
    return found.scale();
  }

  private ScaleResult weights(
      Inverter inverter,
      RowSource A,
      Options options,
      ResultFiles files,
      StatusLine line,
      CheckpointArguments.Sources sources) {
    Shapes.checkTall(A);
    VectorSink weights = files.stage("weights.npy", A.rows());
    try (VectorSource sigma = Shapes.openRows(target.scores, A, line)) {
      common.begin(line, inverter, A, null);
      ScaleResult result = inverter.scale(A, sigma, options, weights);
      files.stage(result, options, provenance(result, sources));
      return result;
    }
  }

  private static Provenance provenance(ScaleResult result, CheckpointArguments.Sources sources) {
    return sources.get(result.status() != ScaleResult.Status.INTERRUPTED);
  }

  private void report(ScaleResult result) {
    if (result.status() == ScaleResult.Status.DEVICE_FAILED) {
      screen.problem(result.message());
      return;
    }
    result.warnings().forEach(warning -> screen.problem("warning: " + warning));
    if (common.quiet()) {
      if (result.status() != ScaleResult.Status.CONVERGED) {
        screen.problem(result.status().word() + ": " + result.message());
      }
      return;
    }
    screen.say(
        String.format(
            Locale.ROOT,
            "%s: %s%s (%d evaluation%s, work %.1f, %.2f s on %s)",
            result.status().word(),
            result.message(),
            result.accuracy() == null ? "" : "; " + result.accuracy(),
            result.evaluations(),
            result.evaluations() == 1 ? "" : "s",
            result.work(),
            result.seconds(),
            result.device()));
  }
}
