package org.levinv.solve;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Supplier;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.ScoreNoise.Source;
import org.levinv.Standing;
import org.levinv.device.Workspace;
import org.levinv.method.GlobalMethod;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.pass.Profile;
import org.levinv.pass.VerifiedScores;
import org.levinv.solve.Incumbent.Point;

/**
 * The stages of a solve without a start point on all rows and samples of them: searches, descents
 * to the least-squares optimum, and looks at what is found. Each offers its x to the incumbent.
 */
final class Stages {

  static final String LEAST_SQUARES = "least squares";

  /**
   * Slacks that grow along a ray, alike but for so much of themselves, may go on to infinity.
   * Larger: more solves pay for a look there.
   */
  private static final double MAY_GROW = 0.1;

  /**
   * A slack that is this part of what would halve its row's score leaves 1 - sigma = 1e-6: seen by
   * doubles, and no change of x that counts. Larger: other rows change, too.
   */
  private static final double SEEN = 1e-3;

  /** Rows that a warning names. */
  private static final int FEW = 5;

  private final Frame frame;
  private final Problem problem;
  private final Options options;
  private final Profile profile;
  private final Standing begin;
  private final Incumbent best;
  private final Workspace space;
  private int searches;
  private GlobalSearch search;
  private GlobalMethod.Outcome found;
  private Point refined;
  private Point descended;
  private double[] minimum;
  private GlobalSearch minimised;
  private double[] roundedAt;

  /**
   * @param profile of the rows
   * @param begin where an earlier run stood
   */
  Stages(
      Frame frame,
      Problem problem,
      Options options,
      Profile profile,
      Standing begin,
      Incumbent best,
      Workspace space) {
    this.frame = frame;
    this.problem = problem;
    this.options = options;
    this.profile = profile;
    this.begin = begin;
    this.best = best;
    this.space = space;
  }

  // ---- from no point

  /** One search, whose x is kept where it is the best so far. */
  void search(int attempt, int moreSearches) {
    boolean isFirst = best.outcome() == null;
    // a hint never ends a search for noisy scores: one that was taken up would only cost more
    boolean hasHint =
        isFirst
            && begin.stage() == Standing.Stage.REFINEMENT
            && (best.noise().exact() || options.standing() == null);
    searches = attempt;
    frame.setUnits(profile.units());
    search =
        new GlobalSearch(
            frame.held(),
            profile,
            options,
            best.noise(),
            new GlobalSearch.Begin(
                attempt, moreSearches, hasHint ? begin.x() : null, isFirst ? begin.attempts() : 0),
            best::offer,
            this::standing,
            frame.watch(),
            space);
    if (isFirst) {
      search.checkStart(problem);
    }
    found = search.run();
    best.count(found.iterations());
    VerifiedScores there = search.verifiedSolution();
    double[] at = search.solution();
    refined = there == null ? best.verify(at) : new Point(at, there);
    best.offer(refined, found);
  }

  /** The number of the last one. */
  int searches() {
    return searches;
  }

  /** Tells where the search stands; of descents only one that is the best so far. */
  private void standing(
      Standing.Stage stage, int attempts, double residual, Supplier<double[]> at) {
    if (stage == Standing.Stage.ATTEMPT) {
      frame
          .watch()
          .standing(stage, searches, attempts, () -> best.x() == null ? begin.x() : best.x());
    } else if (stage != Standing.Stage.LEAST_SQUARES || residual <= best.residual()) {
      frame.watch().standing(stage, searches, attempts, at);
    }
  }

  /** The x of the last placement, before its refinement; or null. */
  double[] placed() {
    return search == null ? null : search.placed();
  }

  /** Whether larger samples were called for and not tried, for want of memory. */
  boolean samplesCut() {
    return search != null && search.samplesCut();
  }

  // ---- least squares

  /** The least-squares optimum from what the last search found, which need not be the best x. */
  void leastSquaresFromSearch() {
    double settled = refined.verified().loss();
    if (descended != refined && !best.recurrence().repeats(settled)) {
      best.recurrence().count(leastSquares(refined, found), settled);
    }
    descended = refined;
  }

  /** The same from the best x; not where it ended there, and had no other point to begin with. */
  void leastSquares() {
    if (best.x() == minimum && search == minimised) {
      return;
    }
    leastSquares(best.point(), best.outcome());
    minimum = best.optimum().end() == Optimum.End.MINIMUM ? best.x() : null;
    minimised = search;
  }

  /** From a point and, with few rows or loud noise, from the placed one; the least loss. */
  private double leastSquares(Point start, GlobalMethod.Outcome from) {
    double loss = descend(furtherDown(start), from);
    boolean keepSigns = from.signs().isKnown();
    if (best.residual() > options.tolerance()
        && !best.agreesAsPrinted()
        && isElsewhere(search.placed(), start)
        && !(best.isTelling() && (keepSigns || best.isExplained()))) {
      loss = Math.min(loss, improve(best.verify(search.placed()), keepSigns, from));
    }
    return loss;
  }

  /** Whether there is such a point, and a descent from it is not the one from another again. */
  private static boolean isElsewhere(double[] placed, Point start) {
    return placed != null && !Arrays.equals(placed, start.x());
  }

  /** From the best x alone. */
  void descend() {
    descend(best.point(), best.outcome());
  }

  private double descend(Point start, GlobalMethod.Outcome from) {
    best.runs(LEAST_SQUARES);
    return improve(start, from.signs().isKnown(), from);
  }

  /** From a point with other signs than the best x; false where that ends at no smaller loss. */
  boolean descendBehind(Point start) {
    double before = best.verified().loss();
    double loss = improve(start, false, best.outcome());
    best.recurrence().count(loss, Double.NaN);
    return loss < before;
  }

  /**
   * A descent that no sign holds back may end on a hyperplane all the same, with a score of 1: from
   * either side it leads there, and the optimum is farther on. So it goes on from the other side,
   * where the row has its target score, as long as that leads to a smaller loss.
   */
  void lookAcross() {
    boolean isBetter = true;
    while (isBetter && best.mayGoOn() && best.isOnHyperplane()) {
      isBetter = descendAcross(best.loneRows());
    }
  }

  private boolean descendAcross(LoneRows lone) {
    if (lone.free() != null) {
      return false;
    }
    double[] targets = new double[lone.numbers().length];
    problem.sigma().readEntries(lone.numbers(), targets);
    double[] x = best.x();
    boolean isBetter = false;
    for (int k = 0; k < targets.length && !isBetter; k++) {
      isBetter =
          targets[k] > 0
              && targets[k] < 1
              && descendBehind(best.verify(lone.across(x, k, targets[k])));
    }
    return isBetter;
  }

  /** Where an earlier run had descended to, if that is better. */
  private Point furtherDown(Point start) {
    if (begin.stage() != Standing.Stage.LEAST_SQUARES || best.optimum() != null) {
      return start;
    }
    Point there = best.verify(begin.x());
    return there.verified().loss() < best.verified().loss() ? there : start;
  }

  /**
   * Slacks that have the signs that are known keep them; wrong ones of a hair's breadth are
   * mirrored before, others have to pass through 0.
   */
  private double improve(Point at, boolean keepSigns, GlobalMethod.Outcome from) {
    Point inside = keepSigns ? best.inside(at, from.signs()) : null;
    boolean isInside = inside != null;
    Point start = isInside ? inside : at;
    GlobalSearch.Descent descent;
    try {
      descent = search.leastSquares(start.x(), isInside, start.verified().loss());
    } catch (Stopped limit) {
      if (limit.mayVerify()) {
        frame.watch().off(); // this is over
        best.offer(search.reached());
      }
      throw limit;
    }
    best.count(descent.optimum().iterations());
    Point end = best.verify(descent.x());
    Point there = isInside ? best.onTheSideOf(start, end) : end;
    best.offer(there, descent.optimum(), from);
    return there.verified().loss();
  }

  /**
   * Of scores with a known number of decimals the mean of all x that round to them takes the place
   * of the least-squares optimum, with its own errors.
   */
  void takeRounded() {
    if (best.x() == roundedAt || !Verdict.asksRounded(best.evidence(), options)) {
      return;
    }
    roundedAt = best.x();
    RoundedFit fit = search.rounded(roundedAt, best.noise().uncertainty()::delta);
    VerifiedScores there =
        fit == null || fit.errors() == null ? null : best.verify(fit.x()).verified();
    if (there != null && there.wrongRow() < 0 && Verdict.isInside(there.profile())) {
      roundedAt = fit.x();
      best.takeRounded(fit, there);
    }
  }

  /** Of an optimum for scores that are known to carry errors; else null. */
  double[] standardErrors(Evidence evidence) {
    if (best.inputs() != null) {
      return search.standardErrors(best.x(), InputRounding::deviation, true);
    }
    DoubleBinaryOperator deviation = Verdict.errorsOf(evidence, options);
    if (deviation == null) {
      return null;
    }
    boolean isEstimated = Verdict.noise(evidence, options).source() == Source.ESTIMATED;
    return search.standardErrors(best.x(), deviation, isEstimated);
  }

  // ---- whether there are others

  /**
   * Whether the scores agree at a point that they do not determine, one at infinity, say: a first
   * look at the Jacobian, and a closer one where that does not settle it.
   */
  boolean isLoose() {
    if (best.verified().lone() > 0 || !best.agrees() || Verdict.isDetermined(best.evidence())) {
      return false;
    }
    if (best.uniqueness() == null) {
      best.setUniqueness(uniqueness());
    }
    return best.uniqueness().free();
  }

  /** A ray of solutions where b is in the range of A. */
  Uniqueness.Finding ray() {
    return Uniqueness.Finding.along(search.ray());
  }

  /** Whether other x near the best one have the same scores, or as near ones at infinity. */
  Uniqueness.Finding uniqueness() {
    // the errors of an optimum for noisy scores are told by its standard errors
    boolean agrees = best.agrees();
    VerifiedScores verified = best.verified();
    Uniqueness.Error error = agrees ? Uniqueness.Error.of(verified.error()) : Uniqueness.Error.NONE;
    if (verified.lone() > 0) {
      return uniqueness(best.loneRows(), error);
    }
    Uniqueness.Finding found = search.uniqueness(best.x(), error);
    double[] outward = found.free() || agrees ? null : wayToInfinity();
    return outward == null ? found : Uniqueness.Finding.atInfinity(outward);
  }

  /**
   * Where rows have the score 1 with any slack, the searches leave these as they come, as large as
   * doubles are: they become modest, where the others' scores stay.
   */
  void shortenFree() {
    if (best.verified().lone() > 0 && best.uniqueness() != null && best.uniqueness().free()) {
      LoneRows lone = best.loneRows();
      if (lone.free() != null) {
        best.offerAsGood(lone.shortest(best.x()));
      }
    }
  }

  /**
   * The same where rows have the score 1: with any slack, or since theirs are so near to 0. The
   * look at the Jacobian is from where those are as large as one still sees them, since relative to
   * themselves they may change, and x does not.
   */
  private Uniqueness.Finding uniqueness(LoneRows lone, Uniqueness.Error error) {
    if (lone.free() != null) {
      return Uniqueness.Finding.along(lone.free());
    }
    Uniqueness.Finding found = search.uniqueness(lone.apart(best.x(), SEEN), error);
    return found.free() ? found : found.with(hair(lone.numbers()));
  }

  private static String hair(long[] rows) {
    String names = Arrays.stream(rows).limit(FEW).mapToObj(Long::toString).collect(joining(", "));
    return (rows.length == 1 ? "the slack of row " : "slacks of rows ")
        + names
        + (rows.length > FEW ? ", ... are" : rows.length == 1 ? " is" : " are")
        + " so near to 0 that doubles cannot tell the score from 1: the scores do not say how near";
  }

  /**
   * The direction in which x can go to infinity with scores as near to the target, or null: from a
   * point farther out on the ray of its slacks least squares does not come back, and ends no worse.
   */
  private double[] wayToInfinity() {
    double[] x = best.x();
    double[] far = search.optimumFartherThan(x, MAY_GROW);
    VerifiedScores there = far == null ? null : best.verify(far).verified();
    boolean isAsNear =
        there != null
            && (there.loss() <= best.verified().loss() || best.noise().agrees(there.profile()));
    if (!isAsNear) {
      return null;
    }
    double[] way = far.clone();
    Arrays.setAll(way, j -> far[j] - x[j]);
    return way;
  }
}
