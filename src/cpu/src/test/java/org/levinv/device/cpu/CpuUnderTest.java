package org.levinv.device.cpu;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.levinv.device.Device;
import org.levinv.device.DevicesUnderTest;

/** The cpu device on one thread and on several. */
public final class CpuUnderTest implements DevicesUnderTest {
  @Override
  public Stream<Named<Supplier<Device>>> all() {
    return Stream.of(1, 2, 3)
        .map(threads -> Named.of("cpu with " + threads + " threads", () -> open(threads)));
  }

  @Override
  public Device open(int threads) {
    return new CpuDevice(threads);
  }
}
