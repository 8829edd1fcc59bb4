package org.levinv.benchmark;

import java.util.Locale;
import java.util.stream.IntStream;

/** What the memory gives: one large copy on all cores. */
final class CopyBandwidth {

  /** Doubles; 512 MB, more than caches hold. */
  private static final int LENGTH = 1 << 26;

  private static final int PIECE = 1 << 20;

  private CopyBandwidth() {}

  /** Bytes a second, read and written. */
  static double measure(double budget) {
    double[] from = new double[LENGTH];
    double[] to = new double[LENGTH];
    java.util.Arrays.fill(from, 1);
    Timing time =
        Timing.of(
            budget,
            () ->
                IntStream.range(0, LENGTH / PIECE)
                    .parallel()
                    .forEach(k -> System.arraycopy(from, k * PIECE, to, k * PIECE, PIECE)));
    double bandwidth = 2.0 * LENGTH * Double.BYTES / time.minimum();
    System.out.printf(
        Locale.ROOT,
        "copy bandwidth %.1f GB/s, read and written (median %.1f), %d cores%n",
        bandwidth * 1e-9,
        2e-9 * LENGTH * Double.BYTES / time.median(),
        Runtime.getRuntime().availableProcessors());
    return bandwidth;
  }
}
