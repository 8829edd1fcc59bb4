package org.levinv.rows;

import java.nio.file.Path;
import org.levinv.device.HostMemory;

/**
 * Memory that rows and their buffers may take, outside of the Java heap: what was asked for, or
 * else what the machine and the control group that the process is in leave.
 */
public final class MemoryBudget {

  /**
   * Of what is left, one part in so many stays free: for samples, d x d matrices, a heap that still
   * grows, and other processes.
   */
  private static final int RESERVE = 4;

  /** What a machine has that says nothing of itself (4 GiB). */
  private static final long UNKNOWN = 4L << 30;

  private MemoryBudget() {}

  /** Bytes of the machine's memory for rows; {@code asked} where that is not 0. */
  public static long ofHost(long asked) {
    return asked != 0 ? asked : ofHost(Path.of("/"));
  }

  /** The same with the system's files under another root. */
  static long ofHost(Path root) {
    long left = HostMemory.available(root).orElse(UNKNOWN);
    return left - left / RESERVE;
  }
}
