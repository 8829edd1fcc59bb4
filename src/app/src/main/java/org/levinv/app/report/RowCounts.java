package org.levinv.app.report;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What the plots show of n rows, in memory that does not grow with n: counts in fixed logarithmic
 * bins, the rows that are farthest from their targets, and the rows themselves where they are few.
 * Blocks of rows come in any order, by several threads at once, and may come twice.
 */
public final class RowCounts {

  /** Bins in a decade: each is 15% wide, about what a plot can show. */
  static final int PER_DECADE = 16;

  /** Scores and residuals from 1e-20 to 1; smaller ones, and 0, are counted in the first bin. */
  static final Bins SCORES = new Bins(-20, 0);

  /** Slacks. */
  static final Bins SLACKS = new Bins(-40, 40);

  /** Up to so many rows each is a point of its own (some 500 KiB of HTML). */
  static final int POINTS = 2000;

  /** Rows listed by name. */
  static final int LISTED = 10;

  /**
   * Logarithmic bins.
   *
   * @param from the exponent of ten of their lower end
   * @param to of the upper end
   */
  record Bins(int from, int to) {
    int count() {
      return (to - from) * PER_DECADE;
    }

    int of(double value) {
      double k = Math.floor((Math.log10(value) - from) * PER_DECADE);
      return value > 0 ? (int) Math.max(0, Math.min(count() - 1, k)) : 0;
    }

    double low(int k) {
      return Math.pow(10, from + (double) k / PER_DECADE);
    }
  }

  /** One row at the answer. */
  record Row(long number, double target, double score, double slack) {
    double residual() {
      return score - target;
    }
  }

  private static final Comparator<Row> NEAR_FIRST =
      Comparator.<Row>comparingDouble(row -> Math.abs(row.residual()))
          .thenComparing(Comparator.comparingLong(Row::number).reversed());

  private final long rows;
  private final boolean targets;
  private final Set<Long> seen = ConcurrentHashMap.newKeySet();
  private final AtomicLongArray reached = new AtomicLongArray(SCORES.count() * SCORES.count());
  private final AtomicLongArray residuals =
      new AtomicLongArray(SCORES.count() * 2 * SCORES.count());
  private final AtomicLongArray slacks = new AtomicLongArray(2 * SLACKS.count());
  private final Row[] points;
  private final PriorityQueue<Row> farthest = new PriorityQueue<>(NEAR_FIRST);

  /**
   * @param rows n
   * @param targets whether rows have target scores
   */
  public RowCounts(long rows, boolean targets) {
    this.rows = rows;
    this.targets = targets;
    points = rows <= POINTS ? new Row[(int) rows] : null;
  }

  /**
   * Counts rows {@code first} to {@code first + count - 1}.
   *
   * @param target scores, or null where there are none
   */
  public void add(long first, int count, double[] slack, double[] score, double[] target) {
    if (!seen.add(first)) {
      return; // a card was lost, and another one did its work again
    }
    double far = farthest();
    for (int i = 0; i < count; i++) {
      double aim = target == null ? Double.NaN : target[i];
      slacks.incrementAndGet((slack[i] < 0 ? 0 : SLACKS.count()) + SLACKS.of(Math.abs(slack[i])));
      double residual = score[i] - aim;
      if (target != null) {
        reached.incrementAndGet(SCORES.of(aim) * SCORES.count() + SCORES.of(score[i]));
        int sign = residual < 0 ? 0 : SCORES.count();
        residuals.incrementAndGet(
            SCORES.of(score[i]) * 2 * SCORES.count() + sign + SCORES.of(Math.abs(residual)));
      }
      if (points != null || Math.abs(residual) > far) {
        far = keep(new Row(first + i, aim, score[i], slack[i]));
      }
    }
  }

  private synchronized double farthest() {
    return farthest.size() < LISTED ? -1 : Math.abs(farthest.peek().residual());
  }

  private synchronized double keep(Row row) {
    if (points != null) {
      points[(int) row.number()] = row;
    }
    if (targets) {
      farthest.add(row);
      if (farthest.size() > LISTED) {
        farthest.poll();
      }
    }
    return farthest();
  }

  long rows() {
    return rows;
  }

  /** Whether rows have target scores. */
  boolean haveTargets() {
    return targets;
  }

  /** Every row, or null where they are too many. */
  Row[] points() {
    return points;
  }

  /** Those farthest from their targets, the farthest first. */
  synchronized List<Row> farthestRows() {
    return farthest.stream().sorted(NEAR_FIRST.reversed()).toList();
  }

  /** Rows with this target and this score. */
  long reached(int target, int score) {
    return reached.get(target * SCORES.count() + score);
  }

  /** Rows with this score whose residual has this sign and magnitude. */
  long residuals(int score, boolean negative, int magnitude) {
    int sign = negative ? 0 : SCORES.count();
    return residuals.get(score * 2 * SCORES.count() + sign + magnitude);
  }

  /** Rows whose slack has this sign and magnitude. */
  long slacks(boolean negative, int magnitude) {
    return slacks.get((negative ? 0 : SLACKS.count()) + magnitude);
  }
}
