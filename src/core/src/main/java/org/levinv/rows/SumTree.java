package org.levinv.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.levinv.device.Device;

/**
 * Adds the sums of leaves by the binary tree over leaf numbers: node j of level k is the sum of
 * nodes 2j and 2j + 1 of the level below, or the first of them where there is no second. Who comes
 * last adds, so the order of arrival changes no bit. A tree over some of the leaves ends in the
 * nodes whose neighbours have other leaves; a tree over all takes them up.
 */
final class SumTree {
  private final Pool pool;
  private final SumShape shape;
  private final long leaves;
  private final long from;
  private final long to;
  private final Map<Node, Sums> waiting = new HashMap<>();
  private final Map<Node, Sums> tops = new HashMap<>();

  /** Node {@code index} of a level, leaves being level 0. */
  record Node(int level, long index) implements Serializable {}

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
        synchronized (this) { // memory is for one thread at a time to take
          last = new Sums(device, shape, columns);
        }
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

  /** For those of {@code leaves} leaves from {@code from} to before {@code to}. */
  SumTree(Pool pool, SumShape shape, long leaves, long from, long to) {
    this.pool = pool;
    this.shape = shape;
    this.leaves = leaves;
    this.from = from;
    this.to = to;
  }

  private long width(int level) {
    return (leaves + (1L << level) - 1) >> level;
  }

  /** Whether all leaves under a node are those of this tree. */
  private boolean isOurs(int level, long index) {
    return isWithin(level, index, leaves, from, to);
  }

  private static boolean isWithin(int level, long index, long leaves, long from, long to) {
    return index << level >= from && Math.min(leaves, (index + 1) << level) <= to;
  }

  /**
   * How many nodes those of {@code leaves} leaves from {@code from} to before {@code to} end in.
   */
  static int tops(long leaves, long from, long to) {
    int root = Long.SIZE - Long.numberOfLeadingZeros(leaves - 1);
    return tops(root, 0, leaves, from, to);
  }

  /** Those under a node. */
  private static int tops(int level, long index, long leaves, long from, long to) {
    if (index << level >= Math.min(leaves, to) || (index + 1) << level <= from) {
      return 0;
    }
    return isWithin(level, index, leaves, from, to)
        ? 1
        : tops(level - 1, 2 * index, leaves, from, to)
            + tops(level - 1, 2 * index + 1, leaves, from, to);
  }

  Sums take() {
    return pool.take(shape);
  }

  /** The sums of a node, which now belong to the tree; {@code by}, of this thread, adds. */
  void put(Node node, Sums sums, Device by) {
    Sums have = sums;
    int k = node.level;
    long j = node.index;
    for (; width(k) > 1; k++, j >>= 1) {
      long sibling = j ^ 1;
      if (sibling >= width(k)) {
        continue;
      }
      if (!isOurs(k, sibling)) {
        break;
      }
      Sums other;
      synchronized (this) {
        other = waiting.remove(new Node(k, sibling));
        if (other == null) {
          waiting.put(new Node(k, j), have);
          return;
        }
      }
      Sums left = sibling < j ? other : have;
      Sums right = sibling < j ? have : other;
      left.merge(right, by);
      pool.giveBack(right);
      have = left;
    }
    synchronized (this) {
      tops.put(new Node(k, j), have);
    }
  }

  /** The sum of all leaves, once each has been put into a tree over all. */
  Sums root() {
    List<Sums> all = new ArrayList<>(tops.values());
    if (all.size() != 1 || !waiting.isEmpty()) {
      throw new IllegalStateException("expected one sum of all leaves, got " + tops.keySet());
    }
    return all.get(0);
  }

  /** Gives the memory of these back, once they were read. */
  void giveBack() {
    tops.values().forEach(pool::giveBack);
    tops.clear();
  }

  /** The nodes that no other leaf of this tree adds to, once each leaf has been put. */
  Map<Node, Sums> tops() {
    return tops;
  }
}
