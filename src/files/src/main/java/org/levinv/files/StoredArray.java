package org.levinv.files;

import java.util.List;
import java.util.stream.Collectors;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/**
 * What a format finds in a file: numbers of one type that lie one after the other, and their shape.
 * Every format ends here, so that all are read, checked and closed in the same way.
 *
 * @param name the file and its member, for messages
 * @param bytes that hold the numbers, and close with what is made of them
 * @param offset where the first number begins, in bytes
 * @param type of a number
 * @param columnMajor columns one after the other, not rows
 * @param shape nonnegative extents
 * @param columnNames one for each column, or null
 */
record StoredArray(
    String name,
    Bytes bytes,
    long offset,
    ItemType type,
    boolean columnMajor,
    List<Long> shape,
    List<String> columnNames) {

  private static final int MOST_COLUMNS = Integer.MAX_VALUE - 8;

  /** Two extents, neither of them 0. */
  RowSource matrix() {
    if (shape.size() != 2 || shape.contains(0L) || shape.get(1) > MOST_COLUMNS) {
      throw new InvalidInputException(
          name + ": expected a matrix, that is shape (rows, columns), got shape " + tuple(shape));
    }
    return new StoredMatrix(this, shape.get(0), shape.get(1).intValue());
  }

  /** One extent, or two of which one is 1. */
  VectorSource vector() {
    boolean flat = shape.size() == 1 || shape.size() == 2 && shape.contains(1L);
    if (!flat || shape.contains(0L)) {
      String got =
          shape.size() == 2 && !shape.contains(0L)
              ? "one column or one row, got " + shape.get(0) + " x " + shape.get(1)
              : "shape (n,), (n, 1) or (1, n), got shape " + tuple(shape);
      throw new InvalidInputException(name + ": expected a vector, that is " + got);
    }
    return new StoredVector(this, count());
  }

  /** All numbers. */
  long count() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** The numbers, to be closed. */
  Items items() {
    return new Items(bytes, offset, type, count());
  }

  /** A shape as Python writes it. */
  static String tuple(List<Long> shape) {
    return shape.stream()
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "(", shape.size() == 1 ? ",)" : ")"));
  }
}
