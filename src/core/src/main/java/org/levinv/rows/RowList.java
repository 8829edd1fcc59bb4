package org.levinv.rows;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Rows by their numbers, each with a key: those that a pass drew, or those with the largest keys.
 * Of a sum it is the rows of one leaf, then those of the next.
 */
public final class RowList implements Serializable {
  private long[] numbers = new long[8];
  private double[] keys = new double[8];
  private int size;
  private long offered;
  private int most = Integer.MAX_VALUE;
  private double least = Double.NEGATIVE_INFINITY;

  /** From now on keeps no more than {@code count} rows, those with the largest keys. */
  public void keepLargest(int count) {
    most = count;
    trim();
  }

  /** One more row. */
  public void add(long number, double key) {
    offered++;
    if (size >= most && key <= least) {
      return; // as many rows before it have keys that are no smaller
    }
    append(number, key);
    if (size >= 2L * most + 8) {
      trim();
    }
  }

  private void append(long number, double key) {
    if (size == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * size);
      keys = Arrays.copyOf(keys, 2 * size);
    }
    numbers[size] = number;
    keys[size++] = key;
  }

  /** Rows kept. */
  public int size() {
    trim();
    return size;
  }

  /** Rows that were added, kept or not. */
  public long offered() {
    return offered;
  }

  /** Their numbers, ascending where they were added so. */
  public long[] numbers() {
    trim();
    return Arrays.copyOf(numbers, size);
  }

  /** Their keys. */
  public double[] keys() {
    trim();
    return Arrays.copyOf(keys, size);
  }

  void clear() {
    size = 0;
    offered = 0;
    most = Integer.MAX_VALUE;
    least = Double.NEGATIVE_INFINITY;
  }

  void addAll(RowList later) {
    most = Math.min(most, later.most);
    for (int k = 0; k < later.size; k++) {
      append(later.numbers[k], later.keys[k]);
    }
    offered += later.offered;
    trim();
  }

  /** Keeps the largest keys, of equal ones those of the first rows, in ascending order of rows. */
  private void trim() {
    if (size <= most) {
      return;
    }
    int[] kept =
        IntStream.range(0, size)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer k) -> -keys[k]).thenComparingInt(k -> k))
            .limit(most)
            .mapToInt(k -> k)
            .sorted()
            .toArray();
    least = Double.POSITIVE_INFINITY;
    for (int k = 0; k < kept.length; k++) {
      least = Math.min(least, keys[kept[k]]);
      numbers[k] = numbers[kept[k]];
      keys[k] = keys[kept[k]];
    }
    size = kept.length;
  }
}
