package org.levinv.files;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/** A matrix that stays where it is stored, read by several threads at once. */
final class StoredMatrix implements RowSource {
  private final String name;
  private final Items items;
  private final Columns byColumns;
  private final boolean single;
  private final long rows;
  private final int columns;
  private final List<String> columnNames;

  StoredMatrix(StoredArray array, long rows, int columns) {
    this.name = array.name();
    this.items = array.items();
    this.single = array.type().isSingle();
    this.rows = rows;
    this.columns = columns;
    boolean columnMajor = array.columnMajor() && rows > 1 && columns > 1;
    this.byColumns = columnMajor ? new Columns(items, rows, columns) : null;
    this.columnNames = array.columnNames();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public boolean isSingle() {
    return single;
  }

  @Override
  public List<String> columnNames() {
    return columnNames;
  }

  @Override
  public void read(long first, int count, double[] into) {
    Objects.checkFromIndexSize(first, count, rows);
    Objects.checkFromIndexSize(0L, (long) count * columns, into.length);
    try {
      if (byColumns != null) {
        byColumns.read(first, count, into);
      } else {
        items.read(first * columns, count * columns, into, 0);
      }
      items.checkUnchanged();
    } catch (IOException e) {
      throw StoredVector.unreadable(name, first, count, e);
    }
    int bad = StoredVector.notFinite(into, 0, count * columns);
    if (bad >= 0) {
      throw new InvalidInputException(
          name
              + ", row "
              + (first + bad / columns)
              + (columns == 1 ? "" : ", column " + bad % columns)
              + ": expected a finite number, got "
              + into[bad]);
    }
  }

  @Override
  public void close() {
    try {
      items.close();
    } catch (IOException e) {
      throw new InvalidInputException(name + ": " + Reason.of(e), e);
    }
  }
}
