package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.levinv.Options;
import org.levinv.ScoreNoise;
import org.levinv.ScoreNoise.Source;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.Profile;
import org.levinv.pass.ResidualProfile;
import org.levinv.small.Counted;

/**
 * How far the target scores may be from exact ones, and what that explains. The one place that says
 * so: tolerances and verdicts ask here.
 *
 * @param exact whether some x has them, for all that is known: what they carry is rounding that
 *     hides nothing from the stages
 * @param uncertainty of each score
 * @param apparent the same as far as it is known; else what scores look like that are few or round,
 *     if their sum bears it out: an explanation where residuals do so, too
 * @param floor what it does to the mismatch of the right x
 * @param residual and to its relative residual
 * @param rows n
 * @param columns d
 * @param fits of residuals
 * @param squares the sum of the squared targets
 * @param sumError the sum of the targets - d: the sum of all errors
 * @param largest target
 * @param loud rows whose scores are as uncertain as any, nearly, or larger than errors of all would
 *     be: all that the sum of squares of all residuals sees
 * @param agreement how many delta a score may be from its target and agree with it
 * @param warnings why they do not look exact, a sentence each
 */
record TargetNoise(
    boolean exact,
    ScoreUncertainty uncertainty,
    ScoreUncertainty apparent,
    double floor,
    double residual,
    double rows,
    int columns,
    NoiseFits fits,
    double squares,
    double sumError,
    double largest,
    double loud,
    double agreement,
    List<String> warnings) {

  /** Standard deviations that a sum of squared errors may be off. */
  private static final double MOST_DEVIATIONS = 4;

  /**
   * Uncertainty that does more than this to the mismatch is noise for the first stages: they look
   * for the nearest x and no longer for agreement.
   */
  private static final double NOISY = 1e-5;

  /** Every score of a least-squares optimum within so many delta of its target agrees with it. */
  static final double AGREES = 3;

  /**
   * Independent errors e have E (sum e)^2 = ||e||^2, whatever the size of each: a sum of errors
   * below this share of their norm is an accident of one in 600, or no noise.
   */
  private static final double QUIET_SUM = 0.002;

  /** Exact scores sum to d up to some roundings: this, relatively, is an error. */
  private static final double SUM_ROUNDING = 1e-13;

  /**
   * One sum of errors in 60 is below this share of their norm. Larger: more right optima are looked
   * for twice.
   */
  private static final double UNUSUAL_SUM = 0.02;

  /** One sum of errors in 125 is below this share of their norm. */
  private static final double UNLIKELY_SUM = 0.01;

  /** Errors may be larger than their sum shows: by more than this in one of four. */
  private static final double LARGER = 3;

  /**
   * A relative residual that noise explains although the sum of the scores shows none, as where
   * they were scaled to sum to d. Larger: failed searches are called optima.
   */
  private static final double UNSEEN = 0.05;

  /**
   * Another weight of the rows changes the least residual by less than this factor. Smaller: a
   * right x whose scores carry noise is taken for a wrong one.
   */
  private static final double FAR = 10;

  /** Of the square of a uniform error, in units of the square of its variance: 9 / 5 - 1. */
  private static final double UNIFORM_VARIANCE = 0.8;

  private static final String MORE = "which is more than noise: ";

  /** A standard deviation that a user states, or that scores allow, may be wrong by this factor. */
  private static final double STATED = 1.5;

  /**
   * Noise in proportion to the scores beyond this is what other signs of a few rows leave, too.
   * Larger: optima with some wrong signs are called answers.
   */
  private static final double LOUD = 0.02;

  /** Uncertainties below this part of the largest leave residuals that a sum of squares hides. */
  private static final double HIDDEN = 0.01;

  /**
   * Of the target that a first reading saw, and what the user says of it.
   *
   * @param isRounded whether the solve looks for an x whose scores all round to the targets: where
   *     their decimals are given, no other agrees
   */
  static TargetNoise of(Profile profile, long rows, int d, Options options, boolean isRounded) {
    return of(profile, rows, d, uncertainty(profile, options), isRounded);
  }

  /** The same with what all rows show of the errors of each, for some of them. */
  static TargetNoise of(
      Profile profile, long rows, int d, ScoreUncertainty uncertainty, boolean isRounded) {
    double variance = profile.variance(uncertainty, rows);
    double sumError = profile.targetSum() - d;
    List<String> warnings = new ArrayList<>();
    if (profile.outside() > 0) {
      warnings.add(
          Counted.of(profile.outside(), "of the scores is", "of the scores are")
              + " outside [0, 1]: taken as noise");
    }
    if (!profile.hasSum(d, uncertainty, rows)) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the scores sum to %.12g, not to d = %d: taken as noise, no x has them exactly",
              profile.targetSum(),
              d));
    }
    double residual = uncertainty.isCoarse() ? Math.sqrt(variance / profile.targetSquares()) : 0;
    double floor = uncertainty.isCoarse() ? Math.max(residual, logits(profile, uncertainty)) : 0;
    return new TargetNoise(
        warnings.isEmpty() && floor <= NOISY,
        uncertainty,
        apparent(profile, rows, d, uncertainty),
        floor,
        residual,
        rows,
        d,
        new NoiseFits(rows - profile.positive()),
        profile.targetSquares(),
        sumError,
        profile.largestTarget(),
        loud(profile, rows, uncertainty, sumError),
        agreement(uncertainty, isRounded),
        List.copyOf(warnings));
  }

  private static ScoreUncertainty uncertainty(Profile profile, Options options) {
    if (options.digits() >= 0) {
      return ScoreUncertainty.ofDecimals(options.digits(), Source.GIVEN);
    }
    if (options.scoreError() > 0) {
      return ScoreUncertainty.ofDeviation(options.scoreError());
    }
    return profile.printed();
  }

  /** How many delta a score may be off, where an x is looked for whose scores all round, or not. */
  static double agreement(ScoreUncertainty uncertainty, boolean isRounded) {
    return isRounded && uncertainty.source() == Source.GIVEN && uncertainty.isBounded()
        ? RoundedFit.INSIDE
        : AGREES;
  }

  private static ScoreUncertainty apparent(
      Profile profile, long rows, int d, ScoreUncertainty known) {
    ScoreUncertainty apparent = profile.apparent();
    boolean isPossible =
        !known.isCoarse()
            && apparent.isCoarse()
            && profile.outside() == 0
            && profile.hasSum(d, apparent, rows);
    return isPossible ? apparent : known;
  }

  private static double loud(
      Profile profile, long rows, ScoreUncertainty uncertainty, double sumError) {
    if (!uncertainty.isCoarse()) {
      double additive = LARGER * Math.abs(sumError) / Math.sqrt(rows);
      return profile.sum(t -> t >= additive ? 1 : 0);
    }
    double least = HIDDEN * uncertainty.delta(profile.largestTarget());
    return profile.sum(t -> uncertainty.delta(t) >= least ? 1 : 0);
  }

  /**
   * Whether least squares would fit the errors of no more rows than x has numbers, as near a vertex
   * with scores of as many digits each: the others, which determine x, are nothing beside them.
   * Where errors are not known, only such in proportion to each score leave anything to be found.
   */
  boolean hidesRows() {
    return !exact && loud <= columns && (isKnown() || !uncertainty.isCoarse());
  }

  /** The mean logit error of exact scores. */
  private static double logits(Profile profile, ScoreUncertainty uncertainty) {
    double degrees = profile.sum(t -> t * (1 - Math.min(t, 1)));
    double logit =
        profile.sum(
            t -> {
              double s = uncertainty.deviation(t);
              return s * s / Math.max(t * (1 - Math.min(t, 1)), s);
            });
    return Math.sqrt(logit / Math.max(degrees, Double.MIN_NORMAL));
  }

  /** Whether the sum of the scores shows no more errors than those of the printed digits. */
  private boolean isSumPrinted() {
    return warnings.isEmpty();
  }

  /** Whether known errors leave a relative residual like this one, whatever its single rows say. */
  boolean leaves(double relativeResidual) {
    return relativeResidual <= STATED * residual;
  }

  /**
   * Whether no right x is near one where logit errors no longer decrease and such a residual is
   * left: all errors that scores carry are known, and far smaller.
   */
  boolean isFar(double relativeResidual) {
    return (exact || isKnown()) && relativeResidual > FAR * Math.max(residual, NOISY);
  }

  /**
   * Whether neither known errors nor those that the sum of the scores shows leave a relative
   * residual like this one: x is not near.
   */
  boolean rulesOut(double relativeResidual) {
    double most = Math.abs(sumError) / UNLIKELY_SUM / Math.sqrt(squares);
    return relativeResidual > (isKnown() ? FAR * residual : Math.max(STATED * residual, most));
  }

  /** Whether the sum of the scores shows errors of which a relative residual is no wonder. */
  boolean showsErrors(double relativeResidual) {
    double least = QUIET_SUM * relativeResidual * Math.sqrt(squares);
    return Math.abs(sumError) >= Math.max(SUM_ROUNDING * columns, least);
  }

  /**
   * The standard deviation of a score: what is known of it, or where nothing is as much as their
   * sum shows.
   */
  double deviation(double target) {
    if (uncertainty.isCoarse()) {
      return uncertainty.deviation(target);
    }
    double norm = exact ? 0 : LARGER * Math.abs(sumError);
    return hidesRows() ? norm / Math.sqrt(squares) * Math.abs(target) : norm / Math.sqrt(rows);
  }

  /**
   * The largest score that a target may stand for: beside what is printed as 1, 1 - sigma is open.
   */
  double mostScore() {
    return largest + apparent.delta(largest);
  }

  /** Whether every score agrees with what is printed of it, where less is printed than a double. */
  boolean agrees(ResidualProfile residuals) {
    return uncertainty.isCoarse() && residuals.largestRatio() <= agreement;
  }

  /**
   * Whether scores are printed with errors that none exceeds, and about agree with it: each of
   * them, or all together, where least squares hardly sees the small ones.
   */
  boolean isNear(ResidualProfile residuals, double relativeResidual) {
    return uncertainty.isCoarse()
        && uncertainty.isBounded()
        && (residuals.largestRatio() <= AGREES || (isKnown() && leaves(relativeResidual)));
  }

  /** The largest ratio of a residual to what its score leaves open that agrees, in words. */
  String mostAgreement() {
    return format(agreement == AGREES ? "%.0f" : "%.2f", agreement);
  }

  /**
   * What the noise explains of residuals, and why not more.
   *
   * @param deviation of the largest target
   * @param printed how far each score is off, or null where that is the fit
   * @param fit to residuals that show what was not known, or null
   * @param words why it does not hold, after the residual; of known errors also why it does
   */
  record Explanation(
      boolean holds,
      Source source,
      double deviation,
      ScoreUncertainty printed,
      NoiseFit fit,
      String words) {

    /** Whether digits that scores look printed with are the reason. */
    boolean isPrinted() {
      return holds && printed != null;
    }

    /** Of a target, from it and the score that was reached. */
    double deviation(double target, double score) {
      return printed != null ? printed.deviation(target) : fit.deviation(score);
    }

    /** The same that any scores would bear out, and why. */
    Explanation accident(String why) {
      return new Explanation(false, source, deviation, printed, fit, why);
    }
  }

  /**
   * Whether noise may be why an optimum leaves these residuals: what the scores are known to carry,
   * or, where nothing is known of it, independent errors that the residuals look like, of a fit
   * that is no accident.
   *
   * @param signsSought whether x was looked for in all cells of signs, or in one
   */
  Explanation explain(ResidualProfile residuals, double relativeResidual, boolean signsSought) {
    if (!residuals.hasScores()) {
      return new Explanation(
          false,
          uncertainty.source(),
          uncertainty.delta(largest),
          uncertainty,
          null,
          "where the weighted rows are dependent, for all that doubles tell, and have no scores");
    }
    if (isKnown()) {
      return explainPrinted(residuals, uncertainty.source());
    }
    Explanation printed = looksPrinted() ? explainPrinted(residuals, Source.ESTIMATED) : null;
    Explanation found =
        printed != null && printed.holds() ? printed : explainUnknown(residuals, relativeResidual);
    double chance = chance(relativeResidual, signsSought);
    return found.holds() && chance > Chance.MOST
        ? found.accident(
            format(
                "which may be an accident: with %.0f rows and d = %d some x%s comes as near to any"
                    + " scores with a probability of up to %.2g, more than %.2g; known errors"
                    + " (--digits, --score-error) would tell",
                rows, columns, signsSought ? ", whatever its signs," : "", chance, Chance.MOST))
        : found;
  }

  /** The probability that some x comes as near to scores that have nothing to do with A and b. */
  private double chance(double relativeResidual, boolean signsSought) {
    double sum = columns + sumError;
    double aboutMean = squares - sum * sum / rows;
    double left = relativeResidual * relativeResidual * squares / aboutMean;
    return Math.exp(Chance.log(rows, columns, left, signsSought));
  }

  /**
   * Whether one search for signs is not enough to tell noise of which only residuals tell: they are
   * a large part of the scores that they belong to, which other signs of a few rows leave, too, or
   * rows are few.
   */
  boolean asksSecond(ResidualProfile residuals, double relativeResidual) {
    Explanation found = explain(residuals, relativeResidual, true);
    return found.holds()
        && found.fit() != null
        && (found.fit().proportional() > LOUD || chance(relativeResidual, true) > Chance.SURE);
  }

  /**
   * Whether one search is not enough although the signs are known: errors of which only residuals
   * tell would have to cancel in the sum of the scores, as few do.
   */
  boolean isDoubtful(ResidualProfile residuals, double relativeResidual) {
    Explanation found = explain(residuals, relativeResidual, false);
    return found.holds()
        && found.fit() != null
        && Math.abs(sumError) < UNUSUAL_SUM * relativeResidual * Math.sqrt(squares);
  }

  /** Whether scores that are not known to be printed look so. */
  boolean looksPrinted() {
    return !uncertainty.isCoarse() && apparent.isCoarse();
  }

  /** By independent errors that the residuals look like. */
  private Explanation explainUnknown(ResidualProfile residuals, double relativeResidual) {
    double norm = 0;
    for (double value : residuals.squares()) {
      norm += value;
    }
    norm = Math.sqrt(norm);
    boolean isScaled =
        Math.abs(sumError) <= Profile.EXACT_SUM * columns; // whatever the errors were
    if (Math.abs(sumError) < QUIET_SUM * norm && !(isScaled && relativeResidual <= UNSEEN)) {
      return new Explanation(
          false,
          Source.ESTIMATED,
          uncertainty.delta(largest),
          uncertainty,
          null,
          MORE
              + format(
                  "the sum of the scores shows errors of %.1e, the residuals have a norm of %.1e",
                  Math.abs(sumError), norm));
    }
    NoiseFit fit = fits.of(residuals);
    double most = mostStandardized();
    boolean isLoud = fit.proportional() > NoiseFit.MOST_PROPORTIONAL;
    boolean holds = !isLoud && fit.chi() <= STATED && fit.standardized() <= most;
    return new Explanation(
        holds,
        Source.ESTIMATED,
        fit.deviation(Math.min(1, largest)),
        null,
        fit,
        MORE
            + (isLoud
                ? format(
                    "noise would have to be %.2g of each score, more than %.2g",
                    fit.proportional(), NoiseFit.MOST_PROPORTIONAL)
                : fit.chi() > STATED
                    ? format(
                        "residuals are %.3g times those of noise that leaves scores above 0, %.2g"
                            + " would do",
                        fit.chi(), STATED)
                    : format(
                        "the largest residual, of row %d, is %.3g standard deviations of such"
                            + " noise, %.3g would do",
                        fit.row(), fit.standardized(), most)));
  }

  /**
   * The largest of n errors with as heavy tails as Laplace's, times sqrt(2) for the bins; and more
   * where few others tell their size: Student's t for normal tails, David Wallace, "Bounds on
   * normal approximations to Student's and the chi-square distributions", 1959.
   */
  private double mostStandardized() {
    double tail = Math.log(100 * rows);
    double degrees = Math.max(1, rows - columns - 1);
    double z = Math.sqrt(2 * tail);
    return tail * Math.sqrt(degrees * Math.expm1(z * z / degrees)) / z;
  }

  /** Whether there are no other errors: the user says so, or the sum of the scores does. */
  boolean isKnown() {
    return uncertainty.isCoarse() && (uncertainty.source() == Source.GIVEN || isSumPrinted());
  }

  /**
   * Rounding has a bound that no single score exceeds: a few large residuals are not made good by
   * many small ones, and where all scores round to the targets nothing else counts, not even that
   * all were rounded the same way. An optimum has fitted d numbers to the errors, and squares of
   * uniform ones vary less than those of normal ones.
   */
  private Explanation explainPrinted(ResidualProfile residuals, Source source) {
    double chi = Math.sqrt(residuals.chiSquare() / rows);
    boolean isBounded = apparent.isBounded();
    double bound =
        isBounded
            ? Math.sqrt(1 - columns / rows + MOST_DEVIATIONS * Math.sqrt(UNIFORM_VARIANCE / rows))
            : STATED * Math.sqrt(1 + MOST_DEVIATIONS * Math.sqrt(2 / rows));
    String words =
        chi > bound
            ? format("residuals are %.3g times those of scores with ", chi) + apparent.words()
            : format(
                    "the largest residual, of row %d, is %.3g times ",
                    residuals.largestRow(), residuals.largestRatio())
                + apparent.leaves()
                + ", of at most "
                + mostAgreement();
    boolean isSeen = source != Source.GIVEN;
    boolean rounds = isBounded && residuals.largestRatio() <= RoundedFit.INSIDE;
    boolean holds =
        rounds || (chi <= bound && (!isBounded || residuals.largestRatio() <= agreement));
    String why = // logits of scores that are printed as 0 may be anything: no mismatch is looked at
        isBounded
            ? format("the largest difference is %.2g times ", residuals.largestRatio())
                + apparent.leaves()
            : format("residuals are %.3g times those of scores with ", chi) + apparent.words();
    return new Explanation(
        holds,
        source,
        apparent.delta(largest),
        apparent,
        null,
        holds
            ? "which noise explains: " + why
            : MORE + words + (isSeen ? ", and their sum shows no other errors" : ""));
  }

  /** The uncertainty for a result whose scores agree, or of which nothing more is known. */
  ScoreNoise asKnown() {
    return new ScoreNoise(uncertainty.delta(largest), uncertainty.source());
  }

  private static String format(String words, Object... values) {
    return String.format(Locale.ROOT, words, values);
  }
}
