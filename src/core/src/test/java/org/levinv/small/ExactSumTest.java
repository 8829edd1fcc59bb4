package org.levinv.small;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactSumTest {

  /** Numbers of all exponents, subnormal ones among them; each lot may cancel the last. */
  private static double number(Random random, int lot) {
    double value = Math.scalb(random.nextGaussian(), random.nextInt(2090) - 1080);
    return Double.isFinite(value) ? value : lot;
  }

  @Test
  void isTheSumOfAllNumbers_howeverTheyAreGrouped() {
    Random random = new Random(3);
    BigDecimal expected = BigDecimal.ZERO;
    ExactSum all = new ExactSum();
    ExactSum[] some = {new ExactSum(), new ExactSum(), new ExactSum()};
    for (int k = 1; k <= 3_000; k++) {
      double value = number(random, k);
      expected = expected.add(new BigDecimal(value));
      all.add(value);
      some[k % 3].add(value);
      some[(k + 1) % 3].add(-0.0);
      if (k % 100 == 0) { // what is large goes away
        double mean = expected.divide(BigDecimal.valueOf(k), MathContext.DECIMAL128).doubleValue();
        assertEquals(mean, all.over(k));
        all.add(-mean);
        some[0].add(-mean);
        expected = expected.subtract(new BigDecimal(mean));
      }
    }
    some[2].add(some[0]);
    some[2].add(some[1]);
    assertEquals(all.over(7), some[2].over(7));
    assertEquals(
        expected.divide(BigDecimal.valueOf(7), MathContext.DECIMAL128).doubleValue(), all.over(7));
  }

  @Test
  void keepsTheEndsOfTheRange() {
    ExactSum sum = new ExactSum();
    for (int k = 0; k < 3; k++) {
      sum.add(-Double.MAX_VALUE);
    }
    assertEquals(-Double.MAX_VALUE, sum.over(3));
    sum.add(Double.MAX_VALUE);
    sum.add(Double.MAX_VALUE);
    sum.add(Double.MIN_VALUE);
    sum.add(Double.MAX_VALUE);
    assertEquals(Double.MIN_VALUE, sum.over(1));
    assertEquals(0, new ExactSum().over(5));
  }
}
