package org.levinv.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import org.levinv.rows.Field;
import org.levinv.rows.LeafArrays;
import org.levinv.rows.Partition;

/** Reads the leaves of a shard from .npy files. */
final class NpyLeaves implements Function2<Integer, Iterator<Integer>, Iterator<LeafArrays>> {
  private final HadoopBytes.Seen matrix;
  private final HadoopBytes.Seen[] fields;
  private final Broadcast<SerializableConfiguration> configuration;
  private final Partition partition;
  private final long[] starts;

  /**
   * @param fields one for each {@link Field}, or null where there is none
   * @param starts the first leaf of each shard, and the number of all leaves
   */
  NpyLeaves(
      HadoopBytes.Seen matrix,
      HadoopBytes.Seen[] fields,
      Broadcast<SerializableConfiguration> configuration,
      Partition partition,
      long[] starts) {
    this.matrix = matrix;
    this.fields = fields;
    this.configuration = configuration;
    this.partition = partition;
    this.starts = starts;
  }

  /** The files of a shard, open. */
  private static final class Files implements AutoCloseable {
    final RowSource A;
    final VectorSource[] values = new VectorSource[Field.values().length];

    Files(HadoopBytes.Seen matrix, HadoopBytes.Seen[] fields, Configuration configuration)
        throws IOException {
      A = Inputs.npyMatrix(matrix.name(), matrix.open(configuration));
      for (Field field : Field.values()) {
        HadoopBytes.Seen file = fields[field.ordinal()];
        if (file != null) {
          values[field.ordinal()] =
              field.numbers(Inputs.npyVector(file.name(), file.open(configuration)));
        }
      }
    }

    @Override
    public void close() {
      A.close();
      for (VectorSource vector : values) {
        if (vector != null) {
          vector.close();
        }
      }
    }
  }

  @Override
  public Iterator<LeafArrays> call(Integer shard, Iterator<Integer> unused) throws IOException {
    LongFunction<LeafArrays> leaf = leaves();
    return LongStream.range(starts[shard], starts[shard + 1]).mapToObj(leaf).iterator();
  }

  private LongFunction<LeafArrays> leaves() throws IOException {
    try {
      Files files = new Files(matrix, fields, configuration.value().value());
      TaskCompletionListener closing = context -> files.close();
      TaskContext.get().addTaskCompletionListener(closing);
      return index -> read(files, index);
    } catch (HadoopBytes.ChangedException e) {
      return index -> LeafArrays.refused(index, e.getMessage());
    }
  }

  /** A leaf, or why its numbers cannot be used; what another attempt may mend is thrown. */
  private LeafArrays read(Files files, long index) {
    int count = partition.count(index);
    double[] A = new double[Math.multiplyExact(count, files.A.columns())];
    double[][] values = new double[Field.values().length][];
    try {
      files.A.readShared(partition.first(index), count, A);
      for (int k = 0; k < values.length; k++) {
        if (files.values[k] != null) {
          values[k] = new double[count];
          files.values[k].read(partition.first(index), count, values[k], 0);
        }
      }
    } catch (InvalidInputException e) {
      if (e.getCause() instanceof IOException io) {
        throw new UncheckedIOException(e.getMessage(), io);
      }
      return LeafArrays.refused(index, e.getMessage());
    }
    return LeafArrays.of(index, A, values);
  }
}
