package org.levinv.app;

import java.util.Map;

/** What the stages of a solve are called for people. */
final class StageWords {
  private static final String GROUPS = "groups: ";

  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("magnitudes", "sizes of the slacks"),
          Map.entry("magnitudes (Newton)", "sizes of the slacks, by Newton"),
          Map.entry("signs", "signs of the slacks"),
          Map.entry("refinement", "refining x"),
          Map.entry("verification", "checking all rows"),
          Map.entry("least squares", "least squares"),
          Map.entry("scale", "row weights"),
          Map.entry("cell", "refining x in its cell of signs"),
          Map.entry("chebyshev", "a point inside the cell of signs"),
          Map.entry("next door", "signs of single rows"));

  private StageWords() {}

  /** Whether a stage's residual is that of scores at an x: these compare with each other. */
  static boolean isOfScores(String stage) {
    return !stage.startsWith(GROUPS) && !stage.startsWith("magnitudes") && !stage.equals("signs");
  }

  /** A stage that has no word of its own keeps its name: local methods are known by theirs. */
  static String of(String stage) {
    return stage.startsWith(GROUPS)
        ? "group by group, " + of(stage.substring(GROUPS.length()))
        : WORDS.getOrDefault(stage, stage);
  }
}
