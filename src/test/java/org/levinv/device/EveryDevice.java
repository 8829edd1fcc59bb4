package org.levinv.device;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.levinv.device.cuda.CudaForTests;
import org.levinv.device.reference.ReferenceDevice;

/**
 * Devices for tests of what is built on them: the reference device and those of the CPU, or CUDA in
 * the JVM that is for it.
 */
public final class EveryDevice {
  private EveryDevice() {}

  public static Stream<Named<Supplier<Device>>> all() {
    Stream<Named<Supplier<Device>>> tested = TestedDevices.all();
    return CudaForTests.isAskedFor()
        ? tested
        : Stream.concat(Stream.of(Named.of("reference", ReferenceDevice::new)), tested);
  }
}
