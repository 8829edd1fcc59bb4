package org.levinv.pass;

import java.util.Arrays;
import org.levinv.rows.RowBlock;

/**
 * Some rows with a number each, ascending: those of all rows that a pass must treat apart.
 *
 * @param rows ascending
 * @param values one each
 */
record RowNumbers(long[] rows, double[] values) {

  /** Positions in a block of those that are in it. */
  int[] positions(RowBlock block) {
    int from = index(block.first());
    int[] own = new int[index(block.first() + block.count()) - from];
    Arrays.setAll(own, k -> (int) (rows[from + k] - block.first()));
    return own;
  }

  /** The numbers of those. */
  double[] values(RowBlock block) {
    return Arrays.copyOfRange(values, index(block.first()), index(block.first() + block.count()));
  }

  private int index(long row) {
    int k = Arrays.binarySearch(rows, row);
    return k >= 0 ? k : -1 - k;
  }
}
