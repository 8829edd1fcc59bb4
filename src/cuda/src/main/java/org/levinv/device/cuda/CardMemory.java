package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import jcuda.CudaException;
import org.levinv.device.DeviceException;
import org.levinv.device.InvalidDeviceException;

/**
 * The memory of one card. Buffers that do not fit lie in memory of the host, which the card reaches
 * over the bus; sums and workspaces never do: a buffer makes room for them.
 */
final class CardMemory {

  /**
   * Of the card's memory, one part in so many is left to scratch: 1.2 GiB of 80, which the largest
   * sums and products of a block take (128 MiB each). A larger part drives vectors to the host
   * earlier.
   */
  private static final int RESERVE = 64;

  private final CudaContext context;
  private final FreedMemory freed;
  private Runnable shrink = () -> {};

  /** Bytes that others left when the card was opened. */
  private long freeAtFirst;

  /** Those that may go to the host. */
  private final Set<CudaMemory> buffers = new LinkedHashSet<>();

  /** Counts the calls of the device: what one of them uses has to stay where it is. */
  private long call;

  /** Of the host, now and at most, for buffers that did not fit on the card. */
  private long mappedBytes;

  private long mostMapped;

  CardMemory(CudaContext context) {
    this.context = context;
    freed = new FreedMemory(context.totalBytes);
  }

  /** Before anything is allocated. */
  void begin() {
    freeAtFirst = freeBytes();
  }

  /** A call of the device begins, and what was used before may move. */
  void nextCall() {
    call++;
  }

  long call() {
    return call;
  }

  /** What gives scratch back when a buffer does not fit. */
  void onShortage(Runnable action) {
    shrink = action;
  }

  long freeBytes() {
    long[] free = new long[1];
    cuMemGetInfo(free, new long[1]);
    return free[0] + freed.bytes();
  }

  /** Whether others left so little that all that was allocated since lies in memory of the host. */
  boolean isFull() {
    return freeAtFirst < context.totalBytes / RESERVE;
  }

  /** What there is to say of buffers that did not fit on the card, or null. */
  String note() {
    return mostMapped == 0
        ? null
        : String.format(
            Locale.ROOT,
            "the card was full: %.1f MiB lay in memory of the host, which is far slower",
            (double) mostMapped / (1 << 20));
  }

  private DeviceException outOfMemory(long bytes) {
    return isFull()
        ? full()
        : new DeviceException(
            String.format(
                "cuda:%d: out of memory, %d bytes, with %s", context.number, bytes, freeWords()));
  }

  /** Where others have all of it. */
  InvalidDeviceException full() {
    return new InvalidDeviceException(
        String.format(
            "cuda:%d: the card is full: %s (nvidia-smi lists what has the rest)",
            context.number, freeWords()));
  }

  /** Such as "1024 of 2048 bytes free on the card". */
  String freeWords() {
    String free;
    try {
      free = context.isLost() ? "none" : String.valueOf(freeBytes());
    } catch (CudaException e) {
      free = "?"; // a lost card does not answer
    }
    return free + " of " + context.totalBytes + " bytes free on the card";
  }

  // ---- there and back

  /**
   * Memory on the card, or for a buffer on the host.
   *
   * @throws DeviceException where there is none
   */
  Address allocate(CudaMemory owner) {
    Address at = owner.isScratch() ? forScratch(owner.bytes()) : forBuffer(owner);
    context.own(owner, owner::free);
    if (!owner.isScratch() && !owner.isOnHost()) {
      buffers.add(owner);
    }
    return at;
  }

  private Address forBuffer(CudaMemory owner) {
    long bytes = owner.bytes();
    long reserve = context.totalBytes / RESERVE;
    Address at = waitingOrNew(bytes, reserve);
    if (at == null) {
      shrink.run();
      release();
      at = tryToAllocate(bytes, reserve);
    }
    if (at != null) {
      return at;
    }
    PinnedMemory host = PinnedMemory.tryToAllocate(bytes);
    if (host == null) {
      throw outOfMemory(bytes);
    }
    return mapped(owner, host);
  }

  private Address forScratch(long bytes) {
    Address at = waitingOrNew(bytes, 0);
    if (at != null) {
      return at;
    }
    for (CudaMemory idle : idle(bytes)) {
      if (moveToHost(idle)) {
        at = tryToAllocate(bytes, 0);
        if (at != null) {
          return at;
        }
      }
    }
    throw outOfMemory(bytes);
  }

  private Address waitingOrNew(long bytes, long reserve) {
    Address at = freed.take(bytes);
    if (at == null) {
      at = tryToAllocate(bytes, reserve);
    }
    if (at == null) {
      release();
      at = tryToAllocate(bytes, reserve);
    }
    return at;
  }

  /** Null where it does not fit, or would leave less than {@code reserve}. */
  private Address tryToAllocate(long bytes, long reserve) {
    if (reserve > 0 && freeBytes() - freed.bytes() < bytes + reserve) {
      return null;
    }
    try {
      Address at = new Address();
      cuMemAlloc(at, bytes);
      return at;
    } catch (CudaException e) {
      if (CudaErrors.OUT_OF_MEMORY.equals(e.getMessage())) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Buffers that the call does not use: the smallest that is large enough first, or the largest.
   */
  private List<CudaMemory> idle(long bytes) {
    return buffers.stream()
        .filter(buffer -> buffer.usedIn() != call)
        .sorted(
            Comparator.comparing((CudaMemory buffer) -> buffer.bytes() < bytes)
                .thenComparing(buffer -> buffer.bytes() < bytes ? -buffer.bytes() : buffer.bytes()))
        .toList();
  }

  private boolean moveToHost(CudaMemory buffer) {
    PinnedMemory host = PinnedMemory.tryToAllocate(buffer.bytes());
    if (host == null) {
      return false;
    }
    Address from = buffer.at(0);
    cuMemcpyDtoDAsync(host.onCard(), from, buffer.bytes(), context.stream);
    context.synchronize();
    buffer.moveTo(mapped(buffer, host));
    buffers.remove(buffer);
    free(from);
    return true;
  }

  private Address mapped(CudaMemory owner, PinnedMemory host) {
    owner.onHost(host);
    mappedBytes += owner.bytes();
    mostMapped = Math.max(mostMapped, mappedBytes);
    return host.onCard();
  }

  /** After a failure nothing else can be freed one by one: the context takes all with it. */
  void free(Address at, PinnedMemory host, CudaMemory owner) {
    context.disown(owner);
    buffers.remove(owner);
    if (host != null) {
      mappedBytes -= owner.bytes();
      context.freeAfterCopies(List.of(host));
    } else if (!freed.keep(at, owner.bytes())) {
      free(at);
    }
  }

  private void free(Address at) {
    context.quietly(() -> cuMemFree(at)); // waits for the work that uses it
  }

  /** Gives back to the driver what was freed. */
  void release() {
    freed.release(this::free);
  }
}
