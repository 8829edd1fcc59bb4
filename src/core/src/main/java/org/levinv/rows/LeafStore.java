package org.levinv.rows;

import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
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
  private final long room;
  private final boolean keepsMoved;
  private final Worker[] workers;
  private final SumTree.Pool pool;
  private final Matrix coordinates;
  private boolean moved;
  private boolean triangular;
  private int version;
  private Sums last;

  /** The rows of a leaf with their fields, and the rows in the coordinates of the store. */
  private final class Leaf {
    final Rows A;
    final Map<Field, Rows> fields = new EnumMap<>(Field.class);
    double[] units;
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
      units = reader.read(first, A, by);
      for (Map.Entry<Field, Rows> field : fields.entrySet()) {
        reader.read(field.getKey(), first, units, field.getValue(), by);
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
      Rows A = moved ? moved(leaf, index < kept.length && keepsMoved) : leaf.A;
      block.show(first, A, leaf.A, leaf.fields, leaf.units);
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
      if (!stays || room.movedTo != version) {
        move(leaf.A, room.inCoordinates, own);
        room.movedTo = version;
      }
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
    Arrays.setAll(workers, k -> new Worker(team.member(k)));
    pool = new SumTree.Pool(device, d);
    coordinates = space.matrix(d, d);
    double fields = Arrays.stream(Field.values()).filter(source::has).count();
    double leafBytes = 8.0 * partition.leafRows() * (d + fields);
    double movedBytes = 8.0 * partition.leafRows() * d;
    double buffers = workers.length * (leafBytes + movedBytes);
    boolean all = leafBytes * partition.leaves() + buffers <= memory;
    long fit =
        all ? partition.leaves() : (long) Math.max(0, Math.floor((memory - buffers) / leafBytes));
    kept = new Leaf[Math.toIntExact(Math.min(fit, partition.leaves()))];
    keepsMoved = all && (leafBytes + movedBytes) * partition.leaves() + buffers <= memory;
    double used = (leafBytes + (keepsMoved ? movedBytes : 0)) * kept.length + buffers;
    room = (long) Math.max(0, memory - used);
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
  public long room() {
    return room;
  }

  /** Rows that every pass reads again. */
  public long passingRows() {
    return Math.max(0, rows() - (long) kept.length * partition.leafRows());
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
              SumTree.Branch branch = tree.new Branch(grainLevel, g, workers[k].own);
              long end = Math.min(leaves, (g + 1) << grainLevel);
              for (long leaf = g << grainLevel; leaf < end; leaf++) {
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
  public void map(RowMap map, VectorSink to) {
    long leaves = partition.leaves();
    AtomicLong next = new AtomicLong();
    team.run(
        workers.length,
        k -> {
          double[] values = new double[0];
          try (Workspace state = new Workspace(workers[k].own)) {
            RowMap.Kernel kernel = map.on(workers[k].own, state);
            for (long leaf = next.getAndIncrement(); leaf < leaves; leaf = next.getAndIncrement()) {
              RowBlock block = workers[k].load(leaf);
              Vector found = block.scratch(RowMap.SCRATCH);
              kernel.of(block, found);
              if (values.length != block.count()) { // the first leaf and the last one
                values = new double[block.count()];
              }
              workers[k].own.download(found, values);
              write(block, values, to);
            }
          }
        });
    meter.spend(rows(), d, map.flopsPerRow(d));
  }

  private static void write(RowBlock block, double[] values, VectorSink to) {
    try {
      to.write(block.first(), block.count(), values);
    } catch (IOException e) {
      throw new VectorSinkException(block.first(), block.count(), e);
    }
  }

  @Override
  public TallMatrix gather(long[] numbers, Workspace to) {
    Rows few = to.rows(numbers.length, d);
    forLeaves(
        numbers,
        (leaf, from, end) ->
            device.upload(
                leaf == null ? readRows(numbers, from, end) : pick(leaf.A, numbers, from, end),
                end - from,
                few,
                from));
    meter.spend(numbers.length, d, 0);
    return ResidentMatrix.of(few, meter, device);
  }

  @Override
  public double[] gather(Field field, long[] numbers) {
    double[] values = new double[numbers.length];
    forLeaves(
        numbers,
        (leaf, from, end) -> {
          if (leaf == null) {
            for (int k = from; k < end; k++) {
              values[k] = reader.at(field, numbers[k]);
            }
          } else {
            double[] some = pick(leaf.fields.get(field), numbers, from, end);
            System.arraycopy(some, 0, values, from, end - from);
          }
        });
    return values;
  }

  /** What is done with rows {@code from} to before {@code end} of a list, all of one leaf. */
  @FunctionalInterface
  private interface LeafWork {
    /**
     * @param leaf in memory, or null
     */
    void run(Leaf leaf, int from, int end);
  }

  private void forLeaves(long[] numbers, LeafWork work) {
    for (int from = 0; from < numbers.length; ) {
      long index = numbers[from] / partition.leafRows();
      int end = from;
      while (end < numbers.length && numbers[end] / partition.leafRows() == index) {
        end++;
      }
      Leaf leaf = index < kept.length ? kept[(int) index] : null;
      work.run(leaf != null && leaf.read ? leaf : null, from, end);
      from = end;
    }
  }

  private double[] pick(Rows from, long[] numbers, int first, int end) {
    int[] index = new int[end - first];
    Arrays.setAll(index, k -> (int) (numbers[first + k] % partition.leafRows()));
    double[] values = new double[Math.multiplyExact(index.length, from.columns())];
    try (Workspace own = new Workspace(device)) {
      Rows some = own.rows(index.length, from.columns());
      device.gather(from, index, some);
      device.download(some, 0, index.length, values);
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
  public void setCoordinates(Matrix M, boolean isTriangular) {
    moved = M != null;
    triangular = isTriangular;
    version++;
    if (moved) {
      device.copy(M, coordinates);
    }
  }

  /** to = A M. */
  private void move(Rows A, Rows to, Device by) {
    double square = (double) d * d;
    if (triangular) {
      by.timesTriangular(A, coordinates, to);
    } else {
      by.timesMatrix(A, coordinates, to);
    }
    synchronized (meter) {
      meter.spend(A.count(), 0, triangular ? square : 2 * square);
    }
  }

  @Override
  public void close() {
    for (Worker worker : workers) {
      worker.block.close();
    }
    if (last != null) {
      last.close();
    }
    pool.close();
    space.close();
  }
}
