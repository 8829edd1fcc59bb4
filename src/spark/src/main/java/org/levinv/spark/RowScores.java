package org.levinv.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.levinv.InvalidInputException;
import org.levinv.rows.Field;
import org.levinv.rows.LeafArrays;
import org.levinv.solve.RowsAt;

/** Adds what rows are at an x. */
final class RowScores {

  private RowScores() {}

  /** Slacks and scores; v may be null. */
  private static double[][] of(RowsAt at, double[] A, double[] b, double[] v) {
    return ExecutorDevices.with(device -> at.of(A, b, v, device));
  }

  /** Rows (number, slack, leverage, residual) of leaves. */
  record OfLeaves(Broadcast<byte[]> at, int leafRows, int columns, boolean hasPrior)
      implements FlatMapFunction<Iterator<LeafArrays>, Row> {
    @Override
    public Iterator<Row> call(Iterator<LeafArrays> leaves) {
      RowsAt there = Wire.read(at.value());
      return new Pieces<>(leaves, leaf -> rows(leaf.next(), there));
    }

    private List<Row> rows(LeafArrays leaf, RowsAt there) {
      leaf.requireUsable();
      int count = leaf.count(columns);
      double[] A = new double[count * columns];
      leaf.copyRows(0, count, columns, A, 0);
      double[] b = field(leaf, Field.OFFSET);
      double[] target = field(leaf, Field.TARGET);
      double[][] found = of(there, A, b, hasPrior ? field(leaf, Field.PRIOR) : null);
      List<Row> rows = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        long row = leaf.index() * leafRows + i;
        double score = found[1][i];
        rows.add(RowFactory.create(row, found[0][i], score, score - target[i]));
      }
      return rows;
    }

    private double[] field(LeafArrays leaf, Field field) {
      double[] values = new double[leaf.count(columns)];
      leaf.copy(field, 0, values.length, values, 0);
      return Arrays.stream(values).map(field::given).toArray();
    }
  }

  /**
   * A table with two columns more.
   *
   * @param features column of vectors or of arrays of numbers
   * @param offset column of numbers
   * @param prior likewise, of prior weights; or null where all are 1
   * @param slack name of a new column
   * @param score likewise
   */
  static Dataset<Row> add(
      Dataset<Row> table,
      RowsAt at,
      String features,
      String offset,
      String prior,
      String slack,
      String score) {
    StructType schema =
        table
            .schema()
            .add(slack, DataTypes.DoubleType, false)
            .add(score, DataTypes.DoubleType, false);
    OfTable scores =
        new OfTable(
            Sessions.context(table.sparkSession()).broadcast(Wire.write(at)),
            new Place(features, table.schema().fieldIndex(features)),
            new Place(offset, table.schema().fieldIndex(offset)),
            prior == null ? null : new Place(prior, table.schema().fieldIndex(prior)),
            at.x().length);
    return table.mapPartitions(scores, Encoders.row(schema));
  }

  /** A column of a table. */
  private record Place(String name, int index) implements Serializable {}

  /** Rows of a table with two numbers more. */
  private record OfTable(
      Broadcast<byte[]> at, Place features, Place offset, Place prior, int columns)
      implements MapPartitionsFunction<Row, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      RowsAt there = Wire.read(at.value());
      Reader reader = new Reader(this);
      return new Pieces<>(rows, all -> reader.piece(all, there));
    }
  }

  /** Reads the rows of one partition. */
  private static final class Reader {
    private final OfTable from;
    private long done;

    Reader(OfTable from) {
      this.from = from;
    }

    List<Row> piece(Iterator<Row> rows, RowsAt at) {
      int d = from.columns;
      int most = TableRows.most(d);
      List<Row> piece = new ArrayList<>();
      double[] A = new double[most * d];
      double[] b = new double[most];
      double[] v = new double[from.prior == null ? 0 : most];
      while (piece.size() < most && rows.hasNext()) {
        Row row = rows.next();
        double[] a = entries(row);
        TableRows.Place place = new TableRows.Place(done, TaskContext.getPartitionId());
        require(place.refusal(from.features.name, a, d));
        System.arraycopy(a, 0, A, piece.size() * d, d);
        b[piece.size()] = number(row, Field.OFFSET, from.offset, place);
        if (from.prior != null) {
          v[piece.size()] = number(row, Field.PRIOR, from.prior, place);
        }
        piece.add(row);
        done++;
      }
      int count = piece.size();
      double[][] found =
          of(at, first(A, count * d), first(b, count), from.prior == null ? null : first(v, count));
      for (int i = 0; i < count; i++) {
        piece.set(i, with(piece.get(i), found[0][i], found[1][i]));
      }
      return piece;
    }

    private static double[] first(double[] values, int count) {
      return count == values.length ? values : Arrays.copyOf(values, count);
    }

    private static double number(Row row, Field field, Place column, TableRows.Place place) {
      Object value = row.get(column.index);
      require(place.refusal(field, column.name, value));
      return ((Number) value).doubleValue();
    }

    private static void require(String refusal) {
      if (refusal != null) {
        throw new InvalidInputException(refusal);
      }
    }

    private static Row with(Row row, double slack, double score) {
      Object[] values = new Object[row.length() + 2];
      for (int k = 0; k < row.length(); k++) {
        values[k] = row.get(k);
      }
      values[row.length()] = slack;
      values[row.length() + 1] = score;
      return RowFactory.create(values);
    }

    private double[] entries(Row row) {
      Object value = row.get(from.features.index);
      if (value == null || value instanceof Vector) {
        return value == null ? null : ((Vector) value).toArray();
      }
      List<Number> numbers = row.getList(from.features.index);
      return numbers.stream().mapToDouble(x -> x == null ? Double.NaN : x.doubleValue()).toArray();
    }
  }

  /** What is made of some elements at a time, one after the other. */
  private static final class Pieces<T> implements Iterator<Row> {
    private final Iterator<T> all;
    private final Function<Iterator<T>, List<Row>> some;
    private Iterator<Row> ready = List.<Row>of().iterator();

    Pieces(Iterator<T> all, Function<Iterator<T>, List<Row>> some) {
      this.all = all;
      this.some = some;
    }

    @Override
    public boolean hasNext() {
      return ready.hasNext() || all.hasNext();
    }

    @Override
    public Row next() {
      if (!ready.hasNext()) {
        ready = some.apply(all).iterator();
      }
      return ready.next();
    }
  }
}
