package org.levinv.solve;

import java.nio.channels.ClosedByInterruptException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Progress;
import org.levinv.Standing;
import org.levinv.Status;
import org.levinv.device.DeviceException;
import org.levinv.method.Steps;
import org.levinv.rows.RowStore;

/**
 * Hears of every step of all stages, hands it on to the user's progress, and ends the solve where
 * that says stop, the thread was interrupted, or a limit is reached. Readings of all rows ask it
 * between leaves, by several threads.
 */
final class Watch implements Steps {
  /** Of a double. */
  private static final int MOST_DIGITS = 17;

  private final Options options;
  private final DoubleSupplier work;
  private final double mostWork;
  private final Thread owner = Thread.currentThread();
  private final long started = System.nanoTime();
  private double earlierSeconds;
  private volatile boolean off;

  /**
   * @param work units of n d^2 flops so far
   * @param usual most work where the options leave it to the method
   */
  Watch(Options options, DoubleSupplier work, double usual) {
    this.options = options;
    this.work = work;
    mostWork = Double.isNaN(options.maxWork()) ? usual : options.maxWork();
  }

  /** Time that an earlier part of the solve has taken. */
  Watch after(double seconds) {
    earlierSeconds = seconds;
    return this;
  }

  @Override
  public void step(String stage, int iteration, double residual) {
    options
        .progress()
        .step(new Progress.Step(stage, iteration, residual, work.getAsDouble(), seconds()));
    check();
  }

  @Override
  public void attempt(int number, long rows) {
    options.progress().attempt(number, rows);
  }

  /**
   * The search could be taken up from here.
   *
   * @param x in the units of the user, or null
   */
  void standing(Standing.Stage stage, int searches, int attempts, Supplier<double[]> x) {
    Standing before = options.standing();
    double workBefore = before == null ? 0 : before.work();
    double secondsBefore = before == null ? 0 : before.seconds();
    options
        .progress()
        .standing(
            () ->
                new Standing(
                    stage,
                    searches,
                    attempts,
                    x.get(),
                    workBefore + work.getAsDouble(),
                    secondsBefore + seconds()));
  }

  /**
   * These steps, and points of a search for row weights or a scatter matrix, which are what it
   * could be taken up from.
   *
   * @param first what belongs to every point
   */
  Steps telling(Standing.Stage stage, double... first) {
    return new Steps() {
      @Override
      public void step(String name, int iteration, double residual) {
        Watch.this.step(name, iteration, residual);
      }

      @Override
      public void point(Supplier<double[]> numbers) {
        standing(
            stage,
            0,
            0,
            () ->
                DoubleStream.concat(Arrays.stream(first), Arrays.stream(numbers.get())).toArray());
      }
    };
  }

  /** From now on readings of these rows ask this whether to go on, and tell how far they are. */
  void over(RowStore rows) {
    rows.setCheck(this::check);
    rows.setListener(options.progress()::reading);
  }

  /**
   * Whether to go on.
   *
   * @throws Stopped if not
   */
  void check() {
    if (off) {
      return;
    }
    if (owner.isInterrupted()) {
      throw new Stopped(Status.INTERRUPTED, "the thread was interrupted");
    }
    if (options.progress().stop()) {
      throw new Stopped(Status.INTERRUPTED, "asked to stop");
    }
    double seconds = seconds();
    double limit = timeLimit();
    if (seconds > limit) {
      throw new Stopped(
          Status.TIME_LIMIT, "the time limit was reached: " + past(seconds, limit, 3, " s"));
    }
    double units = work.getAsDouble();
    if (units > mostWork) {
      throw new Stopped(
          Status.WORK_LIMIT,
          "the work limit was reached: " + past(units, mostWork, 4, "") + " units of n d^2");
    }
  }

  /** What is larger than its limit, with as many digits as show that. */
  static String past(double value, double limit, int digits, String unit) {
    String number = "%." + digits + "g" + unit;
    String got = String.format(Locale.ROOT, number, value);
    String most = String.format(Locale.ROOT, number, limit);
    return got.equals(most) && digits < MOST_DIGITS
        ? past(value, limit, digits + 1, unit)
        : got + " > " + most;
  }

  /** Units of work until the limit on it. */
  double workLeft() {
    return mostWork - work.getAsDouble();
  }

  /** Until the limit on the time; at least one that is above 0. */
  double secondsLeft() {
    return Math.max(timeLimit() - seconds(), 1e-3);
  }

  private double timeLimit() {
    return options.timeLimit() == null
        ? Double.POSITIVE_INFINITY
        : options.timeLimit().toNanos() * 1e-9;
  }

  /** From now on nothing stops the solve, which has little left to do. */
  void off() {
    off = true;
  }

  /** Of the whole solve so far. */
  double seconds() {
    return earlierSeconds + (System.nanoTime() - started) * 1e-9;
  }

  /**
   * What ended a solve, where its best x is worth keeping; other failures are thrown again: bad
   * input and bugs. An interrupt closes files under the hands of their readers.
   */
  Stopped reason(RuntimeException e) {
    if (e instanceof Stopped stopped) {
      return stopped;
    }
    if (e instanceof DeviceException) {
      return new Stopped(Status.DEVICE_FAILED, e.getMessage());
    }
    if (e instanceof InvalidInputException && owner.isInterrupted() && closedByInterrupt(e)) {
      return new Stopped(Status.INTERRUPTED, "the thread was interrupted");
    }
    throw e;
  }

  private static boolean closedByInterrupt(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ClosedByInterruptException) {
        return true;
      }
    }
    return false;
  }
}
