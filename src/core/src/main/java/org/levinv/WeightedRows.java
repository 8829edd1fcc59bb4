package org.levinv;

import java.util.List;
import org.levinv.device.RowSource;

/**
 * diag(w) A.
 *
 * @param A n x d
 * @param w n row weights of any sign
 */
record WeightedRows(RowSource A, VectorSource w) implements RowSource {

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
    return A.columns();
  }

  @Override
  public List<String> columnNames() {
    return A.columnNames();
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void read(long first, int count, double[] into) {
    A.readShared(first, count, into);
    double[] weight = new double[count];
    w.read(first, count, weight, 0);
    int d = columns();
    for (int i = 0; i < count; i++) {
      if (!Double.isFinite(weight[i])) {
        throw new InvalidInputException(
            w.name() + ", row " + (first + i) + ": expected a finite number, got " + weight[i]);
      }
      for (int j = i * d; j < (i + 1) * d; j++) {
        into[j] *= weight[i];
      }
    }
  }
}
