package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.method.leastsquares.LeastSquaresTest;
import org.levinv.tall.PlainProblem;

class FeasibleTargetTest {

  /** Of rows that count once. */
  private static double[] of(double[] target, int d) {
    double[] once = new double[target.length];
    Arrays.fill(once, 1);
    double largest = Arrays.stream(target).max().orElse(0);
    double noise = FeasibleTarget.noise(Arrays.stream(target).sum(), largest, d);
    return FeasibleTarget.of(target, once, d, noise);
  }

  @Test
  void leavesAFeasibleTargetAsItIs() {
    double[] target = {0.25, 0.75, 0.5, 0.5};
    assertSame(target, of(target, 2));
  }

  @Test
  void meetsTheSumInsideTheBounds() {
    Random random = new Random(1);
    for (double noise : new double[] {1e-9, 1e-3, 0.1, 3}) {
      double[] target = PlainProblem.normals(200, random);
      for (int i = 0; i < 200; i++) {
        target[i] = Math.max(1e-6, 0.04 * (1 + noise * target[i]));
      }
      target[3] = 1 + noise;
      double[] feasible = of(target, 8);
      assertEquals(8, Arrays.stream(feasible).sum(), 1e-9);
      assertTrue(Arrays.stream(feasible).allMatch(s -> s > 0 && s < 1));
    }
  }

  /** leastsq.feasible_target for 80 x 6 waves, scores times 1 + 0.1 sin(11 i + 2). */
  @Test
  void agreesWithThePrototype() {
    double[] target = LeastSquaresTest.noisyTarget(PlainProblem.waves(80, 6), 0.1);
    double[] expected = {
      0.03858244312715791, 0.19133027310711317, 0.11100817577181361, 0.009244863917428656
    };
    assertArrayEquals(expected, Arrays.copyOf(of(target, 6), 4), 1e-12);
  }
}
