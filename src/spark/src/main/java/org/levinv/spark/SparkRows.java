package org.levinv.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
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

  /**
   * A shard ends at a multiple of an eighth of its leaves or less, a power of two, so that its sums
   * are few nodes of the tree over all leaves. More of them make shards more even, and nodes more.
   */
  private static final int SHARD_STEPS = 8;

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
   * @param partitions of the RDD, or 0 for as many on each core, of up to 128 MiB
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
   * The first leaf of each shard, and the number of all leaves. Where nothing is asked for, there
   * are as many on each core, so that none waits for the others.
   */
  static long[] starts(JavaSparkContext context, Partition partition, int columns, int partitions) {
    if (partitions > 0) {
      return starts(partition.leaves(), partitions);
    }
    int cores = context.defaultParallelism();
    long bytes = partition.rows() * columns * Double.BYTES;
    long onEach = 1 + (bytes - 1) / PARTITION_BYTES / cores;
    return starts(partition.leaves(), Math.multiplyExact(cores, onEach));
  }

  /** Shards of nearly the same size, at most one for each leaf. */
  static long[] starts(long leaves, long wanted) {
    int shards = Math.toIntExact(Math.min(wanted, leaves));
    long step = Long.highestOneBit(Math.max(1, leaves / shards / SHARD_STEPS));
    long[] starts = new long[shards + 1];
    for (int k = 1; k < shards; k++) {
      starts[k] = (leaves * k / shards + step / 2) / step * step;
    }
    starts[shards] = leaves;
    return starts;
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

  /** Takes rows of a leaf, which begin at place {@code at} of those that were asked for. */
  @FunctionalInterface
  private interface Taker {
    void take(LeafArrays rows, int at);
  }

  /** Some rows, ascending, come to the driver as they were read, by one job. */
  private void fetch(long[] numbers, Taker taker) {
    Some some = new Some(numbers, partition.leafRows(), columns);
    int[] shards =
        IntStream.range(0, starts.length - 1)
            .filter(k -> some.count(starts[k], starts[k + 1]) > 0)
            .toArray();
    int at = 0;
    for (List<LeafArrays> part : leaves.mapPartitions(some).collectPartitions(shards)) {
      for (LeafArrays rows : part) {
        rows.requireUsable();
        taker.take(rows, at);
        at += rows.count(columns);
      }
    }
  }

  /** These rows, ascending, of leaves. */
  private record Some(long[] numbers, int leafRows, int columns)
      implements FlatMapFunction<Iterator<LeafArrays>, LeafArrays> {
    @Override
    public Iterator<LeafArrays> call(Iterator<LeafArrays> leaves) {
      Iterable<LeafArrays> all = () -> leaves;
      return StreamSupport.stream(all.spliterator(), false)
          .filter(leaf -> count(leaf.index(), leaf.index() + 1) > 0)
          .map(leaf -> leaf.only(within(leaf.index()), columns))
          .iterator();
    }

    /** Of leaves from one on to before another. */
    int count(long from, long to) {
      return start(to) - start(from);
    }

    /** The first of the numbers that is not before a leaf. */
    private int start(long leaf) {
      int k = Arrays.binarySearch(numbers, leaf * leafRows);
      return k >= 0 ? k : -1 - k;
    }

    private int[] within(long leaf) {
      return Arrays.stream(numbers, start(leaf), start(leaf + 1))
          .mapToInt(row -> (int) (row - leaf * leafRows))
          .toArray();
    }
  }

  private static long[] range(long first, int count) {
    return LongStream.range(first, first + count).toArray();
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
        readRows(range(first, count), into);
      }

      @Override
      public void readRows(long[] numbers, double[] into) {
        fetch(
            numbers,
            (rows, at) -> rows.copyRows(0, rows.count(columns), columns, into, at * columns));
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

  /** Null where all are 1. */
  VectorSource prior() {
    return hasPriorWeights() ? vector(names.prior, Field.PRIOR) : null;
  }

  private VectorSource vector(String name, Field field) {
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
        read(range(first, count), into, at);
      }

      @Override
      public void readEntries(long[] numbers, double[] into) {
        read(numbers, into, 0);
      }

      private void read(long[] numbers, double[] into, int place) {
        fetch(numbers, (rows, at) -> rows.copy(field, 0, rows.count(columns), into, place + at));
        for (int i = place; i < place + numbers.length; i++) {
          into[i] = field.given(into[i]);
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
