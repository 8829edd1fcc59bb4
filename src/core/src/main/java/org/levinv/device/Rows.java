package org.levinv.device;

/** A tall matrix on a device, each row a_i contiguous. */
public interface Rows extends Buffer {
  /** n. */
  long count();

  /** d. */
  int columns();
}
