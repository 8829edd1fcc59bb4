package org.levinv.app;

import java.util.Locale;
import org.levinv.Certificate;
import org.levinv.Result;
import org.levinv.Status;

/** What a result says to people. */
public final class ResultWords {

  private ResultWords() {}

  /**
   * A failure, as of a device, is said where failures go if nothing else is said.
   *
   * @param heading of one result among several, or empty
   * @param quiet whether only warnings and failures are said
   */
  public static void say(String heading, Result result, Screen screen, boolean quiet) {
    if (result.status() == Status.DEVICE_FAILED) {
      screen.problem(heading + result.message());
      return;
    }
    result.warnings().forEach(warning -> screen.problem("warning: " + heading + warning));
    if (!quiet) {
      sayAll(heading, result, screen);
    } else if (!result.status().usable()) {
      screen.problem(heading + result.status().word() + ": " + result.message());
    }
  }

  private static void sayAll(String heading, Result result, Screen screen) {
    screen.say(heading + result);
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
