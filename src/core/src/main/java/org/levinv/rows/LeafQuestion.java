package org.levinv.rows;

import java.io.Serializable;
import java.util.Arrays;

/**
 * What is asked of some leaves in a row, wherever they are: a pure function, so that it can be
 * asked again.
 *
 * @param <T> the answer
 */
interface LeafQuestion<T extends Serializable> extends Serializable {

  /** Whether some of these leaves have anything to say. */
  default boolean concerns(Partition partition, long from, long to) {
    return true;
  }

  T ask(LeafStore leaves, Partition partition, long from, long to);

  /** The sums of a pass. */
  record Sum(Pass<?> pass) implements LeafQuestion<PartialSums> {
    @Override
    public PartialSums ask(LeafStore leaves, Partition partition, long from, long to) {
      return PartialSums.of(leaves.isResident() ? leaves.sums(pass) : leaves.sumsInOrder(pass));
    }
  }

  /** Some rows, ascending, or what is known of them. */
  record Rows(long[] numbers, What what, Field field) implements LeafQuestion<SomeRows> {
    /** What is asked. */
    enum What {
      ENTRIES,
      LENGTHS,
      FIELD
    }

    @Override
    public boolean concerns(Partition partition, long from, long to) {
      return start(partition.first(from)) < start(partition.first(to));
    }

    /** The first of the numbers that is not below a row. */
    private int start(long row) {
      int k = Arrays.binarySearch(numbers, row);
      return k >= 0 ? k : -1 - k;
    }

    @Override
    public SomeRows ask(LeafStore leaves, Partition partition, long from, long to) {
      int start = start(partition.first(from));
      long[] own = Arrays.copyOfRange(numbers, start, start(partition.first(to)));
      return new SomeRows(
          start,
          switch (what) {
            case ENTRIES -> leaves.entries(own);
            case LENGTHS -> leaves.lengths(own);
            case FIELD -> leaves.gather(field, own);
          });
    }
  }

  /** One number for each of the rows from {@code first} to before {@code end}. */
  record Numbers(RowMap map, long first, long end) implements LeafQuestion<SomeNumbers> {
    @Override
    public boolean concerns(Partition partition, long from, long to) {
      return partition.first(from) < end && partition.first(to) > first;
    }

    @Override
    public SomeNumbers ask(LeafStore leaves, Partition partition, long from, long to) {
      long start = Math.max(first / partition.leafRows(), from);
      long stop = Math.min((end - 1) / partition.leafRows() + 1, to);
      long row = partition.first(start);
      double[] values = new double[(int) (Math.min(partition.rows(), partition.first(stop)) - row)];
      leaves.mapInOrder(
          map,
          start,
          stop,
          (at, count, some) -> System.arraycopy(some, 0, values, (int) (at - row), count));
      return new SomeNumbers(row, values);
    }
  }

  /** What a tally finds of leaves {@code first} to before {@code end} as they were read. */
  record Tally<T extends RowTally<T>>(T question, long first, long end) implements LeafQuestion<T> {
    @Override
    public boolean concerns(Partition partition, long from, long to) {
      return from < end && to > first;
    }

    @Override
    public T ask(LeafStore leaves, Partition partition, long from, long to) {
      T found = question.empty();
      for (long leaf = Math.max(first, from); leaf < Math.min(end, to); leaf++) {
        long row = partition.first(leaf);
        RowTally.add(leaves.source().A(), row, row + partition.count(leaf), found);
      }
      return found;
    }
  }

  /** Numbers that belong to entries {@code start ...} of a list of rows. */
  record SomeRows(int start, double[] values) implements Serializable {}

  /** One number for each row from {@code first} on. */
  record SomeNumbers(long first, double[] values) implements Serializable {}
}
