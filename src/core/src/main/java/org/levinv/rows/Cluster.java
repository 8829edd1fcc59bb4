package org.levinv.rows;

import java.io.Serializable;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/**
 * Other processes that hold the leaves of a problem, each some in a row (a shard), and work on
 * them.
 */
public interface Cluster {

  /** How the rows are cut into leaves. */
  Partition partition();

  /** The first leaf of each shard, and the number of all leaves. */
  long[] starts();

  /** d. */
  int columns();

  /** Bytes that the answers of one call may have in all. */
  long mostAnswers();

  /** What a user should know of it, or null. */
  String note();

  /**
   * Runs a task on every shard that it {@link LeafTask#concerns}.
   *
   * @param answers takes those of the shards, by this thread, in any order
   * @param check asked several times a second: what it throws ends the work
   * @param share hears how much is done, 0 to 1
   * @throws org.levinv.InvalidInputException if a row cannot be used, or is not what it was
   * @throws org.levinv.device.DeviceException if the work failed, though it was tried again
   */
  <T extends Serializable> void run(
      LeafTask<T> task, Consumer<LeafTask.Answer<T>> answers, Runnable check, DoubleConsumer share);

  /**
   * The same for sums on all shards, which may be added before they come here.
   *
   * @param bytes of the sums of one shard, about
   */
  void sum(
      LeafTask<PartialSums> task,
      long bytes,
      Consumer<LeafTask.Answer<PartialSums>> answers,
      Runnable check,
      DoubleConsumer share);
}
