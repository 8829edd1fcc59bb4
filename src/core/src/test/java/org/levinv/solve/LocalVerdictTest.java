package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.Status;
import org.levinv.method.common.Termination;

/** The verdict as a table: what was found, and the word for it. */
class LocalVerdictTest {

  @ParameterizedTest
  @CsvSource({
    // residual, end, scores, regularised, exact, free -> status, part of the message
    "1e-12, CONVERGED, true, false, true, false, CONVERGED, scores agree",
    "1e-12, STALLED, true, false, true, false, CONVERGED, scores agree",
    "1e-12, ITERATION_LIMIT, false, false, false, false, CONVERGED, gradient agrees",
    "1e-12, CONVERGED, true, false, true, true, NOT_IDENTIFIABLE, other x have the same scores",
    "1e-3, ITERATION_LIMIT, true, false, true, false, ITERATION_LIMIT, took 7 iterations",
    "1e-3, STALLED, true, true, true, false, STALLED, no step inside the cell",
    "1e-3, CONVERGED, true, true, true, false, INCONSISTENT_TARGET, regularised",
    "1e-3, CONVERGED, true, false, true, false, INCONSISTENT_TARGET, least-squares optimum",
    "0.06, CONVERGED, true, false, true, false, STALLED, not the answer",
    "0.06, CONVERGED, true, false, false, false, INCONSISTENT_TARGET, least-squares optimum",
    "0.3, CONVERGED, true, false, false, false, STALLED, not the answer",
    "1e-3, CONVERGED, false, false, false, false, STALLED, not the answer",
    "NaN, CONVERGED, false, false, false, false, STALLED, not the answer",
  })
  void everyCase(
      double residual,
      Termination.Type end,
      boolean forScores,
      boolean regularized,
      boolean exact,
      boolean free,
      Status status,
      String part) {
    LocalVerdict verdict =
        LocalVerdict.of(
            new LocalVerdict.Evidence(
                "newton",
                new Termination(end, "a rule", 1, 2),
                7,
                residual,
                1e-10,
                forScores,
                regularized,
                exact),
            new LocalUniqueness(1e-20, free, null));
    assertEquals(status, verdict.status(), verdict.message());
    assertTrue(verdict.message().contains(part), verdict.message());
  }
}
