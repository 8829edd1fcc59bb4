package org.levinv.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.Profile;
import org.levinv.solve.Incumbent.Point;

/**
 * Whether one score is wrong, and all others are right. Scores sum to d: where theirs is off by
 * more than the errors that they are written with, and one score is the reason, some x has all the
 * others, and for that one what the sum leaves. So a row is suspected, its score is mended, and x
 * is looked for once more: where there is one, the score is proven wrong, or as wrong as another
 * that would explain the sum as well. Where d + 1 rows of a group differ, any of them would.
 */
final class MendedSearch {

  /**
   * Errors of the sum below this hardly pull x away: least squares shows the row by itself.
   * Smaller: noise is looked at for wrong scores, at up to a tenth more work.
   */
  private static final double LEAST_ERROR = 0.005;

  /** Of a search with a mended score, in units: enough for nearly all that find x. */
  private static final double MOST_WORK = 300;

  /** Rows that are suspected of one x. Larger: noise costs more. */
  private static final int MOST_ROWS = 2;

  /**
   * Least squares is linear up to so much of what it leaves of a wrong score. Larger: rows are
   * suspected that have nothing to do with the sum, and noise costs more.
   */
  private static final double LINEAR = 0.3;

  /** A sum of squares of more than this times the square of a wrong score's error is of others. */
  private static final double LOST = 1.5;

  private final Problem problem;
  private final Options options;
  private final Profile profile;
  private final Incumbent best;
  private final GroupSearch search;
  private final ScoreUncertainty written;
  private final double error;
  private final Set<Integer> tried = new HashSet<>();

  /**
   * @param profile of the rows
   */
  MendedSearch(
      Problem problem, Options options, GroupSearch search, Profile profile, Incumbent best) {
    this.problem = problem;
    this.options = options;
    this.profile = profile;
    this.best = best;
    TargetNoise noise = best.noise();
    written = noise.uncertainty().isCoarse() ? noise.uncertainty() : profile.apparent();
    error = noise.sumError();
    this.search = search;
  }

  /** Whether the row that leaves most of the residuals has a wrong score: then x is right. */
  boolean provesLargest() {
    Outlier found = isAsked() ? Outlier.of(best.verified().profile(), error) : null;
    return found != null && isProven(List.of(Math.toIntExact(found.row())));
  }

  /** Whether a row to which a least-squares optimum points has one: then x is right. */
  boolean provesSuspect() {
    if (!isAsked()) {
      return false;
    }
    double[] scores = new double[Math.toIntExact(problem.A().rows())];
    best.verify(best.x(), scores);
    return isProven(suspects(problem.sigma().toArray(), scores, error));
  }

  /** Whether something is to be explained, and the sum of the scores is off by more than errors. */
  private boolean isAsked() {
    return Math.abs(error) >= LEAST_ERROR
        && GroupSearch.isPossible(problem)
        && best.mayGoOn()
        && !best.isMet()
        && !profile.hasSum(problem.A().columns(), written, problem.A().rows());
  }

  /**
   * Rows whose score alone may be wrong, the likeliest first. Of the error e of one score least
   * squares leaves (1 - h) e, where h is the leverage of its row in the Jacobian, and a sum of
   * squares of (1 - h) e^2: whatever h is, the row is one whose residual is -1/e times that sum.
   * Where that is larger than any h allows, x is somewhere else, and the residuals tell nothing:
   * most scores are small, and the one that is wrong is then little more than its error.
   *
   * @param e the sum of the targets - d
   */
  static List<Integer> suspects(double[] target, double[] scores, double e) {
    double squares = 0;
    for (int i = 0; i < target.length; i++) {
      squares += Math.pow(scores[i] - target[i], 2);
    }
    double left = -squares / e;
    boolean isLost = isLost(squares, e);
    ToDoubleFunction<Integer> distance =
        i -> isLost ? target[i] : Math.abs(scores[i] - target[i] - left);
    double most = isLost ? 1 : LINEAR * Math.abs(left);
    List<Integer> rows = new ArrayList<>();
    for (int k = 0; k < MOST_ROWS; k++) {
      IntStream.range(0, target.length)
          .filter(i -> isScore(target[i] - e) && !rows.contains(i))
          .boxed()
          .filter(i -> distance.applyAsDouble(i) <= most)
          .min(Comparator.comparingDouble(distance))
          .ifPresent(rows::add);
    }
    return rows;
  }

  private static boolean isScore(double value) {
    return value >= 0 && value <= 1;
  }

  private static boolean isLost(double squares, double e) {
    return squares > LOST * e * e;
  }

  private boolean isProven(List<Integer> rows) {
    double[] target = problem.sigma().toArray();
    return rows.stream()
        .anyMatch(i -> isScore(target[i] - error) && tried.add(i) && isProven(i, target));
  }

  /** Whether some x has all scores once this one is mended. */
  private boolean isProven(int row, double[] target) {
    double[] x =
        search.runMended(
            row,
            target[row] - error,
            written.isCoarse() ? Math.sqrt(profile.variance(written, target.length)) : 0,
            isLost(2 * best.verified().loss(), error) ? null : best.x(),
            MOST_WORK,
            t -> written.isCoarse() ? written.deviation(t) : 0);
    if (x == null || !search.groups().failed().isEmpty()) {
      return false;
    }
    double[] scores = new double[target.length];
    Point there = best.verify(x, scores);
    Outlier wrong = Outlier.of(there.verified().profile(), error);
    boolean isProven =
        wrong != null
            && wrong.row() == row
            && wrong.isClear()
            && agree(row, target, scores, written, problem.A().columns(), isSignSought());
    if (isProven) {
      best.takeAllBut(wrong, there);
    }
    return isProven;
  }

  private boolean isSignSought() {
    return !GlobalSearch.signs(options.signs()).isKnown();
  }

  /** Whether all scores but one are the targets as these are written, and that is no accident. */
  static boolean agree(
      int row,
      double[] target,
      double[] scores,
      ScoreUncertainty written,
      int d,
      boolean signsSought) {
    int n = target.length;
    double mean = (Arrays.stream(target).sum() - target[row]) / (n - 1);
    double squares = 0;
    double left = 0;
    for (int i = 0; i < n; i++) {
      double r = Math.abs(scores[i] - target[i]);
      if (i != row && written.isCoarse() && r > TargetNoise.AGREES * written.delta(target[i])) {
        return false;
      }
      squares += i == row ? 0 : Math.pow(target[i] - mean, 2);
      left += i == row ? 0 : r * r;
    }
    double chance = Math.log(n) + Chance.log(n - 1, d, left / squares, signsSought); // for any row
    return chance <= Math.log(Chance.MOST);
  }
}
