package org.levinv.rows;

import java.io.Serializable;
import java.util.Iterator;
import org.levinv.device.Device;
import org.levinv.tall.Meter;

/**
 * The leaves of a shard in the memory of one device, shown as the store shows them that asks: for
 * one task, or for all tasks of that store. Units and coordinates only grow from task to task, so
 * that rows which stay change with them.
 */
public final class HeldLeaves implements AutoCloseable {
  private final LeafWindow window;
  private final LeafStore store;
  private final Meter meter;
  private final Partition partition;
  private final long from;
  private final long to;
  private boolean hasUnits;
  private int factors;
  private double work;

  /**
   * @param task the first of those that these leaves are for
   * @param memory bytes that rows may take
   */
  HeldLeaves(LeafTask<?> task, long from, long to, Device device, long memory) {
    this.from = from;
    this.to = to;
    partition = task.partition();
    window = new LeafWindow(partition, task.columnsRead());
    meter = new Meter(partition.rows(), task.columns());
    store = new LeafStore(task.rows(window), device, partition, from, to, memory, meter);
  }

  /** Reads all leaves, in their order. */
  HeldLeaves read(Iterator<LeafArrays> leaves, Runnable check) {
    window.restart(leaves);
    store.setCheck(check);
    store.readInOrder();
    return this;
  }

  /** Whether a task sees the rows at least as far in units and coordinates as these are. */
  public boolean fits(LeafTask<?> task) {
    return task.coordinates().size() >= factors && (!hasUnits || !task.units().isNone());
  }

  /** A task on leaves that stay. */
  public <T extends Serializable> LeafTask.Answer<T> run(LeafTask<T> task, Runnable check) {
    store.setCheck(check);
    if (!hasUnits && !task.units().isNone()) {
      store.setUnits(task.units());
      hasUnits = true;
    }
    for (; factors < task.coordinates().size(); factors++) {
      LeafTask.Factor factor = task.coordinates().get(factors);
      store.changeCoordinates(factor.M(), factor.triangular());
    }
    T value = task.question().ask(store, partition, from, to);
    double before = work;
    work = meter.work();
    return new LeafTask.Answer<>(value, work - before, window.digest());
  }

  /** A task on leaves that pass by. */
  <T extends Serializable> LeafTask.Answer<T> run(
      LeafTask<T> task, Iterator<LeafArrays> leaves, Runnable check) {
    window.restart(leaves);
    return run(task, check);
  }

  @Override
  public void close() {
    store.close();
  }
}
