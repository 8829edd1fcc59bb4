package org.levinv.app;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import picocli.CommandLine.Option;

/** The memory that a command may use. */
final class MemoryArgument {
  private static final Pattern SIZE = Pattern.compile("(\\d+)([KMGT]?)");
  private static final String UNITS = "KMGT";

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          "Most memory that rows and their buffers take, such as 200M or 8G (default: what the"
              + " machine leaves).")
  private String memory;

  Options apply(Options options) {
    return options.withMemory(memory == null ? 0 : bytes(memory));
  }

  /** A number of bytes, with K, M, G or T of either case for powers of 1024. */
  static long bytes(String size) {
    Matcher matcher = SIZE.matcher(size.toUpperCase(Locale.ROOT));
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
        "--memory: expected a size above 0 such as 200M or 8G, got '" + size + "'");
  }
}
