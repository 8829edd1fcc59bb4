package org.levinv.campaign;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.campaign.NoisyProblems.Judgement;
import org.levinv.campaign.NoisyProblems.Outcome;

/** The first few problems of {@code ci/words}. */
class NoisyProblemsTest {

  @Test
  void noSuccessIsWorseThanThePlantedXAndMostAreFound() {
    List<Outcome> outcomes = NoisyProblems.run(0, 300, 0, false);
    List<String> wrong =
        outcomes.stream().filter(o -> o.judgement().isWrong()).map(Outcome::note).toList();
    long found = outcomes.stream().filter(o -> o.judgement() == Judgement.FOUND).count();
    assertAll(
        () -> assertEquals(List.of(), wrong),
        () -> assertTrue(found >= 270, "found: " + found)); // 94% of 4,000 others
  }

  /** Slacks of 1e-8 to 1e-4 that once ended on the wrong side, or left other scores off. */
  @ParameterizedTest
  @ValueSource(ints = {55, 351, 556, 674, 741, 1654, 1827, 2558, 2610, 3015, 3207, 3888, 3923})
  void hairlinesGiveNoRoomToOtherScores(int index) {
    Outcome only = NoisyProblems.run(index, index + 1, 7, false).get(0);
    assertEquals(Judgement.FOUND, only.judgement(), only.note());
  }
}
