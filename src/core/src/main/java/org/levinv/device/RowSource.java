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
   * {@code into}. Rows may be asked for in any order and by several threads in turn; by two at once
   * only where the source is {@link #isConcurrent}.
   */
  void read(long first, int count, double[] into);

  /** Whether several threads may read at once. */
  default boolean isConcurrent() {
    return false;
  }

  /** {@link #read} by one of several threads, which wait for each other where they must. */
  default void readShared(long first, int count, double[] into) {
    if (isConcurrent()) {
      read(first, count, into);
      return;
    }
    synchronized (this) {
      read(first, count, into);
    }
  }

  /**
   * Whether every entry is a single-precision number, so that half the memory holds the rows as
   * they are. {@link #read} widens them.
   */
  default boolean isSingle() {
    return false;
  }

  @Override
  default void close() {}
}
