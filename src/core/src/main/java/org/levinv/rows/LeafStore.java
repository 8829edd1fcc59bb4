package org.levinv.rows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Team;
import org.levinv.device.Workspace;
import org.levinv.tall.Meter;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * Rows in the memory of one device as far as they fit: the first leaves stay there once they are
 * read, the others are read again by every pass. Leaves are worked on by all members of the
 * device's team.
 */
public final class LeafStore implements RowStore {

  /** Grains of work for each thread: enough to even out, few enough to bound the sums waiting. */
  private static final int GRAINS = 4;

  private final ProblemRows source;
  private final LeafReader reader;
  private final Device device;
  private final Team team;
  private final Partition partition;
  private final int d;
  private final Meter meter;
  private final Workspace space;
  private final Leaf[] kept;
  private final boolean keepsMoved;
  private final Worker[] workers;
  private final SumTree.Pool pool;
  private final List<Factor> coordinates = new ArrayList<>();
  private Sums last;
  private Runnable check = () -> {};

  /** A matrix that rows are multiplied by. */
  private record Factor(Matrix M, boolean triangular) {}

  /** The rows of a leaf with their fields, and the rows in the coordinates of the store. */
  private final class Leaf {
    final Rows A;
    final Map<Field, Rows> fields = new EnumMap<>(Field.class);
    Rows inCoordinates;
    int movedTo;
    boolean read;

    Leaf(int count) {
      A = space.rows(count, d);
      for (Field field : Field.values()) {
        if (source.has(field)) {
          fields.put(field, space.rows(count, 1));
        }
      }
    }

    void read(long first, Device by) {
      double[] factors = reader.read(first, A, by);
      for (Map.Entry<Field, Rows> field : fields.entrySet()) {
        reader.read(field.getKey(), first, factors, field.getValue(), by);
      }
      read = true;
      movedTo = 0;
    }
  }

  /** One thread's own: a device, room for a leaf that does not stay, the block it shows. */
  private final class Worker {
    final Device own;
    final RowBlock block;
    final Map<Integer, Leaf> passing = new HashMap<>();

    Worker(Device own) {
      this.own = own;
      block = new RowBlock(new Workspace(own));
    }

    RowBlock load(long index) {
      long first = partition.first(index);
      Leaf leaf = leaf(index);
      if (!leaf.read || index >= kept.length) {
        leaf.read(first, own);
      }
      boolean stays = index < kept.length && keepsMoved;
      Rows A = coordinates.isEmpty() ? leaf.A : moved(leaf, stays);
      block.show(first, A, leaf.A, leaf.fields);
      return block;
    }

    private Leaf leaf(long index) {
      if (index >= kept.length) {
        return passing.computeIfAbsent(partition.count(index), this::newLeaf);
      }
      Leaf leaf = kept[(int) index];
      if (leaf == null) {
        leaf = newLeaf(partition.count(index));
        kept[(int) index] = leaf;
      }
      return leaf;
    }

    private Leaf newLeaf(int count) {
      synchronized (space) {
        return new Leaf(count);
      }
    }

    private Rows moved(Leaf leaf, boolean stays) {
      Leaf room = stays ? leaf : passing.computeIfAbsent((int) leaf.A.count(), this::newLeaf);
      if (room.inCoordinates == null) {
        synchronized (space) {
          room.inCoordinates = space.rows(leaf.A.count(), d);
        }
      }
      int from = stays ? room.movedTo : 0;
      for (int k = from; k < coordinates.size(); k++) {
        move(k == 0 ? leaf.A : room.inCoordinates, coordinates.get(k), room.inCoordinates, own);
      }
      room.movedTo = coordinates.size();
      return room.inCoordinates;
    }
  }

  /**
   * @param memory bytes that rows may take, buffers included; at least one leaf for each thread is
   *     always held
   */
  public LeafStore(ProblemRows source, Device device, Partition partition, long memory) {
    this.source = source;
    this.reader = new LeafReader(source);
    this.device = device;
    this.team = device.team();
    this.partition = partition;
    d = source.columns();
    meter = new Meter(source.rows(), d);
    space = new Workspace(device);
    workers = new Worker[(int) Math.min(team.size(), partition.leaves())];
    pool = new SumTree.Pool(device, d);
    try {
      Arrays.setAll(workers, k -> new Worker(team.member(k)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    double fields = Arrays.stream(Field.values()).filter(source::has).count();
    double leafBytes = 8.0 * partition.leafRows() * (d + fields);
    double movedBytes = 8.0 * partition.leafRows() * d;
    double buffers = workers.length * (leafBytes + movedBytes);
    boolean all = leafBytes * partition.leaves() + buffers <= memory;
    long fit =
        all ? partition.leaves() : (long) Math.max(0, Math.floor((memory - buffers) / leafBytes));
    kept = new Leaf[Math.toIntExact(Math.min(fit, partition.leaves()))];
    keepsMoved = all && (leafBytes + movedBytes) * partition.leaves() + buffers <= memory;
  }

  /** All rows in memory. */
  public static LeafStore resident(ProblemRows source, Device device) {
    return new LeafStore(
        source, device, Partition.of(source.rows(), source.columns()), Long.MAX_VALUE);
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
    return Math.max(0, rows() - (long) kept.length * partition.leafRows());
  }

  /**
   * Asked before each leaf of a reading, by several threads at once: what it throws ends the
   * reading, and the store remains usable.
   */
  public void setCheck(Runnable check) {
    this.check = check;
  }

  @Override
  public <T> T run(Pass<T> pass) {
    if (last != null) {
      pool.giveBack(last);
      last = null;
    }
    long leaves = partition.leaves();
    int level = 0;
    while ((leaves >> level) > (long) GRAINS * workers.length) {
      level++;
    }
    int grainLevel = level;
    long grains = (leaves + (1L << level) - 1) >> level;
    SumTree tree = new SumTree(pool, pass.shape(), leaves, level);
    AtomicLong next = new AtomicLong();
    team.run(
        (int) Math.min(workers.length, grains),
        k -> {
          try (Workspace state = new Workspace(workers[k].own)) {
            Pass.Kernel kernel = pass.on(workers[k].own, state);
            for (long g = next.getAndIncrement(); g < grains; g = next.getAndIncrement()) {
              SumTree.Branch branch = tree.new Branch(grainLevel, g);
              long end = Math.min(leaves, (g + 1) << grainLevel);
              for (long leaf = g << grainLevel; leaf < end; leaf++) {
                check.run();
                Sums sums = tree.take();
                kernel.of(workers[k].load(leaf), sums);
                branch.add(sums);
              }
              branch.finish();
            }
          }
        });
    meter.spend(rows(), d, pass.flopsPerRow(d));
    last = tree.root();
    return pass.answer(last);
  }

  @Override
  public TallMatrix gather(long[] numbers, Workspace to) {
    Rows few = to.rows(numbers.length, d);
    forLeaves(
        numbers,
        (worker, leaf, from, end) -> {
          double[] rows =
              !coordinates.isEmpty() || isHere(leaf)
                  ? pick(worker.load(leaf).A(), numbers, from, end, worker.own)
                  : readRows(numbers, from, end);
          synchronized (device) {
            device.upload(rows, end - from, few, from);
          }
        });
    meter.spend(numbers.length, d, 0);
    return ResidentMatrix.of(few, meter, device);
  }

  @Override
  public double[] lengths(long[] numbers) {
    double[] lengths = new double[numbers.length];
    forLeaves(
        numbers,
        (worker, leaf, from, end) -> {
          double[] rows =
              isHere(leaf)
                  ? pick(kept[(int) leaf].A, numbers, from, end, worker.own)
                  : readRows(numbers, from, end);
          for (int k = from; k < end; k++) {
            double square = 0;
            for (int j = (k - from) * d; j < (k - from + 1) * d; j++) {
              square += rows[j] * rows[j];
            }
            lengths[k] = Math.sqrt(square);
          }
        });
    return lengths;
  }

  @Override
  public double[] gather(Field field, long[] numbers) {
    double[] values = new double[numbers.length];
    forLeaves(
        numbers,
        (worker, leaf, from, end) -> {
          if (isHere(leaf)) {
            Rows column = kept[(int) leaf].fields.get(field);
            double[] some = pick(column, numbers, from, end, worker.own);
            System.arraycopy(some, 0, values, from, end - from);
          } else {
            for (int k = from; k < end; k++) {
              values[k] = reader.at(field, numbers[k]);
            }
          }
        });
    return values;
  }

  /** What is done with rows {@code from} to before {@code end} of a list, all of one leaf. */
  @FunctionalInterface
  private interface LeafWork {
    void run(Worker worker, long leaf, int from, int end);
  }

  /** Ascending rows, leaf by leaf, by all threads. */
  private void forLeaves(long[] numbers, LeafWork work) {
    int[] starts = new int[numbers.length + 1];
    int groups = 0;
    for (int k = 0; k < numbers.length; k++) {
      if (k == 0 || leafOf(numbers[k]) != leafOf(numbers[k - 1])) {
        starts[groups++] = k;
      }
    }
    starts[groups] = numbers.length;
    AtomicLong next = new AtomicLong();
    int count = groups;
    team.run(
        Math.max(1, Math.min(workers.length, groups)),
        w -> {
          for (int g = (int) next.getAndIncrement(); g < count; g = (int) next.getAndIncrement()) {
            work.run(workers[w], leafOf(numbers[starts[g]]), starts[g], starts[g + 1]);
          }
        });
  }

  private long leafOf(long row) {
    return row / partition.leafRows();
  }

  /** Whether a leaf is in memory. */
  private boolean isHere(long leaf) {
    return leaf < kept.length && kept[(int) leaf] != null && kept[(int) leaf].read;
  }

  private double[] pick(Rows from, long[] numbers, int first, int end, Device by) {
    int[] index = new int[end - first];
    Arrays.setAll(index, k -> (int) (numbers[first + k] % partition.leafRows()));
    double[] values = new double[Math.multiplyExact(index.length, from.columns())];
    try (Workspace own = new Workspace(by)) {
      Rows some = own.rows(index.length, from.columns());
      by.gather(from, index, some);
      by.download(some, 0, index.length, values);
    }
    return values;
  }

  private double[] readRows(long[] numbers, int from, int end) {
    double[] rows = new double[Math.multiplyExact(end - from, d)];
    for (int k = from; k < end; k++) {
      reader.row(numbers[k], rows, (k - from) * d);
    }
    return rows;
  }

  @Override
  public void setUnits(Units units) {
    reader.setUnits(units);
    try (Workspace own = new Workspace(device)) {
      Matrix columns = units.columnFactors(own);
      Matrix offset = own.matrix(1, 1);
      device.addDiagonal(units.offset(), null, offset);
      for (Leaf leaf : kept) {
        if (leaf != null && leaf.read) {
          if (columns != null) {
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

  /** to = A M. */
  private void move(Rows A, Factor factor, Rows to, Device by) {
    double square = (double) d * d;
    if (factor.triangular()) {
      by.timesTriangular(A, factor.M(), to);
    } else {
      by.timesMatrix(A, factor.M(), to);
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
