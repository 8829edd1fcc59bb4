package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SearchScheduleTest {

  /** Four times the rows each time, then all of them with finer searches. */
  @Test
  void samplesGrowToAllRows() {
    SearchSchedule schedule = new SearchSchedule(10_000, 500, Double.POSITIVE_INFINITY, 3);
    double[] sizes = {500, 2000, 10_000, 10_000, 10_000, 10_000};
    int[] searches = {0, 0, 0, 1, 2, 3};
    for (int k = 0; k < sizes.length; k++) {
      assertEquals(sizes[k], schedule.size(), "trial " + k);
      assertEquals(searches[k], schedule.search(), "trial " + k);
      assertEquals(k < sizes.length - 1, schedule.next(), "trial " + k);
    }
    schedule.again();
    assertEquals(0, schedule.search());
    assertTrue(schedule.next());
  }

  @Test
  void manyRowsEndAfterFiveSamples() {
    SearchSchedule schedule = new SearchSchedule(1e9, 1000, Double.POSITIVE_INFINITY, 3);
    int trials = 1;
    while (schedule.next()) {
      trials++;
    }
    assertEquals(5, trials);
    assertEquals(0, schedule.search());
  }

  @Test
  void largerSamplesThanFitAreNotTried() {
    SearchSchedule schedule = new SearchSchedule(1e9, 1000, 3000, 3);
    assertFalse(schedule.next());
    assertTrue(schedule.isCut());
  }

  /** Some 40 d rows where there are many, n / 30 where there are fewer, 8 d at the least. */
  @Test
  void theFirstSampleDependsOnTheShape() {
    assertEquals(40.0 * 20 + 1000, SearchSchedule.firstSize(1_000_000_000L, 20));
    assertEquals(1000, SearchSchedule.firstSize(30_000, 20));
    assertEquals(8.0 * 20 + 50, SearchSchedule.firstSize(100, 20));
  }
}
