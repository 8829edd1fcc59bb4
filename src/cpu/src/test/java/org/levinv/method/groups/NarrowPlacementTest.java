package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.device.RowSource;

class NarrowPlacementTest {

  /**
   * Scores of other rows drive the slacks so far apart that columns of R are parallel to the last
   * digit, and the triangle of their pivoted QR, which is to take its place, is singular.
   */
  @Test
  void shuffledScores_endInASearchThatFailed() {
    Planted planted = Cases.of("shuffled-narrow", 0);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      RowSource A = RowSource.of(planted.A().entries(), planted.A().columns());
      Result result =
          inverter.invert(
              new Problem(A, planted.b(), planted.target()), Options.defaults().withMaxWork(500));
      assertFalse(result.status().usable(), result.message());
    }
  }
}
