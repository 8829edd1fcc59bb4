package org.levinv.rows;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleConsumer;
import org.levinv.InvalidInputException;
import org.levinv.VectorSink;
import org.levinv.VectorSinkException;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.ReadAhead;
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
  private ProblemRows source;
  private final Device device;
  private final Team team;
  private final Partition partition;
  private final int d;
  private final Meter meter;
  private final Leaves leaves;
  private final LeafWorker[] workers;
  private final NumberedRows some;
  private final SumTree.Pool pool;
  private final long room;
  private Sums last;
  private Runnable check = () -> {};
  private DoubleConsumer listener = share -> {};

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
    this.device = device;
    this.team = device.team();
    this.partition = partition;
    this.meter = meter;
    d = source.columns();
    LeafPlan plan = LeafPlan.of(source, partition, from, to, team.size(), memory);
    room = Math.max(0, memory - plan.bytes());
    pool = new SumTree.Pool(device, d);
    leaves = new Leaves(source, device, partition, from, to, plan, meter);
    workers = new LeafWorker[plan.workers()];
    some = new NumberedRows(leaves, workers, team, partition, d);
    try {
      leaves.makeSlots();
      Arrays.setAll(workers, k -> new LeafWorker(leaves, team.member(k), k));
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
    return leaves.passing() * partition.leafRows(); // the last leaf, which may be short, stays
  }

  /** Bytes that rows take here at most, buffers included. */
  long bytes() {
    return leaves.bytes();
  }

  @Override
  public void setCheck(Runnable check) {
    this.check = check;
  }

  @Override
  public void setListener(DoubleConsumer share) {
    listener = share;
  }

  /** The rows as they are read. */
  ProblemRows source() {
    return source;
  }

  // ---- leaves

  /** What is done with each leaf by one thread. */
  @FunctionalInterface
  private interface LeafWork {
    void run(LeafWorker worker, RowBlock block, long index);
  }

  /** Makes ready what one thread does. */
  @FunctionalInterface
  private interface LeafWorkOn {
    LeafWork on(Device device, Workspace space);
  }

  /** One reading: each leaf once, by some thread. Costs one pass over the rows. */
  private void forAll(LeafWorkOn work) {
    AtomicLong begun = new AtomicLong();
    for (LeafWorker worker : workers) {
      worker.begin();
    }
    AtomicLong nextKept = new AtomicLong(leaves.firstKept());
    FirstRefusal refusal = new FirstRefusal();
    try (ReadAhead<Slot> stage = leaves.stage()) {
      team.run(
          workers.length,
          k -> {
            try (Workspace state = new Workspace(workers[k].own)) {
              forSome(workers[k], work.on(workers[k].own, state), stage, nextKept, begun);
            } catch (RuntimeException | Error e) {
              nextKept.set(leaves.end());
              if (stage != null) {
                stage.stop();
              }
              refusal.hear(workers[k].at, e);
            }
          });
    }
    refusal.rethrow();
  }

  /**
   * Of rows that cannot be used, the first: leaves that stay are taken in order, so that all before
   * a bad one are read too. What else fails a thread goes first.
   */
  private static final class FirstRefusal {
    private long index = Long.MAX_VALUE;
    private Throwable first;

    synchronized void hear(long leaf, Throwable e) {
      long at = e instanceof InvalidInputException ? leaf : -1;
      if (first == null || at < index) {
        index = at;
        first = e;
      }
    }

    void rethrow() {
      if (first instanceof RuntimeException runtime) {
        throw runtime;
      }
      if (first instanceof Error error) {
        throw error;
      }
    }
  }

  /** Leaves that passed by and wait come first, so that readers have room; then those that stay. */
  private void forSome(
      LeafWorker worker,
      LeafWork work,
      ReadAhead<Slot> stage,
      AtomicLong nextKept,
      AtomicLong begun) {
    double all = leaves.end() - leaves.from();
    while (true) {
      check.run();
      worker.at = 0; // leaves that pass by come before those that stay
      listener.accept(
          Math.min(1, begun.getAndIncrement() / all)); // each worker asks once too often
      Slot slot = stage == null ? null : worker.next(stage, false);
      if (slot == null) {
        long index = nextKept.getAndIncrement();
        if (index < leaves.end()) {
          worker.at = index;
          work.run(worker, worker.show(index, leaves.kept(index, worker.own)), index);
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

  /** Some leaves in their order by one thread, without any that reads ahead. */
  private void forInOrder(long first, long stop, LeafWorkOn work) {
    team.run(
        1,
        k -> {
          LeafWorker worker = workers[k];
          try (Workspace state = new Workspace(worker.own)) {
            LeafWork on = work.on(worker.own, state);
            for (long index = first; index < stop; index++) {
              check.run();
              on.run(worker, worker.show(index, worker.load(index)), index);
            }
          }
        });
  }

  /** Reads the leaves that stay, one after the other. */
  void readInOrder() {
    forInOrder(leaves.firstKept(), leaves.end(), (on, state) -> (worker, block, index) -> {});
  }

  /** Whether all leaves are in memory. */
  boolean isResident() {
    return leaves.passing() == 0 && leaves.isHere(leaves.firstKept());
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
    return last.answer(pass);
  }

  /** The sums of the leaves that are here. */
  SumTree sums(Pass<?> pass) {
    SumTree tree = new SumTree(pool, pass.shape(), partition.leaves(), leaves.from(), leaves.end());
    forAll(addingTo(tree, pass));
    return tree;
  }

  /** The same by one thread, which reads each leaf when its turn comes. */
  SumTree sumsInOrder(Pass<?> pass) {
    SumTree tree = new SumTree(pool, pass.shape(), partition.leaves(), leaves.from(), leaves.end());
    forInOrder(leaves.from(), leaves.end(), addingTo(tree, pass));
    return tree;
  }

  private static LeafWorkOn addingTo(SumTree tree, Pass<?> pass) {
    return (on, state) -> {
      Pass.Kernel kernel = pass.on(on, state);
      return (worker, block, index) -> {
        Sums sums = tree.take();
        kernel.of(block, sums);
        tree.put(new SumTree.Node(0, index), sums, worker.own);
      };
    };
  }

  @Override
  public void map(RowMap map, VectorSink sink) {
    mapHere(map, sink);
    meter.spend(rows(), d, map.flopsPerRow(d));
  }

  /** One number for each row that is here. */
  void mapHere(RowMap map, VectorSink sink) {
    forAll(writingTo(sink, map));
  }

  /** The same for leaves {@code first} to before {@code stop}, by one thread. */
  void mapInOrder(RowMap map, long first, long stop, VectorSink sink) {
    forInOrder(first, stop, writingTo(sink, map));
  }

  private static LeafWorkOn writingTo(VectorSink sink, RowMap map) {
    return (on, state) -> {
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
    };
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

  /** Some rows that are here. */
  NumberedRows some() {
    return some;
  }

  @Override
  public TallMatrix gather(long[] numbers, Workspace into) {
    Rows few = into.rows(numbers.length, d);
    some.gather(numbers, 0, numbers.length, device, few);
    meter.spend(numbers.length, d, 0);
    return ResidentMatrix.of(few, meter, device);
  }

  /** The entries of some rows, ascending, in the coordinates of the store. */
  double[] entries(long[] numbers) {
    double[] values = new double[Math.multiplyExact(numbers.length, d)];
    try (Workspace own = new Workspace(device)) {
      Rows few = own.rows(numbers.length, d);
      some.gather(numbers, 0, numbers.length, device, few);
      device.download(few, 0, numbers.length, values);
    }
    return values;
  }

  @Override
  public double[] lengths(long[] numbers) {
    double[] lengths = new double[numbers.length];
    some.lengths(numbers, 0, numbers.length, lengths);
    return lengths;
  }

  @Override
  public double[] gather(Field field, long[] numbers) {
    double[] values = new double[numbers.length];
    some.gather(field, numbers, 0, numbers.length, values);
    return values;
  }

  // ---- units and coordinates

  @Override
  public void setUnits(Units units) {
    leaves.setUnits(units);
  }

  @Override
  public Units units() {
    return leaves.units();
  }

  @Override
  public void changeCoordinates(Matrix M, boolean triangular) {
    device.copy(M, leaves.addFactor(triangular));
  }

  /** The same from memory of the host, d x d row by row. */
  void changeCoordinates(double[] M, boolean triangular) {
    device.upload(M, leaves.addFactor(triangular));
  }

  @Override
  public void restart(ProblemRows rows) {
    source = rows;
    leaves.restart(rows);
    meter.restart();
  }

  @Override
  public void close() {
    for (LeafWorker worker : workers) {
      if (worker != null) { // null where the device failed while it was made
        worker.block.close();
      }
    }
    pool.close();
    leaves.close();
  }
}
