package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.levinv.ScoreNoise.Source;
import org.levinv.model.ScoreUncertainty;

class MendedSearchTest {

  private static final double[] SIGMA = {0.9, 0.3, 0.2, 0.25, 0.15, 0.1, 0.1};

  /** What least squares leaves of an error e of one score: -e (I - H) times its unit vector. */
  private static double[] scoresWhere(int row, double e, double[] direction) {
    double square = Arrays.stream(direction).map(v -> v * v).sum();
    double[] scores = targetsWhere(row, e);
    for (int i = 0; i < scores.length; i++) {
      scores[i] += e * direction[row] * direction[i] / square - (i == row ? e : 0);
    }
    return scores;
  }

  private static double[] targetsWhere(int row, double e) {
    double[] target = SIGMA.clone();
    target[row] += e;
    return target;
  }

  /** The leverage of row 0 is 0.8 here: other rows leave more, and the sum tells. */
  @Test
  void aRowIsSuspectedWhateverItsLeverage() {
    double[] direction = {4, -1, 1, -1, 0, 1, 0};
    for (double e : new double[] {0.05, -0.05}) {
      double[] scores = scoresWhere(0, e, direction);
      double[] target = targetsWhere(0, e);
      assertEquals(-0.2 * e, scores[0] - target[0], 1e-15);
      assertEquals(0, MendedSearch.suspects(target, scores, e).get(0));
    }
  }

  /** A score of 0.1 is not 0.12 too large. */
  @Test
  void mendedScoresAreScores() {
    double[] target = targetsWhere(1, 0.12);
    double[] scores = scoresWhere(1, 0.12, new double[] {0, 0, 0, 0, 0, 1, -1});
    assertEquals(List.of(1), MendedSearch.suspects(target, scores, 0.12));
    target[1] = 0.1;
    scores[1] = -0.02;
    assertEquals(List.of(), MendedSearch.suspects(target, scores, 0.12));
  }

  /**
   * Larger residuals than any wrong score leaves: what is little more than the error comes first.
   */
  @Test
  void aLostSearchSuspectsScoresJustAboveTheError() {
    double[] scores = {0.3, 0.9, 0.2, 0.25, 0.15, 0.1, 0.1};
    assertEquals(List.of(4, 2), MendedSearch.suspects(SIGMA, scores, 0.12));
  }

  @Test
  void allOthersHaveToAgreeAsTheyAreWritten() {
    double[] target = DoubleStream.iterate(0.05, t -> t + 0.01).limit(20).toArray();
    double[] scores = target.clone();
    scores[7] -= 0.1;
    ScoreUncertainty written = ScoreUncertainty.ofDecimals(2, Source.DETECTED);
    assertTrue(MendedSearch.agree(7, target, scores, written, 3, true));
    assertFalse(MendedSearch.agree(6, target, scores, written, 3, true));
    scores[3] += 0.016;
    assertFalse(MendedSearch.agree(7, target, scores, written, 3, true));
  }

  /** With as many scores as x has numbers some x has any of them. */
  @Test
  void fewScoresProveNothing() {
    double[] scores = SIGMA.clone();
    double[] target = targetsWhere(3, 0.1);
    scores[1] += 1e-9;
    assertTrue(MendedSearch.agree(3, target, scores, ScoreUncertainty.ROUNDING, 4, false));
    assertFalse(MendedSearch.agree(3, target, scores, ScoreUncertainty.ROUNDING, 5, false));
    scores[1] += 0.03;
    assertFalse(MendedSearch.agree(3, target, scores, ScoreUncertainty.ROUNDING, 4, false));
  }
}
