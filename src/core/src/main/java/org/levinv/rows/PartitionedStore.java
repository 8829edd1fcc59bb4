package org.levinv.rows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.levinv.VectorSink;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Matrix;
import org.levinv.device.ReadAhead;
import org.levinv.device.Rows;
import org.levinv.device.Workspace;
import org.levinv.tall.Meter;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * Rows in the memory of several devices of one kind: each has some of the leaves in a row, and a
 * thread of its own while all are read. Their sums come to the first device as nodes of the tree
 * over all leaves, so that the bits are those of one device. A device that fails, other than the
 * first, hands its leaves to the others.
 */
public final class PartitionedStore implements RowStore {
  private ProblemRows source;
  private final Partition partition;
  private final Device home;
  private final Meter meter;
  private final SumTree.Pool pool;
  private final List<Member> members = new ArrayList<>();
  private final List<Shard> shards = new ArrayList<>();
  private DoubleConsumer listener = share -> {};
  private Runnable check = () -> {};
  private Units units = Units.NONE;
  private final List<Factor> coordinates = new ArrayList<>();
  private String note;
  private Sums last;

  /** A matrix that rows are multiplied by, d x d row by row. */
  private record Factor(double[] M, boolean triangular) {}

  /** A device that works, and the bytes that rows may take there. */
  private record Member(Device device, long memory) {}

  /** Some leaves on a device. */
  private record Shard(Member member, LeafStore store, long from, long to) {}

  /**
   * @param devices of one kind, the first of which has the sums
   * @param memory bytes that rows may take on each device, as {@link LeafStore} has it
   */
  public PartitionedStore(
      ProblemRows source, List<Device> devices, Partition partition, long memory) {
    this.source = source;
    this.partition = partition;
    home = devices.get(0);
    meter = new Meter(source.rows(), source.columns());
    pool = new SumTree.Pool(home, source.columns());
    devices.forEach(device -> members.add(new Member(device, memory)));
    try {
      spread(0, partition.leaves());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Gives leaves {@code from} to before {@code to} to all members that work. */
  private List<Shard> spread(long from, long to) {
    List<Shard> added = new ArrayList<>();
    List<Member> all = List.copyOf(members);
    int count = all.size();
    for (int k = 0; k < count; k++) {
      long start = from + (to - from) * k / count;
      long end = from + (to - from) * (k + 1) / count;
      if (start < end) {
        added.addAll(give(all.get(k), start, end));
      }
    }
    return added;
  }

  /** Gives some leaves to a member, or to the others where that one fails. */
  private List<Shard> give(Member member, long from, long to) {
    if (!members.contains(member)) { // it failed since the leaves were divided
      return spread(from, to);
    }
    try {
      Shard shard = new Shard(member, store(member, from, to), from, to);
      shards.add(shard);
      return List.of(shard);
    } catch (DeviceException e) {
      List<Shard> added = lose(member, e);
      added.addAll(spread(from, to));
      return added;
    }
  }

  private LeafStore store(Member member, long from, long to) {
    long left = Math.max(0, member.memory - used(member));
    LeafStore store = new LeafStore(source, member.device, partition, from, to, left, meter);
    try {
      store.setListener(listener);
      store.setUnits(units);
      coordinates.forEach(factor -> store.changeCoordinates(factor.M, factor.triangular));
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private long used(Member member) {
    return shards.stream().filter(s -> s.member == member).mapToLong(s -> s.store.bytes()).sum();
  }

  /** Hands the leaves of a device that failed to the others. */
  private List<Shard> lose(Member lost, DeviceException e) {
    if (lost.device == home || !members.remove(lost)) {
      throw e;
    }
    List<Shard> orphans = shards.stream().filter(s -> s.member == lost).toList();
    shards.removeAll(orphans);
    orphans.forEach(orphan -> orphan.store.close());
    List<Shard> added = new ArrayList<>();
    try {
      orphans.forEach(orphan -> added.addAll(spread(orphan.from, orphan.to)));
    } catch (DeviceException full) {
      e.addSuppressed(full);
      throw e;
    }
    String what = "a device was lost, and its rows went to the others: " + e.getMessage();
    note = note == null ? what : note + "; " + what;
    return added;
  }

  // ---- what is known without reading

  @Override
  public long rows() {
    return source.rows();
  }

  @Override
  public int columns() {
    return source.columns();
  }

  @Override
  public Device device() {
    return home;
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
    return shards.stream().mapToLong(shard -> shard.store.passingRows()).sum();
  }

  @Override
  public String note() {
    return note;
  }

  @Override
  public void setCheck(Runnable check) {
    this.check = check;
  }

  @Override
  public void setListener(DoubleConsumer share) {
    listener = share;
    shards.forEach(shard -> shard.store.setListener(share));
  }

  // ---- passes

  /** One device's part of a reading, by a thread of its own. */
  private final class Part implements Runnable {
    final Member member;
    private final List<Shard> own;
    private final Pass<?> pass;
    private final Ending ending;
    final Map<SumTree.Node, SumsOnHost> sums = new HashMap<>();
    Throwable failure;

    Part(Member member, List<Shard> own, Pass<?> pass, Ending ending) {
      this.member = member;
      this.own = own;
      this.pass = pass;
      this.ending = ending;
    }

    @Override
    public void run() {
      try {
        for (Shard shard : own) {
          shard.store.setCheck(ending);
          SumTree tree = shard.store.sums(pass);
          tree.tops()
              .forEach(
                  (node, part) -> {
                    sums.put(node, part.download());
                    shard.store.pool().giveBack(part);
                  });
        }
      } catch (RuntimeException | Error e) {
        failure = e;
        if (ends()) {
          ending.isOver = true;
        }
      }
    }

    /** Whether it failed and no other device can take over. */
    boolean ends() {
      return failure != null && (!(failure instanceof DeviceException) || member.device == home);
    }
  }

  /** Ends the work of all devices once one of them cannot go on and no other can take over. */
  private final class Ending implements Runnable {
    private volatile boolean isOver;

    @Override
    public void run() {
      if (isOver) {
        throw new CancellationException("another device failed");
      }
      check.run();
    }
  }

  @Override
  public <T> T run(Pass<T> pass) {
    if (last != null) {
      pool.giveBack(last);
      last = null;
    }
    SumTree all = new SumTree(pool, pass.shape(), partition.leaves(), 0, partition.leaves());
    List<Shard> left = List.copyOf(shards);
    while (!left.isEmpty()) { // again only where a device was lost
      List<Part> parts = work(left, pass);
      List<Shard> orphans = new ArrayList<>();
      for (Part part : parts) {
        if (part.failure instanceof DeviceException e) {
          orphans.addAll(lose(part.member, e));
        } else {
          add(part.sums, all);
        }
      }
      orphans.removeIf(orphan -> !shards.contains(orphan)); // on one that is lost, too
      left = orphans;
    }
    last = all.root();
    meter.spend(rows(), columns(), pass.flopsPerRow(columns()));
    return last.answer(pass);
  }

  private void add(Map<SumTree.Node, SumsOnHost> parts, SumTree all) {
    parts.forEach(
        (node, part) -> {
          Sums sums = all.take();
          sums.upload(part);
          all.put(node, sums, home);
        });
  }

  /**
   * Each device's shards one after the other, all devices side by side, the first in this thread.
   */
  private List<Part> work(List<Shard> some, Pass<?> pass) {
    Ending ending = new Ending();
    List<Part> parts = new ArrayList<>();
    for (Member member : members) {
      List<Shard> own = some.stream().filter(shard -> shard.member == member).toList();
      if (!own.isEmpty()) {
        parts.add(new Part(member, own, pass, ending));
      }
    }
    List<Thread> threads = new ArrayList<>();
    for (Part part : parts.subList(1, parts.size())) {
      Thread thread = new Thread(part, "levinv-device-" + threads.size());
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    parts.get(0).run();
    threads.forEach(ReadAhead::join);
    Throwable first = null;
    for (Part part : parts) {
      if (part.ends() && (first == null || first instanceof CancellationException)) {
        first = part.failure;
      }
    }
    if (first instanceof Error e) {
      throw e;
    }
    if (first != null) {
      throw (RuntimeException) first;
    }
    return parts;
  }

  @Override
  public void map(RowMap map, VectorSink to) {
    shards.forEach(shard -> shard.store.setCheck(check)); // not that of a pass that ended
    for (long leaf = 0; leaf < partition.leaves(); ) {
      Shard shard = shardOf(leaf);
      leaf = unlessLost(shard, store -> store.mapHere(map, to)) ? shard.to : leaf;
    }
    meter.spend(rows(), columns(), map.flopsPerRow(columns()));
  }

  @Override
  public long room() {
    return shards.get(0).store.room();
  }

  private Shard shardOf(long leaf) {
    return shards.stream().filter(s -> s.from <= leaf && leaf < s.to).findFirst().orElseThrow();
  }

  // ---- some rows

  @Override
  public TallMatrix gather(long[] numbers, Workspace into) {
    Rows few = into.rows(numbers.length, columns());
    forShards(numbers, (store, from, to) -> store.some().gather(numbers, from, to, home, few));
    meter.spend(numbers.length, columns(), 0);
    return ResidentMatrix.of(few, meter, home);
  }

  @Override
  public double[] lengths(long[] numbers) {
    double[] lengths = new double[numbers.length];
    forShards(numbers, (store, from, to) -> store.some().lengths(numbers, from, to, lengths));
    return lengths;
  }

  @Override
  public double[] gather(Field field, long[] numbers) {
    double[] values = new double[numbers.length];
    forShards(numbers, (store, from, to) -> store.some().gather(field, numbers, from, to, values));
    return values;
  }

  /** What is done with rows {@code from} to before {@code to} of a list. */
  @FunctionalInterface
  private interface SomeRows {
    void run(LeafStore store, int from, int to);
  }

  private void forShards(long[] numbers, SomeRows work) {
    for (int k = 0; k < numbers.length; ) {
      long leaf = numbers[k] / partition.leafRows();
      Shard shard = shardOf(leaf);
      int end = k;
      while (end < numbers.length && numbers[end] / partition.leafRows() < shard.to) {
        end++;
      }
      int start = k;
      int stop = end;
      k = unlessLost(shard, store -> work.run(store, start, stop)) ? end : k;
    }
  }

  /** False where the device was lost meanwhile, and its leaves are elsewhere. */
  private boolean unlessLost(Shard shard, Consumer<LeafStore> work) {
    try {
      work.accept(shard.store);
      return true;
    } catch (DeviceException e) {
      lose(shard.member, e);
      return false;
    }
  }

  // ---- units and coordinates

  @Override
  public void setUnits(Units units) {
    this.units = units;
    coordinates.clear();
    forEach(store -> store.setUnits(units));
  }

  @Override
  public Units units() {
    return units;
  }

  @Override
  public void changeCoordinates(Matrix M, boolean triangular) {
    double[] values = new double[M.rows() * M.columns()];
    home.download(M, values);
    coordinates.add(new Factor(values, triangular)); // first: a shard that takes over needs it
    forEach(store -> store.changeCoordinates(values, triangular));
  }

  @Override
  public void restart(ProblemRows rows) {
    source = rows; // first: a shard that takes over needs it
    units = Units.NONE;
    coordinates.clear();
    forEach(store -> store.restart(rows));
    meter.restart();
  }

  private void forEach(Consumer<LeafStore> work) {
    for (Shard shard : List.copyOf(shards)) {
      if (shards.contains(shard)) { // it may be gone with its device
        unlessLost(shard, work);
      }
    }
  }

  @Override
  public void close() {
    shards.forEach(shard -> shard.store.close());
    pool.close();
  }
}
