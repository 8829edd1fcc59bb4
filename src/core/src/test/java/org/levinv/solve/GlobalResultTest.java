package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.ScoreNoise.Source;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.SignRule;

/** What is said of an x that was made up. */
class GlobalResultTest {

  private static Incumbent best(Options options) {
    return IncumbentTest.incumbent(true, ScoreUncertainty.ROUNDING, options);
  }

  private static Result of(Incumbent best, Options options, Evidence evidence, double[] xError) {
    ResultBuilder result = new ResultBuilder(IncumbentTest.PROBLEM.A(), "none");
    FirstReading first = new FirstReading(null, best.noise());
    new GlobalResult(IncumbentTest.PROBLEM, options, best, first)
        .addTo(result, evidence, xError, false);
    return result.build();
  }

  private static String signs(Signs asked, SignRule found) {
    Options options = Options.defaults().withSigns(asked);
    Incumbent best = best(options);
    best.offer(IncumbentTest.at(1, 1e-13), IncumbentTest.outcome(found, false));
    return of(best, options, best.evidence(), null).signs();
  }

  @Test
  void signs_areThoseThatWereFound() {
    assertEquals("negative", signs(Signs.auto(), SignRule.equal(-1)));
    assertEquals("positive", signs(Signs.positive(), SignRule.equal(1)));
    assertEquals("unknown", signs(Signs.auto(), SignRule.NONE));
    assertEquals(Signs.unknown().toString(), signs(Signs.unknown(), SignRule.NONE));
  }

  /** Three rows tell little, whatever the residual. */
  @Test
  void errorsOfX_holdForSignsThatWereFound() {
    Options options = Options.defaults();
    double[] xError = {0.1};
    for (SignRule signs : List.of(SignRule.NONE, SignRule.equal(1))) {
      Incumbent best = best(options);
      best.offer(IncumbentTest.at(1, 0.03), IncumbentTest.outcome(signs, true));
      List<String> warnings = of(best, options, best.evidence(), xError).warnings();
      assertEquals(signs.isKnown() ? 0 : 1, warnings.size(), warnings.toString());
      if (!signs.isKnown()) {
        assertTrue(warnings.get(0).contains("the scores, 3% off, may"), warnings.get(0));
      }
    }
  }

  @Test
  void aSolveThatWasEndedAtOnce_hasNoX() {
    Options options = Options.defaults();
    Incumbent best = new Incumbent(IncumbentTest.PROBLEM, options);
    Stopped reason = new Stopped(Status.TIME_LIMIT, "3 s > 2 s");
    ResultBuilder builder = new ResultBuilder(IncumbentTest.PROBLEM.A(), "none");
    new GlobalResult(IncumbentTest.PROBLEM, options, best, null)
        .addTo(builder, Evidence.of(Evidence.Search.GLOBAL, null, reason), null, false);
    Result result = builder.build();
    assertEquals("3 s > 2 s; no x was found by then", result.message());
    assertEquals(Signs.auto().toString(), result.signs());
  }

  /** The noise that was seen is told although the evidence of a solve that was ended has none. */
  @Test
  void aSolveThatWasEnded_saysWhatTheScoresCarry() {
    Options options = Options.defaults();
    Incumbent best =
        IncumbentTest.incumbent(false, ScoreUncertainty.ofDecimals(3, Source.GIVEN), options);
    best.offer(IncumbentTest.at(1, 0.1), IncumbentTest.outcome(SignRule.NONE, false));
    Stopped reason = new Stopped(Status.WORK_LIMIT, "9 > 8");
    Evidence evidence = Evidence.of(Evidence.Search.GLOBAL, best.verified(), reason);
    Result result = of(best, options, evidence, null);
    assertEquals(Status.WORK_LIMIT, result.status());
    assertEquals(Source.GIVEN, result.scoreNoise().source());
    assertEquals(0.1, result.relativeResidual(), 1e-15);
  }
}
