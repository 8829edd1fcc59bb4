package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;

/**
 * The threads of BLAS, a setting of the whole process: one while a device is open, since devices
 * bring their own, and again as many as there were once the last is closed.
 */
final class BlasThreads {
  private static int devices;
  private static int before;

  private BlasThreads() {}

  static synchronized void take() {
    if (devices++ == 0) {
      before = Blas.threads();
    }
    blas_set_num_threads(1);
  }

  static synchronized void giveBack() {
    if (--devices == 0) {
      blas_set_num_threads(before);
    }
  }
}
