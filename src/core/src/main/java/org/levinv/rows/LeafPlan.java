package org.levinv.rows;

/**
 * How much of a range of leaves stays in memory, and through which buffers the others pass: a
 * question of speed alone, which changes no bit of a sum.
 *
 * @param workers threads that work on leaves
 * @param slots leaves that are read ahead or worked on; 0 where all stay
 * @param kept leaves that stay, the last of the range
 * @param keepsMoved the rows in the coordinates of the store stay, too
 * @param bytes of all that
 */
record LeafPlan(int workers, int slots, int kept, boolean keepsMoved, long bytes) {

  /** Threads that read: a disk wants several requests at once, and a core is soon busy with one. */
  private static final int MOST_READERS = 4;

  private static final int FEWEST_READERS = 2;

  /** Threads that read leaves that pass. */
  static int readers() {
    return Math.max(
        FEWEST_READERS, Math.min(MOST_READERS, Runtime.getRuntime().availableProcessors()));
  }

  /** What the leaves of some rows take, in bytes. */
  private record Sizes(double leaf, double last, double moved, double widened) {
    static Sizes of(ProblemRows source, Partition partition, long to) {
      boolean isSingle = source.A().isSingle();
      int rows = partition.leafRows();
      double doubles = (double) Double.BYTES * rows * source.columns();
      int rest = partition.count(to - 1);
      double own = (double) Double.BYTES * rest * source.columns() * (isSingle ? 2 : 1);
      double last = rest == rows ? 0 : Leaf.bytes(source, rest, isSingle) + own;
      return new Sizes(Leaf.bytes(source, rows, isSingle), last, doubles, isSingle ? doubles : 0);
    }

    /** Slots, room for rows as they are worked on, and a short last leaf, which always stays. */
    double buffers(int workers, int slots) {
      return slots * leaf + workers * (moved + widened) + last;
    }
  }

  /**
   * For leaves {@code from} to before {@code to}.
   *
   * @param threads that may work
   * @param memory bytes; one thread's buffers are taken even where they are fewer
   */
  static LeafPlan of(
      ProblemRows source, Partition partition, long from, long to, int threads, double memory) {
    Sizes sizes = Sizes.of(source, partition, to);
    long leaves = to - from;
    int most = (int) Math.min(threads, leaves);
    double all = sizes.leaf * leaves + sizes.buffers(most, 0);
    if (all <= memory || leaves == 1) {
      boolean keepsMoved = all + sizes.moved * leaves <= memory;
      double bytes = all + (keepsMoved ? sizes.moved * leaves : 0);
      return new LeafPlan(most, 0, Math.toIntExact(leaves), keepsMoved, (long) bytes);
    }
    int workers = most;
    while (workers > 1 && sizes.buffers(workers, workers + 1) > memory) {
      workers--;
    }
    int slots = workers + 2 * readers();
    while (slots > workers + 1 && sizes.buffers(workers, slots) > memory) {
      slots--;
    }
    int needed = sizes.last > 0 ? 1 : 0;
    double rest = Math.max(0, memory - sizes.buffers(workers, slots));
    long kept = Math.min((long) (rest / sizes.leaf) + needed, leaves);
    double bytes = sizes.leaf * (kept - needed) + sizes.buffers(workers, slots);
    return new LeafPlan(workers, slots, Math.toIntExact(kept), false, (long) bytes);
  }

  /** Bytes below which not even one thread's buffers fit. */
  static long least(ProblemRows source, Partition partition) {
    Sizes sizes = Sizes.of(source, partition, partition.leaves());
    double all = sizes.leaf * partition.leaves() + sizes.buffers(1, 0);
    return (long) Math.ceil(Math.min(all, sizes.buffers(1, 2)));
  }
}
