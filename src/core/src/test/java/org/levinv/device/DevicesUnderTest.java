package org.levinv.device;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/**
 * What the tests of core are run on by the module of a device, which registers it for the {@link
 * java.util.ServiceLoader}.
 */
public interface DevicesUnderTest {

  /** With every setting that the contract is tried in. */
  Stream<Named<Supplier<Device>>> all();

  Device open(int threads);

  /** Where a device watches its use, it found no misuse since it was asked last. */
  default void assertNoFaults() {}
}
