package org.levinv.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.levinv.InvalidInputException;
import org.levinv.rows.Field;
import org.levinv.rows.LeafArrays;
import org.levinv.solve.RowsAt;

/** Adds what rows are at an x. */
final class RowScores {

  /** Numbers of rows that are worked on at a time (4 MiB). */
  private static final int PIECE = 1 << 19;

  private RowScores() {}

  private static double[][] of(Broadcast<byte[]> at, double[] A, double[] b) {
    ExecutorDevices.Lease lease = ExecutorDevices.borrow();
    try {
      RowsAt rows = Wire.read(at.value());
      return lease.with(device -> rows.of(A, b, device));
    } finally {
      lease.giveBack();
    }
  }

  /** Rows (number, slack, leverage) of leaves. */
  record OfLeaves(Broadcast<byte[]> at, int leafRows, int columns)
      implements FlatMapFunction<LeafArrays, Row> {
    @Override
    public Iterator<Row> call(LeafArrays leaf) {
      leaf.requireUsable();
      int count = leaf.count(columns);
      double[] A = new double[count * columns];
      double[] b = new double[count];
      leaf.copyRows(0, count, columns, A, 0);
      leaf.copy(Field.OFFSET, 0, count, b, 0);
      double[][] found = of(at, A, b);
      List<Row> rows = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        rows.add(RowFactory.create(leaf.index() * leafRows + i, found[0][i], found[1][i]));
      }
      return rows.iterator();
    }
  }

  /** Rows of a table with two columns more. */
  record OfTable(Broadcast<byte[]> at, int features, int offset, int columns)
      implements FlatMapFunction<Iterator<Row>, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      return new Scored(this, rows);
    }

    private double[] entries(Row row) {
      Object value = row.get(features);
      double[] a = null;
      if (value instanceof Vector vector) {
        a = vector.toArray();
      } else if (value != null) {
        List<Number> numbers = row.getList(features);
        a = numbers.stream().mapToDouble(x -> x == null ? Double.NaN : x.doubleValue()).toArray();
      }
      if (a == null || a.length != columns) {
        throw new InvalidInputException(
            "expected a vector of " + columns + " entries, got " + value);
      }
      return a;
    }
  }

  private static final class Scored implements Iterator<Row> {
    private final OfTable how;
    private final Iterator<Row> rows;
    private Iterator<Row> ready = List.<Row>of().iterator();

    Scored(OfTable how, Iterator<Row> rows) {
      this.how = how;
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return ready.hasNext() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!ready.hasNext()) {
        ready = some().iterator();
      }
      return ready.next();
    }

    private List<Row> some() {
      int d = how.columns;
      int most = Math.max(1, PIECE / d);
      List<Row> piece = new ArrayList<>();
      double[] A = new double[most * d];
      double[] b = new double[most];
      while (piece.size() < most && rows.hasNext()) {
        Row row = rows.next();
        System.arraycopy(how.entries(row), 0, A, piece.size() * d, d);
        b[piece.size()] = ((Number) row.get(how.offset)).doubleValue();
        piece.add(row);
      }
      int count = piece.size();
      double[][] found = of(how.at, Arrays.copyOf(A, count * d), Arrays.copyOf(b, count));
      for (int i = 0; i < count; i++) {
        Row row = piece.get(i);
        Object[] values = new Object[row.length() + 2];
        for (int k = 0; k < row.length(); k++) {
          values[k] = row.get(k);
        }
        values[row.length()] = found[0][i];
        values[row.length() + 1] = found[1][i];
        piece.set(i, RowFactory.create(values));
      }
      return piece;
    }
  }
}
