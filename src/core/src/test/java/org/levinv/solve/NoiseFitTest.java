package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.levinv.pass.ResidualProfile;

class NoiseFitTest {

  /** Normal residuals of 4,000 scores from 2^-12 up, with a standard deviation for each score. */
  private static ResidualProfile residuals(DoubleUnaryOperator deviation) {
    SplittableRandom random = new SplittableRandom(5);
    double[] counts = new double[64];
    double[] squares = new double[64];
    double[] largest = new double[64];
    for (int i = 0; i < 4000; i++) {
      double score = Math.pow(2, -12 * random.nextDouble());
      double r = deviation.applyAsDouble(score) * random.nextGaussian();
      int bin = (int) Math.min(63, Math.floor(-Math.log(score) / Math.log(2)));
      counts[bin]++;
      squares[bin] += r * r;
      largest[bin] = Math.max(largest[bin], Math.abs(r));
    }
    return new ResidualProfile(0, 0, -1, counts, squares, largest, new long[64]);
  }

  /** 4,000 residuals tell a deviation to some percent; a bin is an octave wide, m to a tenth. */
  @Test
  void additiveAndProportionalNoiseAreToldApart() {
    NoiseFit additive = NoiseFit.of(residuals(score -> 1e-5), 0);
    assertEquals(1e-5, additive.additive(), 1e-6);
    assertTrue(additive.proportional() < 1e-4, "m = " + additive.proportional());
    NoiseFit proportional = NoiseFit.of(residuals(score -> 0.02 * score), 0);
    assertEquals(0.02, proportional.proportional(), 0.002);
    assertTrue(proportional.additive() < 1e-5, "a = " + proportional.additive());
    NoiseFit both = NoiseFit.of(residuals(score -> Math.hypot(1e-4, 0.02 * score)), 0);
    assertEquals(1e-4, both.additive(), 2e-5);
    assertEquals(0.02, both.proportional(), 0.003);
    assertTrue(both.standardized() > 3 && both.standardized() < 8, "" + both.standardized());
  }

  /** No score is below zero: additive noise is far smaller than the small scores. */
  @Test
  void positiveScoresBoundAdditiveNoise() {
    ResidualProfile loud = residuals(score -> 0.01);
    assertEquals(0.01, NoiseFit.of(loud, 1500).additive(), 1e-3);
    assertEquals(1, NoiseFit.of(loud, 1500).chi(), 0.1);
    assertTrue(NoiseFit.of(loud, 0).additive() < 1e-3);
    assertTrue(NoiseFit.of(loud, 0).chi() > 1.5, "noise so loud makes scores below zero");
  }

  /** One wrong score among 24 is no part of the noise that the others show. */
  @Test
  void oneWrongScoreMakesNoNoise() {
    double[] counts = new double[64];
    double[] squares = new double[64];
    double[] largest = new double[64];
    for (int i = 0; i < 24; i++) {
      double r = i == 5 ? 0.05 : 1e-3;
      int bin = 1 + i % 4;
      counts[bin]++;
      squares[bin] += r * r;
      largest[bin] = Math.max(largest[bin], r);
    }
    NoiseFit fit =
        NoiseFit.of(new ResidualProfile(0, 0, -1, counts, squares, largest, new long[64]), 0);
    assertTrue(fit.standardized() > 30, "" + fit.standardized());
  }
}
