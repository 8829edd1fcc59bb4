package org.levinv.rows;

import java.util.Collections;
import java.util.Iterator;
import java.util.Set;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/**
 * Rows of a problem that come leaf by leaf, as a source that is read in that order: one leaf is
 * there at a time. Sees of how many leaves the digest is known.
 */
final class LeafWindow {
  private final Partition partition;
  private final int d;
  private Iterator<LeafArrays> leaves = Collections.emptyIterator();
  private LeafArrays here;
  private long digest;

  LeafWindow(Partition partition, int d) {
    this.partition = partition;
    this.d = d;
  }

  /**
   * The rows with some of their fields.
   *
   * @param shift of the rows, or null
   */
  ProblemRows rows(ShiftedRows.Shift shift, Set<Field> fields) {
    RowSource A = new Matrix();
    ProblemRows rows = ProblemRows.of(shift == null ? A : new ShiftedRows(A, shift));
    for (Field field : fields) {
      rows = rows.with(field, new Column(field));
    }
    return rows;
  }

  /** From now on these leaves. */
  void restart(Iterator<LeafArrays> leaves) {
    this.leaves = leaves;
    here = null;
    digest = 0;
  }

  private LeafArrays at(long row) {
    long index = row / partition.leafRows();
    while (here == null || here.index() < index) {
      if (!leaves.hasNext()) {
        throw new IllegalStateException("expected leaf " + index + ", got no more than " + here);
      }
      here = leaves.next();
      here.requireUsable();
      digest = 31 * digest + here.digest();
    }
    if (here.index() != index) {
      throw new IllegalStateException("expected leaf " + index + ", got " + here);
    }
    return here;
  }

  private int place(long row) {
    return (int) (row % partition.leafRows());
  }

  /** Of all leaves; 0 where some have not come. */
  long digest() {
    return leaves.hasNext() ? 0 : digest;
  }

  private final class Matrix implements RowSource {
    @Override
    public String name() {
      return "matrix";
    }

    @Override
    public long rows() {
      return partition.rows();
    }

    @Override
    public int columns() {
      return d;
    }

    @Override
    public void read(long first, int count, double[] into) {
      at(first).copyRows(place(first), count, d, into, 0);
    }
  }

  private final class Column implements VectorSource {
    private final Field field;

    Column(Field field) {
      this.field = field;
    }

    @Override
    public String name() {
      return field.name();
    }

    @Override
    public long length() {
      return partition.rows();
    }

    @Override
    public void read(long first, int count, double[] into, int at) {
      at(first).copy(field, place(first), count, into, at);
    }
  }
}
