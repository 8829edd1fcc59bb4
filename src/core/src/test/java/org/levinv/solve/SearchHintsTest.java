package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SearchHintsTest {

  /** Of 60 rows in 3 columns: the mean score is 0.05, and its odds are 1 to 19. */
  @Test
  void aRowTellsSignsFromAFifthOfTheUsualSlackOn() {
    double odds = 1.0 / 19;
    double atAFifth = 25 * odds / (1 + 25 * odds);
    assertTrue(SearchHints.noSlackIsSmall(0.05, 60, 3));
    assertTrue(SearchHints.noSlackIsSmall(atAFifth - 1e-6, 60, 3));
    assertFalse(SearchHints.noSlackIsSmall(atAFifth + 1e-6, 60, 3));
    assertFalse(SearchHints.noSlackIsSmall(1, 60, 3));
  }

  @Test
  void wordsAreForWhatWasLookedFor() {
    assertEquals("", SearchHints.of(false, false, 0.05, 60, 3));
    assertEquals("", SearchHints.of(true, false, 1, 60, 3));
    assertTrue(
        SearchHints.of(true, false, 0.1, 60, 3)
            .startsWith(
                "; no slack is small beside the others (the largest score is 0.10, the mean 0.050)"));
    assertEquals(
        "; larger samples of the rows were not tried for want of memory",
        SearchHints.of(false, true, 0.1, 60, 3));
  }
}
