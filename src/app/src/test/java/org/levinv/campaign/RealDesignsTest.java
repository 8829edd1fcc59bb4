package org.levinv.campaign;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.levinv.campaign.RealDesign.Design;
import org.levinv.campaign.RealDesigns.Judgement;
import org.levinv.campaign.RealDesigns.Outcome;

/** The first few problems of {@code ci/real-designs}. */
class RealDesignsTest {

  /** Where searches still fail, and say so. */
  private static final Set<Design> HARD = EnumSet.of(Design.THIN_POLYTOPE);

  @Test
  void noAnswerIsRefutedAndHardlyAnyIsMissed() {
    List<Outcome> outcomes = RealDesigns.run(75, 0);
    List<String> refuted =
        outcomes.stream()
            .filter(o -> o.judgement() == Judgement.REFUTED)
            .map(Outcome::note)
            .toList();
    List<Outcome> due =
        outcomes.stream().filter(o -> o.due() && !HARD.contains(o.problem().design)).toList();
    List<String> missed =
        due.stream().filter(o -> o.judgement() != Judgement.FOUND).map(Outcome::note).toList();
    assertTrue(due.size() >= 40, "problems that should be solved: " + due.size());
    assertAll(
        () -> assertEquals(List.of(), refuted),
        () -> assertTrue(missed.size() <= 1, "missed: " + missed));
  }
}
