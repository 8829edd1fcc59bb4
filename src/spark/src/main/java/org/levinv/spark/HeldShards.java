package org.levinv.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.SparkEnv;
import org.apache.spark.memory.MemoryManager;
import org.apache.spark.memory.MemoryMode;
import org.apache.spark.storage.RDDBlockId;
import org.levinv.rows.HeldLeaves;
import org.levinv.rows.LeafArrays;
import org.levinv.rows.LeafTask;

/**
 * Leaves that stay in memory of the devices of this process from task to task, so that they need
 * not be copied and brought to new coordinates in each: as many as fit into the memory outside of
 * the heap that Spark was told of ({@code spark.memory.offHeap}), or into that of a card. What is
 * lost is read again from Spark's own copy.
 */
final class HeldShards {

  /**
   * Milliseconds after which leaves that no task asked for are forgotten: longer than what a driver
   * does between two passes, as a rule. More keeps memory from others after a solve.
   */
  private static final long IDLE = 60_000;

  private static final Map<Key, Held> ALL = new LinkedHashMap<>();
  private static Thread sweeper;

  private HeldShards() {}

  private record Key(UUID store, int shard) {}

  /** Leaves, with what they took of Spark's memory. */
  private record Held(HeldLeaves leaves, ExecutorDevices.Lease lease, Grant grant, long used) {
    Held now() {
      return new Held(leaves, lease, grant, System.currentTimeMillis());
    }

    void close() {
      lease.with(
          device -> {
            leaves.close();
            return null;
          });
      grant.release();
      lease.giveBack();
    }
  }

  /** Memory that Spark allowed. */
  private record Grant(MemoryManager from, long bytes) {
    static final Grant NONE = new Grant(null, 0);

    /** Null where there is not so much left. */
    static Grant of(long bytes, int shard) {
      MemoryManager manager = SparkEnv.get().memoryManager();
      RDDBlockId name = new RDDBlockId(-1, shard); // which no data set has
      return manager.maxOffHeapStorageMemory() > 0
              && manager.acquireStorageMemory(name, bytes, MemoryMode.OFF_HEAP)
          ? new Grant(manager, bytes)
          : null;
    }

    void release() {
      if (from != null) {
        from.releaseStorageMemory(bytes, MemoryMode.OFF_HEAP);
      }
    }
  }

  /** What a task answers, and the device that worked on it. */
  record Answered<T extends Serializable>(LeafTask.Answer<T> answer, String device) {}

  /** Runs a task on leaves {@code from} to before {@code to}, which are those of a shard. */
  static <T extends Serializable> Answered<T> run(
      LeafTask<T> task,
      int shard,
      Iterator<LeafArrays> leaves,
      long from,
      long to,
      Runnable check) {
    Key key = new Key(task.store(), shard);
    Held held = task.store() == null ? null : take(key);
    ExecutorDevices.Lease lease = held == null ? ExecutorDevices.borrow() : held.lease;
    boolean isKept = false;
    try {
      if (held == null && task.store() != null) {
        held = hold(task, shard, leaves, from, to, lease, check);
      }
      HeldLeaves here = held == null ? null : held.leaves;
      LeafTask.Answer<T> answer =
          lease.with(
              device ->
                  here == null ? task.run(leaves, from, to, device, check) : here.run(task, check));
      isKept = held != null && keep(key, held.now());
      return new Answered<>(answer, lease.name());
    } finally {
      if (!isKept) {
        if (held != null) {
          held.close();
        } else {
          lease.giveBack();
        }
      }
    }
  }

  /** Reads leaves that stay; null where there is no memory for them. */
  private static Held hold(
      LeafTask<?> task,
      int shard,
      Iterator<LeafArrays> leaves,
      long from,
      long to,
      ExecutorDevices.Lease lease,
      Runnable check) {
    Grant grant =
        lease.with(
            device -> {
              long bytes = task.bytes(from, to, device);
              if (device.ownMemory().isPresent()) {
                return bytes <= device.ownMemory().getAsLong() ? Grant.NONE : null;
              }
              Grant found = Grant.of(bytes, shard);
              boolean again = found == null && forget(Long.MAX_VALUE, task.store());
              return again ? Grant.of(bytes, shard) : found;
            });
    if (grant == null) {
      return null;
    }
    try {
      HeldLeaves held = lease.with(device -> task.hold(leaves, from, to, device, check));
      return new Held(held, lease, grant, 0);
    } catch (RuntimeException | Error e) {
      grant.release();
      throw e;
    }
  }

  private static synchronized Held take(Key key) {
    return ALL.remove(key);
  }

  /** False where another attempt at the same task was faster. */
  private static synchronized boolean keep(Key key, Held held) {
    if (ALL.containsKey(key)) {
      return false;
    }
    ALL.put(key, held);
    if (sweeper == null) {
      sweeper = new Thread(HeldShards::sweep, "levinv-held-leaves");
      sweeper.setDaemon(true);
      sweeper.start();
    }
    return true;
  }

  /** Gives back what was last used before a time, but for one store; whether there was any. */
  private static boolean forget(long before, UUID except) {
    List<Held> old = new ArrayList<>();
    synchronized (HeldShards.class) {
      ALL.entrySet()
          .removeIf(
              held ->
                  !held.getKey().store.equals(except)
                      && held.getValue().used < before
                      && old.add(held.getValue()));
    }
    old.forEach(Held::close);
    return !old.isEmpty();
  }

  private static void sweep() {
    try {
      while (true) {
        Thread.sleep(IDLE / 4);
        forget(System.currentTimeMillis() - IDLE, null);
      }
    } catch (InterruptedException e) {
      // the process ends
    }
  }

  /** Shards that are held. */
  static synchronized int count() {
    return ALL.size();
  }
}
