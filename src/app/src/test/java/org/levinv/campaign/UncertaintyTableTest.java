package org.levinv.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.Weights;
import org.levinv.campaign.UncertaintyTable.Coverage;
import org.levinv.campaign.UncertaintyTable.Noise;

/** A small part of {@code ci/uncertainty}. */
class UncertaintyTableTest {

  /**
   * Two standard errors hold 95% of normal errors. Some 170 coordinates of each kind leave three
   * deviations of 5%, of which those of one problem are related.
   */
  @ParameterizedTest
  @ValueSource(strings = {"barrier", "logistic", "probit"})
  void standardErrorsCoverTheTruth(String name) {
    Weights weights = Weights.of(name);
    Map<Noise, Coverage> all = UncertaintyTable.run(100, 3, weights.isBarrier(), weights);
    assertEquals(Noise.values().length, all.size());
    all.forEach(
        (noise, coverage) -> {
          assertTrue(coverage.share() > 0.88, noise + ": " + coverage.share());
          assertTrue(coverage.share() < 0.995, noise + ": " + coverage.share());
          assertTrue(coverage.silent() <= 2, noise + ": " + coverage.silent() + " no success");
          assertEquals(0, coverage.wrong(), noise + ": losses above that at the truth");
        });
  }
}
