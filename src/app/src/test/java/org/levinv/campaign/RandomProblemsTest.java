package org.levinv.campaign;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.levinv.campaign.RandomProblems.Fault;
import org.levinv.campaign.RandomProblems.Tally;

/** The first few problems of {@code ci/random}. */
class RandomProblemsTest {

  @Test
  void noAnswerIsCalledConvergedThatIsNotAndHardlyAnyIsLost() throws InterruptedException {
    Tally tally = RandomProblems.run(330, 1, 2, null);
    assertEquals(330, tally.outcomes().size());
    assertTrue(tally.due() >= 100, "problems that should be recovered: " + tally.due());
    assertAll(
        () -> assertEquals(List.of(), tally.notes(Fault.UNCONFIRMED)),
        () -> assertEquals(List.of(), tally.notes(Fault.NOT_UNIQUE)),
        () -> assertEquals(List.of(), tally.notes(Fault.EXCEPTION)),
        () -> assertTrue(tally.recovered() >= 0.99, "lost: " + tally.notes(Fault.LOST)));
  }
}
