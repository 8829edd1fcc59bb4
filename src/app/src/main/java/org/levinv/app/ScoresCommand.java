package org.levinv.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import org.levinv.files.Npy;
import org.levinv.files.ResultFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code levinv scores}. */
@Command(
    name = "scores",
    description = "Computes the leverage scores of diag(Ax - b)^-1 A at a given x.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
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
    ResultFiles.check(directory, name);
    double[] sigma = scores();
    try (ResultFiles files = ResultFiles.in(directory)) {
      files.stage(name, channel -> Npy.write(channel, sigma));
      files.commit();
    }
    if (!common.quiet()) {
      screen.say(sigma.length + " scores written to " + out);
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

  private double[] scores() {
    try (RowSource A = matrix.open();
        VectorSource b = offset.open(A)) {
      double[] x = Inputs.vector(at);
      Shapes.checkColumns(at, x, A);
      double[] sigma = new double[Math.toIntExact(A.rows())]; // until files take vectors in pieces
      try (Inverter inverter = common.open()) {
        inverter.scores(
            A,
            b,
            x,
            (first, count, values) -> System.arraycopy(values, 0, sigma, (int) first, count));
      } catch (IOException e) {
        throw new UncheckedIOException(e); // an array takes all
      }
      return sigma;
    }
  }
}
