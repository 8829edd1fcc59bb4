package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.RowGroups;
import org.levinv.ScoreNoise.Source;
import org.levinv.method.GlobalMethod;
import org.levinv.method.SingularValues;
import org.levinv.model.RowwiseError;
import org.levinv.model.ScoreError;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.ResidualProfile;
import org.levinv.pass.SignRule;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowList;
import org.levinv.solve.Incumbent.Point;

/** Which x is kept, from scores that were made up: 3 rows of one column. */
class IncumbentTest {
  static final Problem PROBLEM =
      Problem.of(new double[][] {{1}, {2}, {3}}, new double[3], new double[] {0.2, 0.3, 0.5});

  private static final ScoreUncertainty PRINTED = ScoreUncertainty.ofDecimals(3, Source.GIVEN);
  private static final double FLOOR = Math.ulp(1.0);

  /** Scores off by a relative residual; a row of them has not the sign that it should have. */
  static VerifiedScores off(double residual, boolean isWrong, double largestRatio) {
    RowList wrong = new RowList();
    if (isWrong) {
      wrong.add(2, 0);
    }
    return new VerifiedScores(
        new ScoreError(residual * residual, 1, 0, 1, 0, 1),
        RowwiseError.NONE,
        new ResidualProfile(
            1, largestRatio, 0, new double[64], new double[64], new double[64], new long[64]),
        1,
        0.5,
        2,
        0,
        new RowList(),
        isWrong ? 1 : 0,
        wrong,
        0,
        0,
        1,
        0,
        null,
        null);
  }

  static Point at(double x, double residual) {
    return new Point(new double[] {x}, off(residual, false, 1e9));
  }

  static GlobalMethod.Outcome outcome(SignRule signs, boolean inRange) {
    return new GlobalMethod.Outcome(
        null, null, 0, 0, false, signs, inRange, null, new SingularValues(0.5, 1), null, 7);
  }

  private static Optimum optimum(int iterations) {
    return new Optimum("least squares", Optimum.End.MINIMUM, iterations, 0, -1, false);
  }

  static Incumbent incumbent(boolean isExact, ScoreUncertainty uncertainty, Options options) {
    TargetNoise noise =
        new TargetNoise(
            isExact,
            uncertainty,
            uncertainty,
            0,
            0,
            3,
            1,
            new NoiseFits(0),
            1,
            0,
            0.5,
            3,
            TargetNoise.AGREES,
            List.of());
    Incumbent best = new Incumbent(PROBLEM, options);
    best.judgeBy(noise, new Verification(ProblemRows.of(PROBLEM.A()), null));
    return best;
  }

  private static Incumbent after(VerifiedScores first, boolean isExact, ScoreUncertainty of) {
    Incumbent best = incumbent(isExact, of, Options.defaults());
    best.offer(new Point(new double[] {1}, first), outcome(SignRule.NONE, false));
    return best;
  }

  @Test
  void exactScores_askForTheLeastLoss() {
    Incumbent best = after(off(0.1, false, 9), true, ScoreUncertainty.ROUNDING);
    assertTrue(best.isBetter(off(0.09, true, 9)));
    assertTrue(best.isBetter(off(0.1, false, 9)));
    assertFalse(best.isBetter(off(0.11, false, 9)));
  }

  @Test
  void noisyScores_askForTheSignsFirst() {
    Incumbent right = after(off(0.1, false, 9), false, ScoreUncertainty.ROUNDING);
    assertFalse(right.isBetter(off(0.09, true, 9)));
    Incumbent wrong = after(off(0.1, true, 9), false, ScoreUncertainty.ROUNDING);
    assertTrue(wrong.isBetter(off(0.11, false, 9)));
  }

  @Test
  void printedScores_askForAllOfThem() {
    Incumbent best = after(off(0.1, false, 9), false, PRINTED);
    assertTrue(best.isBetter(off(0.11, false, 2)));
    Incumbent agreeing = after(off(0.1, false, 2), false, PRINTED);
    assertFalse(agreeing.isBetter(off(0.09, false, 9)));
    assertTrue(agreeing.isBetter(off(0.09, false, 2)));
  }

  @Test
  void searches_bringSignsAndJacobian() {
    Incumbent best = incumbent(true, ScoreUncertainty.ROUNDING, Options.defaults());
    GlobalMethod.Outcome first = outcome(SignRule.equal(-1), false);
    best.offer(at(1, 0.1), first);
    best.offer(at(2, 0.2), outcome(SignRule.equal(1), false));
    assertSame(first, best.outcome());
    assertEquals(-1, best.equalSign());
    best.takeByGroups(at(3, 0.05), new RowGroups(2, List.of()));
    assertEquals(0, best.equalSign());
    assertEquals(2, best.groups().count());
    assertTrue(Double.isNaN(best.jacobian().ratio()));
    best.offer(at(4, 0.3), outcome(SignRule.NONE, true));
    assertEquals(4, best.x()[0]);
    assertEquals(0.5, best.jacobian().ratio());
  }

  /** A first optimum is known although its x is worse: nothing below it was found. */
  @Test
  void descents_keepTheBestOptimum() {
    Incumbent best = after(off(0.1, false, 9), true, ScoreUncertainty.ROUNDING);
    best.offer(at(2, 0.2), optimum(5), best.outcome());
    assertEquals(1, best.x()[0]);
    assertEquals(5, best.optimum().iterations());
    best.offer(at(3, 0.15), optimum(6), best.outcome());
    assertEquals(5, best.optimum().iterations());
    best.offer(at(4, 0.05), optimum(8), best.outcome());
    assertEquals(4, best.x()[0]);
    assertEquals(8, best.optimum().iterations());
  }

  @Test
  void residualsNearby_areThoseOfOneX() {
    Incumbent best = after(off(0.1, false, 9), true, ScoreUncertainty.ROUNDING);
    best.setResiduals(off(0.2, false, 5).profile());
    assertEquals(5, best.evidence().residuals().largestRatio());
    best.offer(at(2, 0.05), optimum(5), best.outcome());
    assertEquals(1e9, best.evidence().residuals().largestRatio());
  }

  @Test
  void roundingOfInputs_raisesTheFloor() {
    Incumbent best = after(off(1e-8, false, 9), true, ScoreUncertainty.ROUNDING);
    assertEquals(FLOOR, best.floor());
    assertFalse(best.agrees());
    best.allow(new InputRounding(0x1p-24, "A is in single precision"));
    assertEquals(0.2 * 0x1p-24, best.floor());
    assertTrue(best.agrees());
    best.allow(null);
    assertFalse(best.agrees());
  }

  @Test
  void aStage_isNamedOnceInARow() {
    Incumbent best = incumbent(true, ScoreUncertainty.ROUNDING, Options.defaults());
    String before = best.stages();
    best.runs("least squares");
    best.runs("least squares");
    best.ran("groups");
    best.runs("least squares");
    assertEquals(before + ", least squares, groups, least squares", best.stages());
  }

  @Test
  void aSolveThatEnds_keepsWhatThereIs() {
    Incumbent best = incumbent(true, ScoreUncertainty.ROUNDING, Options.defaults());
    best.settle(null, true);
    assertNull(best.x());
    best.settle(new double[] {5}, false);
    best.settle(new double[] {6}, false);
    assertEquals(5, best.x()[0]);
    assertNull(best.verified());
  }
}
