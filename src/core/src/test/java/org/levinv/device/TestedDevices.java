package org.levinv.device;

import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.levinv.device.reference.ReferenceDevice;

/**
 * The devices that tests are tried on: those that the tests of a device's module name, and the
 * reference device where there are none, in core itself.
 */
public final class TestedDevices {
  private static final List<DevicesUnderTest> FOUND =
      ServiceLoader.load(DevicesUnderTest.class).stream().map(ServiceLoader.Provider::get).toList();

  private TestedDevices() {}

  public static Stream<Named<Supplier<Device>>> all() {
    return FOUND.isEmpty()
        ? Stream.of(Named.of("reference", ReferenceDevice::new))
        : FOUND.stream().flatMap(DevicesUnderTest::all);
  }

  /** One of them, on so many threads where it has any. */
  public static Device open(int threads) {
    return FOUND.isEmpty() ? new ReferenceDevice() : FOUND.get(0).open(threads);
  }

  /** No device found misuse since it was asked last. */
  static void assertNoFaults() {
    FOUND.forEach(DevicesUnderTest::assertNoFaults);
  }
}
