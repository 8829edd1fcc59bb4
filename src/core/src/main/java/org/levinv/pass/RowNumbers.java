package org.levinv.pass;

import java.io.Serializable;
import java.util.Arrays;
import org.levinv.rows.RowBlock;

/**
 * Some rows with a number each, ascending: those of all rows that a pass must treat apart.
 *
 * @param rows ascending
 * @param values one each
 */
record RowNumbers(long[] rows, double[] values) implements Serializable {

  /** Positions in a block of those that are in it. */
  int[] positions(RowBlock block) {
    return positions(rows, block);
  }

  /** The same of rows, ascending, without numbers. */
  static int[] positions(long[] rows, RowBlock block) {
    int from = index(rows, block.first());
    int[] own = new int[index(rows, block.first() + block.count()) - from];
    Arrays.setAll(own, k -> (int) (rows[from + k] - block.first()));
    return own;
  }

  /** The numbers of those. */
  double[] values(RowBlock block) {
    return Arrays.copyOfRange(
        values, index(rows, block.first()), index(rows, block.first() + block.count()));
  }

  private static int index(long[] rows, long row) {
    int k = Arrays.binarySearch(rows, row);
    return k >= 0 ? k : -1 - k;
  }
}
