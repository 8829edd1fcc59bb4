package org.levinv.app;

import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/** Checks that the inputs fit each other, with messages that name their files. */
final class Shapes {
  private Shapes() {}

  static void checkTall(RowSource A) {
    if (A.rows() <= A.columns()) {
      throw new InvalidInputException(
          A.name() + ": expected more rows than columns, got " + A.rows() + " x " + A.columns());
    }
  }

  /** One entry for each row of A; the vector itself. */
  static VectorSource checkRows(VectorSource v, RowSource A) {
    check(v.name(), v.length(), A.rows(), "row", A);
    return v;
  }

  /** One entry for each row of A. */
  static void checkRows(Object file, double[] v, RowSource A) {
    check(file, v.length, A.rows(), "row", A);
  }

  /** One entry for each column of A. */
  static void checkColumns(Object file, double[] v, RowSource A) {
    check(file, v.length, A.columns(), "column", A);
  }

  private static void check(Object file, long got, long expected, String what, RowSource A) {
    if (got != expected) {
      throw new InvalidInputException(
          file
              + ": expected "
              + expected
              + " entries, one for each "
              + what
              + " of "
              + A.name()
              + ", got "
              + got);
    }
  }
}
