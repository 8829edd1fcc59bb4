package org.levinv.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.ArrayRows;
import org.levinv.ScoreNoise.Source;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.ScoreUncertainty;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

/** What a look at numbers tells of how they were written. */
class PrintedDigitsTest {

  /** Of the first reading of so many scores, from 1 down to 1e-4, as they were written. */
  private static ScoreUncertainty of(int count, DoubleUnaryOperator write) {
    return profile(count, write).printed();
  }

  private static ScoreUncertainty apparent(int count, DoubleUnaryOperator write) {
    return profile(count, write).apparent();
  }

  private static Profile profile(int count, DoubleUnaryOperator write) {
    SplittableRandom random = new SplittableRandom(7);
    double[] target = new double[count];
    Arrays.setAll(target, i -> write.applyAsDouble(Math.pow(10, -4 * random.nextDouble())));
    double[][] A = new double[count][];
    Arrays.setAll(A, i -> new double[] {1});
    ProblemRows rows =
        ProblemRows.of(ArrayRows.of(A)).with(Field.TARGET, VectorSource.of("scores", target));
    try (Device device = new ReferenceDevice();
        RowStore store = LeafStore.resident(rows, device)) {
      return store.run(new SurveyPass(count, 1, null));
    }
  }

  private static double rounded(double t, int decimals) {
    return new BigDecimal(t).setScale(decimals, RoundingMode.HALF_EVEN).doubleValue();
  }

  private static double printed(double t, int digits) {
    return new BigDecimal(t).round(new MathContext(digits)).doubleValue();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 6, 8, 11})
  void decimals(int count) {
    ScoreUncertainty found = of(300, t -> rounded(t, count));
    assertEquals(count, found.decimals());
    assertEquals(Source.DETECTED, found.source());
    assertEquals(0.5 * Math.pow(10, -count), found.delta(0.25), 1e-20);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 6, 8, 11})
  void significantDigits(int count) {
    ScoreUncertainty found = of(300, t -> printed(t, count));
    assertEquals(count, found.digits());
    assertEquals(
        0.5 * Math.pow(10, -count), found.delta(0.25), 1e-20); // 0.25 has its first at 1e-1
    assertEquals(0.5 * Math.pow(10, -count - 2), found.delta(0.0025), 1e-22);
  }

  @Test
  void singles() {
    ScoreUncertainty found = of(300, t -> (float) t);
    assertTrue(found.single());
    assertEquals(0x1p-24 * 0.25, found.delta(0.25));
    assertEquals(
        4, of(300, t -> (float) rounded(t, 4)).decimals(), "rounded, then stored as floats");
  }

  @Test
  void doublesAndFewValuesSayNothing() {
    assertFalse(of(300, t -> t).isCoarse());
    assertFalse(of(300, t -> rounded(t, 2)).isCoarse(), "two decimals are an accident");
    assertFalse(of(300, t -> Math.rint(8 * t) / 8).isCoarse(), "few values");
    assertFalse(of(300, t -> Math.rint(16 * t) / 40).isCoarse(), "few round values");
    assertFalse(of(300, t -> Math.rint(16 * t) / 8192).isCoarse(), "fractions of some bits");
    assertFalse(of(12, t -> rounded(t, 4)).isCoarse(), "values made by hand, maybe");
  }

  /** They may explain residuals that bear it out. */
  @Test
  void fewOrRoundOnesLookPrinted() {
    assertEquals(2, apparent(300, t -> rounded(t, 2)).decimals());
    assertEquals(8, apparent(7, t -> rounded(t, 8)).decimals());
    assertEquals(5, apparent(7, t -> printed(t, 5)).digits());
    assertEquals(4, apparent(300, t -> rounded(t, 4)).decimals(), "those that are sure, too");
    assertFalse(apparent(300, t -> t).isCoarse());
    assertFalse(apparent(7, t -> rounded(t, 1)).isCoarse(), "one decimal says nothing");
  }

  /** One number that needs all digits of a double is enough. */
  @Test
  void oneExactScoreAmongRoundedOnes() {
    assertFalse(of(300, t -> t > 0.9 ? t : rounded(t, 4)).isCoarse());
  }

  /** Down to 1e-40, where a power of ten that makes them whole is no double. */
  @Test
  void digitsOfTinyScores() {
    assertEquals(4, of(300, t -> printed(Math.pow(t, 10), 4)).digits());
    assertFalse(of(300, t -> Math.pow(t, 10)).isCoarse(), "no digits print these");
  }
}
