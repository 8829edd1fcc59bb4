package org.levinv.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.network.util.JavaUtils;
import org.levinv.InvalidInputException;
import org.levinv.rows.Cluster;
import org.levinv.rows.LeafTask;
import org.levinv.rows.PartialSums;
import org.levinv.rows.Partition;
import scala.Tuple2;

/**
 * Spark's executors: a task for each shard, its state by a broadcast that is destroyed after it,
 * and the answers in the job's results, which are kept below what Spark allows these to have.
 */
final class SparkCluster implements Cluster {

  /** Between names of devices. */
  static final String AND = " and ";

  private static final String MOST_RESULTS = "spark.driver.maxResultSize";

  /** Results of a job may take this part of the driver's heap, beside what is made of them. */
  private static final int HEAP_PART = 8;

  private final SparkRows rows;
  private final long mostAnswers;
  private final Map<Integer, Long> digests = new HashMap<>();
  private final TreeSet<String> devices = new TreeSet<>();

  SparkCluster(SparkRows rows) {
    this.rows = rows;
    long most = JavaUtils.byteStringAsBytes(rows.context().getConf().get(MOST_RESULTS, "1g"));
    long heap = Runtime.getRuntime().maxMemory() / HEAP_PART;
    mostAnswers = most <= 0 ? heap : Math.min(most / 2, heap); // 0: no limit
  }

  @Override
  public Partition partition() {
    return rows.partition();
  }

  @Override
  public long[] starts() {
    return rows.starts();
  }

  @Override
  public int columns() {
    return rows.columns();
  }

  @Override
  public long mostAnswers() {
    return mostAnswers;
  }

  @Override
  public String note() {
    return String.format(
        Locale.ROOT,
        "Spark %s, %d partitions%s%s",
        rows.context().version(),
        rows.starts().length - 1,
        devices.isEmpty() ? "" : " on " + String.join(AND, devices),
        devices.size() < 2
            ? ""
            : "; executors are different, so bits of x depend on where tasks run;"
                + " spark.executorEnv.OPENBLAS_CORETYPE may make processors alike");
  }

  // ---- jobs

  @Override
  public <T extends Serializable> void run(
      LeafTask<T> task,
      Consumer<LeafTask.Answer<T>> answers,
      Runnable check,
      DoubleConsumer share) {
    long[] starts = rows.starts();
    int[] shards =
        IntStream.range(0, starts.length - 1)
            .filter(k -> task.concerns(starts[k], starts[k + 1]))
            .toArray();
    Broadcast<byte[]> state = rows.context().broadcast(Wire.write(task));
    try {
      JavaRDD<byte[]> replies = asked(state);
      hear(
          SparkJob.run(rows.context(), () -> replies.collectPartitions(shards), check, share),
          answers);
    } finally {
      state.destroy();
    }
  }

  private JavaRDD<byte[]> asked(Broadcast<byte[]> state) {
    return rows.leaves().mapPartitionsWithIndex(new ShardWork<>(state, rows.starts()), true);
  }

  @Override
  public void sum(
      LeafTask<PartialSums> task,
      long bytes,
      Consumer<LeafTask.Answer<PartialSums>> answers,
      Runnable check,
      DoubleConsumer share) {
    if ((double) nodes(1) * bytes <= mostAnswers) {
      run(task, answers, check, share);
      return;
    }
    if (bytes > mostAnswers) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s and spark.driver.memory: expected at least %.1f and %.1f GiB for the sums of %d"
                  + " columns, got %.1f GiB for them",
              MOST_RESULTS,
              gib(2.0 * bytes),
              gib((double) HEAP_PART * bytes),
              task.columns(),
              gib(mostAnswers)));
    }
    int shards = rows.starts().length - 1;
    int groupSize = (int) Math.ceil(Math.sqrt(shards));
    while (groupSize < shards && (double) nodes(groupSize) * bytes > mostAnswers) {
      groupSize *= 2;
    }
    sumInGroups(task, Math.min(shards, groupSize), answers, check, share);
  }

  /** Sums that groups of neighbouring shards end in: nodes of the tree over all leaves. */
  private long nodes(int groupSize) {
    long[] starts = rows.starts();
    long all = 0;
    for (int k = 0; k + 1 < starts.length; k += groupSize) {
      int end = Math.min(starts.length - 1, k + groupSize);
      all += PartialSums.count(partition(), starts[k], starts[end]);
    }
    return all;
  }

  private void sumInGroups(
      LeafTask<PartialSums> task,
      int groupSize,
      Consumer<LeafTask.Answer<PartialSums>> answers,
      Runnable check,
      DoubleConsumer share) {
    int shards = rows.starts().length - 1;
    Broadcast<byte[]> state = rows.context().broadcast(Wire.write(task));
    try {
      JavaRDD<Tuple2<Integer, byte[]>> numbered =
          asked(state)
              .mapPartitionsWithIndex(
                  (k, all) -> {
                    List<Tuple2<Integer, byte[]>> pairs = new ArrayList<>();
                    all.forEachRemaining(reply -> pairs.add(new Tuple2<>(k, reply)));
                    return pairs.iterator();
                  },
                  true);
      JavaRDD<byte[]> replies =
          JavaPairRDD.fromJavaRDD(numbered)
              .partitionBy(new GroupedSums.Groups(shards, groupSize))
              .mapPartitionsWithIndex(
                  new GroupedSums(task.columns(), partition(), rows.starts(), groupSize), true);
      int[] groups = IntStream.range(0, replies.getNumPartitions()).toArray();
      hear(
          SparkJob.run(rows.context(), () -> replies.collectPartitions(groups), check, share),
          answers);
    } finally {
      state.destroy();
    }
  }

  private static double gib(double bytes) {
    return bytes / (1 << 30);
  }

  // ---- answers

  /** Takes what came, unless a row cannot be used: of several, the first. */
  private <T extends Serializable> void hear(
      List<byte[]>[] parts, Consumer<LeafTask.Answer<T>> answers) {
    List<Reply<T>> refusals = new ArrayList<>();
    for (List<byte[]> part : parts) {
      for (int k = 0; k < part.size(); k++) {
        Reply<T> reply = Wire.read(part.get(k));
        if (reply.refusal() != null) {
          refusals.add(reply);
          continue;
        }
        reply.digests().forEach(this::compare);
        devices.add(reply.device());
        answers.accept(reply.answer());
      }
    }
    refusals.stream()
        .min(Comparator.comparingInt(Reply::refusedAt))
        .ifPresent(
            refusal -> {
              throw new InvalidInputException(refusal.refusal());
            });
  }

  private void compare(int shard, long digest) {
    Long before = digests.putIfAbsent(shard, digest);
    if (before != null && before != digest) {
      long first = partition().first(rows.starts()[shard]);
      long end = Math.min(partition().rows(), partition().first(rows.starts()[shard + 1]));
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s, rows %d to %d: expected the rows that were read before, got others: the input"
                  + " changes from reading to reading; write it to files first",
              rows.names().matrix(),
              first,
              end - 1));
    }
  }
}
