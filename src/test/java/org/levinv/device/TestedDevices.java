package org.levinv.device;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.device.cuda.CudaForTests;

/**
 * The devices that the contract is tried on: those of the CPU, or of CUDA where that is asked for.
 */
final class TestedDevices {
  private TestedDevices() {}

  static Stream<Named<Supplier<Device>>> all() {
    if (CudaForTests.isAskedFor()) {
      return Stream.of(
          Named.of("cuda", CudaForTests::resident),
          Named.of("cuda, streamed", CudaForTests::streamed));
    }
    return Stream.of(1, 2, 3)
        .map(threads -> Named.of("cpu with " + threads + " threads", () -> new CpuDevice(threads)));
  }
}
