package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP;
import static jcuda.driver.JCudaDriver.CU_MEMHOSTALLOC_PORTABLE;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemHostGetDevicePointer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import java.util.Set;
import jcuda.CudaException;
import jcuda.Pointer;
import org.levinv.device.DeviceException;
import org.levinv.device.HostMemory;

/**
 * Memory of the host that the card can reach, and where none can be had, null or ordinary memory.
 */
final class PinnedMemory {
  /** What the driver says where the system limits the memory that may be pinned. */
  private static final Set<String> NOT_PINNED =
      Set.of(CudaErrors.OUT_OF_MEMORY, "CUDA_ERROR_OPERATING_SYSTEM", "CUDA_ERROR_NOT_PERMITTED");

  /** JCuda loses what is beyond 2 GiB. */
  private static final long MOST = 1L << 30;

  /**
   * Of what the machine had when the first was asked for, one part in so many is never pinned: the
   * system cannot swap pinned memory, and ends a process instead.
   */
  private static final int RESERVE = 8;

  private static final long LEFT = HostMemory.available().orElse(0) / RESERVE;

  final Pointer pointer;
  final ByteBuffer bytes;
  final boolean pinned;

  private PinnedMemory(Pointer pointer, ByteBuffer bytes, boolean pinned) {
    this.pointer = pointer;
    this.bytes = bytes.order(ByteOrder.nativeOrder());
    this.pinned = pinned;
  }

  /** Null where there is none, for more than 1 GiB, and where the machine keeps too little. */
  static PinnedMemory tryToAllocate(long size) {
    if (size > MOST || !leaves(LEFT, size, HostMemory.available())) {
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

  /** Whether {@code size} bytes of those that are available leave so many. */
  static boolean leaves(long bytes, long size, OptionalLong available) {
    return available.isEmpty() || available.getAsLong() - size >= bytes;
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
      ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(size));
      return new PinnedMemory(Pointer.to(bytes), bytes, false);
    } catch (OutOfMemoryError e) {
      throw new DeviceException("cuda: out of memory of the host, " + size + " bytes", e);
    }
  }

  /** Where the card reaches it; of pinned memory. */
  Address onCard() {
    Address at = new Address();
    cuMemHostGetDevicePointer(at, pointer, 0);
    return at;
  }

  void free() {
    if (pinned) {
      cuMemFreeHost(pointer);
    }
  }
}
