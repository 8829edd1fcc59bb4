package org.levinv.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.levinv.device.Device;

/**
 * Adds the sums of leaves by the binary tree over leaf numbers: node j of level k is the sum of
 * nodes 2j and 2j + 1 of the level below, or the first of them where there is no second. Who comes
 * last adds, so the order of arrival changes no bit.
 */
final class SumTree {
  private final Pool pool;
  private final SumShape shape;
  private final long leaves;
  private final List<Sums[]> waiting = new ArrayList<>();
  private Sums root;

  /** Sums that are used again, all of one device and number of columns. */
  static final class Pool implements AutoCloseable {
    private final Device device;
    private final int columns;
    private final ConcurrentLinkedDeque<Sums> idle = new ConcurrentLinkedDeque<>();
    private final Queue<Sums> all = new ConcurrentLinkedQueue<>();

    Pool(Device device, int columns) {
      this.device = device;
      this.columns = columns;
    }

    Sums take(SumShape shape) {
      Sums last = null;
      for (Sums sums : idle) {
        if (sums.shape().equals(shape) && idle.remove(sums)) {
          last = sums;
          break;
        }
      }
      if (last == null) {
        last = new Sums(device, shape, columns);
        all.add(last);
        return last;
      }
      last.clear();
      return last;
    }

    void giveBack(Sums sums) {
      idle.addFirst(sums);
    }

    /** Those of a reading that failed included, which nobody gave back. */
    @Override
    public void close() {
      while (!all.isEmpty()) {
        all.remove().close();
      }
      idle.clear();
    }
  }

  /** For {@code leaves} leaves of which {@code 2^level} neighbours come as one. */
  SumTree(Pool pool, SumShape shape, long leaves, int level) {
    this.pool = pool;
    this.shape = shape;
    this.leaves = leaves;
    for (int k = 0; k < level; k++) {
      waiting.add(null);
    }
    for (int k = level; width(k) > 1; k++) {
      waiting.add(new Sums[Math.toIntExact(width(k))]);
    }
  }

  private long width(int level) {
    return (leaves + (1L << level) - 1) >> level;
  }

  Sums take() {
    return pool.take(shape);
  }

  /** The sums of node {@code index} of a level, which now belong to the tree; {@code by} adds. */
  void put(int level, long index, Sums sums, Device by) {
    Sums have = sums;
    long j = index;
    for (int k = level; width(k) > 1; k++, j >>= 1) {
      long sibling = j ^ 1;
      if (sibling >= width(k)) {
        continue;
      }
      Sums other;
      synchronized (this) {
        other = waiting.get(k)[(int) sibling];
        if (other == null) {
          waiting.get(k)[(int) j] = have;
          return;
        }
        waiting.get(k)[(int) sibling] = null;
      }
      Sums left = sibling < j ? other : have;
      Sums right = sibling < j ? have : other;
      left.merge(right, by);
      pool.giveBack(right);
      have = left;
    }
    synchronized (this) {
      root = have;
    }
  }

  /** The sum of all leaves, once each has been put. */
  synchronized Sums root() {
    return root;
  }

  /** One thread's part of the tree: leaves in a row, added as soon as they are neighbours. */
  final class Branch {
    private final List<Sums> levels = new ArrayList<>();
    private final int level;
    private final long index;
    private final Device by;
    private long added;

    /** The leaves under node {@code index} of {@code level}, added by a thread's own device. */
    Branch(int level, long index, Device by) {
      this.level = level;
      this.index = index;
      this.by = by;
    }

    /** The sums of the next leaf. */
    void add(Sums leaf) {
      Sums have = leaf;
      added++;
      for (long rest = added; (rest & 1) == 0; rest >>= 1) {
        Sums left = levels.remove(levels.size() - 1);
        left.merge(have, by);
        pool.giveBack(have);
        have = left;
      }
      levels.add(have);
    }

    /** After the last leaf: the smaller ends join, and the node goes to the tree. */
    void finish() {
      while (levels.size() > 1) {
        Sums right = levels.remove(levels.size() - 1);
        levels.get(levels.size() - 1).merge(right, by);
        pool.giveBack(right);
      }
      put(level, index, levels.remove(0), by);
    }
  }
}
