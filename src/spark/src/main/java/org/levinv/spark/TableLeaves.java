package org.levinv.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.storage.StorageLevel;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.rows.Field;
import org.levinv.rows.LeafArrays;
import org.levinv.rows.Partition;
import scala.Tuple2;

/** Brings the rows of a table to leaves: pieces of its partitions, then pieces of leaves. */
final class TableLeaves {

  private TableLeaves() {}

  /** Some consecutive rows of a table. */
  private static final class Piece implements Serializable {
    final int columns;
    final int count;
    final double[] A;
    final double[][] fields;
    final String refusal;

    Piece(int columns, int count, double[] A, double[][] fields, String refusal) {
      this.columns = columns;
      this.count = count;
      this.A = A;
      this.fields = fields;
      this.refusal = refusal;
    }

    Piece part(int from, int to) {
      double[][] some = new double[fields.length][];
      Arrays.setAll(some, k -> fields[k] == null ? null : Arrays.copyOfRange(fields[k], from, to));
      double[] rows = Arrays.copyOfRange(A, from * columns, to * columns);
      return new Piece(columns, to - from, rows, some, null);
    }
  }

  /** What a partition of the table holds. */
  private record Held(long rows, int columns, String refusal) implements Serializable {}

  static SparkRows read(Dataset<Row> table, SparkRows.Names names, int partitions) {
    JavaSparkContext context = Sessions.context(table.sparkSession());
    Shape shape = Shape.of(table, names);
    JavaRDD<Piece> pieces =
        shape
            .select(table)
            .queryExecution()
            .toRdd() // Spark's own rows: others have an object for each number
            .toJavaRDD()
            .mapPartitionsWithIndex((k, rows) -> new Pieces(k, rows, shape), true)
            .persist(StorageLevel.MEMORY_AND_DISK()); // so that what is counted is what comes
    try {
      return read(context, pieces, names, partitions);
    } finally {
      pieces.unpersist(false);
    }
  }

  private static SparkRows read(
      JavaSparkContext context, JavaRDD<Piece> pieces, SparkRows.Names names, int partitions) {
    List<Held> held =
        SparkJob.run(
                context,
                () -> pieces.mapPartitions(TableLeaves::count).map(Wire::write).collect(),
                () -> {},
                share -> {})
            .stream()
            .map(bytes -> (Held) Wire.read(bytes))
            .toList();
    long[] first = new long[held.size() + 1];
    for (int k = 0; k < held.size(); k++) {
      first[k + 1] = first[k] + held.get(k).rows();
    }
    int columns = columns(held, names);
    long rows = first[held.size()];
    if (rows <= columns) {
      throw new InvalidInputException(
          String.format(
              "%s: expected more rows than columns and at least one column, got %d x %d",
              names.matrix(), rows, columns));
    }
    Partition partition = Partition.of(rows, columns);
    long[] starts = SparkRows.starts(context, partition, columns, partitions);
    JavaRDD<Tuple2<Long, Piece>> parts =
        pieces.mapPartitionsWithIndex((k, some) -> new Cut(some, first[k], partition), true);
    JavaRDD<LeafArrays> leaves =
        JavaPairRDD.fromJavaRDD(parts)
            .repartitionAndSortWithinPartitions(new Shards(partition.leafRows(), starts))
            .mapPartitions(some -> new Leaves(some, partition));
    SparkRows all = new SparkRows(context, leaves, partition, columns, starts, names);
    SparkJob.run(
        context,
        () -> {
          all.leaves().foreachPartition(some -> {}); // which holds them
          return true;
        },
        () -> {},
        share -> {});
    return all;
  }

  /** A column of numbers. */
  private record Numbers(Field field, String name) implements Serializable {}

  /**
   * What is read of a table: first the features, then numbers.
   *
   * @param features name of the column
   * @param vectors its type, or null where it has arrays
   * @param numbers the other columns
   */
  private record Shape(String features, UserDefinedType<?> vectors, List<Numbers> numbers)
      implements Serializable {

    static Shape of(Dataset<Row> table, SparkRows.Names names) {
      DataType type = type(table, names.matrix());
      boolean isVectors = type.equals(SQLDataTypes.VectorType());
      if (!isVectors
          && !(type instanceof ArrayType array && array.elementType() instanceof NumericType)) {
        throw wrongType(names.matrix(), "vectors or of arrays of numbers", type);
      }
      List<Numbers> numbers =
          Stream.of(
                  new Numbers(Field.OFFSET, names.offset()),
                  new Numbers(Field.TARGET, names.scores()),
                  new Numbers(Field.SIGN, names.signs()),
                  new Numbers(Field.PRIOR, names.prior()))
              .filter(column -> column.name() != null)
              .toList();
      return new Shape(names.matrix(), isVectors ? (UserDefinedType<?>) type : null, numbers);
    }

    /** Its columns, as doubles. */
    Dataset<Row> select(Dataset<Row> table) {
      Column a = column(table, features);
      List<Column> columns = new ArrayList<>();
      columns.add(vectors == null ? a.cast(DataTypes.createArrayType(DataTypes.DoubleType)) : a);
      for (Numbers column : numbers) {
        columns.add(number(table, column.name()));
      }
      return table.select(columns.toArray(Column[]::new));
    }

    /** A row of A; null where there is none. Entries of an array that are null become NaN. */
    double[] entries(InternalRow row) {
      if (row.isNullAt(0)) {
        return null;
      }
      if (vectors != null) {
        int parts = ((StructType) vectors.sqlType()).size();
        return ((Vector) vectors.deserialize(row.getStruct(0, parts))).toArray();
      }
      ArrayData array = row.getArray(0);
      double[] a = new double[array.numElements()];
      for (int j = 0; j < a.length; j++) {
        a[j] = array.isNullAt(j) ? Double.NaN : array.getDouble(j);
      }
      return a;
    }

    /** A number of a row, or null. */
    static Double value(InternalRow row, int k) {
      return row.isNullAt(k + 1) ? null : row.getDouble(k + 1);
    }
  }

  private static Column number(Dataset<Row> table, String name) {
    DataType type = type(table, name);
    if (!(type instanceof NumericType)) {
      throw wrongType(name, "numbers", type);
    }
    return column(table, name).cast("double");
  }

  /** By its name alone: a dot in it is no field of a structure. */
  private static Column column(Dataset<Row> table, String name) {
    return table.col("`" + name.replace("`", "``") + "`");
  }

  private static DataType type(Dataset<Row> table, String name) {
    List<String> all = Arrays.asList(table.columns());
    if (!all.contains(name)) {
      throw new InvalidInputException(
          "column " + name + ": expected one of this name, got " + String.join(", ", all));
    }
    return table.schema().apply(name).dataType();
  }

  private static InvalidInputException wrongType(String name, String expected, DataType type) {
    return new InvalidInputException(
        "column " + name + ": expected a column of " + expected + ", got " + type.simpleString());
  }

  private static Iterator<Held> count(Iterator<Piece> pieces) {
    long rows = 0;
    int columns = -1;
    String refusal = null;
    while (pieces.hasNext()) {
      Piece piece = pieces.next();
      rows += piece.count;
      columns = piece.columns;
      refusal = refusal == null ? piece.refusal : refusal;
    }
    return List.of(new Held(rows, columns, refusal)).iterator();
  }

  private static int columns(List<Held> held, SparkRows.Names names) {
    int columns = 0;
    for (Held part : held) {
      if (part.refusal() != null) {
        throw new InvalidInputException(part.refusal());
      }
      if (part.rows() > 0 && columns > 0 && part.columns() != columns) {
        throw new InvalidInputException(
            String.format(
                "column %s: expected vectors of one length, got %d and %d",
                names.matrix(), columns, part.columns()));
      }
      columns = part.rows() > 0 ? part.columns() : columns;
    }
    return columns;
  }

  /** The rows of a partition, some at a time; it ends at the first that cannot be used. */
  private static final class Pieces implements Iterator<Piece> {
    private final int partition;
    private final Iterator<InternalRow> rows;
    private final Shape shape;
    private int columns = -1;
    private long done;
    private String refusal;

    Pieces(int partition, Iterator<InternalRow> rows, Shape shape) {
      this.partition = partition;
      this.rows = rows;
      this.shape = shape;
    }

    @Override
    public boolean hasNext() {
      return refusal == null && rows.hasNext();
    }

    @Override
    public Piece next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      double[] A = new double[0];
      double[][] fields = new double[Field.values().length][];
      int most = 1;
      int count = 0;
      while (count < most && rows.hasNext() && refusal == null) {
        InternalRow row = rows.next(); // the same one each time
        double[] a = shape.entries(row);
        if (columns < 0 && a != null) {
          columns = a.length;
        }
        if (count == 0) {
          most = TableRows.most(columns);
          A = new double[Math.multiplyExact(most, Math.max(0, columns))];
          for (Numbers column : shape.numbers()) {
            fields[column.field().ordinal()] = new double[most];
          }
        }
        refusal = refusal(row, a);
        if (refusal == null) {
          System.arraycopy(a, 0, A, count * columns, columns);
          for (int k = 0; k < shape.numbers().size(); k++) {
            fields[shape.numbers().get(k).field().ordinal()][count] = row.getDouble(k + 1);
          }
          count++;
          done++;
        }
      }
      Piece all = new Piece(columns, count, A, fields, refusal);
      return count == most || refusal != null ? all : all.part(0, count);
    }

    /** Why a row cannot be used, or null. */
    private String refusal(InternalRow row, double[] a) {
      TableRows.Place place = new TableRows.Place(done, partition);
      String refusal = place.refusal(shape.features(), a, columns);
      for (int k = 0; k < shape.numbers().size() && refusal == null; k++) {
        Numbers column = shape.numbers().get(k);
        refusal = place.refusal(column.field(), column.name(), Shape.value(row, k));
      }
      return refusal;
    }
  }

  /** Cuts pieces where leaves end; each part has the number of its first row among all. */
  private static final class Cut implements Iterator<Tuple2<Long, Piece>> {
    private final Iterator<Piece> pieces;
    private final Partition partition;
    private long row;
    private Piece piece;
    private int at;

    Cut(Iterator<Piece> pieces, long first, Partition partition) {
      this.pieces = pieces;
      this.partition = partition;
      row = first;
    }

    @Override
    public boolean hasNext() {
      while ((piece == null || at == piece.count) && pieces.hasNext()) {
        piece = pieces.next();
        at = 0;
      }
      return piece != null && at < piece.count;
    }

    @Override
    public Tuple2<Long, Piece> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int size = partition.leafRows();
      int count = (int) Math.min(piece.count - at, size - row % size);
      Tuple2<Long, Piece> part = new Tuple2<>(row, piece.part(at, at + count));
      at += count;
      row += count;
      return part;
    }
  }

  /** Which shard a row belongs to. */
  private static final class Shards extends Partitioner {
    private final int leafRows;
    private final long[] starts;

    Shards(int leafRows, long[] starts) {
      this.leafRows = leafRows;
      this.starts = starts;
    }

    @Override
    public int numPartitions() {
      return starts.length - 1;
    }

    @Override
    public int getPartition(Object row) {
      int k = Arrays.binarySearch(starts, (Long) row / leafRows);
      return k >= 0 ? k : -2 - k;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Shards shards
          && leafRows == shards.leafRows
          && Arrays.equals(starts, shards.starts);
    }

    @Override
    public int hashCode() {
      return 31 * leafRows + Arrays.hashCode(starts);
    }
  }

  /** Joins ascending parts to leaves. */
  private static final class Leaves implements Iterator<LeafArrays> {
    private final Iterator<Tuple2<Long, Piece>> parts;
    private final Partition partition;

    Leaves(Iterator<Tuple2<Long, Piece>> parts, Partition partition) {
      this.parts = parts;
      this.partition = partition;
    }

    @Override
    public boolean hasNext() {
      return parts.hasNext();
    }

    @Override
    public LeafArrays next() {
      Tuple2<Long, Piece> part = parts.next();
      long index = part._1() / partition.leafRows();
      long first = partition.first(index);
      int count = partition.count(index);
      int d = part._2().columns;
      double[] A = new double[Math.multiplyExact(count, d)];
      double[][] fields = new double[part._2().fields.length][];
      Arrays.setAll(fields, k -> part._2().fields[k] == null ? null : new double[count]);
      int done = 0;
      for (Tuple2<Long, Piece> next = part; ; next = parts.next()) {
        Piece piece = next._2();
        if (next._1() != first + done) {
          throw new IllegalStateException("row " + (first + done) + ": got row " + next._1());
        }
        System.arraycopy(piece.A, 0, A, done * d, piece.count * d);
        for (int k = 0; k < fields.length; k++) {
          if (fields[k] != null) {
            System.arraycopy(piece.fields[k], 0, fields[k], done, piece.count);
          }
        }
        done += piece.count;
        if (done == count) {
          return LeafArrays.of(index, A, held(fields));
        }
      }
    }

    /** As rows have them, of numbers that were looked at. */
    private static double[][] held(double[][] given) {
      double[][] held = new double[given.length][];
      for (Field field : Field.values()) {
        int k = field.ordinal();
        held[k] =
            given[k] == null ? null : field.numbers(VectorSource.of("column", given[k])).toArray();
      }
      return held;
    }
  }
}
