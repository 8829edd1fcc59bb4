package org.levinv.app;

import java.time.Duration;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import picocli.CommandLine.Option;

/** What a command that searches may use: tolerance, steps, time and work. */
public final class LimitArguments {
  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description = "Relative residual that counts as converged (default 1e-10).")
  private double tolerance = Options.defaults().tolerance();

  @Option(
      names = "--max-iterations",
      paramLabel = "N",
      description = "Limit on the steps of every stage (default 500).")
  private int maxIterations = Options.defaults().maxIterations();

  @Option(
      names = "--time-limit",
      paramLabel = "SECONDS",
      description = "Ends with the best x so far after this time.")
  private Double timeLimit;

  @Option(
      names = "--max-work",
      paramLabel = "W",
      description =
          "Likewise after this much work, in units of n d^2 flops (default: 2000 for method auto,"
              + " no limit for local methods).")
  private double maxWork = Options.defaults().maxWork();

  /** Options with these. */
  public Options apply(Options options) {
    return options
        .withTolerance(tolerance)
        .withMaxIterations(maxIterations)
        .withTimeLimit(timeLimit == null ? null : duration(timeLimit))
        .withMaxWork(maxWork);
  }

  private static Duration duration(double seconds) {
    if (!(seconds > 0)) {
      throw new InvalidInputException(
          "--time-limit: expected a number of seconds above 0, got " + seconds);
    }
    return Duration.ofNanos((long) Math.max(1, Math.min(seconds * 1e9, Long.MAX_VALUE)));
  }
}
