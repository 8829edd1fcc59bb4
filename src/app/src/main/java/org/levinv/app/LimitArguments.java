package org.levinv.app;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import picocli.CommandLine.Option;

/** What a command that searches may use: tolerance, steps, time, work and memory. */
final class LimitArguments {
  private static final Pattern SIZE = Pattern.compile("(\\d+)([KMGT]?)");
  private static final String UNITS = "KMGT";

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

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          "Most memory that rows and their buffers take, such as 200M or 8G (default: what the"
              + " machine leaves).")
  private String memory;

  Options apply(Options options) {
    return options
        .withTolerance(tolerance)
        .withMaxIterations(maxIterations)
        .withTimeLimit(timeLimit == null ? null : duration(timeLimit))
        .withMaxWork(maxWork)
        .withMemory(memory == null ? 0 : bytes(memory));
  }

  private static Duration duration(double seconds) {
    if (!(seconds > 0)) {
      throw new InvalidInputException(
          "--time-limit: expected a number of seconds above 0, got " + seconds);
    }
    return Duration.ofNanos((long) Math.max(1, Math.min(seconds * 1e9, Long.MAX_VALUE)));
  }

  /** A number of bytes, with K, M, G or T for powers of 1024. */
  static long bytes(String size) {
    Matcher matcher = SIZE.matcher(size);
    if (matcher.matches()) {
      String letter = matcher.group(2);
      long unit = letter.isEmpty() ? 1 : 1L << (10 * (1 + UNITS.indexOf(letter)));
      try {
        long bytes = Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        if (bytes > 0) {
          return bytes;
        }
      } catch (ArithmeticException | NumberFormatException e) {
        // larger than any memory
      }
    }
    throw new InvalidInputException(
        "--memory: expected a size above 0 such as 200M or 8G, got " + size);
  }
}
