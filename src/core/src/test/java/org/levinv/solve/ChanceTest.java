package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChanceTest {
  private static final int DRAWS = 20_000;

  /**
   * What d of n - 1 dimensions leave of a direction drawn at random: about once in 20 draws it is
   * less than the value for which that is said, and less often than is said.
   */
  @ParameterizedTest
  @CsvSource({"6, 3, 0.05", "12, 5, 0.26", "14, 11, 0.07", "40, 20, 0.28", "60, 1, 0.94"})
  void whatAnyScoresLeaveIsSaidAsOftenAsItHappens(int n, int d, double left) {
    SplittableRandom random = new SplittableRandom(n);
    int less = 0;
    for (int k = 0; k < DRAWS; k++) {
      double rest = squares(n - 1 - d, random);
      less += rest < left * (rest + squares(d, random)) ? 1 : 0;
    }
    double seen = (double) less / DRAWS;
    double said = Math.exp(Chance.log(n, d, left, false));
    assertTrue(seen > 0.01, "seen " + seen);
    assertTrue(said > 0.9 * seen && said < 2.5 * seen, "said " + said + ", seen " + seen);
  }

  private static double squares(int count, SplittableRandom random) {
    double sum = 0;
    for (int k = 0; k < count; k++) {
      double value = random.nextGaussian();
      sum += value * value;
    }
    return sum;
  }

  /** The cells of n hyperplanes in d dimensions are counted, and seldom many more. */
  @ParameterizedTest
  @CsvSource({"9, 4", "14, 11", "30, 10", "700, 7"})
  void everyCellOfSignsIsAChance(int n, int d) {
    double left = 1e-60;
    double more = Chance.log(n, d, left, true) - Chance.log(n, d, left, false);
    double cells = 0;
    double choose = 1;
    for (int k = 0; k <= d; k++) {
      cells += choose;
      choose *= (double) (n - k) / (k + 1);
    }
    assertTrue(more >= Math.log(cells) - 1e-9, more + " for " + Math.log(cells));
    assertTrue(more <= Math.log(cells) + 3, more + " for " + Math.log(cells));
  }

  /** d + 1 rows whose sum is d are met by some x, mostly; what is as large as any says nothing. */
  @ParameterizedTest
  @CsvSource({"5, 4, 1e-20", "4, 4, 1e-20", "50, 4, 1", "50, 4, 0.99", "50, 4, NaN"})
  void nothingIsCertain(int n, int d, double left) {
    assertEquals(0, Chance.log(n, d, left, true));
    assertEquals(0, Chance.log(n, d, left, false));
  }
}
