package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Inlet;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;

/** What lies where on a card that is full. */
class CardMemoryTest {
  private static final int ROWS = 1000;
  private static final int COLUMNS = 20;

  /** Of the simulated card. */
  private static final long MEMORY = 1L << 30;

  @BeforeEach
  void simulatedDevice() {
    CudaForTests.require();
    SimulatedCuda.setMemory(MEMORY);
  }

  @AfterEach
  void asUsual() {
    SimulatedCuda.setOrder(SimulatedCuda.LATE);
    SimulatedCuda.setMemory(MEMORY);
    CudaForTests.assertNoFaults();
  }

  /** From now on so many bytes are free. */
  private static void leave(Device device, long bytes) {
    SimulatedCuda.setMemory(MEMORY);
    SimulatedCuda.setMemory(MEMORY - device.freeMemory().orElseThrow() + bytes);
  }

  /** Of the buffers that a product does not use the smallest that is large enough. */
  @ParameterizedTest
  @ValueSource(longs = {SimulatedCuda.LATE, SimulatedCuda.EAGER, 12, 7654321})
  void aBuffer_makesRoomForAWorkspace(long order) {
    double[] numbers = new Random(1).doubles(ROWS * COLUMNS, -1, 1).toArray();
    double[] twice = Arrays.stream(numbers).map(x -> 2 * x).toArray();
    double[] other = new Random(2).doubles(ROWS * COLUMNS, -1, 1).toArray();
    try (Device device = CudaForTests.resident()) {
      SimulatedCuda.setOrder(order);
      Rows large = device.allocateRows(2 * ROWS, COLUMNS);
      Rows idle = device.allocateRows(ROWS, COLUMNS);
      Inlet inlet = device.inlet(idle);
      inlet.put(other, ROWS, 0);
      device.send(inlet); // and is on its way while it moves
      Vector small = device.allocateVector(3);
      Rows A = device.allocateRows(ROWS, COLUMNS);
      device.upload(numbers, ROWS, A, 0);
      Matrix M = device.allocateMatrix(COLUMNS, COLUMNS);
      device.addDiagonal(2, null, M);
      leave(device, 1000);
      assertNull(device.note());
      device.timesMatrix(A, M, A); // A M has to be somewhere meanwhile
      String moved = String.format("%.1f MiB", Double.BYTES * ROWS * COLUMNS / 1048576.0);
      assertTrue(device.note().startsWith("the card was full: " + moved), device.note());
      double[] got = new double[ROWS * COLUMNS];
      device.download(A, 0, ROWS, got);
      assertArrayEquals(twice, got);
      device.download(idle, 0, ROWS, got);
      assertArrayEquals(other, got);
      for (int k = 0; k < other.length; k++) {
        other[k] += 1;
      }
      device.await(inlet);
      inlet.put(other, ROWS, 0);
      device.send(inlet); // to where it is now
      device.download(idle, 0, ROWS, got);
      assertArrayEquals(other, got);
      assertEquals(0, device.sum(small));
      inlet.free();
      idle.free();
      large.free();
    }
  }

  /**
   * Nothing waits for the driver here, which would wait for what is on its way; and it moves once.
   */
  @ParameterizedTest
  @ValueSource(longs = {SimulatedCuda.LATE, SimulatedCuda.EAGER, 22, 27})
  void aBuffer_movesOnceWhileItIsFilled(long order) {
    double[] numbers = new Random(1).doubles(ROWS * COLUMNS, -1, 1).toArray();
    try (Device device = CudaForTests.resident()) {
      SimulatedCuda.setOrder(order);
      device.allocateRows(ROWS, COLUMNS).free(); // what is freed has nothing to move
      Rows idle = device.allocateRows(ROWS, COLUMNS);
      Rows A = device.allocateRows(ROWS, COLUMNS);
      device.upload(new double[ROWS * COLUMNS], ROWS, A, 0);
      Matrix M = device.allocateMatrix(COLUMNS, COLUMNS);
      Inlet inlet = device.inlet(idle);
      inlet.put(numbers, ROWS, 0);
      leave(device, 1000);
      Vector onHost = device.allocateVector(ROWS); // what was freed before is given back for it
      device.send(inlet);
      device.timesMatrix(A, M, A);
      double[] got = new double[ROWS * COLUMNS];
      device.download(idle, 0, ROWS, got);
      assertArrayEquals(numbers, got);
      leave(device, 1000);
      Rows more = device.allocateRows(2 * ROWS, COLUMNS);
      device.upload(new double[2 * ROWS * COLUMNS], 2 * ROWS, more, 0);
      device.timesMatrix(more, M, more); // makes room by what is still on the card
      device.download(idle, 0, ROWS, got);
      assertArrayEquals(numbers, got);
      more.free();
      onHost.free();
      inlet.free();
      idle.free();
    }
  }

  /** What the call itself uses stays, and nothing else is there. */
  @Test
  void aWorkspaceThatFitsNowhere_isRefused() {
    try (Device device = CudaForTests.resident()) {
      Rows A = device.allocateRows(ROWS, COLUMNS);
      device.upload(new double[ROWS * COLUMNS], ROWS, A, 0);
      Matrix M = device.allocateMatrix(COLUMNS, COLUMNS);
      leave(device, 1000);
      String refusal =
          assertThrows(DeviceException.class, () -> device.timesMatrix(A, M, A)).getMessage();
      assertTrue(refusal.startsWith("cuda:0: out of memory, 160000 bytes, with "), refusal);
      leave(device, 1 << 20);
      device.timesMatrix(A, M, A);
    }
  }
}
