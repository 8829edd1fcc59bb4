package org.levinv.device.cuda;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.levinv.device.Device;
import org.levinv.device.DevicesUnderTest;

/** The cuda device with rows worked on at once and in blocks. */
public final class CudaUnderTest implements DevicesUnderTest {
  @Override
  public Stream<Named<Supplier<Device>>> all() {
    return Stream.of(
        Named.of("cuda", CudaForTests::resident),
        Named.of("cuda, in blocks", CudaForTests::inBlocks));
  }

  @Override
  public Device open(int threads) {
    return CudaForTests.resident();
  }

  @Override
  public void assertNoFaults() {
    CudaForTests.assertNoFaults();
  }
}
