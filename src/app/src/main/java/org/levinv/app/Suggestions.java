package org.levinv.app;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Known words that someone may have meant who wrote another. */
final class Suggestions {
  private Suggestions() {}

  /** {@code , did you mean X or Y?}, or nothing where no word is near. */
  static String of(String word, Collection<String> known) {
    List<String> near = near(word, known);
    return near.isEmpty() ? "" : ", did you mean " + String.join(" or ", near) + "?";
  }

  /**
   * The words with one letter changed; else those that go on so; else the nearest ones, a third of
   * whose letters were changed at most. Capitals and leading dashes do not count, but a single dash
   * is that of a single letter.
   */
  static List<String> near(String word, Collection<String> known) {
    List<String> nearest = nearest(word, known, 1);
    if (nearest.isEmpty()) {
      String start = bare(word);
      known.stream()
          .filter(candidate -> !start.isEmpty() && bare(candidate).startsWith(start))
          .forEach(nearest::add);
    }
    return nearest.isEmpty() ? nearest(word, known, Math.max(2, word.length() / 3)) : nearest;
  }

  /** Those at the least distance, up to {@code most}. */
  private static List<String> nearest(String word, Collection<String> known, int most) {
    List<String> nearest = new ArrayList<>();
    int least = most;
    for (String candidate : known) {
      boolean isOther = isLetter(candidate) && !candidate.equalsIgnoreCase(word);
      if (isOther || nearest.stream().anyMatch(near -> bare(near).equals(bare(candidate)))) {
        continue;
      }
      int distance = distance(bare(word), bare(candidate));
      if (distance < least) {
        nearest.clear();
        least = distance;
      }
      if (distance == least) {
        nearest.add(candidate);
      }
    }
    return nearest;
  }

  private static String bare(String word) {
    return word.toLowerCase(Locale.ROOT).replaceFirst("^-+", "");
  }

  private static boolean isLetter(String option) {
    return option.length() == 2 && option.startsWith("-");
  }

  /** Letters that are added, left out, replaced, or exchanged with the next one. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean exchanged =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (exchanged) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
