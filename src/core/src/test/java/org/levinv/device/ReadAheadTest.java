package org.levinv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pieces that are read ahead: each once, whatever fails and whoever stops. */
@Timeout(60)
class ReadAheadTest {

  private static ReadAhead<long[]> reading(long count, ReadAhead.Filler<long[]> filler) {
    return new ReadAhead<>("reader", 2, count, List.of(new long[1], new long[1]), () -> filler);
  }

  @Test
  void everyPieceComesOnce() {
    Set<Long> seen = new HashSet<>();
    try (ReadAhead<long[]> ahead = reading(100, (place, k, stopped) -> place[0] = k)) {
      for (long[] place = ahead.next(true); place != null; place = ahead.next(true)) {
        seen.add(place[0]);
        ahead.giveBack(place);
      }
      assertNull(ahead.next(false));
    }
    assertEquals(100, seen.size());
  }

  /** The second piece fails at once, and the first one later. */
  @Test
  void ofTwoThatFail_theFirstPieceCounts() {
    CountDownLatch failed = new CountDownLatch(1);
    ReadAhead.Filler<long[]> filler =
        (place, k, stopped) -> {
          if (k == 0) {
            await(failed);
          }
          failed.countDown();
          throw new IllegalStateException("piece " + k);
        };
    try (ReadAhead<long[]> ahead = reading(2, filler)) {
      assertEquals(
          "piece 0",
          assertThrows(IllegalStateException.class, () -> ahead.next(true)).getMessage());
    }
  }

  @Test
  void whoeverStopsIt_endsAllThatWait() {
    CountDownLatch begun = new CountDownLatch(1);
    ReadAhead.Filler<long[]> filler =
        (place, k, stopped) -> {
          begun.countDown();
          while (!stopped.getAsBoolean()) {
            Thread.onSpinWait();
          }
        };
    try (ReadAhead<long[]> ahead = reading(2, filler)) {
      await(begun);
      ahead.stop();
      assertNull(ahead.next(true));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
