package org.levinv.app;

import org.levinv.files.ResultFolder;

/**
 * What a status means to someone who did not write it, and what to do next.
 *
 * @param sentence how it ended
 * @param next what to do with it, or about it
 */
record Conclusion(String sentence, String next) {

  /** The best of unfinished work is a start for more of it. */
  private static final String GO_ON = "Go on from it with --start DIR/x.npy, which is a hint.";

  private static final String NO_X = "There is no x to go on from.";

  private static final String NOTHING =
      "The x that is kept is no better than none: do not use it, nor go on from it.";

  static Conclusion of(ResultFolder result) {
    String status = result.text("status");
    return isWeights(result)
        ? isTyler(result) && status.equals("converged")
            ? tyler(result.number("shrinkage") > 0)
            : ofWeights(status)
        : ofAnswer(
            status,
            Boolean.TRUE.equals(result.values().get("regularized")),
            result.x() != null,
            result.number("relative_residual"));
  }

  /** Whether this is a folder of {@code levinv scale}. */
  static boolean isWeights(ResultFolder result) {
    return result.values().containsKey("infeasible_rows");
  }

  private static Conclusion tyler(boolean isShrunk) {
    return new Conclusion(
        "Found: Tyler's scatter matrix of the rows"
            + (isShrunk
                ? ", shrunk towards the identity."
                : ", with which all have the same score."),
        "scatter.npy holds the matrix, location.npy what the rows are about, and of each row"
            + " distances.npy how far it is from there, weights.npy its weight.");
  }

  /** Whether that was of Tyler's estimator, of which scores are no target that anyone gave. */
  static boolean isTyler(ResultFolder result) {
    return result.values().containsKey("location");
  }

  /**
   * Of a search for x.
   *
   * @param isRegularised whether the loss had a regulariser
   * @param hasAnswer whether there is an x
   * @param relativeResidual of its scores: 1 is that of scores of 0
   */
  static Conclusion ofAnswer(
      String status, boolean isRegularised, boolean hasAnswer, double relativeResidual) {
    if (isRegularised && status.equals("inconsistent_target")) {
      return new Conclusion(
          "Found the minimum of the regularised loss, whose x has other scores than the target.",
          "Without --regularization x comes as near to the target as it can.");
    }
    return ofAnswer(status, hasAnswer ? relativeResidual >= 1 ? NOTHING : GO_ON : NO_X);
  }

  private static Conclusion ofAnswer(String status, String goOn) {
    return switch (status) {
      case "converged" ->
          new Conclusion(
              "Found: x has the target, within what rounding leaves of it.",
              "x.npy and x.csv hold x.");
      case "inconsistent_target" ->
          new Conclusion(
              "Found the best fit: no x has the target exactly, and x comes nearest to it in least"
                  + " squares.",
              "Compare the residuals with the noise that you expect.");
      case "not_identifiable" ->
          new Conclusion(
              "Not unique: other x have the same scores, and this is one of them at best.",
              "Look at free_direction in result.json: only what is known besides the scores, such as"
                  + " more rows, tells where x lies along it.");
      case "iteration_limit" ->
          new Conclusion(
              "Not found yet: the limit of iterations came first.",
              "Raise --max-iterations. " + goOn);
      case "work_limit" ->
          new Conclusion(
              "Not found yet: the limit on the work came first.",
              "Check that the rows of matrix, offset and scores belong together: the usual limit is"
                  + " more than solved problems take. Or raise --max-work. "
                  + goOn);
      case "time_limit" ->
          new Conclusion(
              "Not found yet: the limit on the time came first.", "Raise --time-limit. " + goOn);
      case "interrupted" -> new Conclusion("Not found yet: it was interrupted.", goOn);
      case "device_failed" ->
          new Conclusion(
              "Not found: the device failed.", "See levinv devices, or take --device cpu. " + goOn);
      case "stalled" ->
          new Conclusion(
              "Not found: the search ended without an answer, which does not say that there is none.",
              "Give --signs where they are known, or another --seed. Check that the rows of matrix,"
                  + " offset and scores belong together.");
      default -> unknown(status);
    };
  }

  private static Conclusion ofWeights(String status) {
    return switch (status) {
      case "converged" ->
          new Conclusion(
              "Found: diag(w) A has the target scores.",
              "weights.npy holds w, a number for each row.");
      case "infeasible_target" ->
          new Conclusion(
              "There are none: no weights give these scores.",
              "The rows in infeasible_rows hold more of the target than the dimension of the"
                  + " subspace they span.");
      case "interrupted" -> new Conclusion("Not found yet: it was interrupted.", "Run it again.");
      case "device_failed" ->
          new Conclusion(
              "Not found: the device failed.", "See levinv devices, or take --device cpu.");
      case "iteration_limit", "work_limit", "time_limit" ->
          new Conclusion(
              "Not found yet: a limit came first.",
              "Raise --max-iterations, --max-work or --time-limit.");
      case "stalled" ->
          new Conclusion(
              "Not found: the search ended without weights, which does not say that there are none.",
              "Check that the scores belong to the rows, and that they sum to the number of columns.");
      default -> unknown(status);
    };
  }

  private static Conclusion unknown(String status) {
    return new Conclusion("It ended with status " + status + ".", "See result.json.");
  }
}
