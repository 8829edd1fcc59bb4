package org.levinv.solve;

import java.util.function.BiFunction;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.levinv.Options;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.method.RankDeficientException;
import org.levinv.rows.RowStore;
import org.levinv.rows.Stores;
import org.levinv.rows.Units;

/**
 * What a solve runs in: rows for its method and rows as they were read, a watch that both ask
 * whether to go on, and the count of work and readings.
 */
final class Frame {
  private final Watch watch;
  private final double workBefore;
  private final double passesBefore;
  private RowStore held;
  private RowStore original;
  private DoubleSupplier elsewhere = () -> 0;

  /**
   * @param usualWork most work where the options leave it to the method
   */
  Frame(Options options, double usualWork) {
    this(options, usualWork, 0, 0, 0);
  }

  /** For a solve that goes on after another, which took so much work, readings and time. */
  Frame(Options options, double usualWork, double work, double passes, double seconds) {
    watch = new Watch(options, this::work, usualWork).after(seconds);
    workBefore = work;
    passesBefore = passes;
  }

  /** Rows that are worked on alone. */
  void use(RowStore rows) {
    watch.over(rows);
    held = rows;
  }

  /**
   * The evidence of the stages or, where these are ended from outside, of what was known by then.
   *
   * @param stopped may throw again what ended them
   * @throws org.levinv.InvalidInputException if the columns of A depend on each other
   */
  Evidence run(
      Stores.Pair stores,
      RowSource A,
      Workspace space,
      Function<Workspace, Evidence> stages,
      BiFunction<Stopped, RuntimeException, Evidence> stopped) {
    use(stores.held());
    original = stores.original();
    watch.over(original);
    try {
      return stages.apply(space);
    } catch (RankDeficientException e) {
      throw Checks.dependentColumns(A, e.rank(), e);
    } catch (RuntimeException e) {
      Stopped reason = watch.reason(e);
      watch.off();
      return stopped.apply(reason, e);
    }
  }

  Watch watch() {
    return watch;
  }

  /** The rows for the method. */
  RowStore held() {
    return held;
  }

  /** The rows as they were read. */
  RowStore original() {
    return original;
  }

  /** From now on all rows come in these units, and in coordinates of their own. */
  void setUnits(Units units) {
    held.setUnits(units);
    if (original != held) {
      original.setUnits(units);
    }
  }

  /** From now on work of other rows counts, too: so much of it by the time it is asked. */
  void countWork(DoubleSupplier units) {
    elsewhere = units;
  }

  /** Units of n d^2 flops. */
  double work() {
    double verifications = original == held ? 0 : work(original);
    return workBefore + elsewhere.getAsDouble() + work(held) + verifications;
  }

  private static double work(RowStore rows) {
    return rows == null ? 0 : rows.counter().work();
  }

  /** Readings of all rows. */
  double passes() {
    double verifications = original == held ? 0 : original.counter().passes();
    return passesBefore + held.counter().passes() + verifications;
  }
}
