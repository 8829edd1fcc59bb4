package org.levinv.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.levinv.Certificate;
import org.levinv.LocalOptions;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.Status;
import org.levinv.device.RowSource;
import picocli.CommandLine.Option;

/** Options of the commands that find an x, those of the methods of the paper among them. */
public final class LocalArguments {
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
  private double accuracy = LocalOptions.NONE.accuracy();

  @Option(
      names = "--certificate",
      description =
          "Also compute the smallest eigenvalue and a Lipschitz estimate of the Hessian at the"
              + " answer, and the radius in which local methods are safe.")
  private boolean certificate;

  @Option(names = "--seed", paramLabel = "S", description = "Fixes every random draw (default 0).")
  private long seed = Options.defaults().seed();

  Options apply(Options options) {
    return options.withAccuracy(accuracy).withCertificate(certificate).withSeed(seed);
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

  /** What a result says to people; of a device that failed always, and where failures go. */
  public static void report(Result result, Screen screen, boolean quiet) {
    if (result.status() == Status.DEVICE_FAILED) {
      screen.problem(result.message());
      return;
    }
    result.warnings().forEach(warning -> screen.problem("warning: " + warning));
    if (quiet) {
      return;
    }
    screen.say(result.toString());
    if (result.local() != null) {
      screen.say(
          result.method()
              + ": "
              + result.local().choice()
              + known("; linear rate %.3g", result.local().linearRate())
              + known("; order %.2f", result.local().order()));
    }
    if (result.certificate() != null) {
      Certificate found = result.certificate();
      String inside = found.startInside() ? ", inside" : ", not inside";
      String start = known("; start at distance %.3g", found.startDistance());
      screen.say(
          String.format(
                  Locale.ROOT,
                  "certificate: smallest eigenvalue %.3g, Lipschitz estimate %.3g, safe radius %.3g",
                  found.smallestEigenvalue(),
                  found.lipschitz(),
                  found.radius())
              + start
              + (start.isEmpty() ? "" : inside));
    }
  }

  /** Nothing of what is not known. */
  private static String known(String format, double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }
}
