package org.levinv.rows;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.levinv.device.Device;
import org.levinv.device.Rows;
import org.levinv.device.Team;
import org.levinv.device.Workspace;

/**
 * Some rows of the leaves of a store, by their numbers, which ascend: leaf by leaf, by all threads.
 */
final class NumberedRows {
  private final Leaves leaves;
  private final LeafWorker[] workers;
  private final Team team;
  private final Partition partition;
  private final int d;

  NumberedRows(Leaves leaves, LeafWorker[] workers, Team team, Partition partition, int d) {
    this.leaves = leaves;
    this.workers = workers;
    this.team = team;
    this.partition = partition;
    this.d = d;
  }

  /** Rows {@code start} to before {@code stop} of a list, to the same rows of {@code few}. */
  void gather(long[] numbers, int start, int stop, Device home, Rows few) {
    forLeaves(
        numbers,
        start,
        stop,
        (worker, leaf, first, end) -> {
          double[] rows =
              leaves.areMoved() || leaves.isHere(leaf)
                  ? pick(worker.show(leaf, worker.load(leaf)).A(), numbers, first, end, worker.own)
                  : readRows(numbers, first, end);
          synchronized (home) {
            home.upload(rows, end - first, few, first);
          }
        });
  }

  /** The lengths of rows {@code start} to before {@code stop} of a list, as they are read. */
  void lengths(long[] numbers, int start, int stop, double[] lengths) {
    forLeaves(
        numbers,
        start,
        stop,
        (worker, leaf, first, end) -> {
          double[] rows;
          if (leaves.isHere(leaf)) {
            Rows A = worker.show(leaf, worker.load(leaf)).original();
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

  /** A number of each of these rows. */
  void gather(Field field, long[] numbers, int start, int stop, double[] values) {
    forLeaves(
        numbers,
        start,
        stop,
        (worker, leaf, first, end) -> {
          if (leaves.isHere(leaf)) {
            Rows column = worker.load(leaf).fields.get(field);
            double[] some = pick(column, numbers, first, end, worker.own);
            System.arraycopy(some, 0, values, first, end - first);
          } else {
            for (int k = first; k < end; k++) {
              values[k] = leaves.reader().at(field, numbers[k]);
            }
          }
        });
  }

  /** What is done with rows {@code first} to before {@code end} of a list, all of one leaf. */
  @FunctionalInterface
  private interface Work {
    void run(LeafWorker worker, long leaf, int first, int end);
  }

  /** Ascending rows, leaf by leaf, by all threads. */
  private void forLeaves(long[] numbers, int start, int stop, Work work) {
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
      leaves.reader().row(numbers[k], rows, (k - first) * d);
    }
    return rows;
  }
}
