package org.levinv.app;

import java.util.List;
import java.util.function.DoubleConsumer;
import org.levinv.device.RowSource;

/** Rows that are read once, from the first to the last, by someone who tells how far it is. */
final class HeardRows implements RowSource {
  private final RowSource rows;
  private final DoubleConsumer progress;

  HeardRows(RowSource rows, DoubleConsumer progress) {
    this.rows = rows;
    this.progress = progress;
  }

  @Override
  public String name() {
    return rows.name();
  }

  @Override
  public long rows() {
    return rows.rows();
  }

  @Override
  public int columns() {
    return rows.columns();
  }

  @Override
  public List<String> columnNames() {
    return rows.columnNames();
  }

  @Override
  public void read(long first, int count, double[] into) {
    rows.read(first, count, into);
    progress.accept((double) (first + count) / rows());
  }

  @Override
  public boolean isSingle() {
    return rows.isSingle();
  }
}
