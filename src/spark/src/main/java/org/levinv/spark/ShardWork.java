package org.levinv.spark;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.levinv.InvalidInputException;
import org.levinv.rows.LeafArrays;
import org.levinv.rows.LeafTask;

/** Asks the leaves of a shard: one element, a {@link Reply} in bytes. */
final class ShardWork<T extends Serializable>
    implements Function2<Integer, Iterator<LeafArrays>, Iterator<byte[]>> {
  private final Broadcast<byte[]> task;
  private final long[] starts;

  ShardWork(Broadcast<byte[]> task, long[] starts) {
    this.task = task;
    this.starts = starts;
  }

  @Override
  public Iterator<byte[]> call(Integer shard, Iterator<LeafArrays> leaves) {
    return List.of(Wire.write(reply(shard, leaves))).iterator();
  }

  private Reply<T> reply(int shard, Iterator<LeafArrays> leaves) {
    LeafTask<T> question = Wire.read(task.value());
    try {
      HeldShards.Answered<T> found =
          HeldShards.run(
              question, shard, leaves, starts[shard], starts[shard + 1], ShardWork::check);
      LeafTask.Answer<T> answer = found.answer();
      Map<Integer, Long> digests = answer.digest() == 0 ? Map.of() : Map.of(shard, answer.digest());
      return new Reply<>(answer, null, shard, digests, found.device());
    } catch (InvalidInputException e) {
      return new Reply<>(null, e.getMessage(), shard, Map.of(), null);
    }
  }

  private static void check() {
    if (TaskContext.get().isInterrupted()) {
      throw new CancellationException("the task was cancelled");
    }
  }
}
