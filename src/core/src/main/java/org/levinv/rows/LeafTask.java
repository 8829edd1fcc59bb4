package org.levinv.rows;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.levinv.device.Device;

/**
 * A question to leaves with all that it takes to answer it in another process: the units and
 * coordinates in which the store shows its rows, and the fields that they have.
 *
 * @param <T> the answer
 */
public final class LeafTask<T extends Serializable> implements Serializable {
  private final UUID store;
  private final LeafQuestion<T> question;
  private final Partition partition;
  private final int columns;
  private final ShiftedRows.Shift shift;
  private final Set<Field> fields;
  private final Units units;
  private final List<Factor> coordinates;

  /** A matrix (d x d, row by row) that rows are multiplied by. */
  record Factor(double[] M, boolean triangular) implements Serializable {
    @Override
    public boolean equals(Object other) {
      return other instanceof Factor factor
          && triangular == factor.triangular
          && Arrays.equals(M, factor.M);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(M);
    }
  }

  /**
   * An answer.
   *
   * @param value it
   * @param work units of n d^2 flops that it cost beside the pass itself
   * @param digest of all leaves that were asked, or 0 where not all of them were read
   */
  public record Answer<T extends Serializable>(T value, double work, long digest)
      implements Serializable {}

  /**
   * @param store that asks, or null: see {@link #store}
   * @param columns of the rows that leaves have
   * @param shift what becomes of them first, or null
   */
  LeafTask(
      UUID store,
      LeafQuestion<T> question,
      Partition partition,
      int columns,
      ShiftedRows.Shift shift,
      Set<Field> fields,
      Units units,
      List<Factor> coordinates) {
    this.store = store;
    this.question = question;
    this.partition = partition;
    this.columns = columns;
    this.shift = shift;
    this.fields = fields;
    this.units = units;
    this.coordinates = List.copyOf(coordinates);
  }

  /** The same with another question. */
  LeafTask<T> asking(LeafQuestion<T> other) {
    return new LeafTask<>(store, other, partition, columns, shift, fields, units, coordinates);
  }

  /** What is asked. */
  LeafQuestion<T> question() {
    return question;
  }

  /** How all rows are cut into leaves. */
  public Partition partition() {
    return partition;
  }

  /** d of the rows as they are shown. */
  public int columns() {
    return columns + (shift != null && shift.withOne() ? 1 : 0);
  }

  /** Whether leaves {@code from} to before {@code to} have anything to say. */
  public boolean concerns(long from, long to) {
    return question.concerns(partition, from, to);
  }

  /**
   * Asks leaves {@code from} to before {@code to}.
   *
   * @param leaves these, in their order
   * @param check asked before each leaf: what it throws ends the work
   */
  public Answer<T> run(
      Iterator<LeafArrays> leaves, long from, long to, Device device, Runnable check) {
    try (HeldLeaves once = new HeldLeaves(this, from, to, device, 0)) {
      return once.run(this, leaves, check);
    }
  }

  /** The store that asks, for which leaves may stay; null where they had better not. */
  public UUID store() {
    return store;
  }

  /** Bytes that these leaves take where they stay, in the memory of a device. */
  public long bytes(long from, long to, Device device) {
    ProblemRows rows = rows(new LeafWindow(partition, columns));
    return LeafPlan.of(rows, partition, from, to, device.team().size(), Long.MAX_VALUE).bytes();
  }

  /**
   * Reads leaves that are to stay for all tasks of this one's {@link #store}.
   *
   * @param leaves {@code from} to before {@code to}, in their order
   */
  public HeldLeaves hold(
      Iterator<LeafArrays> leaves, long from, long to, Device device, Runnable check) {
    HeldLeaves held = new HeldLeaves(this, from, to, device, Long.MAX_VALUE);
    try {
      return held.read(leaves, check);
    } catch (RuntimeException | Error e) {
      held.close();
      throw e;
    }
  }

  /** The rows of a window with the fields that the store has. */
  ProblemRows rows(LeafWindow window) {
    return window.rows(shift, fields);
  }

  /** d of the rows as they are read. */
  int columnsRead() {
    return columns;
  }

  Units units() {
    return units;
  }

  List<Factor> coordinates() {
    return coordinates;
  }

  @Override
  public String toString() {
    return question.toString();
  }
}
