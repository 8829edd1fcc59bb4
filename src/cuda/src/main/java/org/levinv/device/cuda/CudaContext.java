package org.levinv.device.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_BUS_ID;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID;
import static jcuda.driver.CUevent_flags.CU_EVENT_DISABLE_TIMING;
import static jcuda.driver.CUstream_flags.CU_STREAM_NON_BLOCKING;
import static jcuda.driver.JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP;
import static jcuda.driver.JCudaDriver.CU_MEMHOSTALLOC_PORTABLE;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemHostGetDevicePointer;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import org.levinv.device.DeviceException;
import org.levinv.device.InvalidDeviceException;

/**
 * One card: its primary context, two streams, and the owner of every byte and handle on it. What
 * was not freed before is freed by {@link #close}, the last first.
 */
final class CudaContext implements AutoCloseable {
  /** What the driver says where the system limits the memory that may be pinned. */
  private static final Set<String> NOT_PINNED =
      Set.of(CudaErrors.OUT_OF_MEMORY, "CUDA_ERROR_OPERATING_SYSTEM", "CUDA_ERROR_NOT_PERMITTED");

  /**
   * Of the card's memory, one part in so many is left to scratch: 1.2 GiB of 80, which the largest
   * sums and products of a block take (128 MiB each). A larger part drives vectors to the host
   * earlier.
   */
  private static final int RESERVE = 64;

  final int number;
  final String cardName;

  /** Such as 0000:17:00.0, by which nvidia-smi knows the card; it may number cards otherwise. */
  final String bus;

  final long totalBytes;
  final int multiprocessors;

  /** Such as 90. */
  final int architecture;

  /** Kernels and libraries. */
  final CUstream stream = new CUstream();

  /** Copies of blocks that overlap with work. */
  final CUstream copies = new CUstream();

  private final CUdevice card;
  private final CUcontext context = new CUcontext();

  /** How to release what is there, in the order in which it came. */
  private final Map<Object, Runnable> owned = new LinkedHashMap<>();

  private final FreedMemory freed;
  private Runnable shrink = () -> {};

  /** Bytes that others left when the card was opened. */
  private long freeAtFirst;

  private boolean lost;

  /** Of the host, now and at most, for buffers that did not fit on the card. */
  private long mappedBytes;

  private long mostMapped;
  private boolean scratchMapped;

  /**
   * @throws InvalidDeviceException if there is no such card, or if CUDA does not work here
   */
  CudaContext(int number) {
    this.number = number;
    card = find(number);
    cardName = nameOf(card);
    bus =
        String.format(
            "%04x:%02x:%02x.0",
            attribute(CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID),
            attribute(CU_DEVICE_ATTRIBUTE_PCI_BUS_ID),
            attribute(CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID));
    long[] bytes = new long[1];
    cuDeviceTotalMem(bytes, card);
    totalBytes = bytes[0];
    freed = new FreedMemory(totalBytes);
    multiprocessors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    architecture =
        10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    cuDevicePrimaryCtxRetain(context, card);
    own(() -> cuDevicePrimaryCtxRelease(card));
    own(this::releaseFreed);
    try {
      use();
      freeAtFirst = freeBytes();
      cuStreamCreate(stream, CU_STREAM_NON_BLOCKING);
      own(() -> cuStreamDestroy(stream));
      cuStreamCreate(copies, CU_STREAM_NON_BLOCKING);
      own(() -> cuStreamDestroy(copies));
    } catch (CudaException e) {
      close();
      throw e;
    }
  }

  /**
   * A card that is not started yet.
   *
   * @throws InvalidDeviceException if there is no such card, or if CUDA does not work here
   */
  private static CUdevice find(int number) {
    int count = count();
    if (number >= count) {
      throw new InvalidDeviceException(
          "cuda:" + number + ": expected a number below that of the cards, " + count);
    }
    NativeLibraries.load();
    CUdevice card = new CUdevice();
    cuDeviceGet(card, number);
    return card;
  }

  /**
   * The number of cards, from the driver alone.
   *
   * @throws InvalidDeviceException if there is none, or if the driver does not work
   */
  static int count() {
    NativeLibraries.loadDriver();
    int[] count = new int[1];
    try {
      cuInit(0);
      cuDeviceGetCount(count);
    } catch (CudaException e) {
      String what =
          CudaErrors.NO_DEVICE.equals(e.getMessage()) ? "no card: " : "the driver does not work: ";
      throw new InvalidDeviceException("cuda: " + what + CudaErrors.words(e), e);
    }
    if (count[0] == 0) {
      throw new InvalidDeviceException("cuda: no card: the driver counts 0");
    }
    return count[0];
  }

  static String nameOf(CUdevice card) {
    byte[] name = new byte[256];
    cuDeviceGetName(name, name.length, card);
    return new String(name, StandardCharsets.UTF_8).replaceFirst("\0.*", "").trim();
  }

  private int attribute(int which) {
    int[] value = new int[1];
    cuDeviceGetAttribute(value, which, card);
    return value[0];
  }

  /** Such as 12.6. */
  static String driverVersion() {
    int[] version = new int[1];
    cuDriverGetVersion(version);
    return version[0] / 1000 + "." + version[0] % 1000 / 10;
  }

  /** Makes the context that of the calling thread, which may have used another card meanwhile. */
  void use() {
    cuCtxSetCurrent(context);
  }

  /** What {@link #close} has to undo. */
  void own(Runnable release) {
    own(release, release);
  }

  /** Likewise, unless {@code what} is disowned before. */
  void own(Object what, Runnable release) {
    owned.put(what, release);
  }

  void disown(Object what) {
    owned.remove(what);
  }

  CUevent event() {
    CUevent event = new CUevent();
    cuEventCreate(event, CU_EVENT_DISABLE_TIMING);
    own(event, () -> cuEventDestroy(event));
    return event;
  }

  void free(CUevent event) {
    disown(event);
    quietly(() -> cuEventDestroy(event));
  }

  /** Waits until all work and all copies are done. */
  void synchronize() {
    cuStreamSynchronize(copies);
    cuStreamSynchronize(stream);
  }

  // ---- memory

  /** What gives memory back when an allocation does not fit. */
  void onShortage(Runnable action) {
    shrink = action;
  }

  long freeBytes() {
    long[] free = new long[1];
    cuMemGetInfo(free, new long[1]);
    return free[0] + freed.bytes();
  }

  /** What an allocation may do where the card is full. */
  enum Shortage {
    /**
     * Frees scratch, and else takes memory of the host that the card reaches over the bus; leaves
     * the reserve for scratch.
     */
    SHRINK_OR_HOST,
    /** For scratch itself, sums and workspaces: other scratch is in use. */
    HOST
  }

  /**
   * Memory on the card, or what {@code shortage} says.
   *
   * @throws DeviceException where there is none
   */
  Address allocate(long bytes, CudaMemory owner, Shortage shortage) {
    Address at = freed.take(bytes);
    long reserve = shortage == Shortage.SHRINK_OR_HOST ? totalBytes / RESERVE : 0;
    if (at == null) {
      at = tryToAllocate(bytes, reserve);
    }
    if (at == null) {
      releaseFreed();
      at = tryToAllocate(bytes, reserve);
    }
    if (at == null && shortage != Shortage.HOST) {
      shrink.run();
      releaseFreed();
      at = tryToAllocate(bytes, reserve);
    }
    if (at != null) {
      own(owner, owner::free);
      return at;
    }
    PinnedMemory host = PinnedMemory.tryToAllocate(bytes);
    if (host == null) {
      throw outOfMemory(bytes);
    }
    Address mapped = new Address();
    cuMemHostGetDevicePointer(mapped, host.pointer, 0);
    owner.onHost(host);
    own(owner, owner::free);
    mappedBytes += bytes;
    mostMapped = Math.max(mostMapped, mappedBytes);
    scratchMapped |= shortage == Shortage.HOST;
    return mapped;
  }

  /** What there is to say of buffers that did not fit on the card, or null. */
  String note() {
    return mostMapped == 0
        ? null
        : String.format(
            Locale.ROOT,
            "the card was full: %.1f MiB%s lay in memory of the host, which is far slower",
            (double) mostMapped / (1 << 20),
            scratchMapped ? ", sums and workspaces too," : "");
  }

  /** Whether others left so little that all that was allocated since lies in memory of the host. */
  boolean isFull() {
    return freeAtFirst < totalBytes / RESERVE;
  }

  DeviceException outOfMemory(long bytes) {
    return new DeviceException(
        String.format("cuda:%d: out of memory, %d bytes, with %s", number, bytes, freeWords()));
  }

  /** Such as "1024 of 2048 bytes free on the card". */
  String freeWords() {
    String free;
    try {
      free = lost ? "none" : String.valueOf(freeBytes());
    } catch (CudaException e) {
      free = "?"; // a lost card does not answer
    }
    return free + " of " + totalBytes + " bytes free on the card";
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

  /** After a failure nothing else can be freed one by one: the context takes all with it. */
  void free(Address at, long bytes, PinnedMemory host, CudaMemory owner) {
    disown(owner);
    if (host != null) {
      mappedBytes -= bytes;
      freeAfterCopies(List.of(host));
    } else if (!freed.keep(at, bytes)) {
      free(at);
    }
  }

  private void free(Address at) {
    quietly(() -> cuMemFree(at)); // waits for the work that uses it
  }

  private void releaseFreed() {
    freed.release(this::free);
  }

  /** Frees memory of the host that copies may still use: all of it, even where the card is lost. */
  void freeAfterCopies(Iterable<PinnedMemory> memory) {
    quietly(this::synchronize);
    memory.forEach(one -> quietly(one::free));
  }

  private void quietly(Runnable release) {
    try {
      use();
      release.run();
    } catch (CudaException e) {
      lost = true;
    }
  }

  /** Pinned memory that the card can reach, and where none can be had, null or ordinary memory. */
  static final class PinnedMemory {
    final Pointer pointer;
    final java.nio.ByteBuffer bytes;
    final boolean pinned;

    private PinnedMemory(Pointer pointer, java.nio.ByteBuffer bytes, boolean pinned) {
      this.pointer = pointer;
      this.bytes = bytes.order(java.nio.ByteOrder.nativeOrder());
      this.pinned = pinned;
    }

    /** Null where there is none; at most 1 GiB, since JCuda loses what is beyond 2. */
    static PinnedMemory tryToAllocate(long size) {
      if (size > 1L << 30) {
        return null;
      }
      Pointer pointer = new Pointer();
      try {
        cuMemHostAlloc(pointer, size, CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP);
      } catch (CudaException e) {
        if (NOT_PINNED.contains(e.getMessage())) {
          return null;
        }
        throw e;
      }
      return new PinnedMemory(pointer, pointer.getByteBuffer(0, size), true);
    }

    /**
     * Pinned, or else ordinary memory of the host, from which copies are slower.
     *
     * @throws DeviceException where there is neither
     */
    static PinnedMemory allocate(long size) {
      PinnedMemory pinned = tryToAllocate(size);
      if (pinned != null) {
        return pinned;
      }
      try {
        java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocateDirect(Math.toIntExact(size));
        return new PinnedMemory(Pointer.to(bytes), bytes, false);
      } catch (OutOfMemoryError e) {
        throw new DeviceException("cuda: out of memory of the host, " + size + " bytes", e);
      }
    }

    void free() {
      if (pinned) {
        cuMemFreeHost(pointer);
      }
    }
  }

  @Override
  public void close() {
    Object[] all = owned.keySet().toArray();
    for (int k = all.length - 1; k >= 0; k--) {
      Runnable release = owned.remove(all[k]);
      if (release != null) { // else it went with what came later
        quietly(release);
      }
    }
  }
}
