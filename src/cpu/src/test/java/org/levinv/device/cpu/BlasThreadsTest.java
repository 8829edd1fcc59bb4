package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas_full.openblas_get_num_threads;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** OpenBLAS belongs to the whole process: its threads are lent, not taken. */
class BlasThreadsTest {

  @Test
  void threadsAreAsTheyWereOnceAllDevicesAreClosed() {
    new CpuDevice(1).close(); // loads the library
    int own = openblas_get_num_threads();
    try {
      blas_set_num_threads(2);
      CpuDevice first = new CpuDevice(1);
      CpuDevice second = new CpuDevice(2);
      assertEquals(1, openblas_get_num_threads());
      first.close();
      first.close();
      assertEquals(1, openblas_get_num_threads(), "the second device is open");
      second.close();
      assertEquals(2, openblas_get_num_threads());
    } finally {
      blas_set_num_threads(own);
    }
  }
}
