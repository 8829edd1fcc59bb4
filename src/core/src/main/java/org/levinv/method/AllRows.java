package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;

/** Questions to all rows that still need them in one memory. */
public final class AllRows {
  private AllRows() {}

  static int rank(RowStore rows) {
    try (Workspace own = new Workspace(rows.device())) {
      return Rank.of(rows.gather(numbers(rows), own), rows.device()).rank();
    }
  }

  static boolean offsetInRange(RowStore rows) {
    try (Workspace own = new Workspace(rows.device())) {
      long[] all = numbers(rows);
      Vector b = own.upload(rows.gather(Field.OFFSET, all));
      return OffsetInRange.holds(rows.gather(all, own), b, rows.device());
    }
  }

  public static long[] numbers(RowStore rows) {
    long[] all = new long[(int) rows.rows()];
    Arrays.setAll(all, i -> i);
    return all;
  }
}
