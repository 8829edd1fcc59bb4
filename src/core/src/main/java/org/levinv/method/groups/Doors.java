package org.levinv.method.groups;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The walls around an x: points behind them where the row of the wall has its target score again,
 * and how well they fit without any step.
 */
final class Doors {

  /** Walls of single rows that are tried, those of the largest scores. */
  private static final int MOST = 24;

  /** Doors that are passed together: all their combinations are looked at. */
  private static final int TOGETHER = 12;

  /** Rows that move with another, relatively: by more than this part of it. */
  private static final double MOVES = 0.01;

  /** Distances behind a wall, in parts of the slack before it. */
  private static final double NEAREST = 1e-6;

  private static final double FARTHEST = 1e8;
  private static final double GRID = 1.3;
  private static final int HALVINGS = 40;

  /**
   * A point behind walls.
   *
   * @param point in the coordinates of the group
   * @param residuals there, in units of the uncertainty
   * @param misfit their root mean square
   */
  record Door(double[] point, double[] residuals, double misfit) {}

  private final GroupProblem group;
  private final double[] x;
  private final CellRefinement refinement;
  private final WeightedBasis basis;
  private final Effort effort;
  private final double[] s;
  private final boolean regular;

  /** Of an x; its basis costs 5 m d^2 flops. */
  Doors(GroupProblem group, double[] x, CellRefinement refinement, Effort effort) {
    this.group = group;
    this.x = x;
    this.refinement = refinement;
    this.effort = effort;
    basis = refinement.basis();
    s = group.slacks(x);
    double[] w = group.weights(s);
    regular = w != null && basis.of(w);
  }

  /**
   * Behind walls of single rows and behind those that two rows pass together, the least misfit
   * first; 2 to 5 m d^2 flops each.
   */
  List<Door> all() {
    List<Door> doors = ofRows(0);
    if (regular) {
      for (double[] point : OtherIntercept.of(group, x, s, basis, effort)) {
        add(doors, point);
      }
    }
    return sorted(doors);
  }

  /** Behind walls of rows with no less than a score, likewise. */
  List<Door> ofHeavy(double least) {
    return sorted(ofRows(least));
  }

  private static List<Door> sorted(List<Door> doors) {
    doors.sort(Comparator.comparingDouble(Door::misfit));
    return doors;
  }

  private List<Door> ofRows(double least) {
    List<Door> doors = new ArrayList<>();
    for (int i : regular ? heaviest(least) : new int[0]) {
      double[] point = behind(i);
      if (point != null) {
        add(doors, point);
      }
      effort.spend(2.0 * group.rows() * group.columns());
    }
    return doors;
  }

  private int[] heaviest(double least) {
    double[] score = basis.scores();
    Arrays.setAll(score, i -> score[i] / (group.root()[i] * group.root()[i]));
    return IntStream.range(0, score.length)
        .filter(i -> score[i] >= least)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -score[i]))
        .limit(MOST)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Behind a point; null where it has no scores, or the limit on the work was reached. */
  private Door at(double[] point) {
    double[] f = group.slacks(point);
    Arrays.setAll(f, i -> s[i] / f[i]);
    if (effort.isOver() || !basis.tryFactors(f)) {
      return null;
    }
    double[] r = group.residuals(basis.trialScores());
    double misfit = Math.sqrt(GroupProblem.squares(r) / r.length);
    return misfit < Double.POSITIVE_INFINITY ? new Door(point, r, misfit) : null;
  }

  private void add(List<Door> doors, double[] point) {
    Door door = at(point);
    if (door != null) {
      doors.add(door);
    }
  }

  /**
   * Behind those of some doors that promise most together, or null: the shifts of narrow directions
   * are small for all other rows, so that their residuals change by sums. Two doors may be right
   * where neither is alone.
   */
  Door together(List<Door> doors) {
    int count = Math.min(TOGETHER, doors.size());
    double[] r = group.residuals(basis.scores());
    double[][] change = new double[count][r.length];
    double[][] gram = new double[count][count];
    double[] slope = new double[count];
    for (int k = 0; k < count; k++) {
      double[] there = doors.get(k).residuals();
      for (int i = 0; i < r.length; i++) {
        change[k][i] = there[i] - r[i];
        slope[k] += change[k][i] * r[i];
      }
      for (int l = 0; l <= k; l++) {
        for (int i = 0; i < r.length; i++) {
          gram[k][l] += change[k][i] * change[l][i];
        }
        gram[l][k] = gram[k][l];
      }
    }
    effort.spend((double) r.length * count * (count + 3));
    int chosen = leastSum(gram, slope);
    if (Integer.bitCount(chosen) < 2) {
      return null;
    }
    double[] point = x.clone();
    for (int k = 0; k < count; k++) {
      for (int j = 0; (chosen >> k & 1) == 1 && j < point.length; j++) {
        point[j] += doors.get(k).point()[j] - x[j];
      }
    }
    return at(point);
  }

  /** The set, as bits, whose sum of changes makes ||r + sum||^2 least. */
  private static int leastSum(double[][] gram, double[] slope) {
    int best = 0;
    double least = 0;
    for (int set = 1; set < 1 << slope.length; set++) {
      double sum = 0;
      for (int k = 0; k < slope.length; k++) {
        if ((set >> k & 1) == 1) {
          sum += 2 * slope[k] + gram[k][k];
          for (int l = 0; l < k; l++) {
            sum += (set >> l & 1) == 1 ? 2 * gram[k][l] : 0;
          }
        }
      }
      if (sum < least) {
        least = sum;
        best = set;
      }
    }
    return best;
  }

  /**
   * x moved through the wall of row i to where that row has its target score, and so that the
   * scores of all rows resist least. How far is a problem of one column, along v = G^-1 a_i: w_j =
   * g_j / (1 + a e_j) with g = w o A v. The few rows that move with row i have their say, and the
   * others resist as they do at x. Null where row i has its score nowhere behind its wall.
   */
  private double[] behind(int i) {
    HostMatrix Q = basis.host();
    double[] q = Arrays.copyOfRange(Q.entries(), i * Q.columns(), (i + 1) * Q.columns());
    OneWay way = OneWay.of(i, Q.times(q), group.root());
    double target = group.target()[i];
    double inner = NEAREST;
    while (inner < FARTHEST && way.score(GRID * inner) > target) {
      inner *= GRID;
    }
    if (!(inner < FARTHEST)) {
      return null;
    }
    double outer = GRID * inner;
    for (int k = 0; k < HALVINGS; k++) {
      double middle = Math.sqrt(inner * outer);
      if (way.score(middle) > target) {
        inner = middle;
      } else {
        outer = middle;
      }
    }
    double[] move = refinement.leastResisted(i);
    double length = -(1 + inner) * s[i] / group.A().dot(i, move);
    Arrays.setAll(move, j -> x[j] + length * move[j]);
    return move;
  }

  /**
   * The problem of one column that a direction is, for the row whose wall it passes.
   *
   * @param own place of that row in g and e
   * @param g w o A v of the rows that move with it
   * @param e their relative moves
   * @param resistance sum of the squares of all others
   */
  private record OneWay(int own, double[] g, double[] e, double resistance) {
    static OneWay of(int i, double[] g, double[] root) {
      double[] few = new double[g.length];
      double[] moves = new double[g.length];
      double resistance = 0;
      int count = 0;
      int own = 0;
      for (int j = 0; j < g.length; j++) {
        double e = g[j] / root[j];
        if (Math.abs(e) > MOVES * g[i] / root[i]) {
          own = j == i ? count : own;
          few[count] = g[j];
          moves[count++] = e;
        } else {
          resistance += g[j] * g[j];
        }
      }
      return new OneWay(own, Arrays.copyOf(few, count), Arrays.copyOf(moves, count), resistance);
    }

    /** The row's score at a distance behind the wall, in parts of the slack before it. */
    double score(double distance) {
      double a = -(1 + distance) / e[own];
      double square = g[own] / distance * (g[own] / distance);
      double sum = resistance + square;
      for (int j = 0; j < g.length; j++) {
        double w = g[j] / (1 + a * e[j]);
        sum += j == own ? 0 : w * w;
      }
      return square / sum;
    }
  }
}
