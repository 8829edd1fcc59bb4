package org.levinv.solve;

import org.levinv.device.RowSource;

/**
 * Rows about a point: diag(scale)^-1 (a_i - mu), or with a one before that.
 *
 * @param A n x d
 * @param mu d values
 * @param scale d values, or null for ones
 * @param withOne whether a first column of ones comes before the others
 */
record ShiftedRows(RowSource A, double[] mu, double[] scale, boolean withOne) implements RowSource {

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
    return A.columns() + (withOne ? 1 : 0);
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
        double a = into[i * d + j] - mu[j];
        into[i * wide + j + wide - d] = scale == null ? a : a / scale[j];
      }
      if (withOne) {
        into[i * wide] = 1;
      }
    }
  }
}
