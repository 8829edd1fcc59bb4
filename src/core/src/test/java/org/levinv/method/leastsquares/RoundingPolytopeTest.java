package org.levinv.method.leastsquares;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RoundingPolytopeTest {

  /**
   * Sweeps are not independent: the mean of 1,500 of them is off by a few hundredths of the spread,
   * and so is the spread itself.
   */
  private static final double SAMPLED = 0.15;

  /** y1 and y2 above 0, y1 + y2 below 1: the centroid, and variances 1 / 18, covariance -1 / 36. */
  @Test
  void aTriangleHasItsCentroidAndMoments() {
    double[][] M = {{0.02, 0, 0.02}, {0, 0.02, 0.02}};
    RoundingPolytope triangle = RoundingPolytope.of(M, new double[] {-1, -1, 0.98});
    triangle.center();
    assertTrue(triangle.largest() < 1);
    RoundingPolytope.Spread spread = triangle.sample(1);
    double deviation = Math.sqrt(1 / 18.0);
    assertArrayEquals(new double[] {1 / 3.0, 1 / 3.0}, spread.mean(), SAMPLED * deviation);
    assertEquals(1 / 18.0, covariance(spread, 0, 0), 2 * SAMPLED / 18);
    assertEquals(1 / 18.0, covariance(spread, 1, 1), 2 * SAMPLED / 18);
    assertEquals(-1 / 36.0, covariance(spread, 0, 1), 2 * SAMPLED / 18);
  }

  private static double covariance(RoundingPolytope.Spread spread, int i, int j) {
    double sum = 0;
    for (double[] row : spread.errors()) {
      sum += row[i] * row[j];
    }
    return sum;
  }

  /** A slanted box far from the start: the least largest residual is 0 there. */
  @Test
  void theCenterIsTheLeastLargestResidual() {
    double[][] M = {{1, 1, 3}, {1, -1, 100}};
    double[] v = {5 + 2, 5 - 2, 15 + 200}; // -v is M (-5, -2)
    RoundingPolytope box = RoundingPolytope.of(M, v);
    box.center();
    assertArrayEquals(new double[] {-5, -2}, box.move(), 1e-3); // powers of residuals are flat at 0
    assertTrue(box.largest() < 0.1);
  }

  /** A factor of the derivatives that no residual sees is left alone, and the others are found. */
  @Test
  void movesThatChangeNoScoreAreNotMade() {
    double[][] M = {{1, -1, 3}, {0, 0, 0}, {2, -2, 6}, {1, 1, 0}};
    double[] v = {5 - 3, -5 - 3, 15}; // -v is M (-5, any, 0, 3)
    RoundingPolytope strip = RoundingPolytope.of(M, v);
    assertTrue(strip.hasFreeMoves());
    strip.center();
    assertEquals(-5, strip.move()[0] + 2 * strip.move()[2], 1e-3);
    assertEquals(0, strip.move()[1]);
    assertEquals(3, strip.move()[3], 1e-3);
    assertEquals(2, strip.sample(1).errors().length);
  }
}
