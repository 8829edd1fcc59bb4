package org.levinv.app;

import org.levinv.InvalidInputException;
import org.levinv.Options;
import picocli.CommandLine.Option;

/** What is known of the errors of the target scores. */
public final class UncertaintyArguments {
  @Option(
      names = "--digits",
      paramLabel = "K",
      description =
          "Decimals that the scores were rounded to (default: what a look at them shows).")
  private Integer digits;

  @Option(
      names = "--score-error",
      paramLabel = "E",
      description = "The standard deviation of each score, where they are estimates.")
  private Double scoreError;

  /** Options with these. */
  public Options apply(Options options) {
    if (digits != null && scoreError != null) {
      throw new InvalidInputException("--score-error: expected without --digits, got both");
    }
    if (digits != null && digits < 0) {
      throw new InvalidInputException(
          "--digits: expected a number of decimals, 0 or more, got " + digits);
    }
    if (scoreError != null && !(scoreError > 0)) {
      throw new InvalidInputException(
          "--score-error: expected a standard deviation above 0, got " + scoreError);
    }
    Options changed = digits == null ? options : options.withDigits(digits);
    return scoreError == null ? changed : changed.withScoreError(scoreError);
  }
}
