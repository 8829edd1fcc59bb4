package org.levinv.device;

/**
 * A tall matrix of floats on a device, each row contiguous: rows that came in single precision, in
 * half the memory. It is only kept; {@link Device#widen} makes the {@link Rows} that are worked on.
 */
public interface SingleRows extends Buffer {
  /** n. */
  long count();

  /** d. */
  int columns();
}
