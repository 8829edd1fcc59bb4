package org.levinv.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.levinv.ArrayRows;

/**
 * Floats are kept as they are and widened without rounding, whichever way they come to a device.
 */
class SingleRowsTest {

  static Stream<Arguments> devicesAndShapes() {
    return TestedDevices.all()
        .flatMap(
            device ->
                Stream.of(new int[] {1, 1}, new int[] {7, 5}, new int[] {4099, 33})
                    .map(shape -> Arguments.of(device, shape[0], shape[1])));
  }

  private static double[] floats(int count) {
    Random random = new Random(3);
    double[] values = new double[count];
    Arrays.setAll(
        values, k -> random.nextFloat() * (k % 11 == 0 ? 1e-40f : 1e30f)); // denormals too
    return values;
  }

  private static RowSource source(double[] values, int n, int d) {
    double[][] rows = new double[n][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * d, (i + 1) * d));
    return ArrayRows.of(rows);
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void floatsArriveAndAreWidened(Supplier<Device> open, int n, int d) {
    double[] values = floats(n * d);
    double[] factors = new double[d];
    Arrays.setAll(factors, j -> Math.scalb(1.0, 3 * j - 40));
    double[] scaled = new double[n * d];
    Arrays.setAll(scaled, k -> values[k] * factors[k % d]);
    try (Device device = open.get();
        Workspace space = new Workspace(device)) {
      Vector c = space.upload(factors);
      Rows wide = space.rows(n, d);
      double[] got = new double[n * d];
      SingleRows read = space.singleRows(n, d);
      device.upload(source(values, n, d), read);
      device.widen(read, null, wide);
      device.download(wide, 0, n, got);
      assertArrayEquals(values, got, "read");
      device.widen(read, c, wide);
      device.download(wide, 0, n, got);
      assertArrayEquals(scaled, got, "scaled");

      SingleRows filled = space.singleRows(n, d);
      send(device, space.inlet(filled), values, n, d);
      device.widen(filled, c, wide);
      device.download(wide, 0, n, got);
      assertArrayEquals(scaled, got, "filled");
    }
    TestedDevices.assertNoFaults();
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void whatIsSent_isSeenByWorkThatFollows_andNotByWorkBefore(Supplier<Device> open, int n, int d) {
    double[] values = floats(n * d);
    double[] other = new double[n * d];
    Arrays.setAll(other, k -> k);
    try (Device device = open.get();
        Workspace space = new Workspace(device)) {
      Rows A = space.rows(n, d);
      Vector ones = space.vector(n);
      device.fill(1, ones);
      Rows before = space.rows(n, d);
      Rows after = space.rows(n, d);
      Inlet inlet = space.inlet(A);
      send(device, inlet, other, n, d);
      device.scaleRows(ones, A, before); // a copy
      device.await(inlet);
      if (device.ownMemory().isPresent()) { // elsewhere what is put is there at once
        put(inlet, values, n, d);
        device.send(inlet);
      } else {
        send(device, inlet, values, n, d);
      }
      device.scaleRows(ones, A, after);
      double[] got = new double[n * d];
      device.download(before, 0, n, got);
      assertArrayEquals(other, got, "before");
      device.download(after, 0, n, got);
      assertArrayEquals(values, got, "after");
    }
    TestedDevices.assertNoFaults();
  }

  private static void send(Device device, Inlet inlet, double[] values, int n, int d) {
    put(inlet, values, n, d);
    device.send(inlet);
  }

  /** By two other threads, as readers do it. */
  private static void put(Inlet inlet, double[] values, int n, int d) {
    int half = n / 2;
    Thread[] threads = {
      new Thread(() -> inlet.put(Arrays.copyOf(values, half * d), half, 0)),
      new Thread(() -> inlet.put(Arrays.copyOfRange(values, half * d, n * d), n - half, half))
    };
    for (Thread thread : threads) {
      thread.start();
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
