package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.levinv.Inverter;
import org.levinv.Status;
import org.levinv.campaign.PlantedTable;
import org.levinv.campaign.PlantedTable.Compared;

/** The small ones among the planted problems of the table, on the simulated device and the CPU. */
class CudaPlantedTest {

  /** n d up to which a problem is small. */
  private static final long SMALL = 4000;

  @Test
  void recoversWhatWasPlanted_andTheXOfTheCpu() {
    CudaForTests.require();
    List<Compared> all;
    try (Inverter cuda = Inverter.open("cuda", 0);
        Inverter cpu = Inverter.open("cpu", 1)) {
      SimulatedCuda.reset();
      all = PlantedTable.compare(cuda, cpu, 0, recipe -> recipe.rows() * recipe.columns() <= SMALL);
    }
    assertTrue(all.size() >= 60, all.size() + " problems");
    assertAll(all.stream().flatMap(CudaPlantedTest::checks));
    assertEquals(0, SimulatedCuda.counters().bytesLive(), "bytes that were not freed");
    assertEquals(0, SimulatedCuda.faults(), "misuse that the simulated device found");
  }

  private static Stream<Executable> checks(Compared c) {
    return Stream.of(
        () -> assertEquals(Status.CONVERGED, c.status(), c.label()),
        () -> assertTrue(c.error() <= c.tolerance(), c.toString()),
        () -> assertTrue(c.difference() <= c.tolerance(), c.toString()));
  }
}
