package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.ScoreNoise.Source;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/** What targets look like before any stage. */
class TargetNoiseTest {

  private static TargetNoise of(double[] target, int d, Options options) {
    PlainProblem plain = PlainProblem.waves(target.length, d);
    Problem problem = Problem.of(plain.A(), plain.b(), target);
    ProblemRows rows =
        ProblemRows.of(problem.A())
            .with(Field.OFFSET, problem.b())
            .with(Field.TARGET, problem.sigma());
    try (Device device = TestedDevices.open(1);
        RowStore store = LeafStore.resident(rows, device)) {
      return FirstReading.of(store, problem, options).noise();
    }
  }

  /** Scores with three decimals: some of them, and the rest 0. */
  private static double[] printed(int zeros, double... some) {
    return Arrays.copyOf(some, some.length + zeros);
  }

  /** Few numbers may be round by accident; a sum that is off by what zeros lost bears them out. */
  @Test
  void scoresPrintedAsZero_wereMore() {
    double[] six = {0.412, 0.386, 0.341, 0.325, 0.287, 0.243}; // their sum is 1.994
    TargetNoise noise = of(printed(14, six), 2, Options.defaults());
    assertTrue(noise.looksPrinted());
    six[0] = 0.43; // more cannot have been lost
    assertFalse(of(printed(14, six), 2, Options.defaults()).looksPrinted());
  }

  /** An x whose scores round to the targets is only looked for where their decimals are given. */
  @Test
  void givenDecimals_askForMore() {
    double[] target = printed(0, 0.412, 0.386, 0.341, 0.325, 0.287, 0.249);
    Options given = Options.defaults().withDigits(3);
    assertEquals(Source.GIVEN, of(target, 2, given).uncertainty().source());
    assertEquals(RoundedFit.INSIDE, of(target, 2, given).agreement());
    assertEquals(TargetNoise.AGREES, of(target, 2, Options.defaults()).agreement());
  }

  @Test
  void scoresBelowTheirErrors_sayNothing() {
    double[] target = new double[8];
    Arrays.fill(target, 0.25);
    Options options = Options.defaults().withScoreError(0.5);
    assertThrows(InvalidInputException.class, () -> of(target, 2, options));
  }
}
