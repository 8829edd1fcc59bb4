package org.levinv.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.levinv.Accuracy;
import org.levinv.Evaluation;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.files.OutputException;
import org.levinv.files.ResultFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code levinv scores}. */
@Command(
    name = "scores",
    description = {
      "Computes the leverage scores of diag(Ax - b)^-1 A, or with --weights of diag(f(Ax - b)) A, at"
          + " a given x; without --at those of A, the"
          + " diagonal of the hat matrix A (A^T A)^-1 A^T."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "  levinv scores --matrix A.npy --offset b.npy --at result/x.npy --out sigma.npy",
      "  levinv scores --matrix A.csv --out hatvalues.csv"
    })
final class ScoresCommand implements Callable<Integer> {
  private final Screen screen;

  @Mixin private MatrixArgument matrix;

  @Mixin private WeightsArgument offset;

  @Option(names = "--at", paramLabel = "x", description = "x, d values; with --offset.")
  private Path at;

  @Option(
      names = "--row-weights",
      paramLabel = "w",
      description =
          "The scores of diag(w) A, n values; for a regression with weights, their square roots.")
  private Path rowWeights;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "sigma.npy",
      required = true,
      description = "The file for the scores, .npy or .csv.")
  private Path out;

  @Mixin private MemoryArgument memory;

  @Mixin private CommonOptions common;

  ScoresCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    checkUsage();
    String name = outName();
    Path directory = out.toAbsolutePath().getParent();
    ResultFiles.check(directory, inputs(), name);
    try (StatusLine line = common.line(screen);
        RowSource A = matrix.open(line);
        ResultFiles files = ResultFiles.in(directory)) {
      Shapes.checkTall(A);
      Evaluation scores = writeScores(A, files.stage(name, A.rows()), line);
      if (!scores.complete()) {
        return Main.INTERRUPTED;
      }
      files.commit();
      line.clear();
      report(A.rows(), scores.accuracy());
    }
    return Main.SUCCESS;
  }

  private List<Path> inputs() {
    Map<String, Path> vectors = new LinkedHashMap<>();
    offset.addTo(vectors);
    List<Path> inputs = new ArrayList<>(vectors.values());
    Stream.of(matrix.file(), at, rowWeights).filter(Objects::nonNull).forEach(inputs::add);
    return inputs;
  }

  private void checkUsage() {
    common.check();
    boolean isBarrier = offset.weights().isBarrier();
    if (at == null && !isBarrier) {
      throw new InvalidInputException("--weights: expected --at x with it");
    }
    if (at == null && !offset.isPlain()) {
      throw new InvalidInputException("--prior-weights: expected --at x with it");
    }
    if (isBarrier && (at == null) == offset.hasOffset()) {
      throw new InvalidInputException(
          at == null
              ? "--offset: expected --at x with it; without both the scores are those of A itself"
              : "--at: expected --offset b with it");
    }
    if (at != null && rowWeights != null) {
      throw new InvalidInputException(
          "--row-weights: expected no --at, whose weights are a function of A x - b");
    }
  }

  private String outName() {
    Path name = out.getFileName();
    String lower = String.valueOf(name).toLowerCase(Locale.ROOT);
    if (name == null || !(lower.endsWith(".npy") || lower.endsWith(".csv"))) {
      throw new InvalidInputException(
          "--out: expected a name that ends in .npy or .csv, got " + out);
    }
    return name.toString();
  }

  /** All scores as they come. */
  private Evaluation writeScores(RowSource A, VectorSink sink, StatusLine line) {
    Options options = memory.apply(Options.defaults()).withProgress(line);
    try (VectorSource v = at == null ? rowWeights(A, line) : offset.open(A, line);
        VectorSource prior = offset.openPrior(A, line)) {
      double[] x = at == null ? null : Shapes.columnsVector(at, A);
      try (Inverter inverter = common.open(A)) {
        line.doing("computing scores");
        return x == null
            ? inverter.hatValues(A, v, options, sink)
            : inverter.scores(new Model(A, v, offset.weights(), prior), x, options, sink);
      } catch (IOException e) {
        throw new OutputException(e.getMessage(), e);
      }
    }
  }

  private VectorSource rowWeights(RowSource A, StatusLine line) {
    return rowWeights == null ? null : Shapes.openRows(rowWeights, A, line);
  }

  private void report(long rows, Accuracy accuracy) {
    if (!common.quiet()) {
      screen.say(rows + " scores written to " + out + "; " + accuracy);
    }
    if (accuracy.isPoor()) {
      screen.problem(
          "warning: the columns of the matrix are nearly dependent, and few digits of these scores"
              + " hold: "
              + accuracy);
    }
  }
}
