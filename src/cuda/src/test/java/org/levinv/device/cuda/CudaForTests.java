package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.levinv.device.Device;

/**
 * The cuda device in tests. They run in a JVM of their own, with the simulated CUDA libraries on
 * its library path; where those were not built, the tests are skipped, and CI fails.
 */
public final class CudaForTests {
  private static final String LIBRARIES = System.getProperty("levinv.cuda.libraries");

  private CudaForTests() {}

  /** Whether this JVM is for tests of cuda. */
  public static boolean isAskedFor() {
    return LIBRARIES != null;
  }

  /** Where the simulated libraries are; empty for a card of this machine. */
  public static Path libraries() {
    return Path.of(LIBRARIES);
  }

  /** Skips a test that cannot run, except in CI. */
  public static void require() {
    boolean there =
        isAskedFor() && (LIBRARIES.isEmpty() || Files.exists(libraries().resolve("libcuda.so.1")));
    if (!there && "true".equals(System.getenv("CI"))) {
      throw new AssertionError(
          "the simulated CUDA libraries were not built: g++ and cmake are needed");
    }
    Assumptions.assumeTrue(there, "the simulated CUDA libraries were not built");
  }

  /** The simulated device found no misuse since it was asked last: a card may let it pass. */
  public static void assertNoFaults() {
    if (isAskedFor() && !LIBRARIES.isEmpty()) {
      long faults = SimulatedCuda.faults();
      SimulatedCuda.reset();
      assertEquals(0, faults, "misuse that the simulated device found");
    }
  }

  public static Device resident() {
    require();
    return CudaCards.open(0);
  }

  /** Rows are worked on in blocks of few rows. */
  public static Device inBlocks() {
    require();
    return CudaCards.open(0, 1 << 16);
  }
}
