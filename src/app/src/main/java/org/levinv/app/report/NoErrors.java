package org.levinv.app.report;

import java.util.Arrays;
import java.util.Locale;
import org.levinv.ScoreNoise.Source;
import org.levinv.Status;

/** Why an x has no standard errors. */
public final class NoErrors {
  private NoErrors() {}

  /**
   * A sentence.
   *
   * @param status of the result, its word
   * @param source of what is known of the errors of the scores, its word; or null
   * @param relativeResidual of the scores
   */
  public static String why(String status, String source, double relativeResidual) {
    boolean isExact = Source.ROUNDING.word().equals(source);
    if (isExact && Status.CONVERGED.word().equals(status)) {
      return String.format(
          Locale.ROOT,
          "x has no standard errors: the scores count as exact, and those of x agree to %.1e of"
              + " themselves.",
          relativeResidual);
    }
    if (Status.NOT_IDENTIFIABLE.word().equals(status)) {
      return "x has no standard errors: other x have the same scores.";
    }
    boolean isAnswer =
        Arrays.stream(Status.values()).anyMatch(s -> s.usable() && s.word().equals(status));
    return isAnswer
        ? "Standard errors of x are not known."
        : "x has no standard errors: it is no answer.";
  }
}
