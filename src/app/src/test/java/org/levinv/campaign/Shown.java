package org.levinv.campaign;

import java.util.Locale;
import org.levinv.Progress;

/** What campaigns print of a single problem. */
final class Shown {
  private Shown() {}

  static void step(Progress.Step step) {
    System.out.printf(
        Locale.ROOT,
        "  %-24s %4d  residual %.2e  work %.1f%n",
        step.stage(),
        step.iteration(),
        step.residual(),
        step.work());
  }
}
