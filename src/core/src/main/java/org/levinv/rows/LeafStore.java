package org.levinv.rows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.levinv.VectorSink;
import org.levinv.VectorSinkException;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Team;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.Meter;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * Rows in the memory of one device as far as they fit: the last leaves stay there once they are
 * read, the others pass by in every reading, forwards and backwards in turn, so that it begins with
 * what the last one ended with, which the system still holds. Leaves are worked on by all members
 * of the device's team, while a few threads read ahead.
 */
public final class LeafStore implements RowStore {
  private final ProblemRows source;
  private final LeafReader reader;
  private final Device device;
  private final Team team;
  private final Partition partition;
  private final long from;
  private final long to;
  private final int d;
  private final Meter meter;
  private final Workspace space;
  private final LeafPlan plan;
  private final Leaf[] kept;
  private final Slot[] slots;
  private final Worker[] workers;
  private final SumTree.Pool pool;
  private final long room;
  private final List<Factor> coordinates = new ArrayList<>();
  private Vector columnUnits;
  private boolean backwards;
  private Sums last;
  private Runnable check = () -> {};

  /** A matrix that rows are multiplied by. */
  private record Factor(Matrix M, boolean triangular) {}

  /**
   * @param memory bytes that rows may take, buffers included; one thread's buffers are always held
   */
  public LeafStore(ProblemRows source, Device device, Partition partition, long memory) {
    this(
        source,
        device,
        partition,
        0,
        partition.leaves(),
        memory,
        new Meter(source.rows(), source.columns()));
  }

  /** The leaves {@code from} to before {@code to} alone. */
  LeafStore(
      ProblemRows source,
      Device device,
      Partition partition,
      long from,
      long to,
      long memory,
      Meter meter) {
    this.source = source;
    this.reader = new LeafReader(source);
    this.device = device;
    this.team = device.team();
    this.partition = partition;
    this.from = from;
    this.to = to;
    this.meter = meter;
    d = source.columns();
    space = new Workspace(device);
    pool = new SumTree.Pool(device, d);
    plan = LeafPlan.of(source, partition, from, to, team.size(), memory);
    room = Math.max(0, memory - plan.bytes());
    kept = new Leaf[plan.kept()];
    slots = new Slot[plan.slots()];
    workers = new Worker[plan.workers()];
    try {
      Arrays.setAll(workers, k -> new Worker(team.member(k)));
      Arrays.setAll(
          slots, k -> new Slot(source, partition.leafRows(), source.A().isSingle(), space));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** All rows in memory. */
  public static LeafStore resident(ProblemRows source, Device device) {
    return new LeafStore(
        source,
        device,
        Partition.of(source.rows(), source.columns(), device.leafNumbers()),
        Long.MAX_VALUE);
  }

  @Override
  public long rows() {
    return source.rows();
  }

  @Override
  public int columns() {
    return d;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public boolean has(Field field) {
    return source.has(field);
  }

  @Override
  public Meter counter() {
    return meter;
  }

  @Override
  public long passingRows() {
    return passingLeaves() * partition.leafRows(); // the last leaf, which may be short, stays
  }

  private long passingLeaves() {
    return to - from - kept.length;
  }

  /** Bytes that rows take here at most, buffers included. */
  long bytes() {
    return plan.bytes();
  }

  @Override
  public void setCheck(Runnable check) {
    this.check = check;
  }

  // ---- leaves

  /** One thread's own: a device, room for rows that are not kept as they are worked on. */
  private final class Worker {
    final Device own;
    final RowBlock block;
    private Rows widened;
    private Rows moved;
    private Slot ahead;

    Worker(Device own) {
      this.own = own;
      block = new RowBlock(new Workspace(own));
    }

    /** A leaf that stays, read if it never was. */
    Leaf kept(long index) {
      int place = (int) (index - from - passingLeaves());
      if (kept[place] == null) {
        synchronized (space) {
          kept[place] = new Leaf(source, partition.count(index), source.A().isSingle(), space);
        }
      }
      if (!kept[place].isRead) {
        kept[place].read(reader.leaf(partition.first(index), partition.count(index)), own);
      }
      return kept[place];
    }

    /** The leaf in the coordinates of the store. */
    RowBlock show(long index, Leaf leaf) {
      boolean isLast = isShort(index); // which has room of its own
      Supplier<Rows> original = leaf.A != null ? () -> leaf.A : () -> widened(leaf, isLast);
      boolean isMoved = !coordinates.isEmpty();
      Rows A = isMoved ? moved(leaf, original, isLast || plan.keepsMoved()) : original.get();
      block.show(partition.first(index), A, isMoved ? original : () -> A, leaf.fields, leaf.units);
      return block;
    }

    /** Floats as doubles in the units of the store. */
    private Rows widened(Leaf leaf, boolean stays) {
      Rows room = stays ? leaf.widened : widened;
      if (room == null) {
        room = newRows(leaf.single.count());
        if (stays) {
          leaf.widened = room;
        } else {
          widened = room;
        }
      }
      own.widen(leaf.single, columnUnits, room); // a_i diag(c)
      return room;
    }

    private Rows moved(Leaf leaf, Supplier<Rows> original, boolean stays) {
      Rows room = stays ? leaf.moved : moved;
      if (room == null) {
        room = newRows(leaf.rows());
        if (stays) {
          leaf.moved = room;
        } else {
          moved = room;
        }
      }
      int done = stays ? leaf.movedTo : 0;
      for (int k = done; k < coordinates.size(); k++) {
        move(k == 0 ? original.get() : room, coordinates.get(k), room, own);
      }
      leaf.movedTo = coordinates.size();
      return room;
    }

    private Rows newRows(long count) {
      synchronized (space) {
        return space.rows(count, d);
      }
    }

    /**
     * A leaf that passed by and is here, before one that is still to be read; null where there is
     * none. On a device that works alone the one after it is on its way by then.
     */
    Slot next(Stage stage, boolean wait) {
      Slot slot = ahead != null ? ahead : stage.next(wait);
      ahead = null;
      if (slot != null) {
        slot.send(own);
        if (workers.length == 1) {
          ahead = stage.next(false);
          if (ahead != null) {
            ahead.send(own);
          }
        }
      }
      return slot;
    }
  }

  private boolean isShort(long index) {
    return partition.count(index) < partition.leafRows();
  }

  private boolean isKept(long index) {
    return index >= from + passingLeaves();
  }

  /** What is done with each leaf by one thread. */
  @FunctionalInterface
  private interface LeafWork {
    void run(Worker worker, RowBlock block, long index);
  }

  /** Makes ready what one thread does. */
  @FunctionalInterface
  private interface LeafWorkOn {
    LeafWork on(Device device, Workspace space);
  }

  /** One reading: each leaf once, by some thread. Costs one pass over the rows. */
  private void forAll(LeafWorkOn work) {
    long passing = passingLeaves();
    AtomicLong nextKept = new AtomicLong(from + passing);
    try (Stage stage = passing == 0 ? null : stage(passing)) {
      team.run(
          workers.length,
          k -> {
            try (Workspace state = new Workspace(workers[k].own)) {
              forSome(workers[k], work.on(workers[k].own, state), stage, nextKept);
            } catch (RuntimeException | Error e) {
              nextKept.set(to);
              if (stage != null) {
                stage.stop();
              }
              throw e;
            }
          });
    }
  }

  private Stage stage(long passing) {
    for (Slot slot : slots) {
      slot.await(device); // a pass that failed may have left copies on their way
    }
    for (Worker worker : workers) {
      worker.ahead = null;
    }
    backwards = !backwards;
    long end = from + passing - 1;
    boolean down = !backwards;
    return new Stage(
        reader,
        partition,
        d,
        passing,
        k -> down ? end - k : from + k,
        Arrays.asList(slots),
        LeafPlan.readers());
  }

  /** Leaves that passed by and wait come first, so that readers have room; then those that stay. */
  private void forSome(Worker worker, LeafWork work, Stage stage, AtomicLong nextKept) {
    while (true) {
      check.run();
      Slot slot = stage == null ? null : worker.next(stage, false);
      if (slot == null) {
        long index = nextKept.getAndIncrement();
        if (index < to) {
          work.run(worker, worker.show(index, worker.kept(index)), index);
          continue;
        }
        slot = stage == null ? null : worker.next(stage, true);
      }
      if (slot == null) {
        return;
      }
      work.run(worker, worker.show(slot.index, slot.leaf), slot.index);
      slot.await(worker.own);
      stage.giveBack(slot);
    }
  }

  // ---- passes

  @Override
  public <T> T run(Pass<T> pass) {
    if (last != null) {
      pool.giveBack(last);
      last = null;
    }
    last = sums(pass).root();
    meter.spend(rows(), d, pass.flopsPerRow(d));
    return pass.answer(last);
  }

  /** The sums of the leaves that are here. */
  SumTree sums(Pass<?> pass) {
    SumTree tree = new SumTree(pool, pass.shape(), partition.leaves(), from, to);
    forAll(
        (on, state) -> {
          Pass.Kernel kernel = pass.on(on, state);
          return (worker, block, index) -> {
            Sums sums = tree.take();
            kernel.of(block, sums);
            tree.put(new SumTree.Node(0, index), sums, worker.own);
          };
        });
    return tree;
  }

  @Override
  public void map(RowMap map, VectorSink sink) {
    mapHere(map, sink);
    meter.spend(rows(), d, map.flopsPerRow(d));
  }

  /** One number for each row that is here. */
  void mapHere(RowMap map, VectorSink sink) {
    forAll(
        (on, state) -> {
          RowMap.Kernel kernel = map.on(on, state);
          double[][] room = {new double[0]};
          return (worker, block, index) -> {
            Vector found = block.scratch(RowMap.SCRATCH);
            kernel.of(block, found);
            if (room[0].length != block.count()) { // the first leaf and the last one
              room[0] = new double[block.count()];
            }
            worker.own.download(found, room[0]);
            write(block, room[0], sink);
          };
        });
  }

  private static void write(RowBlock block, double[] values, VectorSink sink) {
    try {
      sink.write(block.first(), block.count(), values);
    } catch (IOException e) {
      throw new VectorSinkException(block.first(), block.count(), e);
    }
  }

  @Override
  public long room() {
    return room;
  }

  /** Where the sums of passes come from and go to. */
  SumTree.Pool pool() {
    return pool;
  }

  // ---- some rows

  @Override
  public TallMatrix gather(long[] numbers, Workspace into) {
    Rows few = into.rows(numbers.length, d);
    gather(numbers, 0, numbers.length, device, few);
    meter.spend(numbers.length, d, 0);
    return ResidentMatrix.of(few, meter, device);
  }

  /** Rows {@code start} to before {@code stop} of a list, to the same rows of {@code few}. */
  void gather(long[] numbers, int start, int stop, Device home, Rows few) {
    forLeaves(
        numbers,
        start,
        stop,
        (worker, leaf, first, end) -> {
          double[] rows =
              !coordinates.isEmpty() || isHere(leaf)
                  ? pick(worker.show(leaf, load(worker, leaf)).A(), numbers, first, end, worker.own)
                  : readRows(numbers, first, end);
          synchronized (home) {
            home.upload(rows, end - first, few, first);
          }
        });
  }

  @Override
  public double[] lengths(long[] numbers) {
    double[] lengths = new double[numbers.length];
    lengths(numbers, 0, numbers.length, lengths);
    return lengths;
  }

  void lengths(long[] numbers, int start, int stop, double[] lengths) {
    forLeaves(
        numbers,
        start,
        stop,
        (worker, leaf, first, end) -> {
          double[] rows;
          if (isHere(leaf)) {
            Rows A = worker.show(leaf, load(worker, leaf)).original();
            rows = pick(A, numbers, first, end, worker.own);
          } else {
            rows = readRows(numbers, first, end);
          }
          for (int k = first; k < end; k++) {
            double square = 0;
            for (int j = (k - first) * d; j < (k - first + 1) * d; j++) {
              square += rows[j] * rows[j];
            }
            lengths[k] = Math.sqrt(square);
          }
        });
  }

  @Override
  public double[] gather(Field field, long[] numbers) {
    double[] values = new double[numbers.length];
    gather(field, numbers, 0, numbers.length, values);
    return values;
  }

  void gather(Field field, long[] numbers, int start, int stop, double[] values) {
    forLeaves(
        numbers,
        start,
        stop,
        (worker, leaf, first, end) -> {
          if (isHere(leaf)) {
            Rows column = load(worker, leaf).fields.get(field);
            double[] some = pick(column, numbers, first, end, worker.own);
            System.arraycopy(some, 0, values, first, end - first);
          } else {
            for (int k = first; k < end; k++) {
              values[k] = reader.at(field, numbers[k]);
            }
          }
        });
  }

  /** What is done with rows {@code first} to before {@code end} of a list, all of one leaf. */
  @FunctionalInterface
  private interface SomeRows {
    void run(Worker worker, long leaf, int first, int end);
  }

  /** Ascending rows, leaf by leaf, by all threads. */
  private void forLeaves(long[] numbers, int start, int stop, SomeRows work) {
    int[] starts = new int[stop - start + 1];
    int groups = 0;
    for (int k = start; k < stop; k++) {
      if (k == start || leafOf(numbers[k]) != leafOf(numbers[k - 1])) {
        starts[groups++] = k;
      }
    }
    starts[groups] = stop;
    AtomicInteger next = new AtomicInteger();
    int count = groups;
    team.run(
        Math.max(1, Math.min(workers.length, groups)),
        w -> {
          for (int g = next.getAndIncrement(); g < count; g = next.getAndIncrement()) {
            work.run(workers[w], leafOf(numbers[starts[g]]), starts[g], starts[g + 1]);
          }
        });
  }

  private long leafOf(long row) {
    return row / partition.leafRows();
  }

  /** Whether a leaf is in memory. */
  private boolean isHere(long leaf) {
    int place = (int) (leaf - from - passingLeaves());
    return isKept(leaf) && kept[place] != null && kept[place].isRead;
  }

  /** A leaf outside of a pass: where it does not stay, it is read into the worker's own slot. */
  private Leaf load(Worker worker, long index) {
    if (isKept(index)) {
      return worker.kept(index);
    }
    Slot slot = slots[Arrays.asList(workers).indexOf(worker)];
    slot.await(worker.own);
    slot.leaf.read(reader.leaf(partition.first(index), partition.count(index)), worker.own);
    synchronized (meter) {
      meter.spend(partition.count(index), d, 0);
    }
    return slot.leaf;
  }

  private double[] pick(Rows rows, long[] numbers, int first, int end, Device by) {
    int[] index = new int[end - first];
    Arrays.setAll(index, k -> (int) (numbers[first + k] % partition.leafRows()));
    double[] values = new double[Math.multiplyExact(index.length, rows.columns())];
    try (Workspace own = new Workspace(by)) {
      Rows some = own.rows(index.length, rows.columns());
      by.gather(rows, index, some);
      by.download(some, 0, index.length, values);
    }
    return values;
  }

  private double[] readRows(long[] numbers, int first, int end) {
    double[] rows = new double[Math.multiplyExact(end - first, d)];
    for (int k = first; k < end; k++) {
      reader.row(numbers[k], rows, (k - first) * d);
    }
    return rows;
  }

  // ---- units and coordinates

  @Override
  public void setUnits(Units units) {
    reader.setUnits(units);
    columnUnits = units.columns() == null ? null : space.upload(units.columns());
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

  @Override
  public void changeCoordinates(Matrix M, boolean triangular) {
    Matrix own = space.matrix(d, d);
    device.copy(M, own);
    coordinates.add(new Factor(own, triangular));
  }

  /** The same from memory of the host, d x d row by row. */
  void changeCoordinates(double[] M, boolean triangular) {
    Matrix own = space.matrix(d, d);
    device.upload(M, own);
    coordinates.add(new Factor(own, triangular));
  }

  /** result = A M. */
  private void move(Rows A, Factor factor, Rows result, Device by) {
    double square = (double) d * d;
    if (factor.triangular()) {
      by.timesTriangular(A, factor.M(), result);
    } else {
      by.timesMatrix(A, factor.M(), result);
    }
    synchronized (meter) {
      meter.spend(A.count(), 0, factor.triangular() ? square : 2 * square);
    }
  }

  @Override
  public void close() {
    for (Worker worker : workers) {
      if (worker != null) { // null where the device failed while it was made
        worker.block.close();
      }
    }
    pool.close();
    space.close();
  }
}
