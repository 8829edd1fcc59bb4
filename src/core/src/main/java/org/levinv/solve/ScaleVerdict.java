package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.levinv.Accuracy;
import org.levinv.ScaleResult;
import org.levinv.method.common.Termination;
import org.levinv.method.weights.WeightsProblem;
import org.levinv.method.weights.WeightsSearch;
import org.levinv.pass.TargetErrorPass;

/**
 * What is said of a search for weights.
 *
 * @param status how it ended
 * @param message one sentence with the deciding value and its bound
 * @param rows that hold too much of an infeasible target
 * @param warnings a sentence each
 */
record ScaleVerdict(ScaleResult.Status status, String message, long[] rows, List<String> warnings) {

  /** Of eps cond, what evaluations of the scores of collinear designs were seen to leave. */
  private static final double ROUNDING = 0.3;

  /** Rounding never excuses a larger residual. */
  private static final double MOST_ROUNDING = 1e-5;

  /** Rows that a message names at most. */
  private static final int NAMED = 10;

  /**
   * @param end of the search, or null where the target is infeasible at first sight
   * @param errors of the scores, from the original data
   * @param accuracy of these scores, or null where there are none
   */
  static ScaleVerdict of(
      WeightsProblem problem,
      WeightsSearch search,
      Termination end,
      TargetErrorPass.Errors errors,
      Accuracy accuracy,
      double tolerance) {
    if (end == null) {
      return new ScaleVerdict(
          ScaleResult.Status.INFEASIBLE_TARGET, atSight(problem), new long[0], List.of());
    }
    List<String> warnings = new ArrayList<>();
    if (problem.targets().shift() != 0) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the target sums to %.12g instead of %d, as rounded numbers do: the scores agree with"
                  + " one whose logits are moved by %.1e",
              problem.sums().sum(),
              search.columns(),
              problem.targets().shift()));
    }
    if (search.isDecoupled()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the rows lie in complementary subspaces of dimensions %d and %d: the scores leave the"
                  + " scale between their weights free",
              search.heldRank(),
              search.columns() - search.heldRank()));
    }
    double residual = errors.shifted();
    double bound = bound(accuracy, tolerance);
    boolean met = residual <= bound;
    long[] rows = search.heldRows();
    boolean violated = rows.length > 0 && !search.isLimit();
    if (met && !violated) {
      if (rows.length > 0) {
        warnings.add(limit(search));
      }
      String message =
          String.format(
              Locale.ROOT,
              "%s%s: relative residual %.2e <= %.2e",
              problem.targets().isGiven()
                  ? "the scores agree with the target"
                  : "all rows have the same score",
              residual > tolerance ? " as far as rounding of A tells" : "",
              residual,
              bound);
      return new ScaleVerdict(ScaleResult.Status.CONVERGED, message, new long[0], warnings);
    }
    if (rows.length > 0) {
      return new ScaleVerdict(
          ScaleResult.Status.INFEASIBLE_TARGET,
          violated ? tooMuch(search) : limit(search),
          rows,
          warnings);
    }
    return unmet(search, end, residual, bound, warnings);
  }

  /** The residual up to which scores agree with the target. */
  static double bound(Accuracy accuracy, double tolerance) {
    return accuracy == null
        ? tolerance
        : Math.max(tolerance, Math.min(ROUNDING * accuracy.error(), MOST_ROUNDING));
  }

  private static ScaleVerdict unmet(
      WeightsSearch search,
      Termination end,
      double residual,
      double tolerance,
      List<String> warnings) {
    String values =
        String.format(Locale.ROOT, "relative residual %.2e > %.2e", residual, tolerance);
    if (end.type() == Termination.Type.ITERATION_LIMIT) {
      return new ScaleVerdict(
          ScaleResult.Status.ITERATION_LIMIT,
          search.evaluations() + " evaluations: " + values,
          new long[0],
          warnings);
    }
    String hint =
        search.isTooLargeForNewton()
            ? "; Newton's method, which may get on, needs all rows in memory twice: more memory"
                + " would help"
            : "";
    return new ScaleVerdict(
        ScaleResult.Status.STALLED, "no progress: " + values + hint, new long[0], warnings);
  }

  private static String atSight(WeightsProblem problem) {
    long[] impossible = problem.impossible();
    return impossible.length > 0
        ? "rows of zeros have score 0, but a positive target: "
            + names(impossible, problem.impossibleCount())
        : String.format(
                Locale.ROOT,
                "the target sums to %.12g, scores of %d columns to %d",
                problem.sums().sum(),
                problem.columns(),
                problem.columns())
            + others(problem);
  }

  private static String others(WeightsProblem problem) {
    String words = Checks.otherColumns(problem.sums().sum(), problem.columns());
    return words == null ? "" : ": " + words;
  }

  private static String tooMuch(WeightsSearch search) {
    return String.format(
        Locale.ROOT,
        "%s %.6g of the target, more than the scores of rows in a subspace of dimension %d can sum"
            + " to",
        holding(search),
        search.held(),
        search.heldRank());
  }

  private static String limit(WeightsSearch search) {
    return String.format(
        Locale.ROOT,
        "the target is met in the limit of infinite weights only: %s all of it that rows in a"
            + " subspace of dimension %d can",
        holding(search),
        search.heldRank());
  }

  private static String holding(WeightsSearch search) {
    return names(search.heldRows(), search.heldCount())
        + (search.heldCount() == 1 ? " holds" : " hold");
  }

  private static String names(long[] rows, long count) {
    String some =
        LongStream.of(rows)
            .limit(NAMED)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(", "));
    return count > NAMED
        ? count + " rows (" + some + ", ...)"
        : (count == 1 ? "row " : "rows ") + some;
  }
}
