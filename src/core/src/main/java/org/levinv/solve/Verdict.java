package org.levinv.solve;

import java.util.Locale;
import java.util.function.DoubleBinaryOperator;
import org.levinv.Options;
import org.levinv.ScoreNoise;
import org.levinv.Status;
import org.levinv.method.GlobalMethod;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.model.RowwiseError;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.ResidualProfile;
import org.levinv.small.Counted;
import org.levinv.solve.Evidence.Search;
import org.levinv.solve.Optimum.End;

/**
 * How a solve ended, in a word and a sentence: a pure function of what was measured and of what was
 * asked for.
 *
 * @param message with the deciding value and its bound
 */
record Verdict(Status status, String message) {

  /**
   * A descent that stalls although its step promises more than this share of the loss has not come
   * to an optimum. Larger: unfinished descents are called optima.
   */
  private static final double PROMISING = 1e-3;

  /**
   * The relative residual that rounding leaves of scores near 1, whoever computed them: some
   * hundred eps. Larger: errors that x could follow pass for rounding.
   */
  private static final double EVALUATION = 2e-14;

  /** The relative residual of 0 instead of all scores, or of the gradient. */
  private static final double NOTHING = 1;

  /** The same of a solve that may have been ended before there was an x. */
  static Verdict of(Evidence e, double[] x, Options options) {
    return x == null
        ? new Verdict(e.stopped().status(), e.stopped().getMessage() + "; no x was found by then")
        : of(e, options);
  }

  static Verdict of(Evidence e, Options options) {
    if (e.stopped() != null) {
      return stopped(e);
    }
    if (e.offsetInRange()) {
      return new Verdict(
          Status.NOT_IDENTIFIABLE,
          "b is in the range of A: every scale of A x - b has the same scores, and x is one point"
              + " of a ray of solutions at best");
    }
    if (agrees(e, options)) {
      return agreed(e, agreement(e, options));
    }
    if (agreesAsPrinted(e)) {
      return agreed(e, agreementAsPrinted(e));
    }
    return e.search() == Search.GLOBAL ? inconsistent(e, options) : local(e, bound(e, options));
  }

  /** Why scores do not agree: what they missed, by how much, and the bound. */
  private record Miss(String what, double value, double bound) {

    /** The first of the three that tells. */
    static Miss of(Evidence e, Options options) {
      double bound = Verdict.bound(e, options);
      return e.relativeResidual() > bound
          ? new Miss("relative residual", e.relativeResidual(), bound)
          : e.mismatch() > mismatchBound(e, options)
              ? new Miss("mismatch", e.mismatch(), mismatchBound(e, options))
              : new Miss(
                  "mismatch beyond the rounding of each row",
                  e.rowwise().mismatch(),
                  Verdict.bound(e.rowwise().floor(), options));
    }

    @Override
    public String toString() {
      return format("%s %.2e > %.2e", what, value, bound);
    }
  }

  /** The relative residual up to which scores agree with the target. */
  static double bound(Evidence e, Options options) {
    return bound(e.floor(), options);
  }

  /** The mismatch up to which they do. */
  private static double mismatchBound(Evidence e, Options options) {
    return bound(e.relativeResidual(), e.floor(), e.rowwise(), options);
  }

  /** Where rows tell all that is left, rounding of their mean may be as large as it is. */
  private static double bound(double residual, double floor, RowwiseError rows, Options options) {
    return isAtRounding(residual, rows)
        ? Math.max(options.tolerance(), GlobalMethod.rounding(floor))
        : bound(floor, options);
  }

  private static double bound(double floor, Options options) {
    return GlobalMethod.effectiveTolerance(options.tolerance(), floor);
  }

  /** Whether the scores are the target, as far as numbers can tell. */
  static boolean agrees(Evidence e, Options options) {
    return e.relativeResidual() <= bound(e, options)
        && agrees(e.relativeResidual(), e.mismatch(), e.floor(), e.rowwise(), options);
  }

  /**
   * The same of all rows in the mean, and where each may be off by no more than its own rounding.
   */
  static boolean agrees(
      double residual, double mismatch, double floor, RowwiseError rows, Options options) {
    return mismatch <= bound(residual, floor, rows, options)
        && rows.mismatch() <= bound(rows.floor(), options);
  }

  /**
   * Whether no more than rounding is left of this relative residual, and rows are judged one by
   * one: small scores alone tell more.
   */
  static boolean isAtRounding(double residual, RowwiseError rows) {
    return rows.tells() && residual <= EVALUATION;
  }

  /** Whether every score is its target, for all that its target says. */
  static boolean agreesAsPrinted(Evidence e) {
    return e.search() != Search.GRADIENT
        && !e.regularized()
        && e.residuals() != null
        && e.noise().agrees(e.residuals());
  }

  /**
   * Whether the search is over: slacks have the signs that were asked for, and the scores agree, or
   * noise explains why not.
   */
  static boolean isExplained(Evidence e, Options options) {
    return e.wrongRow() < 0
        && (agrees(e, options) || agreesAsPrinted(e) || (explain(e).holds() && !isGuessed(e)));
  }

  /**
   * Whether only residuals tell of noise, at an optimum that one search alone found: a wrong one
   * may look like noise too.
   */
  private static boolean isGuessed(Evidence e) {
    return e.optimum() != null && e.optimum().isAlone() && !e.noise().isKnown();
  }

  private static TargetNoise.Explanation explain(Evidence e) {
    return e.noise().explain(e.residuals(), e.relativeResidual(), e.signsSought());
  }

  /** How far the scores were from exact ones, for all that is known in the end. */
  static ScoreNoise noise(Evidence e, Options options) {
    if (e.noise() == null) {
      return null;
    }
    if (e.residuals() == null || agrees(e, options) || agreesAsPrinted(e)) {
      return e.noise().asKnown();
    }
    TargetNoise.Explanation found = explain(e);
    return found.holds() ? new ScoreNoise(found.deviation(), found.source()) : e.noise().asKnown();
  }

  /** Whether a first look at the Jacobian shows that the scores determine x. */
  static boolean isDetermined(Evidence e) {
    return e.jacobian().isClear() && !Uniqueness.isLoose(e.jacobian(), e.error(), e.rows());
  }

  /**
   * The standard deviation of a target, from it and the score that was reached; null where scores
   * are only off by rounding of doubles.
   */
  static DoubleBinaryOperator deviation(Evidence e, Options options) {
    if (agrees(e, options)) {
      return null;
    }
    if (agreesAsPrinted(e)) {
      ScoreUncertainty known = e.noise().uncertainty();
      return (target, score) -> known.deviation(target);
    }
    return explain(e)::deviation;
  }

  /** The same at an optimum that is an answer; else null. */
  static DoubleBinaryOperator errorsOf(Evidence e, Options options) {
    return e.optimum() != null && of(e, options).status().usable() ? deviation(e, options) : null;
  }

  /** Whether all scores round to their targets. */
  static boolean isInside(ResidualProfile residuals) {
    return residuals.largestRatio() <= RoundedFit.INSIDE;
  }

  /** Whether bounded errors of the printed scores, with decimals that were given, tell more. */
  static boolean asksRounded(Evidence e, Options options) {
    return options.digits() >= 0 && asksInside(e, options);
  }

  /**
   * Whether an optimum is near an x whose scores all round to the printed ones, for all that one
   * sees: a wrong x may be, too.
   */
  static boolean asksInside(Evidence e, Options options) {
    return e.optimum() != null
        && !agrees(e, options)
        && e.noise().isNear(e.residuals(), e.relativeResidual())
        && agreed(e, "").status() == Status.CONVERGED;
  }

  /** Whether the verdict hangs on a closer look at the Jacobian, which costs. */
  static boolean asksUniqueness(Evidence e, Options options) {
    return e.search() != Search.GRADIENT
        && e.uniqueness() == null
        && of(e.with(Uniqueness.Finding.FREE), options).status()
            != of(e.with(Uniqueness.Finding.UNIQUE), options).status();
  }

  private static Verdict stopped(Evidence e) {
    String reached =
        Double.isNaN(e.relativeResidual())
            ? "its scores were not verified"
            : format("relative residual %.2e", e.relativeResidual());
    String kept =
        isNothing(e.relativeResidual())
            ? "; the x that is kept is no nearer to the target than 0 is, "
            : "; the best x so far is kept, ";
    return new Verdict(e.stopped().status(), e.stopped().getMessage() + kept + reached);
  }

  /** Whether an x with this relative residual is no nearer to the target than 0 is. */
  static boolean isNothing(double relativeResidual) {
    return relativeResidual >= NOTHING;
  }

  private static String agreement(Evidence e, Options options) {
    double bound = bound(e, options);
    return switch (e.search()) {
      case GLOBAL ->
          format(
              "the scores agree with the target on all rows: mismatch %.2e <= %.2e",
              e.mismatch(), mismatchBound(e, options));
      case LOCAL ->
          format(
              "the scores agree with the target: relative residual %.2e <= %.2e",
              e.relativeResidual(), bound);
      case GRADIENT ->
          format(
              "the gradient agrees with the target: relative residual %.2e <= %.2e",
              e.relativeResidual(), bound);
    };
  }

  private static String agreementAsPrinted(Evidence e) {
    return format(
            "every score agrees with its target within %s: the largest difference"
                + " is %.2f times that, of at most ",
            e.noise().uncertainty().leaves(), e.residuals().largestRatio())
        + e.noise().mostAgreement();
  }

  private static Verdict agreed(Evidence e, String message) {
    if (e.wrongRow() >= 0) {
      return new Verdict(
          Status.STALLED,
          "the scores agree with the target, but the slack of row "
              + e.wrongRow()
              + " has not the sign that was asked for");
    }
    boolean plain = isDetermined(e) && e.loneRows() == 0;
    if (!plain && isFree(e)) {
      return notIdentifiable(e);
    }
    return new Verdict(Status.CONVERGED, message);
  }

  private static boolean isFree(Evidence e) {
    return e.uniqueness() != null && e.uniqueness().free();
  }

  private static Verdict notIdentifiable(Evidence e) {
    Uniqueness.Finding found = e.uniqueness();
    return new Verdict(
        Status.NOT_IDENTIFIABLE,
        found.isExact()
            ? format(
                "other x have the same scores: the Jacobian's smallest singular value is %.1e of"
                    + " the largest, and x can move along the free direction",
                found.ratio())
            : Double.isInfinite(found.looseness())
                ? "x is not determined: scores as near to the target as these let x go to infinity"
                : format(
                    "x is not determined: scores as near to the target as these let slacks change"
                        + " by %.1g of themselves, more than %.1g, as where x goes to infinity",
                    found.looseness(), Uniqueness.LOOSE));
  }

  /** The scores do not agree, and the loss was lowered as far as it went. */
  private static Verdict inconsistent(Evidence e, Options options) {
    double residual = e.relativeResidual();
    double bound = bound(e, options);
    Miss miss = Miss.of(e, options);
    boolean exact = e.noise().exact();
    if (exact && residual <= bound && e.loneRows() > 0 && isFree(e)) {
      return notIdentifiable(e);
    }
    if (e.optimum() == null) {
      return new Verdict(Status.STALLED, "no progress: " + miss);
    }
    TargetNoise.Explanation explanation = explain(e);
    boolean looksPrinted = e.noise().looksPrinted() && explanation.isPrinted();
    boolean rounds = looksPrinted && isInside(e.residuals());
    if (!rounds && e.optimum().end() == End.ITERATION_LIMIT) {
      return iterationLimit(e, bound);
    }
    if (!rounds
        && e.optimum().end() == End.STALLED
        && e.optimum().wallRow() < 0
        && e.optimum().predicted() > PROMISING) {
      return new Verdict(
          Status.STALLED,
          format(
              "no step lowers the loss: relative residual %.2e, predicted decrease %.1e of the"
                  + " loss",
              residual, e.optimum().predicted()));
    }
    if (exact && residual <= bound && !e.noise().showsErrors(residual) && !looksPrinted) {
      return new Verdict(
          Status.STALLED,
          format(
              "the scores agree to %.2e, but %s only to %.2e > %.2e",
              residual,
              e.mismatch() > mismatchBound(e, options)
                  ? "the small ones among them"
                  : "beyond what rounding of each row leaves open",
              miss.value,
              miss.bound));
    }
    if (!explanation.holds()) {
      return new Verdict(
          Status.STALLED,
          format("no x was found: a local optimum with relative residual %.2e, ", residual)
              + explanation.words());
    }
    if (isGuessed(e)) {
      return new Verdict(
          Status.STALLED,
          format(
              "no x was found: a local optimum with relative residual %.2e, to which one search of"
                  + " several came, and of noise only residuals tell",
              residual));
    }
    if (isFree(e)) {
      return notIdentifiable(e);
    }
    if (e.wrongRow() >= 0) {
      return new Verdict(
          Status.STALLED,
          format("a local optimum with relative residual %.2e, where the slack of row ", residual)
              + e.wrongRow()
              + " has not the sign that was asked for");
    }
    String wall =
        e.optimum().wallRow() < 0
            ? ""
            : ", where the slack of row " + e.optimum().wallRow() + " goes to 0";
    return new Verdict(
        Status.INCONSISTENT_TARGET,
        "no x has exactly these scores: least-squares optimum reached, "
            + (explanation.isPrinted()
                ? format("relative residual %.2e, ", residual) + explanation.words()
                : miss + ", which noise explains")
            + wall);
  }

  private static Verdict iterationLimit(Evidence e, double bound) {
    return new Verdict(
        Status.ITERATION_LIMIT,
        format(
            "%s took %s: relative residual %.2e > %.2e",
            e.optimum().what(),
            Counted.of(e.optimum().iterations(), "iteration"),
            e.relativeResidual(),
            bound));
  }

  /** A descent in the cell of signs of a start point ended without the target. */
  private static Verdict local(Evidence e, double bound) {
    String residual = format("relative residual %.2e > %.2e", e.relativeResidual(), bound);
    if (e.optimum().end() == End.ITERATION_LIMIT) {
      return iterationLimit(e, bound);
    }
    if (e.optimum().end() == End.STALLED) {
      return new Verdict(
          Status.STALLED,
          "no step inside the cell of signs of the start lowers the loss any more: " + residual);
    }
    if (e.regularized()) {
      return new Verdict(
          Status.INCONSISTENT_TARGET, "minimum of the regularised loss reached: " + residual);
    }
    if (e.search() == Search.GRADIENT || !explain(e).holds()) {
      return new Verdict(
          Status.STALLED,
          "a local minimum that is not the answer: "
              + residual
              + "; another start, or method auto, may find it");
    }
    return new Verdict(
        Status.INCONSISTENT_TARGET,
        "no x nearby has the target scores: local least-squares optimum reached, " + residual);
  }

  private static String format(String words, Object... values) {
    return String.format(Locale.ROOT, words, values);
  }
}
