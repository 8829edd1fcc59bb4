package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.levinv.pass.ResidualProfile;

class OutlierTest {

  /** One residual of row 7, and others of which the sum of squares is 1e-8. */
  private static ResidualProfile residuals(double r) {
    double[] counts = new double[64];
    double[] squares = new double[64];
    double[] largest = new double[64];
    long[] rows = new long[64];
    counts[3] = 50;
    squares[3] = 0.5e-8;
    largest[3] = 2e-5;
    rows[3] = 2;
    counts[5] = 50;
    squares[5] = 0.5e-8 + r * r;
    largest[5] = r;
    rows[5] = 7;
    return new ResidualProfile(1e9, 1e5, 7, counts, squares, largest, rows);
  }

  /** A target that is too large leaves a score below it, and the sum of all targets too large. */
  @Test
  void oneScore_isWrongWhereTheSumBearsItOut() {
    Outlier found = Outlier.of(residuals(-0.01), 0.011);
    assertEquals(7, found.row());
    assertEquals(1e-4 / (1e-4 + 1e-8), found.share(), 1e-12);
    assertEquals(-0.01, found.residual());
    assertEquals(7, Outlier.of(residuals(0.01), -0.011).row());
    assertTrue(found.isClear());
    assertFalse(
        Outlier.of(residuals(-0.01), 0.012).isClear(), "a sixth of the sum's error is of others");
    assertFalse(Outlier.of(residuals(-2e-4), 2e-4).isClear(), "others leave a fifth");
    assertNull(Outlier.of(residuals(-0.01), -0.011), "the sum is off to the other side");
    assertNull(Outlier.of(residuals(-0.01), 1e-9), "the sum shows no error");
    assertNull(Outlier.of(residuals(-0.01), 0.1), "most of the sum's error is of others");
    assertNull(Outlier.of(residuals(-1e-5), 1e-5), "others leave more");
    assertNull(Outlier.of(ResidualProfile.NONE, 1), "no scores");
  }
}
