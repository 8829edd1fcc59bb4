package org.levinv.rows;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.function.DoubleConsumer;
import org.levinv.VectorSink;
import org.levinv.VectorSinkException;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.tall.Meter;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * Rows that other processes hold, which are shown to them in units and coordinates that go with
 * every question: nothing but the rows is kept there, so that lost work is done again elsewhere.
 * Several stores may share the rows of one cluster. Bits are those of a store on one device of the
 * kind that the processes have.
 */
public final class ClusterStore implements RowStore {
  private final Cluster cluster;
  private final Partition partition;
  private final int d;
  private final Device home;
  private final ShiftedRows.Shift shift;
  private final UUID id;
  private final EnumSet<Field> fields = EnumSet.noneOf(Field.class);
  private final Meter meter;
  private final double unit;
  private final SumTree.Pool pool;
  private final List<LeafTask.Factor> coordinates = new ArrayList<>();
  private Units units = Units.NONE;
  private Runnable check = () -> {};
  private DoubleConsumer listener = share -> {};
  private Sums last;

  /**
   * @param rows which fields they have, and whether they are {@link ShiftedRows}; their numbers are
   *     those of the cluster
   * @param home has the sums, and what is small
   */
  public ClusterStore(ProblemRows rows, Cluster cluster, Device home) {
    this(rows, cluster, home, true);
  }

  /**
   * Likewise.
   *
   * @param often whether it asks so often that leaves may stay in the memory of devices
   */
  public ClusterStore(ProblemRows rows, Cluster cluster, Device home, boolean often) {
    id = often ? UUID.randomUUID() : null;
    this.cluster = cluster;
    this.home = home;
    partition = cluster.partition();
    d = rows.columns();
    shift = rows.A() instanceof ShiftedRows shifted ? shifted.by() : null;
    findFields(rows);
    meter = new Meter(partition.rows(), d);
    unit = (double) partition.rows() * d * d;
    pool = new SumTree.Pool(home, d);
  }

  private void findFields(ProblemRows rows) {
    for (Field field : Field.values()) {
      if (rows.has(field)) {
        fields.add(field);
      }
    }
  }

  @Override
  public long rows() {
    return partition.rows();
  }

  @Override
  public int columns() {
    return d;
  }

  @Override
  public Device device() {
    return home;
  }

  @Override
  public long passingRows() {
    return 0;
  }

  @Override
  public String note() {
    return cluster.note();
  }

  @Override
  public void setCheck(Runnable check) {
    this.check = check;
  }

  @Override
  public void setListener(DoubleConsumer share) {
    listener = share;
  }

  @Override
  public boolean has(Field field) {
    return fields.contains(field);
  }

  @Override
  public Meter counter() {
    return meter;
  }

  // ---- questions

  private <T extends Serializable> LeafTask<T> task(LeafQuestion<T> question) {
    return new LeafTask<>(
        id, question, partition, cluster.columns(), shift, fields, units, coordinates);
  }

  @Override
  public <T> T run(Pass<T> pass) {
    if (last != null) {
      pool.giveBack(last);
      last = null;
    }
    SumTree all = new SumTree(pool, pass.shape(), partition.leaves(), 0, partition.leaves());
    cluster.sum(
        task(new LeafQuestion.Sum(pass)),
        pass.shape().bytes(d),
        answer -> {
          answer.value().putInto(all, home);
          meter.compute(answer.work() * unit);
        },
        check,
        listener);
    last = all.root();
    meter.spend(rows(), d, pass.flopsPerRow(d));
    return last.answer(pass);
  }

  @Override
  public void map(RowMap map, VectorSink to) {
    long piece = Math.max(1, cluster.mostAnswers() / Double.BYTES / partition.leafRows());
    long rows = Math.multiplyExact(piece, (long) partition.leafRows());
    for (long first = 0; first < rows(); first += rows) {
      cluster.run(
          task(new LeafQuestion.Numbers(map, first, Math.min(rows(), first + rows))),
          answer -> write(answer.value(), to),
          check,
          listener);
    }
    meter.spend(rows(), d, map.flopsPerRow(d));
  }

  private static void write(LeafQuestion.SomeNumbers some, VectorSink to) {
    try {
      to.write(some.first(), some.values().length, some.values());
    } catch (IOException e) {
      throw new VectorSinkException(some.first(), some.values().length, e);
    }
  }

  /** What a tally finds of all rows as they were read, in pieces as above. */
  <T extends RowTally<T>> T tally(T question) {
    T all = question.empty();
    long[] starts = cluster.starts();
    int piece =
        (int) Math.max(1, Math.min(starts.length, cluster.mostAnswers() / question.bytes()));
    for (int k = 0; k + 1 < starts.length; k += piece) {
      long end = starts[Math.min(starts.length - 1, k + piece)];
      cluster.run(
          task(new LeafQuestion.Tally<>(question, starts[k], end)),
          answer -> all.addAll(answer.value()),
          check,
          listener);
    }
    meter.spend(rows(), d, 0);
    return all;
  }

  // ---- some rows

  /** Takes what is known of rows {@code start ...} of a list. */
  @FunctionalInterface
  private interface Taker {
    void take(int start, double[] values);
  }

  /** In pieces, so that answers need no more memory than there is for them. */
  private void ask(
      long[] numbers, int each, LeafQuestion.Rows.What what, Field field, Taker taker) {
    int piece =
        (int) Math.max(1, Math.min(numbers.length, cluster.mostAnswers() / Double.BYTES / each));
    for (int first = 0; first < numbers.length; first += piece) {
      int start = first;
      long[] some = Arrays.copyOfRange(numbers, first, Math.min(numbers.length, first + piece));
      cluster.run(
          task(new LeafQuestion.Rows(some, what, field)),
          answer -> {
            LeafQuestion.SomeRows rows = answer.value();
            taker.take(start + rows.start(), rows.values());
            meter.compute(answer.work() * unit);
          },
          check,
          share -> {});
    }
  }

  @Override
  public TallMatrix gather(long[] numbers, Workspace space) {
    org.levinv.device.Rows few = space.rows(numbers.length, d);
    ask(
        numbers,
        d,
        LeafQuestion.Rows.What.ENTRIES,
        null,
        (start, values) -> home.upload(values, values.length / d, few, start));
    meter.spend(numbers.length, d, 0);
    return ResidentMatrix.of(few, meter, home);
  }

  @Override
  public double[] lengths(long[] numbers) {
    return numbers(numbers, LeafQuestion.Rows.What.LENGTHS, null);
  }

  @Override
  public double[] gather(Field field, long[] numbers) {
    return numbers(numbers, LeafQuestion.Rows.What.FIELD, field);
  }

  private double[] numbers(long[] numbers, LeafQuestion.Rows.What what, Field field) {
    double[] all = new double[numbers.length];
    ask(
        numbers,
        1,
        what,
        field,
        (start, values) -> System.arraycopy(values, 0, all, start, values.length));
    return all;
  }

  @Override
  public long room() {
    return MemoryBudget.ofHost(0);
  }

  // ---- units and coordinates

  @Override
  public void setUnits(Units units) {
    this.units = units;
    coordinates.clear();
  }

  @Override
  public Units units() {
    return units;
  }

  @Override
  public void changeCoordinates(Matrix M, boolean triangular) {
    double[] values = new double[d * d];
    home.download(M, values);
    coordinates.add(new LeafTask.Factor(values, triangular));
  }

  /** The rows are those of the cluster, whose targets do not change. */
  @Override
  public void restart(ProblemRows rows) {
    throw new UnsupportedOperationException("rows of a cluster have one target");
  }

  /** The rows stay where they are. */
  @Override
  public void close() {
    pool.close();
  }
}
