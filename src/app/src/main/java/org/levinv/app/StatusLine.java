package org.levinv.app;

import java.io.PrintStream;
import java.util.Locale;
import org.levinv.Progress;

/** Shows progress on one line of a terminal, overwritten a few times a second. */
final class StatusLine implements Progress, AutoCloseable {
  private static final long INTERVAL_NANOS = 100_000_000;

  private final PrintStream err;
  private long shownAt = System.nanoTime() - INTERVAL_NANOS;
  private int width;

  private StatusLine(PrintStream err) {
    this.err = err;
  }

  /** For a solve that is about to begin: from now on a signal asks it to end. */
  static StatusLine on(Screen screen, boolean quiet) {
    Interruption.defer();
    return new StatusLine(screen.live() && !quiet ? screen.err() : null);
  }

  @Override
  public void step(Step step) {
    if (err == null || System.nanoTime() - shownAt < INTERVAL_NANOS) {
      return;
    }
    shownAt = System.nanoTime();
    show(
        String.format(
            Locale.ROOT,
            "%s, step %d: residual %.1e, work %.1f, %.1f s",
            step.stage(),
            step.iteration(),
            step.residual(),
            step.work(),
            step.seconds()));
  }

  /** A signal ends a solve that shows its progress here. */
  @Override
  public boolean stop() {
    return Interruption.asked();
  }

  /** Leaves an empty line for what comes next. */
  @Override
  public void close() {
    if (err != null && width > 0) {
      show("");
      err.print('\r');
      err.flush();
    }
  }

  private void show(String text) {
    err.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
    err.flush();
    width = text.length();
  }
}
