package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.rows.StoreProblem.D;
import static org.levinv.rows.StoreProblem.N;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.PartitionedStore;
import org.levinv.rows.RowStore;
import org.levinv.rows.StoreProblem;

/**
 * Rows on a card, passing through it, and on two: the same bits, whatever order its streams take.
 */
class CudaStoreTest {
  private static final long THIRD = 8L * N * (D + 3) / 3;
  private final StoreProblem problem = new StoreProblem(true, false);
  private final StoreProblem floats = new StoreProblem(true, true);

  @BeforeEach
  void twoSimulatedCards() {
    CudaForTests.require();
    CudaForTests.resident().close();
    SimulatedCuda.reset();
    SimulatedCuda.setDevices(2);
  }

  @AfterEach
  void nothingIsLeft() {
    SimulatedCuda.setDevices(1);
    SimulatedCuda.setOrder(SimulatedCuda.LATE);
    assertEquals(0, SimulatedCuda.counters().bytesLive(), "bytes that were not freed");
    CudaForTests.assertNoFaults();
  }

  private double[] onOne(StoreProblem of, Partition partition, long memory, boolean again) {
    try (Device card = CudaCards.open(0);
        RowStore store = new LeafStore(of.rows, card, partition, memory)) {
      return of.answers(store, again);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 64, 4096})
  void sameBitsWhereverRowsAre(int leafRows) {
    Partition partition = new Partition(N, leafRows);
    double[] expected = onOne(problem, partition, Long.MAX_VALUE, false);
    assertArrayEquals(expected, onOne(problem, partition, Long.MAX_VALUE, true), "done again");
    assertArrayEquals(expected, onOne(floats, partition, Long.MAX_VALUE, false), "floats");
    for (long order : new long[] {SimulatedCuda.LATE, SimulatedCuda.EAGER, 12L, 7654321L}) {
      SimulatedCuda.setOrder(order);
      String what = "order " + order;
      assertArrayEquals(expected, onOne(problem, partition, 0, false), what);
      assertArrayEquals(expected, onOne(floats, partition, THIRD, false), what + ", floats");
      assertArrayEquals(expected, onTwo(partition, THIRD), what + ", two cards");
    }
    try (Device reference = new ReferenceDevice();
        RowStore store = new LeafStore(problem.rows, reference, partition, 0)) {
      double[] other = problem.answers(store, false);
      for (int k = 0; k < other.length; k++) { // some 1e3 roundings of sums of 500 terms
        assertEquals(other[k], expected[k], 1e-11 * Math.max(1, Math.abs(other[k])), "" + k);
      }
    }
  }

  private double[] onTwo(Partition partition, long memory) {
    try (Device first = CudaCards.open(0);
        Device second = CudaCards.open(1);
        RowStore store =
            new PartitionedStore(problem.rows, List.of(first, second), partition, memory)) {
      return problem.answers(store, false);
    }
  }

  /** What is read ahead crosses the bus once in every pass, as floats where it came so. */
  @Test
  void rowsThatPassCrossTheBusOnceAPass() {
    Partition partition = new Partition(N, 50);
    for (StoreProblem of : List.of(problem, floats)) {
      try (Device card = CudaCards.open(0);
          RowStore store = new LeafStore(of.rows, card, partition, 0)) {
        store.run(SlackGramPass.at(of.x));
        long before = SimulatedCuda.counters().uploadedBytes();
        store.run(SlackGramPass.at(of.x));
        long bytes = SimulatedCuda.counters().uploadedBytes() - before;
        long fields = Arrays.stream(Field.values()).filter(of.rows::has).count();
        long rows = N * ((of == floats ? 4 : 8) * D + 8 * fields);
        assertTrue(bytes >= rows && bytes < rows + 1000, bytes + " bytes for rows of " + rows);
        assertEquals(N, store.passingRows());
      }
    }
  }

  /** A card that is not named has room, or another one is taken. */
  @Test
  void aFullCard_isPassedOver() {
    try (Device first = CudaCards.open(0)) {
      first.freeMemory(); // in this thread
      Ballast held = new Ballast(1 << 20);
      try (Device taken = CudaCards.open()) {
        assertTrue(taken.name().startsWith("cuda:1 "), taken.name());
        assertTrue(taken.note().startsWith("passed over: cuda:0: the card is full"), taken.note());
      }
      SimulatedCuda.setDevices(1);
      for (Executable open : List.<Executable>of(CudaCards::open, () -> CudaCards.open(0))) {
        String refusal = assertThrows(DeviceException.class, open).getMessage();
        assertTrue(refusal.startsWith("cuda:0: the card is full"), refusal);
      }
      first.freeMemory();
      held.close();
    }
  }

  /** Launches of card 1 before it is lost. */
  @ParameterizedTest
  @CsvSource({"1, 7", "30, 7", "300, 7", "900, 64"})
  void aCardThatIsLost_handsItsLeavesToTheOther(long launch, int leafRows) {
    Partition partition = new Partition(N, leafRows);
    double[] expected = onOne(problem, partition, 0, false);
    try (Device first = CudaCards.open(0);
        Device second = CudaCards.open(1);
        RowStore store =
            new PartitionedStore(problem.rows, List.of(first, second), partition, THIRD)) {
      SimulatedCuda.loseDevice(launch, 1);
      double[] found = problem.answers(store, false);
      assertArrayEquals(expected, found);
      if (launch < 300) {
        assertTrue(store.note().startsWith("a device was lost"), store.note());
        assertTrue(store.note().contains("cuda:1"), store.note());
      }
    }
  }

  @Test
  void theFirstCardThatIsLost_endsThePass() {
    try (Device first = CudaCards.open(0);
        Device second = CudaCards.open(1);
        RowStore store =
            new PartitionedStore(
                problem.rows, List.of(first, second), new Partition(N, 7), THIRD)) {
      SimulatedCuda.loseDevice(20, 0);
      DeviceException e =
          assertThrows(DeviceException.class, () -> store.run(SlackGramPass.at(problem.x)));
      assertTrue(e.getMessage().startsWith("cuda:0"), e.getMessage());
    }
  }

  /**
   * Whatever allocation fails, memory of the host is taken in its place, or the store is not made.
   */
  @Test
  void anAllocationThatFails_changesNoBitOrIsSaid() {
    Partition partition = new Partition(N, 64);
    double[] expected = onOne(problem, partition, 0, false);
    int refused = 0;
    for (int k = 1; k < 60; k += 3) {
      try (Device card = CudaCards.open(0)) {
        SimulatedCuda.failAllocation(k);
        try (RowStore store = new LeafStore(problem.rows, card, partition, 0)) {
          assertArrayEquals(expected, problem.answers(store, false), "allocation " + k);
        } catch (DeviceException e) {
          refused++;
        }
        SimulatedCuda.failAllocation(0);
      }
    }
    assertTrue(refused < 10, refused + " of 20 were refused");
  }
}
