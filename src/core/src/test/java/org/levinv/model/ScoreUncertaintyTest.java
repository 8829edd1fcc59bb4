package org.levinv.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.levinv.ScoreNoise.Source;

class ScoreUncertaintyTest {

  @Test
  void wordsOfOneAndOfManyAgreeWithTheirVerb() {
    assertEquals(
        "what 3 decimals leave open", ScoreUncertainty.ofDecimals(3, Source.GIVEN).leaves());
    assertEquals("what double precision leaves open", ScoreUncertainty.ROUNDING.leaves());
  }
}
