package org.levinv.rows;

import java.util.List;
import java.util.Locale;
import org.levinv.InvalidInputException;
import org.levinv.device.Device;
import org.levinv.small.ByteCount;

/** Finds the place for the rows of a problem. */
public final class Stores {

  /**
   * Bytes for rows of verifications (64 MiB): small problems stay there, larger ones pass. More
   * saves a reading of what is in no cache, and takes memory from the search.
   */
  private static final long VERIFICATION = 1L << 26;

  private Stores() {}

  /**
   * Rows on one device or on several of one kind, in memory as far as they fit.
   *
   * @param devices the first has the sums, and small problems
   * @param memory bytes that rows and their buffers may take, on each device with memory of its
   *     own; 0 for what there is
   * @throws InvalidInputException if {@code memory} is less than one thread's buffers
   */
  public static RowStore open(ProblemRows rows, List<Device> devices, long memory) {
    Device first = devices.get(0);
    Partition partition = Partition.of(rows.rows(), rows.columns(), first.leafNumbers());
    long least = LeafPlan.least(rows, partition) * sharing(devices);
    if (memory != 0 && memory < least) {
      throw tooLittle(rows, least, memory);
    }
    long each = each(devices, memory);
    return devices.size() == 1
        ? new LeafStore(rows, first, partition, each)
        : new PartitionedStore(rows, devices, partition, each);
  }

  /** Bytes that rows may take on each device. */
  private static long each(List<Device> devices, long memory) {
    long most =
        devices.get(0).ownMemory().orElseGet(() -> MemoryBudget.ofHost(memory) / sharing(devices));
    return memory == 0 ? most : Math.min(most, memory / sharing(devices));
  }

  /**
   * What rows take.
   *
   * @param bytes with their buffers, on all devices together
   * @param resident whether all of them stay in memory
   */
  public record Room(long bytes, boolean resident) {}

  /** What {@link #open(ProblemRows, List, long)} would take. */
  public static Room room(ProblemRows rows, List<Device> devices, long memory) {
    Device first = devices.get(0);
    Partition partition = Partition.of(rows.rows(), rows.columns(), first.leafNumbers());
    double all = (double) each(devices, memory) * devices.size();
    int threads = first.team().size() * devices.size();
    LeafPlan plan = LeafPlan.of(rows, partition, 0, partition.leaves(), threads, all);
    return new Room(plan.bytes(), plan.slots() == 0);
  }

  /**
   * Rows for a search, and the same rows for verifications: nothing changes what was read, so where
   * all of it stays in the machine's memory the two are one. Elsewhere verifications read the rows
   * again from their source, and memory of their own keeps what is small.
   *
   * @param held for a search
   * @param original for verifications, which ask for rows as they were read
   */
  public record Pair(RowStore held, RowStore original) implements AutoCloseable {
    /** Both from the beginning, with other targets: see {@link RowStore#restart}. */
    public void restart(ProblemRows rows) {
      held.restart(rows);
      if (original != held) {
        original.restart(rows);
      }
    }

    @Override
    public void close() {
      if (original != held) {
        original.close();
      }
      held.close();
    }
  }

  /** The two for a search on some devices; verifications are made by the first. */
  public static Pair openPair(ProblemRows rows, List<Device> devices, long memory) {
    Device first = devices.get(0);
    boolean ofHost = devices.size() == 1 && first.ownMemory().isEmpty();
    if (ofHost && room(rows, devices, memory).resident()) {
      RowStore all = open(rows, devices, memory);
      return new Pair(all, all);
    }
    Partition partition = Partition.of(rows.rows(), rows.columns(), first.leafNumbers());
    long least = LeafPlan.least(rows, partition);
    long share = memory == 0 ? VERIFICATION : Math.min(VERIFICATION, memory / 4);
    long own = Math.max(least, share);
    if (memory != 0 && memory < least * (sharing(devices) + 1)) {
      throw tooLittle(rows, least * (sharing(devices) + 1), memory);
    }
    RowStore held = open(rows, devices, memory == 0 ? 0 : memory - own);
    try {
      return new Pair(held, new LeafStore(rows, first, partition, own));
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  /** Devices that share one memory. */
  private static int sharing(List<Device> devices) {
    return devices.get(0).ownMemory().isPresent() ? 1 : devices.size();
  }

  private static InvalidInputException tooLittle(ProblemRows rows, long least, long memory) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "memory: expected at least %s for the buffers of rows of %d columns, got %s",
            ByteCount.atLeast(least),
            rows.columns(),
            ByteCount.atMost(memory)));
  }

  /** On one device. */
  public static RowStore open(ProblemRows rows, Device device, long memory) {
    return open(rows, List.of(device), memory);
  }
}
