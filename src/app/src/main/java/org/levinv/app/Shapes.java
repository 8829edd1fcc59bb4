package org.levinv.app;

import java.nio.file.Path;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;

/** Checks that the inputs fit each other, with messages that name their files. */
final class Shapes {
  private Shapes() {}

  static void checkTall(RowSource A) {
    if (A.rows() <= A.columns()) {
      throw new InvalidInputException(
          A.name() + ": expected more rows than columns, got " + A.rows() + " x " + A.columns());
    }
  }

  /** A vector with one entry for each row of A, to be closed; its length is compared at once. */
  static VectorSource openRows(Path file, RowSource A, StatusLine line) {
    VectorSource v = Inputs.vectorSource(file, line.doing("reading " + file.getFileName()));
    try {
      check(file, v.length(), A.rows(), "row", A);
      return v;
    } catch (InvalidInputException e) {
      v.close();
      throw e;
    }
  }

  /** The same in an array. */
  static double[] rowsVector(Path file, RowSource A, StatusLine line) {
    try (VectorSource v = openRows(file, A, line)) {
      return v.toArray();
    }
  }

  /** Likewise with one entry for each column of A. */
  static double[] columnsVector(Path file, RowSource A) {
    try (VectorSource v = Inputs.vectorSource(file)) {
      check(file, v.length(), A.columns(), "column", A);
      return v.toArray();
    }
  }

  private static void check(Path file, long got, long expected, String what, RowSource A) {
    if (got != expected) {
      throw new InvalidInputException(
          file
              + ": expected "
              + expected
              + (expected == 1 ? " entry" : " entries")
              + ", one for each "
              + what
              + " of "
              + A.name()
              + ", got "
              + got);
    }
  }
}
