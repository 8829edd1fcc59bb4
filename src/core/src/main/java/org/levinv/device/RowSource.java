package org.levinv.device;

import java.nio.DoubleBuffer;
import java.util.List;
import org.levinv.InvalidInputException;

/**
 * A matrix that can be read row by row, as often as needed: a file, an array, a generator. Nothing
 * else is asked of the place where A comes from, so A itself is held once, on the device.
 */
public interface RowSource extends AutoCloseable {

  /** What messages call this matrix, such as a file's path. */
  String name();

  /** A matrix as an array of rows, read in place; it must not change while it is in use. */
  static RowSource of(double[][] A) {
    return of("matrix", A);
  }

  /** The same with a name for messages. */
  static RowSource of(String name, double[][] A) {
    return ArraySource.of(name, A);
  }

  /**
   * A matrix row by row in one array, read in place; it must not change while it is in use. One
   * that is stored column by column has to be transposed.
   *
   * @param columns d, of which the length of the array is a multiple
   */
  static RowSource of(double[] values, int columns) {
    InvalidInputException.requireGiven("matrix", values);
    return BufferSource.of("matrix", DoubleBuffer.wrap(values), columns);
  }

  /**
   * The same in a buffer, from its position to its limit, which may be outside the heap: of a
   * {@code MemorySegment} in native order by {@code
   * segment.asByteBuffer().order(ByteOrder.nativeOrder()).asDoubleBuffer()}. A larger segment comes
   * as a class of its own, whose {@link #read} copies.
   */
  static RowSource of(DoubleBuffer values, int columns) {
    return BufferSource.of("matrix", InvalidInputException.requireGiven("matrix", values), columns);
  }

  /** The same in single precision, which stays so in memory. */
  static RowSource of(float[] values, int columns) {
    return FloatSource.of("matrix", InvalidInputException.requireGiven("matrix", values), columns);
  }

  /** n. */
  long rows();

  /** d. */
  int columns();

  /** What messages call the columns, d names, or null where they have none but their numbers. */
  default List<String> columnNames() {
    return null;
  }

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
   * Copies some rows, one after the other, to the front of {@code into}; by several threads at
   * once. A source that is far away brings all of them in one go.
   *
   * @param numbers of the rows, ascending
   */
  default void readRows(long[] numbers, double[] into) {
    double[] row = new double[columns()];
    for (int k = 0; k < numbers.length; k++) {
      readShared(numbers[k], 1, row);
      System.arraycopy(row, 0, into, k * row.length, row.length);
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
