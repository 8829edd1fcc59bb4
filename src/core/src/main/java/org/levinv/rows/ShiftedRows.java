package org.levinv.rows;

import java.io.Serializable;
import java.util.List;
import org.levinv.device.RowSource;

/**
 * Rows about a point.
 *
 * @param A n x d
 */
public record ShiftedRows(RowSource A, Shift by) implements RowSource {

  /**
   * What becomes of a row: diag(scale)^-1 (a_i - mu), or that with a one before it.
   *
   * @param mu d values
   * @param scale d values, or null for ones
   * @param withOne whether a first column of ones comes before the others
   */
  public record Shift(double[] mu, double[] scale, boolean withOne) implements Serializable {}

  @Override
  public String name() {
    return A.name();
  }

  @Override
  public long rows() {
    return A.rows();
  }

  @Override
  public int columns() {
    return A.columns() + (by.withOne ? 1 : 0);
  }

  @Override
  public List<String> columnNames() {
    return by.withOne ? null : A.columnNames();
  }

  @Override
  public boolean isConcurrent() {
    return A.isConcurrent();
  }

  @Override
  public void read(long first, int count, double[] into) {
    int d = A.columns();
    int wide = columns();
    A.readShared(first, count, into);
    for (int i = count - 1; i >= 0; i--) { // from the last: a wider row covers none that is to come
      for (int j = d - 1; j >= 0; j--) {
        double a = into[i * d + j] - by.mu[j];
        into[i * wide + j + wide - d] = by.scale == null ? a : a / by.scale[j];
      }
      if (by.withOne) {
        into[i * wide] = 1;
      }
    }
  }
}
