package org.levinv.app;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;
import org.levinv.Estimate;
import org.levinv.Progress;
import org.levinv.Standing;

/**
 * Shows what is going on: on one line of a terminal, overwritten a few times a second, or in a log
 * as a line a minute; with --verbose also a line for each step.
 */
public final class StatusLine implements Progress, AutoCloseable {
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long LOG_NANOS = 60_000_000_000L;

  /** A reading that takes less is not worth a percentage. */
  private static final long SLOW_NANOS = 1_000_000_000L;

  /** Work that is expected to take longer is announced. */
  private static final double LONG_SECONDS = 5;

  /** A rate of work says something of the end after this time. */
  private static final double ENOUGH_SECONDS = 2;

  /** To the first column; the terminal wraps no lines, so that a narrow one does not scroll. */
  private static final String BEGIN = "\r\u001b[?7l";

  /** Clears the rest of the line, and wraps again. */
  private static final String END = "\u001b[K\u001b[?7h";

  private static final String CLEAR = "\r\u001b[K";

  private final PrintStream err;
  private final boolean terminal;
  private final boolean verbose;
  private final LongSupplier clock;
  private final long began;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile String doing = "";
  private volatile double share;
  private volatile long shareBegan;
  private volatile long shownAt;
  private String attempt = "";
  private double best = Double.NaN;
  private double work;
  private double workSeconds;
  private double usualWork = Double.NaN;
  private long rows;
  private boolean shown;

  /**
   * @param clock nanoseconds
   */
  StatusLine(Screen screen, boolean quiet, boolean verbose, LongSupplier clock) {
    err = quiet ? null : screen.err();
    terminal = screen.live();
    this.verbose = verbose;
    this.clock = clock;
    began = clock.getAsLong();
    shareBegan = began;
    shownAt = terminal ? began - TERMINAL_NANOS : began;
  }

  /**
   * One that begins now.
   *
   * @param quiet whether it says nothing at all
   * @param verbose whether it has a line for each step
   */
  public static StatusLine on(Screen screen, boolean quiet, boolean verbose) {
    return new StatusLine(screen, quiet, verbose, System::nanoTime);
  }

  // ---- what is heard

  /** From now on something is done that tells how far it is. */
  public DoubleConsumer doing(String what) {
    doing = what;
    share = 0;
    shareBegan = clock.getAsLong();
    show();
    return this::reading;
  }

  /**
   * A search begins, of n rows: from now on a signal asks it to end.
   *
   * @param where the device
   * @param estimate of what it takes, or null
   */
  public void begin(long n, String where, Estimate estimate) {
    Interruption.defer();
    rows = n;
    if (estimate != null) {
      usualWork = estimate.work();
      announce(where, estimate);
    }
    doing("reading all rows");
  }

  /** Says that an earlier run's work is not done again. */
  void goingOn(Standing from) {
    line(
        String.format(
            Locale.ROOT,
            "goes on from its checkpoint, after %s and %.1f units of work",
            time(from.seconds()),
            from.work()));
  }

  private void announce(String where, Estimate estimate) {
    if (!(estimate.seconds() > LONG_SECONDS)) {
      return;
    }
    line(
        String.format(
            Locale.ROOT,
            "%,d rows on %s: some %s of memory%s; usually some %s, reading of files aside",
            rows,
            where,
            bytes(estimate.bytes()),
            estimate.resident()
                ? ""
                : ", which does not hold all rows, so that they are read often",
            time(estimate.seconds())));
  }

  @Override
  public void attempt(int number, long sample) {
    if (rows > 0) {
      attempt =
          sample >= rows
              ? String.format(Locale.ROOT, "attempt %d, with all rows", number)
              : String.format(Locale.ROOT, "attempt %d, from %,d rows", number, sample);
      if (verbose) {
        line(attempt);
      }
    }
  }

  @Override
  public void step(Step step) {
    doing = StageWords.of(step.stage());
    work = step.work();
    workSeconds = step.seconds();
    boolean isKnown = Double.isFinite(step.residual()); // a stage may begin without one
    if (isKnown && StageWords.isOfScores(step.stage()) && !(step.residual() > best)) {
      best = step.residual();
    }
    if (verbose) {
      line(
          String.format(
              Locale.ROOT,
              "%8.1f s  %-34s step %3d  %-17s  work %.1f",
              step.seconds(),
              doing,
              step.iteration(),
              isKnown ? String.format(Locale.ROOT, "residual %.2e", step.residual()) : "",
              step.work()));
    }
    show();
  }

  @Override
  public void reading(double done) {
    if (done == 0) {
      shareBegan = clock.getAsLong();
    }
    share = done;
    show();
  }

  /** A signal ends a solve that shows its progress here. */
  @Override
  public boolean stop() {
    return Interruption.asked();
  }

  // ---- what is shown

  private void show() {
    if (err == null) {
      return;
    }
    long now = clock.getAsLong();
    if (now - shownAt < (terminal ? TERMINAL_NANOS : LOG_NANOS)) {
      return;
    }
    if (lock.tryLock()) { // another thread shows the same
      try {
        shownAt = now;
        String text = text(now);
        if (terminal) {
          err.print(BEGIN + text + END);
          shown = true;
        } else {
          err.println("levinv: " + text);
        }
        err.flush();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The most telling first: a narrow terminal shows no more than its width. */
  private String text(long now) {
    StringBuilder text = new StringBuilder(doing);
    if (now - shareBegan > SLOW_NANOS) {
      text.append(String.format(Locale.ROOT, " %.0f%%", 100 * share));
    }
    if (best >= 0) {
      text.append(String.format(Locale.ROOT, ", best residual %.1e", best));
    }
    text.append(", ").append(time((now - began) * 1e-9));
    double left = (usualWork - work) * workSeconds / work;
    if (left > 0 && workSeconds > ENOUGH_SECONDS) {
      text.append(", some ").append(time(left)).append(" to go");
    }
    if (!attempt.isEmpty()) {
      text.append(" (").append(attempt).append(')');
    }
    return text.toString();
  }

  /** A line of its own, above the one that is overwritten. */
  private void line(String text) {
    if (err == null) {
      return;
    }
    lock.lock();
    try {
      err.println((shown ? CLEAR : "") + "levinv: " + text);
      err.flush();
      shown = false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    clear();
  }

  /** Leaves an empty line for what comes next. */
  public void clear() {
    if (shown) {
      err.print(CLEAR);
      err.flush();
      shown = false;
    }
  }

  /** Likewise for the last words of a process, whatever it shows. */
  static void clear(Screen screen) {
    if (screen.live()) {
      screen.err().print(CLEAR);
    }
  }

  private static String time(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    return seconds < 7200
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  private static String bytes(long bytes) {
    double mebi = bytes / (double) (1 << 20);
    return mebi < 1024
        ? String.format(Locale.ROOT, "%.0f MiB", mebi)
        : String.format(Locale.ROOT, "%.1f GiB", mebi / 1024);
  }
}
