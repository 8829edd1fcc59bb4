package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.Rows;
import org.levinv.device.TallProducts;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * Products in single precision keep the rules of all primitives; their values are the contract's.
 */
class CudaSingleTest {

  @BeforeEach
  void simulatedDevice() {
    CudaForTests.require();
    CudaForTests.resident().close();
    SimulatedCuda.reset();
  }

  private static void run(TallProducts products, Workspace space, int n, int d, Runnable between) {
    Rows A = space.rows(n, d);
    space.device().upload(new Random(1).doubles((long) n * d).toArray(), n, A, 0);
    Vector x = space.vector(d);
    Vector b = space.upload(new Random(2).doubles(n, 1, 2).toArray());
    Vector s = space.vector(n);
    Matrix G = space.matrix(d, d);
    for (int round = 0; round < 2; round++) {
      products.slackGram(A, x, b, s, G);
      products.weightedGram(A, s, G);
      products.quadraticForms(A, G, s);
      products.squaredNorms(A, G, s);
      between.run();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 70})
  void allocatesAndMovesNothingOnceItRan(int d) {
    SimulatedCuda.Counters[] after = new SimulatedCuda.Counters[2];
    try (Device device = CudaForTests.resident();
        Workspace space = new Workspace(device)) {
      run(
          device.in(Precision.SINGLE),
          space,
          5000,
          d,
          () -> after[after[0] == null ? 0 : 1] = SimulatedCuda.counters());
    }
    assertEquals(after[0].allocations(), after[1].allocations());
    assertEquals(after[0].uploadedBytes(), after[1].uploadedBytes());
    assertEquals(after[0].downloadedBytes(), after[1].downloadedBytes());
    assertEquals(0, SimulatedCuda.counters().bytesLive(), "bytes that were not freed");
    CudaForTests.assertNoFaults();
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aLostDevice_isADeviceException(Precision precision) {
    try (Device device = CudaForTests.resident();
        Workspace space = new Workspace(device)) {
      DeviceException e =
          assertThrows(
              DeviceException.class,
              () -> run(device.in(precision), space, 100, 70, () -> SimulatedCuda.loseDevice(3)));
      assertTrue(e.getMessage().startsWith("cuda:0 ("), e.getMessage());
    }
    SimulatedCuda.reset();
  }
}
