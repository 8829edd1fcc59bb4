package org.levinv.app;

import java.nio.file.Path;
import java.util.List;
import org.levinv.InvalidInputException;
import org.levinv.LocalOptions;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.device.RowSource;
import picocli.CommandLine.Option;

/** Options of the commands that find an x, those of the methods of the paper among them. */
final class LocalArguments {
  @Option(
      names = "--regularization",
      paramLabel = "OMEGA",
      description =
          "Adds 0.5 ||diag(omega) A x||^2 to the loss: a number for every row, or a file of n.")
  private String regularization;

  @Option(
      names = "--accuracy",
      paramLabel = "E",
      description = "Relative error of the sampled Hessian that is aimed at (default 0.5).")
  private Double accuracy;

  @Option(
      names = "--certificate",
      description =
          "Also compute the smallest eigenvalue and a Lipschitz estimate of the Hessian at the"
              + " answer, and the radius in which local methods are safe.")
  private boolean certificate;

  @Option(names = "--seed", paramLabel = "S", description = "Fixes every random draw (default 0).")
  private long seed = Options.defaults().seed();

  /** Before any work. */
  void check(Method method) {
    if (accuracy != null && method != Method.SAMPLED_NEWTON) {
      throw new InvalidInputException(
          "--accuracy: expected --method sampled-newton with it, got " + method.word());
    }
    files()
        .forEach(
            file ->
                Words.requireFile("--regularization", "a number, 0 or more,", file.toString(), ""));
  }

  Options apply(Options options) {
    double aim = accuracy == null ? LocalOptions.NONE.accuracy() : accuracy;
    return options.withAccuracy(aim).withCertificate(certificate).withSeed(seed);
  }

  /** The files among these options. */
  List<Path> files() {
    try {
      Double.parseDouble(String.valueOf(regularization));
      return List.of();
    } catch (NumberFormatException e) {
      return regularization == null ? List.of() : List.of(Path.of(regularization));
    }
  }

  /** The regulariser, for a matrix whose rows are known by now. */
  Options regularize(Options options, RowSource A, StatusLine line) {
    if (regularization == null) {
      return options;
    }
    try {
      return options.withRegularization(Double.parseDouble(regularization));
    } catch (NumberFormatException e) {
      Path file = Path.of(regularization);
      return options.withRegularization(Shapes.rowsVector(file, A, line));
    }
  }
}
