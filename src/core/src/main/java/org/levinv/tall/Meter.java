package org.levinv.tall;

/**
 * Counts work where the operations run: flops in multiples of n d^2 of the whole matrix, and passes
 * over it.
 */
public final class Meter {
  private final double unit;
  private final double entries;
  private double flops;
  private double read;

  /** For a matrix of {@code rows} x {@code columns}. */
  public Meter(long rows, int columns) {
    entries = (double) rows * columns;
    unit = entries * columns;
  }

  /**
   * Counts an operation that reads {@code count} rows once and spends {@code flopsPerRow} on each.
   */
  public void spend(double count, int columns, double flopsPerRow) {
    flops += count * flopsPerRow;
    read += count * columns;
  }

  /** Counts from 0 again. */
  public void restart() {
    flops = 0;
    read = 0;
  }

  /** Counts flops on numbers that were read before. */
  public void compute(double count) {
    flops += count;
  }

  /** Flops so far in multiples of n d^2; one evaluation of the scores is 2. */
  public double work() {
    return flops / unit;
  }

  /** Times that all of A was read. */
  public double passes() {
    return read / entries;
  }
}
