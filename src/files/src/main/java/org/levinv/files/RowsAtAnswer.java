package org.levinv.files;

import java.util.List;
import java.util.Set;
import org.levinv.Evaluation;

/**
 * What was asked for of every row at the answer: result.json tells of it.
 *
 * @param files that hold it, beside result.json
 * @param cost of the evaluation, which is not in that of the solve; null where there was none
 * @param message why it is missing, or null
 */
public record RowsAtAnswer(List<String> files, Evaluation cost, String message) {

  /** All files of this kind: a later result in the same folder replaces or removes them. */
  static final Set<String> NAMES =
      Set.of("scores.npy", "residuals.npy", "slacks.npy", "report.html");

  public RowsAtAnswer {
    files = List.copyOf(files);
  }
}
