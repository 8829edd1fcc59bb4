package org.levinv.spark;

import org.apache.spark.rdd.InputFileBlockHolder;
import org.levinv.rows.Field;

/** What rows of a table must be, and how many of them are worked on at a time. */
final class TableRows {

  /** Numbers of a piece at most (4 MiB): that of a leaf. */
  private static final int PIECE = 1 << 19;

  private TableRows() {}

  /** Rows of a piece. */
  static int most(int columns) {
    return Math.max(1, PIECE / Math.max(1, columns));
  }

  /** A row of a partition, for messages: from 0. */
  record Place(long row, int partition) {

    /** Why a row of A cannot be used, or null. */
    String refusal(String column, double[] a, int expected) {
      if (a == null || a.length != expected) {
        String got = a == null ? "null" : "one of " + a.length;
        return in(column) + ": expected a vector of " + expected + " entries, got " + got;
      }
      for (int j = 0; j < a.length; j++) {
        if (!Double.isFinite(a[j])) {
          return in(column) + ", column " + j + ": expected a finite number, got " + a[j];
        }
      }
      return null;
    }

    /** The same for a number, or null. */
    String refusal(Field field, String column, Object value) {
      String expected = null;
      if (!(value instanceof Number number && Double.isFinite(number.doubleValue()))) {
        expected = "a finite number";
      } else if (field == Field.SIGN && number.doubleValue() == 0) {
        expected = "a positive or a negative number";
      } else if (field == Field.PRIOR && number.doubleValue() <= 0) {
        expected = "a weight above 0";
      }
      return expected == null ? null : in(column) + ": expected " + expected + ", got " + value;
    }

    /** With the file where the row comes from one. */
    String in(String column) {
      String file = InputFileBlockHolder.getInputFilePath().toString();
      return (file.isEmpty() ? "" : file + ", ")
          + "column "
          + column
          + ", row "
          + row
          + " of partition "
          + partition;
    }
  }
}
