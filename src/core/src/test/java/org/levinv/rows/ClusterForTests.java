package org.levinv.rows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.stream.LongStream;
import org.levinv.device.Device;

/**
 * A cluster in this process: tasks, leaves and answers go through Java's serialisation, answers
 * come in any order, and sums of neighbours are added before they come.
 */
public final class ClusterForTests implements Cluster, AutoCloseable {
  private final Partition partition;
  private final int columns;
  private final int shards;
  private final long mostAnswers;
  private final Device device;
  private final List<LeafArrays> leaves = new ArrayList<>();
  private final Random order = new Random(5);
  private final Map<Integer, HeldLeaves> held = new HashMap<>();
  private final boolean isHolding;

  /**
   * @param isHolding whether leaves stay from task to task, all of one store
   * @param device that works on all shards
   */
  public ClusterForTests(
      ProblemRows rows,
      Partition partition,
      int shards,
      long mostAnswers,
      boolean isHolding,
      Device device) {
    this.isHolding = isHolding;
    this.partition = partition;
    this.shards = shards;
    this.mostAnswers = mostAnswers;
    this.device = device;
    columns = rows.columns();
    for (long k = 0; k < partition.leaves(); k++) {
      leaves.add(leaf(rows, partition, k));
    }
  }

  @Override
  public void close() {
    held.values().forEach(HeldLeaves::close);
  }

  /** The arrays of a leaf. */
  public static LeafArrays leaf(ProblemRows rows, Partition partition, long index) {
    int count = partition.count(index);
    double[] A = new double[count * rows.columns()];
    rows.A().readShared(partition.first(index), count, A);
    double[][] fields = new double[Field.values().length][];
    for (Field field : Field.values()) {
      if (rows.has(field)) {
        fields[field.ordinal()] = new double[count];
        rows.field(field).read(partition.first(index), count, fields[field.ordinal()], 0);
      }
    }
    return LeafArrays.of(index, A, fields);
  }

  @Override
  public Partition partition() {
    return partition;
  }

  @Override
  public long[] starts() {
    return LongStream.rangeClosed(0, shards).map(k -> start((int) k)).toArray();
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public long mostAnswers() {
    return mostAnswers;
  }

  @Override
  public String note() {
    return shards + " shards";
  }

  private long start(int shard) {
    return partition.leaves() * shard / shards;
  }

  @Override
  public <T extends Serializable> void run(
      LeafTask<T> task,
      Consumer<LeafTask.Answer<T>> answers,
      Runnable check,
      DoubleConsumer share) {
    List<Integer> all = new ArrayList<>();
    for (int k = 0; k < shards; k++) {
      all.add(k);
    }
    Collections.shuffle(all, order);
    for (int k : all) {
      if (start(k) < start(k + 1) && task.concerns(start(k), start(k + 1))) {
        answers.accept(answer(task, k, check));
      }
    }
  }

  private <T extends Serializable> LeafTask.Answer<T> answer(
      LeafTask<T> task, int shard, Runnable check) {
    long from = start(shard);
    long to = start(shard + 1);
    List<LeafArrays> own = leaves.subList((int) from, (int) to);
    Iterator<LeafArrays> arrived = own.stream().map(ClusterForTests::sent).iterator();
    LeafTask<T> there = sent(task);
    if (!isHolding) {
      return sent(there.run(arrived, from, to, device, check));
    }
    held.computeIfAbsent(shard, k -> there.hold(arrived, from, to, device, check));
    return sent(held.get(shard).run(there, check));
  }

  @Override
  public void sum(
      LeafTask<PartialSums> task,
      long bytes,
      Consumer<LeafTask.Answer<PartialSums>> answers,
      Runnable check,
      DoubleConsumer share) {
    for (int k = 0; k < shards; k += 2) {
      int end = Math.min(shards, k + 2);
      List<PartialSums> parts = new ArrayList<>();
      double work = 0;
      for (int shard = end - 1; shard >= k; shard--) { // the later one first
        if (start(shard) < start(shard + 1)) {
          LeafTask.Answer<PartialSums> answer = answer(task, shard, check);
          parts.add(answer.value());
          work += answer.work();
        }
      }
      if (!parts.isEmpty()) {
        answers.accept(
            new LeafTask.Answer<>(
                sent(
                    PartialSums.merge(
                        parts.iterator(), device, task.columns(), partition, start(k), start(end))),
                work,
                0));
      }
    }
  }

  /** What arrives of it in another process. */
  @SuppressWarnings("unchecked")
  private static <T extends Serializable> T sent(T value) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(value);
      }
      return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
