package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.SingleRows;
import org.levinv.device.Vector;

/** Rows that a source gives are read by all threads, whatever the size of the block. */
class CudaUploadTest {

  /** A block of the verification: 2^18 numbers. */
  private static final int ROWS = 1 << 14;

  private static final int COLUMNS = 16;

  @BeforeEach
  void simulatedDevice() {
    CudaForTests.require();
  }

  /** Row i is (i, i + 1/16, ...); counts its readers. */
  private static final class Counting implements RowSource {
    final int rows;
    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger now = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    long refusedFrom = Long.MAX_VALUE;

    Counting(int rows) {
      this.rows = rows;
    }

    @Override
    public String name() {
      return "counted rows";
    }

    @Override
    public long rows() {
      return rows;
    }

    @Override
    public int columns() {
      return COLUMNS;
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void read(long first, int count, double[] to) {
      reads.incrementAndGet();
      most.accumulateAndGet(now.incrementAndGet(), Math::max);
      try {
        Thread.sleep(20); // as long as a disk or a generator takes, so that readers meet
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (first + count > refusedFrom) {
        now.decrementAndGet();
        throw new IllegalArgumentException("" + first);
      }
      for (int k = 0; k < count * COLUMNS; k++) {
        to[k] = first + k / 16.0;
      }
      now.decrementAndGet();
    }
  }

  private static void assertUploaded(Supplier<Device> card, Counting source) {
    try (Device device = card.get()) {
      Rows A = device.allocateRows(source.rows, COLUMNS);
      device.upload(source, A);
      double[] expected = new double[source.rows * COLUMNS];
      for (int k = 0; k < expected.length; k++) {
        expected[k] = k / 16.0;
      }
      double[] got = new double[expected.length];
      device.download(A, 0, source.rows, got);
      assertArrayEquals(expected, got);
    }
    CudaForTests.assertNoFaults();
  }

  @Test
  void aBlock_isReadByAllThreads() {
    int threads = Runtime.getRuntime().availableProcessors();
    Counting source = new Counting(ROWS);
    assertUploaded(CudaForTests::resident, source);
    assertEquals(Math.max(2, Math.min(threads, 32)), source.reads.get(), "reads of a block");
    assertTrue(threads == 1 || source.most.get() > 1, "readers at once: " + source.most);
  }

  /** A matrix to be verified, on a machine of eight processors. */
  @Test
  void eightProcessors_readAtOnce() {
    Counting source = new Counting(300_000);
    try (CudaContext context = new CudaContext(0)) {
      CudaRows A = new CudaRows(context, source.rows, COLUMNS);
      PinnedRing ring = new PinnedRing(context);
      SourceUpload upload = new SourceUpload(context, ring, 8);
      for (int times = 0; times < 2; times++) {
        upload.run(source, A);
        double[] got = new double[source.rows * COLUMNS];
        ring.download(A.row(0), got, got.length);
        for (int k = 0; k < got.length; k++) {
          assertEquals(k / 16.0, got[k]);
        }
      }
    }
    assertTrue(source.most.get() >= 6, "readers at once: " + source.most);
    CudaForTests.assertNoFaults();
  }

  @Test
  void floats_areReadByAllThreads() {
    Counting source = new Counting(ROWS);
    try (Device device = CudaForTests.resident()) {
      SingleRows A = device.allocateSingleRows(ROWS, COLUMNS);
      device.upload(source, A);
      Rows wide = device.allocateRows(ROWS, COLUMNS);
      device.widen(A, null, wide);
      double[] got = new double[ROWS * COLUMNS];
      device.download(wide, 0, ROWS, got);
      for (int k = 0; k < got.length; k++) {
        assertEquals(k / 16.0, got[k]);
      }
    }
    CudaForTests.assertNoFaults();
  }

  /** Whichever thread fails first, the rows that come first are named, and the device goes on. */
  @Test
  void aRefusedRow_isTheFirstOne() {
    Counting source = new Counting(300_000);
    source.refusedFrom = 100_000;
    try (Device device = CudaForTests.resident()) {
      Rows A = device.allocateRows(source.rows, COLUMNS);
      for (int times = 0; times < 2; times++) {
        IllegalArgumentException refused =
            assertThrows(IllegalArgumentException.class, () -> device.upload(source, A));
        assertEquals("98304", refused.getMessage()); // the piece of 2^13 rows with the first one
      }
      source.refusedFrom = Long.MAX_VALUE;
      device.upload(source, A);
    }
    CudaForTests.assertNoFaults();
  }

  /** Through both buffers of the ring several times, and each is emptied before it is filled. */
  @Test
  void whatIsDownloaded_isThatOfTheKernelsBefore() {
    int n = 1_700_000; // three buffers of 4 MiB and a part
    double[] numbers = new double[n];
    Arrays.setAll(numbers, k -> k);
    double[] got = new double[n];
    for (long order : new long[] {SimulatedCuda.LATE, SimulatedCuda.EAGER, 12}) {
      try (Device device = CudaForTests.resident()) {
        SimulatedCuda.setOrder(order);
        Vector x = device.allocateVector(n);
        device.upload(numbers, x);
        device.scale(2, x);
        device.download(x, got);
        for (int k = 0; k < n; k++) {
          assertEquals(2.0 * k, got[k]);
        }
      } finally {
        SimulatedCuda.setOrder(SimulatedCuda.LATE);
      }
    }
    CudaForTests.assertNoFaults();
  }

  /** The rows that kernels before an upload use are those that were there, and after it the new. */
  @Test
  void aSource_comesAfterTheKernelsBefore() {
    Counting source = new Counting(ROWS);
    double[] got = new double[ROWS * COLUMNS];
    for (long order : new long[] {SimulatedCuda.LATE, SimulatedCuda.EAGER, 10, 12, 26, 32}) {
      try (Device device = CudaForTests.resident()) {
        SimulatedCuda.setOrder(order);
        Rows A = device.allocateRows(ROWS, COLUMNS);
        Rows sums = device.allocateRows(ROWS, COLUMNS);
        double[] ones = new double[ROWS * COLUMNS];
        Arrays.fill(ones, 1);
        device.upload(ones, ROWS, A, 0);
        device.upload(ones, ROWS, sums, 0);
        device.axpy(1, A, sums);
        device.upload(source, A);
        device.axpy(1, A, sums);
        device.download(sums, 0, ROWS, got);
        for (int k = 0; k < got.length; k++) {
          assertEquals(2 + k / 16.0, got[k]);
        }
      } finally {
        SimulatedCuda.setOrder(SimulatedCuda.LATE);
      }
    }
    CudaForTests.assertNoFaults();
  }

  /** The system cannot swap what is pinned. */
  @Test
  void pinnedMemory_leavesTheMachineSome() {
    assertTrue(PinnedMemory.leaves(100, 900, OptionalLong.of(1000)));
    assertFalse(PinnedMemory.leaves(100, 901, OptionalLong.of(1000)));
    assertTrue(PinnedMemory.leaves(100, 901, OptionalLong.empty()));
  }

  @Test
  void fewRows_areNotCutUp() {
    Counting source = new Counting(100);
    assertUploaded(CudaForTests::resident, source);
    assertEquals(1, source.reads.get(), "reads of 12 KiB");
  }

  @Test
  void rowsThatAreStreamed_arriveToo() {
    assertUploaded(CudaForTests::inBlocks, new Counting(5001));
  }
}
