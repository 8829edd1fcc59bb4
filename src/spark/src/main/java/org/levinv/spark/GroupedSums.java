package org.levinv.spark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.function.Function2;
import org.levinv.rows.LeafTask;
import org.levinv.rows.PartialSums;
import org.levinv.rows.Partition;
import scala.Tuple2;

/** Adds the sums of neighbouring shards where they are, so that few come to the driver. */
final class GroupedSums
    implements Function2<Integer, Iterator<Tuple2<Integer, byte[]>>, Iterator<byte[]>> {
  private final int columns;
  private final Partition partition;
  private final long[] starts;
  private final int groupSize;

  GroupedSums(int columns, Partition partition, long[] starts, int groupSize) {
    this.columns = columns;
    this.partition = partition;
    this.starts = starts;
    this.groupSize = groupSize;
  }

  /** Which group a shard belongs to. */
  static final class Groups extends Partitioner {
    private final int shards;
    private final int groupSize;

    Groups(int shards, int groupSize) {
      this.shards = shards;
      this.groupSize = groupSize;
    }

    @Override
    public int numPartitions() {
      return (shards + groupSize - 1) / groupSize;
    }

    @Override
    public int getPartition(Object shard) {
      return (Integer) shard / groupSize;
    }
  }

  @Override
  public Iterator<byte[]> call(Integer group, Iterator<Tuple2<Integer, byte[]>> replies) {
    Merging merging = new Merging(replies);
    int from = group * groupSize;
    int to = Math.min(starts.length - 1, from + groupSize);
    if (!merging.hasNext()) {
      return merging.refusals.stream().map(Wire::write).iterator();
    }
    PartialSums sums =
        ExecutorDevices.with(
            device ->
                PartialSums.merge(merging, device, columns, partition, starts[from], starts[to]));
    List<byte[]> all = new ArrayList<>();
    if (merging.refusals.isEmpty()) {
      all.add(
          Wire.write(
              new Reply<>(
                  new LeafTask.Answer<>(sums, merging.work, 0),
                  null,
                  from,
                  merging.digests,
                  String.join(SparkCluster.AND, merging.devices))));
    }
    merging.refusals.forEach(refusal -> all.add(Wire.write(refusal)));
    return all.iterator();
  }

  /** The sums of replies, one after the other. */
  private static final class Merging implements Iterator<PartialSums> {
    private final Iterator<Tuple2<Integer, byte[]>> replies;
    final List<Reply<PartialSums>> refusals = new ArrayList<>();
    final Map<Integer, Long> digests = new HashMap<>();
    final TreeSet<String> devices = new TreeSet<>();
    double work;
    private PartialSums next;

    Merging(Iterator<Tuple2<Integer, byte[]>> replies) {
      this.replies = replies;
    }

    @Override
    public boolean hasNext() {
      while (next == null && replies.hasNext()) {
        Reply<PartialSums> reply = Wire.read(replies.next()._2());
        if (reply.refusal() != null) {
          refusals.add(reply);
          continue;
        }
        next = reply.answer().value();
        work += reply.answer().work();
        digests.putAll(reply.digests());
        devices.add(reply.device());
      }
      return next != null;
    }

    @Override
    public PartialSums next() {
      hasNext();
      PartialSums sums = next;
      next = null;
      return sums;
    }
  }
}
