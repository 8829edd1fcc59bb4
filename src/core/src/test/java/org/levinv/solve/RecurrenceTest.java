package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RecurrenceTest {

  @Test
  void theLeastLossCounts() {
    Recurrence found = new Recurrence();
    found.count(2, Double.NaN);
    found.count(2.0001, Double.NaN);
    assertFalse(found.isAlone());
    found.count(1, Double.NaN); // a better one
    assertTrue(found.isAlone());
    found.count(2, Double.NaN); // a worse one says nothing of it
    assertTrue(found.isAlone());
    found.count(0.9995, Double.NaN);
    assertFalse(found.isAlone());
  }

  @Test
  void aSearchThatSettlesThere_needsNoDescent() {
    Recurrence found = new Recurrence();
    assertFalse(found.repeats(5));
    found.count(1, 5);
    assertFalse(found.repeats(Double.NaN));
    assertFalse(found.repeats(5.1));
    assertTrue(found.isAlone());
    assertTrue(found.repeats(5.001));
    assertFalse(found.isAlone());
  }
}
