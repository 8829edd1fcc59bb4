package org.levinv.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import org.levinv.rows.Field;
import org.levinv.rows.LeafArrays;
import org.levinv.rows.Partition;

/**
 * The rows of a problem on a cluster: leaves as elements of an RDD, which Spark holds in the
 * executors' heaps, and on their disks where these are full. No array of n numbers is in one place.
 */
public final class SparkRows implements AutoCloseable {

  /** Bytes of a partition, about (128 MiB): what Spark's own file sources take. */
  private static final long PARTITION_BYTES = 1L << 27;

  private final JavaSparkContext context;
  private final JavaRDD<LeafArrays> leaves;
  private final Partition partition;
  private final int columns;
  private final long[] starts;
  private final Names names;

  /**
   * What messages call the parts of a problem.
   *
   * @param offset null where it is 0 for all rows
   * @param scores null where rows have none
   * @param signs likewise
   * @param prior null where all prior weights are 1
   */
  record Names(String matrix, String offset, String scores, String signs, String prior)
      implements Serializable {}

  SparkRows(
      JavaSparkContext context,
      JavaRDD<LeafArrays> leaves,
      Partition partition,
      int columns,
      long[] starts,
      Names names) {
    this.context = context;
    this.leaves = leaves.persist(StorageLevel.MEMORY_AND_DISK());
    this.partition = partition;
    this.columns = columns;
    this.starts = starts;
    this.names = names;
  }

  /**
   * .npy files on any of Hadoop's file systems, which executors read by byte ranges when they first
   * need them.
   *
   * @param matrix URI of A, n x d
   * @param offset of b, n; or null for zeros, which all models but the barrier may have
   * @param scores of the target scores, n; or null for none
   * @param signs of n numbers whose signs are those of A x - b, or null
   * @param partitions of the RDD, or 0 for one for each 128 MiB and at least one for each core
   * @throws InvalidInputException if a file is missing, is no .npy file or has another length
   */
  public static SparkRows npy(
      JavaSparkContext context,
      String matrix,
      String offset,
      String scores,
      String signs,
      int partitions) {
    return npy(context, matrix, offset, scores, signs, null, partitions);
  }

  /**
   * The same with prior weights, which count in {@link SparkInverter#invert}.
   *
   * @param prior of n numbers above 0, or null where all are 1
   */
  public static SparkRows npy(
      JavaSparkContext context,
      String matrix,
      String offset,
      String scores,
      String signs,
      String prior,
      int partitions) {
    Configuration configuration = context.hadoopConfiguration();
    HadoopBytes.Seen A = seen(matrix, configuration);
    long rows;
    int columns;
    try (RowSource source = Inputs.npyMatrix(matrix, A.open(configuration))) {
      rows = source.rows();
      columns = source.columns();
    } catch (IOException e) {
      throw unreadable(matrix, e);
    }
    HadoopBytes.Seen[] fields = new HadoopBytes.Seen[Field.values().length];
    fields[Field.OFFSET.ordinal()] = vector(offset, rows, configuration);
    fields[Field.TARGET.ordinal()] = vector(scores, rows, configuration);
    fields[Field.SIGN.ordinal()] = vector(signs, rows, configuration);
    fields[Field.PRIOR.ordinal()] = vector(prior, rows, configuration);
    Partition partition = Partition.of(rows, columns);
    long[] starts = starts(context, partition, columns, partitions);
    Broadcast<SerializableConfiguration> settings =
        context.broadcast(new SerializableConfiguration(configuration));
    List<Integer> shards = IntStream.range(0, starts.length - 1).boxed().toList();
    JavaRDD<LeafArrays> leaves =
        context
            .parallelize(shards, shards.size())
            .mapPartitionsWithIndex(new NpyLeaves(A, fields, settings, partition, starts), true);
    Names names = new Names(matrix, offset, scores, signs, prior);
    return new SparkRows(context, leaves, partition, columns, starts, names);
  }

  private static HadoopBytes.Seen seen(String uri, Configuration configuration) {
    try {
      return HadoopBytes.Seen.of(uri, configuration);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(uri, e);
    }
  }

  private static InvalidInputException unreadable(String uri, Exception e) {
    return new InvalidInputException(uri + ": cannot be read: " + e.getMessage(), e);
  }

  private static HadoopBytes.Seen vector(String uri, long rows, Configuration configuration) {
    if (uri == null) {
      return null;
    }
    HadoopBytes.Seen file = seen(uri, configuration);
    try (VectorSource vector = Inputs.npyVector(uri, file.open(configuration))) {
      if (vector.length() != rows) {
        throw new InvalidInputException(
            String.format(
                "%s: expected %d entries, one for each row of the matrix, got %d",
                uri, rows, vector.length()));
      }
    } catch (IOException e) {
      throw unreadable(uri, e);
    }
    return file;
  }

  /**
   * A table with a row for each row of A. Its rows come to leaves in the order of its partitions,
   * once, by a shuffle.
   *
   * @param table with a column of vectors or of arrays of numbers, and columns of numbers
   * @param features name of the column of the rows of A
   * @param offset of that of b
   * @param leverage of that of the target scores
   * @param sign of that of numbers whose signs are those of A x - b, or null
   * @param partitions as for files
   * @throws InvalidInputException if a column is missing or has another type, or a number cannot be
   *     used
   */
  public static SparkRows of(
      Dataset<Row> table,
      String features,
      String offset,
      String leverage,
      String sign,
      int partitions) {
    return of(table, features, offset, leverage, sign, null, partitions);
  }

  /**
   * The same with prior weights, which count in {@link SparkInverter#invert}.
   *
   * @param prior name of the column of numbers above 0, or null where all are 1
   */
  public static SparkRows of(
      Dataset<Row> table,
      String features,
      String offset,
      String leverage,
      String sign,
      String prior,
      int partitions) {
    return TableLeaves.read(table, new Names(features, offset, leverage, sign, prior), partitions);
  }

  /**
   * The first leaf of each shard, and the number of all leaves. Where nothing is asked for, shards
   * are subtrees of the tree over all leaves, so that each has one sum.
   */
  static long[] starts(JavaSparkContext context, Partition partition, int columns, int partitions) {
    long leaves = partition.leaves();
    if (partitions > 0) {
      int shards = (int) Math.min(partitions, leaves);
      return LongStream.rangeClosed(0, shards).map(k -> leaves * k / shards).toArray();
    }
    long bytes = partition.rows() * columns * Double.BYTES;
    long wanted = Math.max(context.defaultParallelism(), 1 + bytes / PARTITION_BYTES);
    long each = Math.max(1, Long.highestOneBit(leaves / wanted));
    int shards = Math.toIntExact((leaves + each - 1) / each);
    return LongStream.rangeClosed(0, shards).map(k -> Math.min(leaves, each * k)).toArray();
  }

  /** n. */
  public long rows() {
    return partition.rows();
  }

  /** d. */
  public int columns() {
    return columns;
  }

  /** Whether each row has an offset; without it all are 0. */
  public boolean hasOffset() {
    return names.offset != null;
  }

  /** Whether each row has a target score. */
  public boolean hasScores() {
    return names.scores != null;
  }

  /** Whether each row has a sign. */
  public boolean hasSigns() {
    return names.signs != null;
  }

  /** Whether each row has a prior weight; without it all are 1. */
  public boolean hasPriorWeights() {
    return names.prior != null;
  }

  JavaSparkContext context() {
    return context;
  }

  JavaRDD<LeafArrays> leaves() {
    return leaves;
  }

  Partition partition() {
    return partition;
  }

  long[] starts() {
    return starts;
  }

  Names names() {
    return names;
  }

  /** The shards that have some of these leaves. */
  private int[] shards(long first, long end) {
    return IntStream.range(0, starts.length - 1)
        .filter(k -> starts[k] < end && starts[k + 1] > first)
        .toArray();
  }

  /** Takes a leaf, whose row {@code from} and those after it go to place {@code at}. */
  @FunctionalInterface
  private interface Copy {
    void of(LeafArrays leaf, int from, int count, int at);
  }

  /** Some rows come to the driver as they were read. */
  private void fetch(long first, int count, Copy copy) {
    int size = partition.leafRows();
    long from = first / size;
    long end = (first + count - 1) / size + 1;
    List<LeafArrays>[] parts =
        leaves.mapPartitions(new Between(from, end)).collectPartitions(shards(from, end));
    for (List<LeafArrays> part : parts) {
      for (LeafArrays leaf : part) {
        leaf.requireUsable();
        long start = Math.max(first, partition.first(leaf.index()));
        long stop =
            Math.min(first + count, partition.first(leaf.index()) + partition.count(leaf.index()));
        copy.of(
            leaf,
            (int) (start - partition.first(leaf.index())),
            (int) (stop - start),
            (int) (start - first));
      }
    }
  }

  /** The leaves of a shard from one number on to before another. */
  private record Between(long first, long end)
      implements FlatMapFunction<Iterator<LeafArrays>, LeafArrays> {
    @Override
    public Iterator<LeafArrays> call(Iterator<LeafArrays> leaves) {
      Iterable<LeafArrays> all = () -> leaves;
      return StreamSupport.stream(all.spliterator(), false)
          .filter(leaf -> first <= leaf.index() && leaf.index() < end)
          .iterator();
    }
  }

  /** A, of which few rows are read. */
  RowSource matrix() {
    return new RowSource() {
      @Override
      public String name() {
        return names.matrix;
      }

      @Override
      public long rows() {
        return partition.rows();
      }

      @Override
      public int columns() {
        return columns;
      }

      @Override
      public void read(long first, int count, double[] into) {
        fetch(
            first,
            count,
            (leaf, from, some, at) -> leaf.copyRows(from, some, columns, into, at * columns));
      }
    };
  }

  VectorSource offset() {
    return hasOffset()
        ? vector(names.offset, Field.OFFSET)
        : VectorSource.constant("offset", rows(), 0);
  }

  VectorSource scores() {
    return vector(names.scores, Field.TARGET);
  }

  VectorSource signs() {
    return vector(names.signs, Field.SIGN);
  }

  /** Null where all are 1. Rows hold half their logarithms. */
  VectorSource prior() {
    return hasPriorWeights() ? vector(names.prior, Field.PRIOR, h -> Math.exp(2 * h)) : null;
  }

  private VectorSource vector(String name, Field field) {
    return vector(name, field, v -> v);
  }

  private VectorSource vector(String name, Field field, DoubleUnaryOperator function) {
    return new VectorSource() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public long length() {
        return partition.rows();
      }

      @Override
      public void read(long first, int count, double[] into, int at) {
        fetch(first, count, (leaf, from, some, to) -> leaf.copy(field, from, some, into, at + to));
        for (int i = at; i < at + count; i++) {
          into[i] = function.applyAsDouble(into[i]);
        }
      }
    };
  }

  /** Executors need not hold the rows any longer. */
  @Override
  public void close() {
    leaves.unpersist(false);
  }
}
