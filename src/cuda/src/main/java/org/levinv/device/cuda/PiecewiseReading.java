package org.levinv.device.cuda;

import java.util.stream.IntStream;
import org.levinv.device.RowSource;

/** Rows from a source, read by all cores and handed on in their order. */
final class PiecewiseReading {

  /**
   * Numbers (2 MiB) that a thread reads at most at a time from a source, and about as many (32 KiB)
   * at least: less costs more to hand out than to read.
   */
  private static final int PIECE = 1 << 18;

  private static final int SMALLEST_PIECE = 1 << 12;

  private PiecewiseReading() {}

  /** What is done with rows that were read. */
  @FunctionalInterface
  interface Piece {
    void run(double[] rows, int count, long first);
  }

  static void read(RowSource from, Piece work) {
    int d = from.columns();
    int readers = Runtime.getRuntime().availableProcessors();
    long share = (from.rows() + readers - 1) / readers; // all of them read, whatever the size
    long least = Math.min(from.rows(), (SMALLEST_PIECE + d - 1) / d);
    int most = (int) Math.max(1, Math.min(PIECE / d, Math.max(least, share)));
    double[][] pieces = new double[readers][Math.multiplyExact(most, d)];
    for (long first = 0; first < from.rows(); first += (long) most * readers) {
      long start = first;
      long rest = from.rows() - first;
      int used = (int) Math.min(readers, (rest + most - 1) / most);
      IntStream.range(0, used)
          .parallel()
          .forEach(
              k -> {
                int count = (int) Math.min(most, rest - (long) k * most);
                from.readShared(start + (long) k * most, count, pieces[k]);
              });
      for (int k = 0; k < used; k++) {
        int count = (int) Math.min(most, rest - (long) k * most);
        work.run(pieces[k], count, start + (long) k * most);
      }
    }
  }
}
