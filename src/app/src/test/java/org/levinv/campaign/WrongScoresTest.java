package org.levinv.campaign;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.campaign.WrongScores.End;
import org.levinv.campaign.WrongScores.Outcome;

/** The first few problems of {@code ci/wrong-scores}. */
class WrongScoresTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mostRowsAreNamedAndNoOther(boolean few) {
    List<Outcome> outcomes = WrongScores.run(0, 60, 0, few, false);
    double work = outcomes.stream().mapToDouble(Outcome::work).sum();
    assertAll(
        () -> assertEquals(0, WrongScores.count(outcomes, End.INNOCENT)),
        () -> assertTrue(WrongScores.count(outcomes, End.NAMED) >= 56, outcomes.toString()),
        () -> assertTrue(WrongScores.count(outcomes, End.PULLED) <= 2, outcomes.toString()),
        () -> assertTrue(work < 60 * 600, "work: " + work)); // 1,000 without a mended score
  }
}
