package org.levinv;

import java.util.function.LongToDoubleFunction;

/**
 * A vector that can be read piece by piece, as often as needed: a file, an array, a generator. It
 * is never held as a whole, so its length is a long.
 */
public interface VectorSource extends AutoCloseable {
  /** Entries of the longest array that Java virtual machines allow. */
  int MOST_IN_ARRAY = Integer.MAX_VALUE - 8;

  /** What messages call this vector, such as a file's path. */
  String name();

  /** Entries. */
  long length();

  /**
   * Copies {@code count} entries from entry {@code first} on to {@code into}, from index {@code at}
   * on; by several threads at once, in any order.
   *
   * @throws InvalidInputException if an entry is not a finite number, or cannot be read
   */
  void read(long first, int count, double[] into, int at);

  /**
   * Copies some entries to the front of {@code into}. A source that is far away brings all of them
   * in one go.
   *
   * @param numbers of the entries, ascending
   * @throws InvalidInputException as {@link #read}
   */
  default void readEntries(long[] numbers, double[] into) {
    for (int k = 0; k < numbers.length; k++) {
      read(numbers[k], 1, into, k);
    }
  }

  /**
   * All entries.
   *
   * @throws InvalidInputException if they are more than an array takes
   */
  default double[] toArray() {
    if (length() > MOST_IN_ARRAY) {
      throw new InvalidInputException(
          name() + ": expected at most " + MOST_IN_ARRAY + " entries, got " + length());
    }
    double[] values = new double[(int) length()];
    read(0, values.length, values, 0);
    return values;
  }

  /** A vector in an array, which is read in place and must not change while it is in use. */
  static VectorSource of(String name, double[] values) {
    return new ArrayVector(name, values);
  }

  /**
   * A vector whose entries follow from their numbers.
   *
   * @param entry gives finite numbers, the same ones to every thread
   */
  static VectorSource of(String name, long length, LongToDoubleFunction entry) {
    return new ComputedVector(name, length, entry);
  }

  /** A vector whose entries are all the same number. */
  static VectorSource constant(String name, long length, double value) {
    return new ConstantVector(name, length, value);
  }

  @Override
  default void close() {}
}
