package org.levinv.rows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.ReadAhead;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.Meter;

/**
 * Some leaves in a row in the memory of one device: the last stay once they are read, the others
 * pass through slots. Knows the units and the coordinates that all of them are shown in.
 */
final class Leaves implements AutoCloseable {
  private ProblemRows source;
  private LeafReader reader;
  private final Device device;
  private final Partition partition;
  private final long from;
  private final long end;
  private final LeafPlan plan;
  private final Meter meter;
  private final int d;
  private final Workspace space;
  private final Leaf[] kept;
  private final Slot[] slots;
  private final List<Factor> coordinates = new ArrayList<>();
  private final Deque<Matrix> spare = new ArrayDeque<>();
  private Units units = Units.NONE;
  private Vector columnUnits;
  private boolean upwards;

  /** A matrix that rows are multiplied by. */
  private record Factor(Matrix M, boolean triangular) {}

  Leaves(
      ProblemRows source,
      Device device,
      Partition partition,
      long from,
      long end,
      LeafPlan plan,
      Meter meter) {
    this.source = source;
    this.device = device;
    this.partition = partition;
    this.from = from;
    this.end = end;
    this.plan = plan;
    this.meter = meter;
    reader = new LeafReader(source);
    d = source.columns();
    space = new Workspace(device);
    kept = new Leaf[plan.kept()];
    slots = new Slot[plan.slots()];
  }

  /** Room for leaves that pass. */
  void makeSlots() {
    boolean isSingle = source.A().isSingle();
    Arrays.setAll(slots, k -> new Slot(source, partition.leafRows(), isSingle, space));
  }

  // ---- which leaves

  long from() {
    return from;
  }

  long end() {
    return end;
  }

  /** How many pass. */
  long passing() {
    return end - from - kept.length;
  }

  /** The first that stays. */
  long firstKept() {
    return from + passing();
  }

  /** Whether a leaf has fewer rows than the others; it always stays. */
  boolean isShort(long index) {
    return partition.count(index) < partition.leafRows();
  }

  /** The first row of a leaf. */
  long first(long index) {
    return partition.first(index);
  }

  /** Bytes that rows take here at most, buffers included. */
  long bytes() {
    return plan.bytes();
  }

  int workers() {
    return plan.workers();
  }

  boolean keepsMoved() {
    return plan.keepsMoved();
  }

  LeafReader reader() {
    return reader;
  }

  // ---- reading

  /** A leaf that stays, read by a thread's device if it never was. */
  Leaf kept(long index, Device by) {
    int place = (int) (index - firstKept());
    if (kept[place] == null) {
      synchronized (space) {
        kept[place] = new Leaf(source, partition.count(index), source.A().isSingle(), space);
      }
    }
    if (!kept[place].isRead) {
      kept[place].read(reader.leaf(first(index), partition.count(index)), by);
    }
    return kept[place];
  }

  /** Whether a leaf is in memory. */
  boolean isHere(long index) {
    int place = (int) (index - firstKept());
    return index >= firstKept() && kept[place] != null && kept[place].isRead;
  }

  /** A leaf outside of a reading: where it does not stay, it comes to slot {@code k}. */
  Leaf load(long index, int k, Device by) {
    if (index >= firstKept()) {
      return kept(index, by);
    }
    Slot slot = slots[k];
    slot.await(by);
    slot.leaf.read(reader.leaf(first(index), partition.count(index)), by);
    synchronized (meter) {
      meter.spend(partition.count(index), d, 0);
    }
    return slot.leaf;
  }

  /** Readers for the leaves that pass, from the other end than the last time; null for none. */
  ReadAhead<Slot> stage() {
    long count = passing();
    if (count == 0) {
      return null;
    }
    for (Slot slot : slots) {
      slot.await(device); // a pass that failed may have left copies on their way
    }
    upwards = !upwards;
    long start = upwards ? from : from + count - 1;
    int step = upwards ? 1 : -1;
    return new ReadAhead<>(
        "levinv-reader",
        LeafPlan.readers(),
        count,
        Arrays.asList(slots),
        () -> filler(start, step));
  }

  private ReadAhead.Filler<Slot> filler(long start, int step) {
    double[] piece = Slot.piece(d);
    return (slot, k, stopped) -> {
      slot.index = start + step * k;
      slot.fill(reader.leaf(first(slot.index), partition.count(slot.index)), piece, stopped);
    };
  }

  // ---- units and coordinates

  /** As {@link RowStore#setUnits} says. */
  void setUnits(Units units) {
    forgetCoordinates();
    if (!units.equals(this.units)) {
      multiply(this.units.inverse());
      multiply(units);
    }
    reader.setUnits(units);
    this.units = units;
    columnUnits = units.columns() == null ? null : space.upload(units.columns());
  }

  Units units() {
    return units;
  }

  private void forgetCoordinates() {
    coordinates.forEach(factor -> spare.push(factor.M()));
    coordinates.clear();
    for (Leaf leaf : kept) {
      if (leaf != null) {
        leaf.movedTo = 0;
      }
    }
  }

  /** Rows that are here, in place. */
  private void multiply(Units units) {
    if (units.isNone()) {
      return;
    }
    try (Workspace own = new Workspace(device)) {
      Matrix columns = units.columnFactors(own);
      Matrix offset = own.matrix(1, 1);
      device.addDiagonal(units.offset(), null, offset);
      for (Leaf leaf : kept) {
        if (leaf != null && leaf.isRead) {
          if (columns != null && leaf.A != null) { // floats are scaled where they are widened
            device.timesTriangular(leaf.A, columns, leaf.A); // a_i diag(c)
          }
          if (leaf.fields.containsKey(Field.OFFSET)) {
            Rows b = leaf.fields.get(Field.OFFSET);
            device.timesTriangular(b, offset, b);
          }
        }
      }
    }
  }

  /** Factors of the columns that floats are widened with; null where all are 1. */
  Vector columnUnits() {
    return columnUnits;
  }

  /** Room for one more matrix that rows are multiplied by. */
  Matrix addFactor(boolean triangular) {
    Factor factor = new Factor(spare.isEmpty() ? space.matrix(d, d) : spare.pop(), triangular);
    coordinates.add(factor);
    return factor.M();
  }

  /** Whether rows are shown in other coordinates than those they were read in. */
  boolean areMoved() {
    return !coordinates.isEmpty();
  }

  /** Matrices that rows are multiplied by, one after the other. */
  int factors() {
    return coordinates.size();
  }

  /** room = A M ... with the matrices from number {@code done} on; A is there before them. */
  void move(Supplier<Rows> A, Rows room, int done, Device by) {
    double square = (double) d * d;
    for (int k = done; k < coordinates.size(); k++) {
      Rows rows = k == 0 ? A.get() : room;
      Factor factor = coordinates.get(k);
      if (factor.triangular()) {
        by.timesTriangular(rows, factor.M(), room);
      } else {
        by.timesMatrix(rows, factor.M(), room);
      }
      synchronized (meter) {
        meter.spend(rows.count(), 0, factor.triangular() ? square : 2 * square);
      }
    }
  }

  /** As {@link RowStore#restart} says. */
  void restart(ProblemRows rows) {
    source = rows;
    reader = new LeafReader(rows);
    multiply(units.inverse());
    units = Units.NONE;
    columnUnits = null;
    forgetCoordinates();
    for (long index = firstKept(); index < end; index++) {
      Leaf leaf = kept[(int) (index - firstKept())];
      if (leaf != null && leaf.isRead) {
        RowSource target = reader.leaf(first(index), partition.count(index)).field(Field.TARGET);
        device.upload(target, leaf.fields.get(Field.TARGET));
      }
    }
  }

  /** Room for rows of this problem. */
  Rows newRows(long count) {
    synchronized (space) {
      return space.rows(count, d);
    }
  }

  @Override
  public void close() {
    space.close();
  }
}
