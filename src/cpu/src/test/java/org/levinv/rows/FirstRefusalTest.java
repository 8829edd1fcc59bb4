package org.levinv.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.levinv.InvalidInputException;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.pass.NormsPass;

class FirstRefusalTest {

  /** Two threads read two leaves of 10 rows: the first one waits until the second was refused. */
  @Test
  void theFirstBadRowIsNamedWhoeverFindsItsOwnFirst() {
    CountDownLatch later = new CountDownLatch(1);
    RowSource A =
        new RowSource() {
          @Override
          public String name() {
            return "A";
          }

          @Override
          public long rows() {
            return 20;
          }

          @Override
          public int columns() {
            return 2;
          }

          @Override
          public boolean isConcurrent() {
            return true;
          }

          @Override
          public void read(long first, int count, double[] into) {
            Arrays.fill(into, 0, count * 2, 1);
            if (first >= 10) {
              into[0] = Double.NaN;
              later.countDown();
              return;
            }
            try {
              later.await(2, TimeUnit.SECONDS);
              Thread.sleep(50); // that the other thread has thrown
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            into[2 * 7] = Double.NaN;
          }
        };
    try (Device device = new CpuDevice(2);
        LeafStore store =
            new LeafStore(ProblemRows.of(A), device, new Partition(20, 10), Long.MAX_VALUE)) {
      InvalidInputException e =
          assertThrows(InvalidInputException.class, () -> store.run(new NormsPass(2)));
      assertEquals("A, row 7, column 0: expected a finite number, got NaN", e.getMessage());
    }
  }
}
