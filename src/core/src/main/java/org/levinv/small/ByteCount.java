package org.levinv.small;

/** A number of bytes for messages, in the units in which people give them: 324 KiB, 8 GiB. */
public final class ByteCount {

  /** Up to so many of a unit the next smaller one is used, so that two digits are told or more. */
  private static final long FEW = 10;

  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  private ByteCount() {}

  /** What is at least so much: rounded up. */
  public static String atLeast(long bytes) {
    int unit = unit(bytes);
    long size = 1L << (10 * unit);
    return (bytes / size + (bytes % size == 0 ? 0 : 1)) + " " + UNITS[unit];
  }

  /** What is at most so much: rounded down. */
  public static String atMost(long bytes) {
    int unit = unit(bytes);
    return (bytes >> (10 * unit)) + " " + UNITS[unit];
  }

  private static int unit(long bytes) {
    int unit = 0;
    while (unit + 1 < UNITS.length && bytes >> (10 * (unit + 1)) >= FEW) {
      unit++;
    }
    return unit;
  }
}
