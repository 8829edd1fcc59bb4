package org.levinv.device;

/**
 * A matrix that can be read row by row, as often as needed: a file, an array, a generator. Nothing
 * else is asked of the place where A comes from, so A itself is held once, on the device.
 */
public interface RowSource extends AutoCloseable {

  /** What messages call this matrix, such as a file's path. */
  String name();

  /** n. */
  long rows();

  /** d. */
  int columns();

  /**
   * Copies {@code count} rows from row {@code first} on, one after the other, to the front of
   * {@code into}. Rows may be asked for in any order and by several threads at once: a source that
   * cannot serve two of them lets one wait.
   */
  void read(long first, int count, double[] into);

  @Override
  default void close() {}
}
