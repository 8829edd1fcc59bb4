package org.levinv.small;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CountedTest {
  @Test
  void oneIsNoPlural() {
    assertEquals("1 row", Counted.of(1, "row"));
    assertEquals("0 rows", Counted.of(0, "row"));
    assertEquals("2 rows", Counted.of(2, "row"));
    assertEquals("1 entry", Counted.of(1, "entry", "entries"));
    assertEquals("3 entries", Counted.of(3, "entry", "entries"));
  }
}
