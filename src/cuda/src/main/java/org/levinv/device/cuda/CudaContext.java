package org.levinv.device.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_BUS_ID;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID;
import static jcuda.driver.CUevent_flags.CU_EVENT_DEFAULT;
import static jcuda.driver.CUevent_flags.CU_EVENT_DISABLE_TIMING;
import static jcuda.driver.CUstream_flags.CU_STREAM_NON_BLOCKING;
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
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.CudaException;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import org.levinv.device.InvalidDeviceException;

/**
 * One card: its primary context, three streams, and the owner of every byte and handle on it. What
 * was not freed before is freed by {@link #close}, the last first.
 */
final class CudaContext implements AutoCloseable {
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

  /** Copies to the card that overlap with work. */
  final CUstream uploads = new CUstream();

  /** Copies to the host that overlap with work and with those. */
  final CUstream downloads = new CUstream();

  final CardMemory memory;

  private final CUdevice card;
  private final CUcontext context = new CUcontext();

  /** How to release what is there, in the order in which it came. */
  private final Map<Object, Runnable> owned = new LinkedHashMap<>();

  private boolean lost;
  private boolean isClosing;

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
    memory = new CardMemory(this);
    multiprocessors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    architecture =
        10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    cuDevicePrimaryCtxRetain(context, card);
    own(() -> cuDevicePrimaryCtxRelease(card));
    own(memory::release);
    try {
      use();
      memory.begin();
      cuStreamCreate(stream, CU_STREAM_NON_BLOCKING);
      own(() -> cuStreamDestroy(stream));
      cuStreamCreate(uploads, CU_STREAM_NON_BLOCKING);
      own(() -> cuStreamDestroy(uploads));
      cuStreamCreate(downloads, CU_STREAM_NON_BLOCKING);
      own(() -> cuStreamDestroy(downloads));
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
    return event(CU_EVENT_DISABLE_TIMING);
  }

  /** One that notes the card's clock. */
  CUevent timedEvent() {
    return event(CU_EVENT_DEFAULT);
  }

  private CUevent event(int flags) {
    CUevent event = new CUevent();
    cuEventCreate(event, flags);
    own(event, () -> cuEventDestroy(event));
    return event;
  }

  void free(CUevent event) {
    disown(event);
    quietly(() -> cuEventDestroy(event));
  }

  /** Waits until all work and all copies are done. */
  void synchronize() {
    cuStreamSynchronize(uploads);
    cuStreamSynchronize(downloads);
    cuStreamSynchronize(stream);
  }

  /** Frees memory of the host that copies may still use: all of it, even where the card is lost. */
  void freeAfterCopies(Iterable<PinnedMemory> memory) {
    quietly(this::synchronize);
    memory.forEach(one -> quietly(one::free));
  }

  /** Whether all work is done, and events may be gone. */
  boolean isClosing() {
    return isClosing;
  }

  /** Whether nothing can be freed any more. */
  boolean isLost() {
    return lost;
  }

  void quietly(Runnable release) {
    try {
      use();
      release.run();
    } catch (CudaException e) {
      lost = true;
    }
  }

  @Override
  public void close() {
    quietly(this::synchronize);
    isClosing = true;
    Object[] all = owned.keySet().toArray();
    for (int k = all.length - 1; k >= 0; k--) {
      Runnable release = owned.remove(all[k]);
      if (release != null) { // else it went with what came later
        quietly(release);
      }
    }
  }
}
