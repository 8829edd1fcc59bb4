package org.levinv.campaign;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
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
}
