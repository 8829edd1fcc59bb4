package org.levinv.rows;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.levinv.device.Device;
import org.levinv.tall.Meter;

/**
 * The leaves of a shard in the memory of one device, shown as the store shows them that asks: for
 * one task, or for all tasks of that store. Coordinates mostly grow from task to task, and rows
 * that stay change with them; where they do not, since a search began anew, so do those of the
 * rows.
 */
public final class HeldLeaves implements AutoCloseable {
  private final LeafWindow window;
  private final LeafStore store;
  private final Meter meter;
  private final Partition partition;
  private final long from;
  private final long to;
  private Units units = Units.NONE;
  private List<LeafTask.Factor> coordinates = List.of();
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

  /** A task on leaves that stay. */
  public <T extends Serializable> LeafTask.Answer<T> run(LeafTask<T> task, Runnable check) {
    store.setCheck(check);
    show(task.units(), task.coordinates());
    T value = task.question().ask(store, partition, from, to);
    double before = work;
    work = meter.work();
    return new LeafTask.Answer<>(value, work - before, window.digest());
  }

  private void show(Units inUnits, List<LeafTask.Factor> inCoordinates) {
    int applied = coordinates.size();
    boolean goesOn =
        units.equals(inUnits)
            && applied <= inCoordinates.size()
            && coordinates.equals(inCoordinates.subList(0, applied));
    if (!goesOn) {
      store.setUnits(inUnits);
      applied = 0;
    }
    inCoordinates
        .subList(applied, inCoordinates.size())
        .forEach(factor -> store.changeCoordinates(factor.M(), factor.triangular()));
    units = inUnits;
    coordinates = inCoordinates;
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
