package org.levinv.solve;

import java.util.Arrays;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.RowGroups;
import org.levinv.VectorSink;
import org.levinv.method.GlobalMethod;
import org.levinv.method.SingularValues;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.model.RowwiseError;
import org.levinv.pass.ResidualProfile;
import org.levinv.pass.SignRule;
import org.levinv.pass.VerifiedScores;

/**
 * The best x so far of a solve without a start point, in the units of the user: how it was found,
 * what was verified there, and which x are better. Its {@link #evidence} is all that stages and
 * verdict judge by.
 */
final class Incumbent {

  /** Above this relative residual noise is so loud that one descent to it tells little. */
  static final double LOUD = 0.02;

  /** With fewer rows for each column residuals tell little. */
  private static final double FEW_ROWS = 5;

  /**
   * Slacks of rows whose score is 1 but for this are within some hundredth of the others' sizes.
   * Larger: descents begin farther from where a search ended.
   */
  private static final double HAIR = 1e-4;

  /** Losses that differ by no more are told apart by rounding of the scores alone. */
  private static final double AS_NEAR = 1 + 1e-9;

  /** An x in the units of the user, and what was verified there. */
  record Point(double[] x, VerifiedScores verified) {}

  /** Residuals of the x near this one that suits the noise best, with the same signs. */
  private record Weighted(double[] x, ResidualProfile residuals) {}

  private final Problem problem;
  private final Options options;
  private TargetNoise noise;
  private Verification verification;
  private int judgedSign;
  private Point point = new Point(null, null);
  private GlobalMethod.Outcome outcome;
  private Optimum optimum;
  private final Recurrence recurrence = new Recurrence();
  private SingularValues jacobian = SingularValues.UNKNOWN;
  private Uniqueness.Finding uniqueness;
  private InputRounding inputs;
  private InputRounding seen;
  private RoundedFit rounded;
  private Weighted weighted;
  private Outlier wrong;
  private RowGroups groups = RowGroups.ONE;
  private boolean signsByGroup;
  private String stages = "global: sample, magnitudes, position, refinement";
  private int iterations;

  Incumbent(Problem problem, Options options) {
    this.problem = problem;
    this.options = options;
  }

  /** By what an x is judged, from the first reading on. */
  void judgeBy(TargetNoise noise, Verification verification) {
    this.noise = noise;
    judgedSign = askedSign();
    this.verification = verification.withSign(judgedSign);
  }

  // ---- what is better

  Point verify(double[] at) {
    return new Point(at, verification.at(at));
  }

  /** The same, with all scores. */
  Point verify(double[] at, double[] scores) {
    VectorSink sink =
        (first, count, values) -> System.arraycopy(values, 0, scores, (int) first, count);
    return new Point(at, verification.at(at, false, sink));
  }

  /** Verifies a candidate, and keeps the best one in case the solve is ended. */
  VerifiedScores offer(double[] at) {
    if (point.x == null) {
      point = new Point(at, null);
    }
    Point there = verify(at);
    if (isBetter(there.verified)) {
      point = there;
    }
    return there.verified;
  }

  /** What a search ended with, which tells of signs and Jacobian, too. */
  void offer(Point there, GlobalMethod.Outcome found) {
    if (outcome == null || found.offsetInRange() || isBetter(there.verified)) {
      point = there;
      outcome = found;
      jacobian = found.singularValues();
      uniqueness = null;
      signsByGroup = false;
    }
  }

  /** Where a descent ended that began with the signs of a search. */
  void offer(Point there, Optimum ended, GlobalMethod.Outcome from) {
    boolean isBetter = isBetter(there.verified);
    if (optimum == null || isBetter) {
      optimum = ended;
    }
    if (isBetter) {
      point = there;
      outcome = from;
    }
  }

  /** What was found group by group. */
  void takeByGroups(Point there, RowGroups found) {
    point = there;
    jacobian = SingularValues.UNKNOWN;
    uniqueness = null;
    signsByGroup = true;
    groups = found;
    ran("groups");
  }

  /** An x that has all scores but one, which is wrong: its loss is no longer what counts. */
  void takeAllBut(Outlier score, Point there) {
    point = there;
    jacobian = SingularValues.UNKNOWN;
    uniqueness = null;
    signsByGroup = true;
    wrong = score;
    ran("mended score");
  }

  /** The mean of all x whose scores round to the targets. */
  void takeRounded(RoundedFit fit, VerifiedScores there) {
    point = new Point(fit.x(), there);
    rounded = fit;
    ran("rounding");
  }

  /** A point that is preferred where its scores are as good, for all that doubles tell. */
  void offerAsGood(double[] x) {
    VerifiedScores now = point.verified;
    Point there = verify(x);
    boolean isRight = there.verified.wrongRow() < 0 || now.wrongRow() >= 0;
    boolean isAsNear = there.verified.loss() <= AS_NEAR * now.loss();
    if (isRight && (isAsNear || (agrees(now) && agrees(there.verified)))) {
      point = there;
    }
  }

  /** What there is of a solve that was ended: unverified, where that would take too long. */
  void settle(double[] otherwise, boolean mayVerify) {
    if (point.x == null) {
      point = new Point(otherwise, null);
    }
    if (point.x != null && point.verified == null && mayVerify) {
      point = verify(point.x);
    }
  }

  /**
   * Than the best x: its slacks have the signs that were asked for, for noisy scores or where both
   * agree; all scores agree as they are printed, which errors that no score exceeds leave certain;
   * or the loss is smaller.
   */
  boolean isBetter(VerifiedScores there) {
    if (point.verified == null) {
      return true;
    }
    boolean isRight = there.wrongRow() < 0;
    boolean differ = isRight != point.verified.wrongRow() < 0;
    if (differ && (!noise.exact() || (agrees(there) && agrees(point.verified)))) {
      return isRight;
    }
    boolean agrees = agreesAsPrinted(there);
    if (agrees != agreesAsPrinted(point.verified)) {
      return agrees;
    }
    return isAtRounding(there) && isAtRounding(point.verified)
        ? there.rowwise().mismatch() <= point.verified.rowwise().mismatch()
        : there.loss() <= point.verified.loss();
  }

  /** Whether no more than rounding is left of the loss of exact scores. */
  boolean isAtRounding() {
    return isAtRounding(point.verified);
  }

  private boolean isAtRounding(VerifiedScores there) {
    return noise.exact() && Verdict.isAtRounding(there.error().relativeResidual(), there.rowwise());
  }

  /** Whether scores are the target, for all that rounding at their x tells. */
  boolean agrees(VerifiedScores there) {
    return Verdict.agrees(
        there.error().relativeResidual(),
        there.error().mismatch(),
        there.error().floor(),
        there.rowwise(),
        options);
  }

  private boolean agreesAsPrinted(VerifiedScores there) {
    return noise.uncertainty().isBounded() && noise.agrees(there.profile());
  }

  /** Whether slacks have the signs that were given, or found to be those of all. */
  boolean isInside(VerifiedScores there, SignRule signs) {
    int found = signs.equalSign();
    return found == 0 || found == judgedSign ? there.wrongRow() < 0 : others(there, found) == 0;
  }

  // ---- what is known of it

  /** All that was measured of it, judged by the signs that are known now. */
  Evidence evidence() {
    VerifiedScores there = judged();
    return new Evidence(
        Evidence.Search.GLOBAL,
        false,
        noise,
        problem.A().rows(),
        there.error().mismatch(),
        floor(),
        inputs == null ? there.rowwise() : RowwiseError.NONE,
        weighted != null && weighted.x == point.x ? weighted.residuals : there.profile(),
        there.error().relativeResidual(),
        outcome.offsetInRange(),
        there.wrongRow(),
        signsSought(),
        there.lone(),
        jacobian,
        Uniqueness.Error.of(there.error()).norm(),
        optimum == null ? null : optimum.alone(recurrence.isAlone() && asksSecond()),
        uniqueness,
        null);
  }

  /** Whether the signs of x were found, and not given nor the same for all rows. */
  private boolean signsSought() {
    boolean isGiven = GlobalSearch.signs(options.signs()).isKnown();
    boolean isFound = signsByGroup || !outcome.signs().isKnown();
    return !isGiven && isFound && point.verified.positive() > 0 && point.verified.negative() > 0;
  }

  /** Whether there may be other optima that look like noise as well. */
  boolean asksSecond() {
    return asksOtherSigns()
        || (optimum != null
            && !signsSought()
            && residual() > GlobalMethod.rounding(floor())
            && noise.isDoubtful(point.verified.profile(), residual()));
  }

  /** Whether there may be such with other signs. */
  boolean asksOtherSigns() {
    return optimum != null
        && signsSought()
        && noise.asksSecond(point.verified.profile(), residual());
  }

  /** What rounding of A, b and the slacks does to the mismatch. */
  double floor() {
    double ofDoubles = point.verified.error().floor();
    return inputs == null ? ofDoubles : inputs.floor(ofDoubles);
  }

  /** Wrong rows are those of the sign that was given, or found to be that of all. */
  private VerifiedScores judged() {
    int found = equalSign();
    found = found == 0 ? askedSign() : found;
    if (found != judgedSign) {
      judgedSign = found;
      verification.withSign(found);
      if (others(point.verified, found) > 0 || point.verified.wrongSide() > 0) {
        point = verify(point.x);
      }
    }
    return point.verified;
  }

  /** Slacks that have not a sign that is said to be that of all. */
  private static long others(VerifiedScores there, int sign) {
    return sign > 0 ? there.negative() : sign < 0 ? there.positive() : 0;
  }

  /** The sign that was asked for of all slacks, or 0. */
  private int askedSign() {
    return GlobalSearch.signs(options.signs()).equalSign();
  }

  /** The sign that all slacks have, for all that the stages say; or 0. */
  int equalSign() {
    return signsByGroup ? askedSign() : outcome.signs().equalSign();
  }

  /** Whether the scores are the target, as far as numbers can tell. */
  boolean agrees() {
    return Verdict.agrees(evidence(), options);
  }

  /** Whether every score is its target, for all that its target says. */
  boolean agreesAsPrinted() {
    return Verdict.agreesAsPrinted(evidence());
  }

  /** Whether all scores do but one, which is wrong: at an optimum no search finds a better x. */
  boolean agreesButForOne() {
    Outlier found = Outlier.of(point.verified.profile(), noise.sumError());
    return optimum != null && found != null && found.isClear();
  }

  /** Whether they do, and all slacks have the signs that were asked for. */
  boolean agreesInCell() {
    return agrees() && judged().wrongRow() < 0;
  }

  /** Whether the scores agree, as they are or as they are printed. */
  boolean isMet() {
    return agrees() || agreesAsPrinted();
  }

  /** Whether the scores agree, or so nearly that least squares finds the right x. */
  boolean isFound() {
    return isMet() || point.verified.error().mismatch() <= GlobalMethod.near(noise.floor());
  }

  /** Whether the scores agree, or noise explains why not. */
  boolean isExplained() {
    return Verdict.isExplained(evidence(), options);
  }

  /** Whether digits that scores look printed with say so. */
  boolean isExplainedAsPrinted() {
    return isExplained()
        && noise.explain(point.verified.profile(), residual(), signsSought()).isPrinted();
  }

  /** Whether residuals alone say so, of an optimum that may have to be found again. */
  boolean looksExplained() {
    VerifiedScores there = judged();
    return there.wrongRow() < 0
        && (isMet() || noise.explain(there.profile(), residual(), signsSought()).holds());
  }

  /** Whether that is so, or a limit ended the search. */
  boolean isSettled() {
    return !mayGoOn() || isExplained();
  }

  /** Whether the scores are further off than any errors that they show. */
  boolean isFar() {
    return !agrees() && noise.rulesOut(residual());
  }

  /** Whether known errors leave as large a residual, whatever its single rows say. */
  boolean leaves() {
    return noise.leaves(residual());
  }

  /** Whether residuals are so many, and so small, that one optimum tells of others. */
  boolean isTelling() {
    return residual() <= LOUD && problem.A().rows() > FEW_ROWS * problem.A().columns();
  }

  /**
   * A point in the cell of the known signs: this one, or where slacks of it are mirrored that are a
   * hair's breadth outside, since noise or rounding is larger than they are; null where others are
   * outside, too.
   */
  Point inside(Point at, SignRule signs) {
    VerifiedScores there = at.verified;
    if (isInside(there, signs)) {
      return at;
    }
    boolean isHair =
        there.wrongSide() > 0
            && there.wrongSide() <= there.wrongRows().size()
            && Arrays.stream(there.wrongRows().keys()).allMatch(score -> score >= 1 - HAIR);
    if (!isHair) {
      return null;
    }
    long[] wrong = there.wrongRows().numbers();
    Point mirrored = verify(verification.loneRows(wrong, at.x, there.slackError()).mirrored(at.x));
    return isInside(mirrored.verified, signs) ? mirrored : null;
  }

  /**
   * Where a descent that keeps signs ended at the boundary, so near that rounding hides them, the
   * point beside it where they are seen.
   */
  Point onTheSideOf(Point start, Point there) {
    double[] x = verification.onTheSideOf(start.x, there.x, there.verified);
    return x == there.x ? there : verify(x);
  }

  /** Whether a descent with signs of its own ended where rows have the score 1. */
  boolean isOnHyperplane() {
    return optimum != null && signsSought() && !isMet() && point.verified.lone() > 0;
  }

  /** Rows with the score 1, those that are listed. */
  LoneRows loneRows() {
    VerifiedScores there = point.verified;
    return verification.loneRows(there.loneRows().numbers(), point.x, there.slackError());
  }

  /** Relative to the target. */
  double residual() {
    return point.verified.error().relativeResidual();
  }

  TargetNoise noise() {
    return noise;
  }

  double[] x() {
    return point.x;
  }

  /** Null before there is one that was verified. */
  VerifiedScores verified() {
    return point.verified;
  }

  Point point() {
    return point;
  }

  /** Of the search that it comes from, or null. */
  GlobalMethod.Outcome outcome() {
    return outcome;
  }

  /** Whether no limit ended the search. */
  boolean mayGoOn() {
    return !outcome.limitReached();
  }

  /** How the last descent to it ended, or null. */
  Optimum optimum() {
    return optimum;
  }

  /** The searches that ended there. */
  Recurrence recurrence() {
    return recurrence;
  }

  SingularValues jacobian() {
    return jacobian;
  }

  /** What a closer look at the Jacobian showed, or null. */
  Uniqueness.Finding uniqueness() {
    return uniqueness;
  }

  void setUniqueness(Uniqueness.Finding found) {
    uniqueness = found;
  }

  /** Rounding of A and b that is allowed for, or null. */
  InputRounding inputs() {
    return inputs;
  }

  /** What A and b look rounded to, from the first time on that this is asked. */
  InputRounding look() {
    seen = seen == null ? InputRounding.of(problem) : seen;
    return seen;
  }

  /** Rounding of A and b that may be why scores do not agree, or null. */
  InputRounding suspect() {
    return InputRounding.suspect(seen, point.verified, noise);
  }

  /** From now on the scores may be off by what rounding of A and b does, or null. */
  void allow(InputRounding value) {
    inputs = value;
  }

  /** Residuals nearby that tell of the noise what its own do not. */
  void setResiduals(ResidualProfile nearby) {
    weighted = new Weighted(point.x, nearby);
  }

  /** The mean of all x that round to the targets, or null. */
  RoundedFit rounded() {
    return rounded;
  }

  /** The score that alone is wrong, or null where none is known to be. */
  Outlier wrong() {
    return wrong;
  }

  /** What became of groups of rows. */
  RowGroups groups() {
    return groups;
  }

  // ---- how it was found

  /** One more stage ran. */
  void ran(String stage) {
    stages += ", " + stage;
  }

  /** The same, unless it was the last one. */
  void runs(String stage) {
    if (!stages.endsWith(", " + stage)) {
      ran(stage);
    }
  }

  /** The stages, in words. */
  String stages() {
    return stages;
  }

  void count(int more) {
    iterations += more;
  }

  int iterations() {
    return iterations;
  }
}
