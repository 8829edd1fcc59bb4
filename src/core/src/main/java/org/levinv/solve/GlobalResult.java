package org.levinv.solve;

import java.util.List;
import java.util.Locale;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.ScoreNoise;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.method.leastsquares.RoundedFit;

/**
 * The words and numbers of a result without a start point.
 *
 * @param best x
 * @param first null where a solve was ended before it
 */
record GlobalResult(Problem problem, Options options, Incumbent best, FirstReading first) {

  /**
   * Adds all that is known of x.
   *
   * @param xError of x, or null
   * @param samplesCut whether larger samples were not tried for want of memory
   */
  void addTo(ResultBuilder result, Evidence evidence, double[] xError, boolean samplesCut) {
    Verdict verdict = verdict(evidence, samplesCut);
    result
        .x(best.x())
        .verdict(verdict)
        .method(best.stages())
        .signs(signs())
        .iterations(best.iterations())
        .verified(best.verified())
        .jacobianRatio(best.jacobian().ratio())
        .uniqueness(best.uniqueness())
        .noise(scoreNoise(evidence))
        .warnings(first == null ? List.of() : first.noise().warnings())
        .warnings(xError == null ? List.of() : otherSigns())
        .warnings(verdict.status() == Status.CONVERGED ? anySigns() : List.of())
        .warnings(inputWarnings())
        .warnings(roundedWarnings())
        .groups(best.groups())
        .xError(xError);
  }

  private Verdict verdict(Evidence evidence, boolean samplesCut) {
    if (best.wrong() != null) {
      return best.wrong().verdict(problem.sigma());
    }
    Verdict verdict = hinted(Verdict.of(evidence, best.x(), options), samplesCut);
    return best.suspect() == null
        ? Outlier.named(verdict, best.verified(), best.noise(), problem.sigma())
        : verdict;
  }

  /** The verdict on a search that found no x, with what may help. */
  private Verdict hinted(Verdict verdict, boolean samplesCut) {
    if (verdict.status() != Status.STALLED || best.outcome() == null) {
      return verdict;
    }
    String hint =
        SearchHints.of(
            !best.outcome().signs().isKnown(),
            samplesCut,
            first.profile().largestTarget(),
            first.profile().positive(),
            problem.A().columns());
    return new Verdict(verdict.status(), verdict.message() + hint);
  }

  /** What standard errors leave out where signs were found, and not given. */
  private List<String> otherSigns() {
    return best.outcome().signs().isKnown() || best.isTelling()
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "x_error holds for the signs of A x - b that were found: the scores, %.1g%% off,"
                    + " may have other signs that explain them as well, at an x further off;"
                    + " --signs settles it",
                100 * best.residual()));
  }

  /**
   * With n = d + 1 the matrix [A, -b] is square, and A x - b = c diag(signs) |s| has a solution (x,
   * 1) / c for any signs: scores do not see these.
   */
  private List<String> anySigns() {
    boolean isGiven = GlobalSearch.signs(options.signs()).isKnown();
    return isGiven || problem.A().rows() > problem.A().columns() + 1
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "with n = d + 1 rows every choice of the signs of A x - b has an x with exactly"
                    + " these scores, and this is one of 2^%d; --signs settles it",
                problem.A().columns()));
  }

  private List<String> inputWarnings() {
    if (best.inputs() != null) {
      return List.of(best.inputs().warning(best.floor()));
    }
    InputRounding found = best.suspect();
    return found == null
        ? List.of()
        : List.of(found.blame(found.floor(best.verified().error().floor())));
  }

  private List<String> roundedWarnings() {
    return options.digits() < 0
        ? List.of()
        : RoundedFit.warnings(problem.A().rows(), problem.A().columns());
  }

  private ScoreNoise scoreNoise(Evidence evidence) {
    if (best.inputs() != null && !first.noise().uncertainty().isCoarse()) {
      return InputRounding.noise(best.floor(), first.profile().largestTarget());
    }
    boolean isStopped = first != null && evidence.noise() == null;
    return isStopped ? first.noise().asKnown() : Verdict.noise(evidence, options);
  }

  /** What was found of the signs, or was asked for. */
  private String signs() {
    Signs asked = options.signs();
    if (best.outcome() == null) {
      return asked.toString();
    }
    int sign = best.equalSign();
    if (sign != 0) {
      return sign > 0 ? "positive" : "negative";
    }
    return asked.kind() == Signs.Kind.AUTO ? "unknown" : asked.toString();
  }
}
