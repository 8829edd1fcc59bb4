package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MismatchHistoryTest {

  private static MismatchHistory of(double... mismatches) {
    MismatchHistory history = new MismatchHistory();
    for (double mismatch : mismatches) {
      history.add(mismatch);
    }
    return history;
  }

  @Test
  void aCourseThatGoesDownIsNeitherSlowNorAtRounding() {
    MismatchHistory history = of(1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10);
    assertFalse(history.isSlow());
    assertFalse(history.isAtRounding());
    assertEquals(1e-2, history.rate(), 1e-15);
    assertEquals(1e-8, history.previous());
  }

  @Test
  void threeEqualOnesAreSlow() {
    assertTrue(of(1, 0.1, 0.1, 0.101, 0.1).isSlow());
  }

  @Test
  void aSmallOneThatIsNotHalvedHasMetRounding() {
    assertTrue(of(1, 1e-4, 1e-9, 2e-10, 1.5e-10).isAtRounding());
    assertFalse(of(1, 1e-2, 1e-3, 2e-4, 1.5e-4).isAtRounding()); // too large for that
  }

  @Test
  void aRestartForgetsTheCourse() {
    MismatchHistory history = of(0.1, 0.1, 0.1, 0.1);
    history.restart();
    assertFalse(history.isSlow());
    assertEquals(0.1, history.last());
  }
}
