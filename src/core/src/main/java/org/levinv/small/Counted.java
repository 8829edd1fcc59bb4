package org.levinv.small;

/** A number and what it counts, for messages: 1 row, 2 rows. */
public final class Counted {
  private Counted() {}

  /** With a noun whose plural takes an s. */
  public static String of(long count, String noun) {
    return of(count, noun, noun + "s");
  }

  /** With either form of what is counted. */
  public static String of(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }
}
