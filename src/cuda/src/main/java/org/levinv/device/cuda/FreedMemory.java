package org.levinv.device.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Memory of the card that was given back and waits for the next buffer of the same size: the driver
 * takes long to allocate, and stops all work to free. What a buffer was used for and what comes
 * next are in the same stream, so neither waits for the other.
 */
final class FreedMemory {

  /** Of the card's memory, at most, for one buffer; larger ones are few. */
  private static final int LARGEST = 64;

  /** Of the card's memory, at most, for all. */
  private static final int MOST = 16;

  private final long totalBytes;
  private final Map<Long, Deque<Address>> bySize = new HashMap<>();
  private long bytes;

  FreedMemory(long totalBytes) {
    this.totalBytes = totalBytes;
  }

  /** Of all that waits. */
  long bytes() {
    return bytes;
  }

  /** False where it is too much to keep. */
  boolean keep(Address at, long size) {
    if (size > totalBytes / LARGEST || bytes + size > totalBytes / MOST) {
      return false;
    }
    bySize.computeIfAbsent(size, key -> new ArrayDeque<>()).push(at);
    bytes += size;
    return true;
  }

  /** Null where there is none of that size. */
  Address take(long size) {
    Deque<Address> waiting = bySize.get(size);
    Address at = waiting == null ? null : waiting.poll();
    bytes -= at == null ? 0 : size;
    return at;
  }

  /** Gives all back to the driver. */
  void release(Consumer<Address> free) {
    bySize.values().forEach(waiting -> waiting.forEach(free));
    bySize.clear();
    bytes = 0;
  }
}
