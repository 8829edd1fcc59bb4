package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;

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
    assertEquals(Math.min(threads, 64), source.reads.get(), "reads of a block");
    assertTrue(threads == 1 || source.most.get() > 1, "readers at once: " + source.most);
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
