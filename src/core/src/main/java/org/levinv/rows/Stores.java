package org.levinv.rows;

import java.util.List;
import java.util.Locale;
import org.levinv.InvalidInputException;
import org.levinv.device.Device;

/** Finds the place for the rows of a problem. */
public final class Stores {
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
    long least = LeafPlan.least(rows, partition) * devices.size();
    if (memory != 0 && memory < least) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "memory: expected at least %d bytes for the buffers of rows of %d columns, got %d",
              least,
              rows.columns(),
              memory));
    }
    long each = first.ownMemory().orElseGet(() -> MemoryBudget.ofHost(memory) / devices.size());
    if (memory != 0) {
      each = Math.min(each, memory);
    }
    return devices.size() == 1
        ? new LeafStore(rows, first, partition, each)
        : new PartitionedStore(rows, devices, partition, each);
  }

  /** On one device. */
  public static RowStore open(ProblemRows rows, Device device, long memory) {
    return open(rows, List.of(device), memory);
  }
}
