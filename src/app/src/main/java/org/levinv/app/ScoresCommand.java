package org.levinv.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
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
    description = "Computes the leverage scores of diag(Ax - b)^-1 A at a given x.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = "  levinv scores --matrix A.npy --offset b.npy --at result/x.npy --out sigma.npy")
final class ScoresCommand implements Callable<Integer> {
  private final Screen screen;

  @Mixin private MatrixArgument matrix;

  @Mixin private OffsetArgument offset;

  @Option(names = "--at", paramLabel = "x", required = true, description = "x, d values.")
  private Path at;

  @Option(
      names = "--out",
      paramLabel = "sigma.npy",
      required = true,
      description = "The file for the scores.")
  private Path out;

  @Mixin private CommonOptions common;

  ScoresCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    common.check();
    String name = outName();
    Path directory = out.toAbsolutePath().getParent();
    ResultFiles.check(directory, List.of(matrix.file(), offset.file(), at), name);
    long rows;
    try (ResultFiles files = ResultFiles.in(directory)) {
      rows = writeScores(files, name);
      files.commit();
    }
    if (!common.quiet()) {
      screen.say(rows + " scores written to " + out);
    }
    return Main.SUCCESS;
  }

  private String outName() {
    Path name = out.getFileName();
    if (name == null || !name.toString().toLowerCase(Locale.ROOT).endsWith(".npy")) {
      throw new InvalidInputException("--out: expected a name that ends in .npy, got " + out);
    }
    return name.toString();
  }

  /** All scores as they come; their number. */
  private long writeScores(ResultFiles files, String name) {
    try (StatusLine line = common.line(screen);
        RowSource A = matrix.open(line);
        VectorSource b = offset.open(A, line)) {
      double[] x = Shapes.columnsVector(at, A);
      try (Inverter inverter = common.open()) {
        VectorSink sink = files.stage(name, A.rows());
        line.doing("computing scores");
        inverter.evaluate(
            A,
            b,
            x,
            Options.defaults().withProgress(line),
            (first, count, slacks, scores) -> sink.write(first, count, scores));
      } catch (IOException e) {
        throw new OutputException(e.getMessage(), e);
      }
      return A.rows();
    }
  }
}
