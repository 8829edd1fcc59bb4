package org.levinv.device.cuda;

import jcuda.driver.JCudaDriver;

/** The strings that the simulated device lets tests pull; a real one refuses them. */
final class SimulatedCuda {
  private SimulatedCuda() {}

  /** Counters since {@link #reset}. */
  record Counters(
      long allocations,
      long frees,
      long bytesLive,
      long uploads,
      long uploadedBytes,
      long downloads,
      long downloadedBytes,
      long launches) {}

  /** Clears counters, faults and failures that were asked for. */
  static void reset() {
    JCudaDriver.cuCtxSetLimit(9000, 0);
  }

  /** The k-th allocation from now fails, once; 0: none. */
  static void failAllocation(long k) {
    JCudaDriver.cuCtxSetLimit(9001, k);
  }

  /** The k-th launch from now fails, once; calls of cuBLAS and cuSOLVER are launches too. */
  static void failLaunch(long k) {
    JCudaDriver.cuCtxSetLimit(9002, k);
  }

  /** The k-th launch from now fails, and everything after it. */
  static void loseDevice(long k) {
    JCudaDriver.cuCtxSetLimit(9003, k);
  }

  /** Likewise, of the launches of one card. */
  static void loseDevice(long k, int card) {
    JCudaDriver.cuCtxSetLimit(9003, k | (card + 1L) << 32);
  }

  /** Cards that there are from now on. */
  static void setDevices(int count) {
    JCudaDriver.cuCtxSetLimit(9006, count);
  }

  static void setMemory(long bytes) {
    JCudaDriver.cuCtxSetLimit(9004, bytes);
  }

  /** Queued work runs as late as possible. */
  static final long LATE = 0;

  /** Queued work runs at once; other orders are seeds of random ones. */
  static final long EAGER = 1;

  static void setOrder(long order) {
    JCudaDriver.cuCtxSetLimit(9005, order);
  }

  static Counters counters() {
    return new Counters(
        get(9100), get(9101), get(9102), get(9103), get(9104), get(9105), get(9106), get(9107));
  }

  /** Misuse that was found: reads outside of an allocation, of what nobody wrote, and so on. */
  static long faults() {
    return get(9110);
  }

  private static long get(int limit) {
    long[] value = new long[1];
    JCudaDriver.cuCtxGetLimit(value, limit);
    return value[0];
  }
}
