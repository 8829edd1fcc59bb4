package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;

import jcuda.driver.CUdeviceptr;

/**
 * Memory of the card that is held, so that little is left for a solve. Made in a thread that uses
 * the card already.
 */
public final class Ballast implements AutoCloseable {
  private final CUdeviceptr held = new CUdeviceptr();

  /**
   * @param left bytes of the card's memory
   */
  public Ballast(long left) {
    long[] free = new long[1];
    cuMemGetInfo(free, new long[1]);
    if (free[0] <= left) {
      throw new IllegalArgumentException(
          "expected more than " + left + " bytes free on the card, got " + free[0]);
    }
    cuMemAlloc(held, free[0] - left);
  }

  @Override
  public void close() {
    cuMemFree(held);
  }
}
